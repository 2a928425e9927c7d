//! English.

use super::words::{kg, mm, percent};
use crate::pipeline::assess::{Adjustment, NotAssessable, Stage, Step, Verdict};
use crate::pipeline::grouping::{CodeScheme, DeviceAgreement};
use crate::pipeline::limits::{Suspension, VehicleKind};

/// One step as a sentence.
pub(super) fn sentence(step: &Step) -> String {
    match step {
        Step::SumOfAxles { axles, gross_kg } => match gross_kg {
            Some(gross) => format!("The {axles} axles together weigh {}.", kg(*gross)),
            None => format!("Of the {axles} axles at least one was not weighed."),
        },
        Step::GroupBySpacing {
            same_group_mm,
            split,
            or_split,
        } => {
            let spacing = mm(*same_group_mm);
            match or_split {
                None => format!(
                    "Axles up to {spacing} apart form one group, which gives {split}; each axle \
                     of a group counts."
                ),
                Some(other) => format!(
                    "Axles up to {spacing} apart form one group; a spacing is not clear, so that \
                     both {split} and {other} are possible."
                ),
            }
        }
        Step::DeviceGroups { scheme, agreement } => {
            let scheme = match scheme {
                CodeScheme::OneToSeven => "1 to 7",
                CodeScheme::OneToNine => "1 to 9",
            };
            let verb = match agreement {
                DeviceAgreement::Agrees => "agree with the spacings",
                DeviceAgreement::Disagrees => "disagree with the spacings",
                DeviceAgreement::NotCompared => "could not be compared with the spacings",
            };
            format!("The axle groups that the scale reports (codes {scheme}) {verb}.")
        }
        Step::RegimeInForce {
            day,
            table,
            document,
            ..
        } => format!("On {day} the limits of {document} are in force (table {table})."),
        Step::PatternNotDrawn {
            split,
            derived_from,
        } => format!(
            "That table does not draw the pattern {split}; its limit is derived from table \
             {derived_from}."
        ),
        Step::SuspensionUnknown { taken_as } => format!(
            "The suspension is not known and is taken as {}.",
            suspension(*taken_as)
        ),
        Step::SingleTyres {
            adjustment,
            axles,
            deducted_kg,
        } => format!(
            "{axles} trailer axles carry single tyres, which lowers the limit by {} ({}).",
            kg(*deducted_kg),
            adjustment.id()
        ),
        Step::LimitChosen {
            limit_id,
            limit_kg,
            document,
            article,
            of_readings,
        } => format!(
            "The limit is {} by {document}, {article} (row {limit_id}), the highest of \
             {of_readings} admissible readings.",
            kg(*limit_kg)
        ),
        other => judgement(other),
    }
}

fn judgement(step: &Step) -> String {
    match step {
        Step::MoreFavourable { limit_id, limit_kg } => format!(
            "A reading that cannot be excluded would allow {} (row {limit_id}).",
            kg(*limit_kg)
        ),
        Step::AxleSum { sum_kg, applied } => {
            let use_of_it = if *applied {
                "which bounds the limit"
            } else {
                "stated for information"
            };
            format!(
                "The axle-group limits add up to {}, {use_of_it}.",
                kg(*sum_kg)
            )
        }
        Step::Tolerance {
            profile,
            deducted_kg,
            corrected_kg,
            judged_limit_kg,
        } => format!(
            "By tolerance profile {profile} {} are deducted, which leaves {} against a limit of \
             {}.",
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
                format!("{mass} is not more than {limit}.")
            } else {
                format!(
                    "{mass} exceeds {limit} by {}, which is {}.",
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
                Stage::Initial => "at verification",
                Stage::InService => "in service",
            };
            format!(
                "A scale of class {} may err by {} {stage}; only beyond {} is the vehicle \
                 certainly over.",
                class.name(),
                percent(*permissible_permyriad),
                kg(*threshold_kg)
            )
        }
        Step::NotAssessable { reason } => format!("No verdict is possible: {}.", why(*reason)),
        Step::Verdict { verdict } => format!("Verdict: {}.", self::verdict(*verdict)),
        _ => String::new(),
    }
}

/// The verdict in words.
pub(super) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Compliant => "compliant",
        Verdict::Overload => "overload",
        Verdict::Uncertain => "uncertain, within the permissible error of the scale",
        Verdict::NotAssessable => "not assessable",
    }
}

/// A vehicle kind in words.
pub(super) const fn vehicle(kind: VehicleKind) -> &'static str {
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

const fn suspension(suspension: Suspension) -> &'static str {
    match suspension {
        Suspension::Plain => "not air suspension",
        Suspension::Air => "air suspension",
    }
}

/// An adjustment in words.
pub(super) const fn adjustment(adjustment: Adjustment) -> &'static str {
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

const fn why(reason: NotAssessable) -> &'static str {
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
        NotAssessable::AxlesOutOfOrder => "the axles are out of order in time",
    }
}
