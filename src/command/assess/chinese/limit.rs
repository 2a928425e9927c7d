//! Which limit holds, by which document and which place in it.

use super::date;
use super::names::{body, suspension};
use crate::command::assess::words::{axles_of, kg, mm};
use crate::pipeline::assess::{Adjustment, Step};

/// Order 62 as a case file cites it.
const ORDER_62: &str = "交通运输部令2016年第62号";
/// The joint notice as a case file cites it.
const NOTICE_124: &str = "交公路发〔2016〕124号认定标准表";

/// The sentence of a step of this kind.
pub(super) fn sentence(step: &Step) -> Option<String> {
    let text = match step {
        Step::RegimeInForce { day, table, title, document } => {
            let day = date(*day);
            let named =
                if *title == document.zh { String::new() } else { format!("《{title}》") };
            format!("该车于{day}通行，适用{}{named}（限值表{table}）。", document.zh)
        }
        Step::PatternNotDrawn { split, derived_from, document } => {
            format!("该文件未列轴型{split}，限值依据{}确定（限值表{derived_from}）。", document.zh)
        }
        Step::SuspensionUnknown { taken_as } => {
            format!("悬架型式未测得，按{}认定。", suspension(*taken_as))
        }
        Step::LimitChosen { limit_id, row_kg, document, article, of_readings } => format!(
            "依据{}{}，车货总质量限值为{}（限值行{limit_id}）{}。",
            document.zh,
            article.zh,
            kg(*row_kg),
            highest_of(*of_readings)
        ),
        Step::MoreFavourable { limit_id, limit_kg } => {
            format!("另有不能排除的情形，限值可为{}（限值行{limit_id}）。", kg(*limit_kg))
        }
        other => return excluded(other).or_else(|| adjustment(other)),
    };
    Some(text)
}

/// What measurement and pattern say against what else it could be.
fn excluded(step: &Step) -> Option<String> {
    let text = match step {
        Step::KindTooLong { body, length_mm, error_mm, most_mm, limit_id, document } => {
            let kind = self::body(*body);
            format!(
                "实测车长{}，扣除测量误差{}后仍超过{}规定的{kind}最大长度{}（限值行{limit_id}），\
                 故排除{kind}。",
                mm(*length_mm),
                mm(*error_mm),
                document.zh,
                mm(*most_mm)
            )
        }
        Step::NoTwinSteer { axle } => {
            format!("第{axle}轴测得为双轮胎，前两轴不是双转向轴，故排除双转向轴车辆。")
        }
        Step::RowNeedsDualTyres { limit_id, first_axle, axles } => {
            let group = if *axles > 1 { "轴组" } else { "" };
            format!(
                "空气悬架车辆的限值（限值行{limit_id}）以驱动轴均为双轮胎为前提；\
                 第{}轴{group}测得有单轮胎，故不适用。",
                axles_of(*first_axle, *axles)
            )
        }
        Step::DriveContradicted => {
            "所称双驱动轴与实测轴型不符，该轴型只能有一个驱动轴，以实测轴型为准。".to_owned()
        }
        _ => return None,
    };
    Some(text)
}

fn highest_of(readings: u8) -> String {
    if readings > 1 {
        format!("，系{readings}种可能情形中的最高值")
    } else {
        String::new()
    }
}

fn adjustment(step: &Step) -> Option<String> {
    let text = match step {
        Step::AirSuspension { known } => {
            let why = if *known { "已知该车符合" } else { "该车按符合认定" };
            format!("该限值适用于驱动轴均为双轮胎且装备空气悬架的车辆，{why}。")
        }
        Step::SingleTyres { adjustment, axles, each_kg, deducted_kg, limit_kg } => format!(
            "驱动轴以外有{axles}轴为单轮胎，依据{}，每轴减{}，共减{}，限值为{}。",
            single_tyre(*adjustment),
            kg(*each_kg),
            kg(*deducted_kg),
            kg(*limit_kg)
        ),
        Step::WideTyres { axles } => {
            format!("驱动轴以外有{axles}轴为单轮胎，但均为宽轮胎，依据{NOTICE_124}注3，限值不减。")
        }
        Step::RegisteredMass { adjustment, registered_kg, limit_kg } => {
            let rule = if *adjustment == Adjustment::AdjRegisteredMass {
                format!(
                    "依据{ORDER_62}第三条第二款第四项，拖拉机、农用车、低速货车以行驶证核定的总质量为限定标准"
                )
            } else {
                format!("依据{NOTICE_124}注1，二轴货车还不得超过行驶证核定的总质量")
            };
            let (registered, limit) = (kg(*registered_kg), kg(*limit_kg));
            format!("{rule}；该车行驶证核定的总质量为{registered}，限值为{limit}。")
        }
        Step::RegisteredAboveLimit { registered_kg, limit_kg } => format!(
            "行驶证核定的总质量{}高于限值，不能据此提高限值，限值仍为{}。",
            kg(*registered_kg),
            kg(*limit_kg)
        ),
        Step::Wheelbase { wheelbase_mm, limit_kg } => format!(
            "依据GB 1589-2016，四轴货车（自卸车除外）总质量的吨数不得超过首轴至末轴距离米数的5倍；\
             该距离为{}，限值为{}。",
            mm(*wheelbase_mm),
            kg(*limit_kg)
        ),
        Step::AxleSum { sum_kg, limit_kg: None } => {
            format!("各轴（轴组）最大允许轴荷之和为{}，仅供参考。", kg(*sum_kg))
        }
        Step::AxleSum { sum_kg, limit_kg: Some(limit) } => format!(
            "依据{ORDER_62}第三条第二款第三项，限值不得超过各轴（轴组）最大允许轴荷之和{}，\
             限值为{}。",
            kg(*sum_kg),
            kg(*limit)
        ),
        _ => return None,
    };
    Some(text)
}

fn single_tyre(adjustment: Adjustment) -> String {
    match adjustment {
        Adjustment::AdjSingleTyre124 => format!("{NOTICE_124}注2"),
        Adjustment::AdjSingleTyre62 => format!("{ORDER_62}第三条第二款第二项"),
        _ => "该限值表的单轮胎规定".to_owned(),
    }
}
