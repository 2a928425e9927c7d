//! Chinese.

mod against;
mod names;

pub(super) use names::{adjustment, vehicle, verdict};

pub(super) use against::against;

use super::words::{kg, mm, percent};
use crate::pipeline::assess::{Stage, Step};
use crate::pipeline::grouping::{CodeScheme, DeviceAgreement};
use crate::pipeline::limits::Day;
use names::{suspension, why};

/// One step as a sentence.
pub(super) fn sentence(step: &Step) -> String {
    match step {
        Step::SumOfAxles { .. }
        | Step::GroupBySpacing { .. }
        | Step::DeviceGroups { .. }
        | Step::Verification { .. } => measurement(step),
        Step::RegimeInForce { .. }
        | Step::PatternNotDrawn { .. }
        | Step::SuspensionUnknown { .. }
        | Step::SingleTyres { .. }
        | Step::LimitChosen { .. }
        | Step::MoreFavourable { .. }
        | Step::AxleSum { .. } => limit(step),
        Step::Tolerance { .. }
        | Step::Excess { .. }
        | Step::GuardBand { .. }
        | Step::NotAssessable { .. }
        | Step::Verdict { .. } => judgement(step),
    }
}

/// `2026年11月23日`
fn date(day: Day) -> String {
    let number = day.yyyymmdd();
    format!("{}年{}月{}日", number / 10_000, number / 100 % 100, number % 100)
}

fn measurement(step: &Step) -> String {
    match step {
        Step::SumOfAxles { axles, gross_kg } => match gross_kg {
            Some(gross) => format!("该车共{axles}轴，各轴称重之和为{}。", kg(*gross)),
            None => format!("该车共{axles}轴，至少有一轴未称得重量。"),
        },
        Step::GroupBySpacing { same_group_mm, split, or_split } => {
            let spacing = mm(*same_group_mm);
            match or_split {
                None => format!(
                    "轴距不大于{spacing}的相邻轴为一组，轴型为{split}；轴组内各轴分别计数。"
                ),
                Some(other) => format!(
                    "轴距不大于{spacing}的相邻轴为一组；有轴距不能确定，轴型可能为{split}或{other}。"
                ),
            }
        }
        Step::DeviceGroups { scheme, agreement } => {
            let scheme = match scheme {
                CodeScheme::OneToSeven => "1至7",
                CodeScheme::OneToNine => "1至9",
            };
            let result = match agreement {
                DeviceAgreement::Agrees => "与轴距判断一致",
                DeviceAgreement::Disagrees => "与轴距判断不一致",
                DeviceAgreement::NotCompared => "未能与轴距比对",
            };
            format!("称重设备上报的轴组代码（{scheme}）{result}。")
        }
        Step::Verification { certificate, institution, expiry } => {
            let by =
                if institution.is_empty() { String::new() } else { format!("（{institution}）") };
            let to =
                expiry.map_or("有效期不明".to_owned(), |day| format!("有效期至{}", date(day)));
            format!("称重设备检定证书编号为{certificate}{by}，{to}。")
        }
        _ => String::new(),
    }
}

fn limit(step: &Step) -> String {
    match step {
        Step::RegimeInForce { day, table, title, .. } => {
            format!("{}适用《{title}》（限值表{table}）。", date(*day))
        }
        Step::PatternNotDrawn { split, derived_from } => {
            format!("该表未列轴型{split}，限值依据限值表{derived_from}确定。")
        }
        Step::SuspensionUnknown { taken_as } => {
            format!("悬架类型不明，按{}处理。", suspension(*taken_as))
        }
        Step::SingleTyres { adjustment, axles, deducted_kg } => format!(
            "挂车有{axles}轴为单轮胎，限值减少{}（{}）。",
            kg(*deducted_kg),
            adjustment.id()
        ),
        Step::LimitChosen { limit_id, limit_kg, of_readings, .. } => {
            format!("车货总质量限值为{}（{limit_id}）{}。", kg(*limit_kg), highest_of(*of_readings))
        }
        Step::MoreFavourable { limit_id, limit_kg } => {
            format!("另有不能排除的情形，限值可为{}（{limit_id}）。", kg(*limit_kg))
        }
        Step::AxleSum { sum_kg, applied } => {
            let use_of_it = if *applied { "限值不得超过该值" } else { "仅供参考" };
            format!("各轴（轴组）限值之和为{}，{use_of_it}。", kg(*sum_kg))
        }
        _ => String::new(),
    }
}

fn highest_of(readings: u8) -> String {
    if readings > 1 {
        format!("，取{readings}种可能车型中的最高值")
    } else {
        String::new()
    }
}

fn judgement(step: &Step) -> String {
    match step {
        Step::Tolerance { profile, deducted_kg, corrected_kg, judged_limit_kg } => format!(
            "按容差方案{profile}扣减{}，修正后总质量为{}，对应限值{}。",
            kg(*deducted_kg),
            kg(*corrected_kg),
            kg(*judged_limit_kg)
        ),
        Step::Excess { corrected_kg, judged_limit_kg, excess_kg, rate_permyriad } => {
            let (mass, limit) = (kg(*corrected_kg), kg(*judged_limit_kg));
            if excess_kg.0 == 0 {
                format!("总质量{mass}未超过限值{limit}。")
            } else {
                format!(
                    "总质量{mass}超过限值{limit}，超限{}，超限率{}。",
                    kg(*excess_kg),
                    percent(*rate_permyriad)
                )
            }
        }
        Step::GuardBand { class, stage, permissible_permyriad, threshold_kg } => {
            let stage = match stage {
                Stage::Initial => "首次检定",
                Stage::InService => "使用中检验",
            };
            format!(
                "准确度等级{}级，{stage}最大允许误差为{}，超过{}方可确定超限。",
                class.name(),
                percent(*permissible_permyriad),
                kg(*threshold_kg)
            )
        }
        Step::NotAssessable { reason } => format!("不能作出判定：{}。", why(*reason)),
        Step::Verdict { verdict } => format!("判定结论：{}。", self::verdict(*verdict)),
        _ => String::new(),
    }
}
