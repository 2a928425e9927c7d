//! Chinese names of single values.

use crate::pipeline::assess::{Adjustment, NotAssessable, Verdict};
use crate::pipeline::limits::{Suspension, VehicleKind};

/// The verdict in words.
pub(in crate::command::assess) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Compliant => "未超限",
        Verdict::Overload => "超限",
        Verdict::Uncertain => "不确定，超出部分在称重允许误差之内",
        Verdict::NotAssessable => "不能判定",
    }
}

/// A vehicle kind in words.
pub(in crate::command::assess) const fn vehicle(kind: VehicleKind) -> &'static str {
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

pub(super) const fn suspension(suspension: Suspension) -> &'static str {
    match suspension {
        Suspension::Plain => "非空气悬架",
        Suspension::Air => "空气悬架",
    }
}

/// An adjustment in words.
pub(in crate::command::assess) const fn adjustment(adjustment: Adjustment) -> &'static str {
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

pub(super) const fn why(reason: NotAssessable) -> &'static str {
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
        NotAssessable::BeginContradicted => "车辆开始数据属于另一辆车",
        NotAssessable::LaneUnmapped => "车道未在配置中",
        NotAssessable::AxlesOutOfOrder => "车轴时间顺序错乱",
    }
}
