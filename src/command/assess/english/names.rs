//! English names of single values.

use crate::pipeline::assess::{Adjustment, Alarm, NotAssessable, Verdict};
use crate::pipeline::configuration::Body;
use crate::pipeline::limits::{Suspension, VehicleKind};

/// The verdict in words.
pub(in crate::command::assess) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Compliant => "compliant",
        Verdict::Overload => "overload",
        Verdict::Uncertain => "uncertain, within the permissible error of the scale",
        Verdict::NotAssessable => "not assessable",
    }
}

/// A kind of vehicle that the axles admit, in words.
pub(super) const fn body(body: Body) -> &'static str {
    match body {
        Body::Rigid => "truck",
        Body::TwinSteerRigid => "truck with twin steering",
        Body::Articulated => "articulated vehicle",
        Body::CentreAxle => "truck with a centre-axle trailer",
        Body::FullTrailer => "truck with a full trailer",
    }
}

/// A vehicle kind in words.
pub(in crate::command::assess) const fn vehicle(kind: VehicleKind) -> &'static str {
    match kind {
        VehicleKind::Any => "any vehicle",
        VehicleKind::Rigid => "truck",
        VehicleKind::RigidOrTractor => "truck or tractor",
        VehicleKind::Combination => "combination",
        VehicleKind::Articulated => "articulated",
        VehicleKind::CentreAxle => "centre-axle trailer",
        VehicleKind::FullTrailer => "full trailer",
        VehicleKind::SemiTrailerAlone => "semi-trailer alone",
        VehicleKind::DrawbarTrailerAlone => "drawbar trailer alone",
        VehicleKind::CentreAxleTrailerAlone => "centre-axle trailer alone",
        VehicleKind::LowSpeedGoodsVehicle => "low-speed goods vehicle",
        VehicleKind::ThreeWheeler => "three-wheeler",
    }
}

pub(super) const fn suspension(suspension: Suspension) -> &'static str {
    match suspension {
        Suspension::Plain => "not air suspension",
        Suspension::Air => "air suspension",
    }
}

/// An adjustment in words.
pub(in crate::command::assess) const fn adjustment(adjustment: Adjustment) -> &'static str {
    match adjustment {
        Adjustment::AdjAir => "if air suspension and dual tyres on every drive axle",
        Adjustment::AdjSingleTyre62 | Adjustment::AdjSingleTyre124 | Adjustment::AdjSingleTyre => {
            "less for single tyres"
        }
        Adjustment::AdjWideTyre => "if the single tyres are wide",
        Adjustment::AdjAxleSum => "sum of the axle limits",
        Adjustment::AdjRegisteredMass | Adjustment::Adj2axleReg => "registered total mass",
        Adjustment::AdjWheelbase => "wheelbase rule",
    }
}

pub(super) const fn alarm(alarm: Alarm) -> &'static str {
    match alarm {
        Alarm::HundredTonnes => "gross mass of 100 000 kg or more (百吨王)",
        Alarm::HundredPercent => "rate of 100 % or more",
    }
}

pub(super) const fn why(reason: NotAssessable) -> &'static str {
    match reason {
        NotAssessable::TooFewAxles => "fewer than two axles were measured",
        NotAssessable::TooManyAxles => "more than 20 axles were measured",
        NotAssessable::LoadMissing => "the load of an axle was not measured",
        NotAssessable::LoadZero => "the load of an axle is zero",
        NotAssessable::LoadImplausible => "the load of an axle is beyond the physical",
        NotAssessable::SidesImplausible => "the sides of an axle differ beyond the physical",
        NotAssessable::SpacingZero => "two axles were measured in one place",
        NotAssessable::SpacingsExceedLength => "the axles are further apart than the vehicle",
        NotAssessable::NoLimitInForce => "no limit table is in force on that day",
        NotAssessable::NoLimitForVehicle => "the table has no row for such a vehicle",
        NotAssessable::MissingAxle => "an axle is missing",
        NotAssessable::SurplusAxle => "there is an axle too many",
        NotAssessable::AxleCrcMismatch => "the axles differ from those that the scale sent",
        NotAssessable::BeginMissing => "the begin of the vehicle is missing",
        NotAssessable::EndMissing => "the end of the vehicle is missing",
        NotAssessable::Straddling => "the vehicle straddled two lanes",
        NotAssessable::OffScale => "wheels ran beside the scale",
        NotAssessable::Tailgating => "the vehicle was not separated from its neighbour",
        NotAssessable::BeginContradicted => "the begin belongs to another vehicle",
        NotAssessable::LaneUnmapped => "the lane is none of the configured ones",
        NotAssessable::AxlesOutOfOrder => "the axles are out of order in time",
    }
}
