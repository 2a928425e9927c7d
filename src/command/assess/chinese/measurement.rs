//! What was measured and by what.

use super::date;
use crate::command::assess::words::{kg, listed, mm};
use crate::pipeline::assess::Step;
use crate::pipeline::grouping::{CodeScheme, DeviceAgreement};

/// The sentence of a step of this kind.
pub(super) fn sentence(step: &Step) -> Option<String> {
    let text = match step {
        Step::SumOfAxles { loads_kg, gross_kg } => {
            let (axles, loads) =
                (loads_kg.len(), loads(loads_kg.iter().map(|one| one.map(|kg| kg.0))));
            match gross_kg {
                Some(gross) => {
                    format!(
                        "该车共{axles}轴，各轴轴荷依次为{loads} kg，车货总质量为{}。",
                        kg(*gross)
                    )
                }
                None => format!("该车共{axles}轴，各轴轴荷依次为{loads} kg，不能得出车货总质量。"),
            }
        }
        Step::GroupBySpacing { .. } => grouping(step),
        Step::DeviceGroups { scheme, agreement } => {
            let scheme = match scheme {
                CodeScheme::OneToSeven => "1至7",
                CodeScheme::OneToNine => "1至9",
            };
            let result = match agreement {
                DeviceAgreement::Agrees => "与按轴距划分的结果一致",
                DeviceAgreement::Disagrees => "与按轴距划分的结果不一致",
                DeviceAgreement::NotCompared => "未能与按轴距划分的结果比对",
            };
            format!("称重设备上报的轴组代码（代码{scheme}）{result}。")
        }
        Step::Verification { certificate, institution, expiry } => {
            let by =
                if institution.is_empty() { String::new() } else { format!("（{institution}）") };
            let to =
                expiry.map_or("有效期不明".to_owned(), |day| format!("有效期至{}", date(day)));
            format!("所用称重设备的检定证书编号为{certificate}{by}，{to}。")
        }
        _ => return None,
    };
    Some(text)
}

fn grouping(step: &Step) -> String {
    let Step::GroupBySpacing {
        spacings_mm,
        same_group_mm,
        uncertain_mm,
        twin_steer_mm,
        split,
        or_split,
    } = step
    else {
        return String::new();
    };
    let spacings = loads(spacings_mm.iter().map(|one| one.map(|mm| mm.0)));
    let mut text = format!("相邻轴轴距依次为{spacings} mm，");
    if twin_steer_mm == same_group_mm {
        text += &format!("轴距不超过{}的相邻轴划为一个轴组，", mm(*same_group_mm));
    } else {
        let (pair, group) = (mm(*twin_steer_mm), mm(*same_group_mm));
        text += &format!("前两轴轴距不超过{pair}、其余轴距不超过{group}的相邻轴划为一个轴组，");
    }
    match or_split {
        None => text + &format!("轴型为{split}；轴组内各轴分别计入轴数。"),
        Some(other) => {
            let most = mm(*uncertain_mm);
            text + &format!("超过该值但不超过{most}或者未测得的不能确定，轴型为{split}或{other}。")
        }
    }
}

fn loads(values: impl Iterator<Item = Option<u32>>) -> String {
    listed(values, "、", "未测得")
}
