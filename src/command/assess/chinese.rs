//! Chinese.

use super::words::{kg, mm, percent};
use crate::pipeline::assess::{Adjustment, NotAssessable, Stage, Step, Verdict};
use crate::pipeline::grouping::{CodeScheme, DeviceAgreement};
use crate::pipeline::limits::{Suspension, VehicleKind};

/// One step as a sentence.
pub(super) fn sentence(step: &Step) -> String {
    match step {
        Step::SumOfAxles { axles, gross_kg } => match gross_kg {
            Some(gross) => format!("该车共{axles}轴，各轴称重之和为{}。", kg(*gross)),
            None => format!("该车共{axles}轴，至少有一轴未称得重量。"),
        },
        Step::GroupBySpacing {
            same_group_mm,
            split,
            or_split,
        } => {
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
        Step::RegimeInForce {
            day, table, title, ..
        } => format!("{day}适用《{title}》（限值表{table}）。"),
        Step::PatternNotDrawn {
            split,
            derived_from,
        } => format!("该表未列轴型{split}，限值依据限值表{derived_from}确定。"),
        Step::SuspensionUnknown { taken_as } => {
            format!("悬架类型不明，按{}处理。", suspension(*taken_as))
        }
        Step::SingleTyres {
            adjustment,
            axles,
            deducted_kg,
        } => format!(
            "挂车有{axles}轴为单轮胎，限值减少{}（{}）。",
            kg(*deducted_kg),
            adjustment.id()
        ),
        Step::LimitChosen {
            limit_id,
            limit_kg,
            of_readings,
            ..
        } => format!(
            "车货总质量限值为{}（{limit_id}），取{of_readings}种可能车型中的最高值。",
            kg(*limit_kg)
        ),
        other => judgement(other),
    }
}

fn judgement(step: &Step) -> String {
    match step {
        Step::MoreFavourable { limit_id, limit_kg } => format!(
            "另有不能排除的情形，限值可为{}（{limit_id}）。",
            kg(*limit_kg)
        ),
        Step::AxleSum { sum_kg, applied } => {
            let use_of_it = if *applied {
                "限值不得超过该值"
            } else {
                "仅供参考"
            };
            format!("各轴（轴组）限值之和为{}，{use_of_it}。", kg(*sum_kg))
        }
        Step::Tolerance {
            profile,
            deducted_kg,
            corrected_kg,
            judged_limit_kg,
        } => format!(
            "按容差方案{profile}扣减{}，修正后总质量为{}，对应限值{}。",
            kg(*deducted_kg),
            kg(*corrected_kg),
            kg(*judged_limit_kg)
        ),
        Step::Excess {
            corrected_kg,
            judged_limit_kg,
            excess_kg,
            rate_permyriad,
        } => {
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
        Step::GuardBand {
            class,
            stage,
            permissible_permyriad,
            threshold_kg,
        } => {
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

/// The verdict in words.
pub(super) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Compliant => "未超限",
        Verdict::Overload => "超限",
        Verdict::Uncertain => "不确定，超出部分在称重允许误差之内",
        Verdict::NotAssessable => "不能判定",
    }
}

/// A vehicle kind in words.
pub(super) const fn vehicle(kind: VehicleKind) -> &'static str {
    match kind {
        VehicleKind::Any => "各类车辆",
        VehicleKind::Rigid => "载货汽车",
        VehicleKind::RigidOrTractor => "载货汽车或牵引车",
        VehicleKind::Combination => "汽车列车",
        VehicleKind::Articulated => "铰接列车",
        VehicleKind::CentreAxle => "中置轴挂车列车",
        VehicleKind::FullTrailer => "全挂汽车列车",
        VehicleKind::SemiTrailerAlone => "半挂车",
        VehicleKind::DrawbarTrailerAlone => "牵引杆挂车",
        VehicleKind::CentreAxleTrailerAlone => "中置轴挂车",
        VehicleKind::LowSpeedGoodsVehicle => "低速货车",
        VehicleKind::ThreeWheeler => "三轮汽车",
    }
}

const fn suspension(suspension: Suspension) -> &'static str {
    match suspension {
        Suspension::Plain => "非空气悬架",
        Suspension::Air => "空气悬架",
    }
}

/// An adjustment in words.
pub(super) const fn adjustment(adjustment: Adjustment) -> &'static str {
    match adjustment {
        Adjustment::AdjAir => "驱动轴均为双轮胎且装备空气悬架时",
        Adjustment::AdjSingleTyre62 | Adjustment::AdjSingleTyre124 | Adjustment::AdjSingleTyre => {
            "单轮胎扣减"
        }
        Adjustment::AdjWideTyre => "单轮胎为宽胎时",
        Adjustment::AdjAxleSum => "轴荷限值之和",
        Adjustment::AdjRegisteredMass | Adjustment::Adj2axleReg => "行驶证总质量",
        Adjustment::AdjWheelbase => "轴距限制",
    }
}

const fn why(reason: NotAssessable) -> &'static str {
    match reason {
        NotAssessable::TooFewAxles => "测得轴数不足两轴",
        NotAssessable::TooManyAxles => "测得轴数超过20轴",
        NotAssessable::LoadMissing => "有轴未称得重量",
        NotAssessable::LoadZero => "有轴重量为零",
        NotAssessable::LoadImplausible => "有轴重量超出可能范围",
        NotAssessable::SidesImplausible => "有轴左右轮重相差超出可能范围",
        NotAssessable::SpacingZero => "有两轴间距为零",
        NotAssessable::SpacingsExceedLength => "轴距之和大于车长",
        NotAssessable::NoLimitInForce => "当日无有效限值表",
        NotAssessable::NoLimitForVehicle => "限值表中无此类车辆",
        NotAssessable::MissingAxle => "缺少车轴数据",
        NotAssessable::SurplusAxle => "车轴数据多余",
        NotAssessable::AxleCrcMismatch => "车轴数据与设备发送的不一致",
        NotAssessable::BeginMissing => "缺少车辆开始数据",
        NotAssessable::EndMissing => "缺少车辆结束数据",
        NotAssessable::Straddling => "车辆跨道行驶",
        NotAssessable::OffScale => "车轮驶离称台",
        NotAssessable::Tailgating => "与相邻车辆未能分离",
        NotAssessable::AxlesOutOfOrder => "车轴时间顺序错乱",
    }
}
