//! Chinese names of single values.

use crate::pipeline::assess::{Adjustment, Alarm, NotAssessable, Verdict};
use crate::pipeline::configuration::Body;
use crate::pipeline::limits::{Suspension, VehicleKind};

/// The verdict in words.
pub(in crate::command::assess) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Compliant => "未超限",
        Verdict::Overload => "超限",
        Verdict::Uncertain => "不能确定（超出部分未超过称重设备最大允许误差）",
        Verdict::NotAssessable => "不能判定",
    }
}

/// A kind of vehicle that the axles admit, in words.
pub(super) const fn body(body: Body) -> &'static str {
    match body {
        Body::Rigid => "载货汽车",
        Body::TwinSteerRigid => "双转向轴载货汽车",
        Body::Articulated => "铰接列车",
        Body::CentreAxle => "中置轴挂车列车",
        Body::FullTrailer => "全挂汽车列车",
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
        Adjustment::AdjAir => "以驱动轴均为双轮胎且装备空气悬架为前提",
        Adjustment::AdjSingleTyre62 | Adjustment::AdjSingleTyre124 | Adjustment::AdjSingleTyre => {
            "单轮胎扣减"
        }
        Adjustment::AdjWideTyre => "以单轮胎为宽轮胎为前提",
        Adjustment::AdjAxleSum => "以轴荷限值之和为限",
        Adjustment::AdjRegisteredMass | Adjustment::Adj2axleReg => "以行驶证核定的总质量为限",
        Adjustment::AdjWheelbase => "以首末轴距离为限",
    }
}

pub(super) const fn alarm(alarm: Alarm) -> &'static str {
    match alarm {
        Alarm::HundredTonnes => "车货总质量达到100 000 kg（百吨王）",
        Alarm::HundredPercent => "超限率达到100 %",
    }
}

pub(super) const fn why(reason: NotAssessable) -> &'static str {
    match reason {
        NotAssessable::TooFewAxles => "测得轴数不足两轴",
        NotAssessable::TooManyAxles => "测得轴数超过20轴",
        NotAssessable::LoadMissing => "有车轴未测得轴荷",
        NotAssessable::LoadZero => "有车轴轴荷为零",
        NotAssessable::LoadImplausible => "有车轴轴荷超出可能范围",
        NotAssessable::SidesImplausible => "有车轴左右轮载荷相差超出可能范围",
        NotAssessable::SpacingZero => "有相邻轴轴距为零",
        NotAssessable::SpacingsExceedLength => "轴距之和大于车长",
        NotAssessable::NoLimitInForce => "当日无生效的限值表",
        NotAssessable::NoLimitForVehicle => "限值表中无此类车辆",
        NotAssessable::MissingAxle => "缺少车轴数据",
        NotAssessable::SurplusAxle => "车轴数据多余",
        NotAssessable::AxleCrcMismatch => "车轴数据与设备发送的不一致",
        NotAssessable::BeginMissing => "缺少车辆开始数据",
        NotAssessable::EndMissing => "缺少车辆结束数据",
        NotAssessable::Straddling => "车辆跨道行驶",
        NotAssessable::OffScale => "车轮驶离称台",
        NotAssessable::Tailgating => "与相邻车辆未能分离",
        NotAssessable::BeginContradicted => "车辆开始数据属于另一车辆",
        NotAssessable::LaneUnmapped => "该车道不在站点配置之内",
        NotAssessable::AxlesOutOfOrder => "各轴通过时间顺序错乱",
    }
}
