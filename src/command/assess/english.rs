//! English.

mod against;
mod names;

pub(super) use names::{adjustment, vehicle, verdict};

pub(super) use against::against;

use super::words::{kg, mm, percent};
use crate::pipeline::assess::{Stage, Step};
use crate::pipeline::grouping::{CodeScheme, DeviceAgreement};
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

fn measurement(step: &Step) -> String {
    match step {
        Step::SumOfAxles { axles, gross_kg } => match gross_kg {
            Some(gross) => format!("The {axles} axles together weigh {}.", kg(*gross)),
            None => format!("Of the {axles} axles at least one was not weighed."),
        },
        Step::GroupBySpacing { same_group_mm, split, or_split } => {
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
        Step::Verification { certificate, institution, expiry } => {
            let by =
                if institution.is_empty() { String::new() } else { format!(" of {institution}") };
            let to = expiry.map_or(", whose last day is not known".to_owned(), |day| {
                format!(", valid to {day}")
            });
            format!("The scale is verified by certificate {certificate}{by}{to}.")
        }
        _ => String::new(),
    }
}

fn limit(step: &Step) -> String {
    match step {
        Step::RegimeInForce { day, table, document, .. } => {
            format!("On {day} the limits of {document} are in force (table {table}).")
        }
        Step::PatternNotDrawn { split, derived_from } => format!(
            "That table does not draw the pattern {split}; its limit is derived from table \
             {derived_from}."
        ),
        Step::SuspensionUnknown { taken_as } => {
            format!("The suspension is not known and is taken as {}.", suspension(*taken_as))
        }
        Step::SingleTyres { adjustment, axles, deducted_kg } => format!(
            "{axles} trailer axles carry single tyres, which lowers the limit by {} ({}).",
            kg(*deducted_kg),
            adjustment.id()
        ),
        Step::LimitChosen { limit_id, limit_kg, document, article, of_readings } => format!(
            "The limit is {} by {document}, {article} (row {limit_id}){}.",
            kg(*limit_kg),
            highest_of(*of_readings)
        ),
        Step::MoreFavourable { limit_id, limit_kg } => format!(
            "A reading that cannot be excluded would allow {} (row {limit_id}).",
            kg(*limit_kg)
        ),
        Step::AxleSum { sum_kg, applied } => {
            let use_of_it =
                if *applied { "which bounds the limit" } else { "stated for information" };
            format!("The axle-group limits add up to {}, {use_of_it}.", kg(*sum_kg))
        }
        _ => String::new(),
    }
}

fn highest_of(readings: u8) -> String {
    if readings > 1 {
        format!(", the highest of {readings} admissible readings")
    } else {
        String::new()
    }
}

fn judgement(step: &Step) -> String {
    match step {
        Step::Tolerance { profile, deducted_kg, corrected_kg, judged_limit_kg } => format!(
            "By tolerance profile {profile} {} are deducted, which leaves {} against a limit of \
             {}.",
            kg(*deducted_kg),
            kg(*corrected_kg),
            kg(*judged_limit_kg)
        ),
        Step::Excess { corrected_kg, judged_limit_kg, excess_kg, rate_permyriad } => {
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
        Step::GuardBand { class, stage, permissible_permyriad, threshold_kg } => {
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
