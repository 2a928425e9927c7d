//! From the mass and the limit to the verdict.

use super::names::{alarm, verdict, why};
use crate::command::assess::words::{axles_of, kg, percent};
use crate::pipeline::assess::{Stage, Step};
use crate::units::PerMyriad;

/// The sentence of a step of this kind.
pub(super) fn sentence(step: &Step) -> Option<String> {
    let text = match step {
        Step::Tolerance { .. } => tolerance(step),
        Step::Excess { corrected_kg, judged_limit_kg, excess_kg, rate_permyriad } => {
            let (mass, limit) = (kg(*corrected_kg), kg(*judged_limit_kg));
            if excess_kg.0 == 0 {
                format!("总质量{mass}未超过限值{limit}。")
            } else {
                let rate = percent(*rate_permyriad);
                format!("总质量{mass}超过限值{limit}，超限{}，超限率{rate}。", kg(*excess_kg))
            }
        }
        Step::GuardBand { .. } => guard_band(step),
        Step::EveryReading { threshold_kg, over: true } => {
            format!("按不能排除的最有利情形，总质量仍超过{}。", kg(*threshold_kg))
        }
        Step::EveryReading { threshold_kg, over: false } => {
            format!("按不能排除的最有利情形，总质量未超过{}。", kg(*threshold_kg))
        }
        Step::AxleGroup { .. } => axle_group(step),
        Step::Tier { from_permyriad, to_permyriad } => match to_permyriad {
            Some(to) => {
                format!("超限率属{}以上、不足{}一档。", percent(*from_permyriad), percent(*to))
            }
            None => format!("超限率属{}以上一档。", percent(*from_permyriad)),
        },
        Step::Alarm { alarm } => format!("触发报警：{}。", self::alarm(*alarm)),
        Step::NotAssessable { reason } => format!("不能作出判定：{}。", why(*reason)),
        Step::Verdict { verdict } => format!("判定结论：{}。", self::verdict(*verdict)),
        _ => return None,
    };
    Some(text)
}

fn tolerance(step: &Step) -> String {
    let Step::Tolerance {
        profile,
        gross_kg,
        deduct_permyriad,
        deducted_kg,
        corrected_kg,
        limit_kg,
        factor_permyriad,
        judged_limit_kg,
        raw_rate_permyriad,
    } = step
    else {
        return String::new();
    };
    let how = if *deduct_permyriad > PerMyriad(0) {
        format!(
            "实测总质量{}扣减{}即{}，修正为{}",
            kg(*gross_kg),
            percent(*deduct_permyriad),
            kg(*deducted_kg),
            kg(*corrected_kg)
        )
    } else {
        format!("限值{}按{}计为{}", kg(*limit_kg), percent(*factor_permyriad), kg(*judged_limit_kg))
    };
    format!("按容差方案{profile}，{how}；不计容差的超限率为{}。", percent(*raw_rate_permyriad))
}

fn guard_band(step: &Step) -> String {
    let Step::GuardBand { class, stage, permissible_permyriad, least_kg, guard_kg, threshold_kg } =
        step
    else {
        return String::new();
    };
    let stage = match stage {
        Stage::Initial => "首次检定",
        Stage::InService => "使用中检验",
    };
    let least =
        if least_kg.0 > 0 { format!("，且不小于{}", kg(*least_kg)) } else { String::new() };
    format!(
        "称重设备准确度等级为{}级，{stage}最大允许误差为限值的{}{least}，即{}；\
         总质量超过{}方可确定超限。",
        class.name(),
        percent(*permissible_permyriad),
        kg(*guard_kg),
        kg(*threshold_kg)
    )
}

fn axle_group(step: &Step) -> String {
    let Step::AxleGroup {
        first_axle,
        axles,
        load_kg,
        limit_id,
        limit_kg,
        document,
        excess_kg,
        rate_permyriad,
        most_favourable_kg,
        case_beyond_permyriad,
    } = step
    else {
        return String::new();
    };
    let (name, of) = (axles_of(*first_axle, *axles), if *axles > 1 { "轴组" } else { "" });
    let use_of_it = match case_beyond_permyriad {
        None => "仅供参考".to_owned(),
        Some(margin) => format!(
            "按限值{}计超限率大于{}方可作为处罚依据",
            kg(*most_favourable_kg),
            percent(*margin)
        ),
    };
    format!(
        "第{name}轴{of}轴荷{}，超过{}限值{}（限值行{limit_id}），超限{}，超限率{}；{use_of_it}。",
        kg(*load_kg),
        document.zh,
        kg(*limit_kg),
        kg(*excess_kg),
        percent(*rate_permyriad)
    )
}
