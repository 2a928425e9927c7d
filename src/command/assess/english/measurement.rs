//! What was measured and by what.

use crate::command::assess::words::{kg, listed, mm};
use crate::pipeline::assess::Step;
use crate::pipeline::grouping::{CodeScheme, DeviceAgreement};

/// The sentence of a step of this kind.
pub(super) fn sentence(step: &Step) -> Option<String> {
    let text = match step {
        Step::SumOfAxles { loads_kg, gross_kg } => {
            let loads = list(loads_kg.iter().map(|one| one.map(|kg| kg.0)));
            match gross_kg {
                Some(gross) => format!(
                    "The {} axles carry {loads} kg, together {}.",
                    loads_kg.len(),
                    kg(*gross)
                ),
                None => format!(
                    "The {} axles carry {loads} kg, so that there is no gross mass.",
                    loads_kg.len()
                ),
            }
        }
        Step::GroupBySpacing { .. } => grouping(step),
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
    let spacings = list(spacings_mm.iter().map(|one| one.map(|mm| mm.0)));
    let mut text = format!("They are {spacings} mm apart. Up to {}", mm(*same_group_mm));
    if twin_steer_mm != same_group_mm {
        text += &format!(" ({} for the first two)", mm(*twin_steer_mm));
    }
    match or_split {
        None => {
            text + &format!(
                " they form one group, which gives {split}; each axle of a group counts."
            )
        }
        Some(other) => {
            let most = mm(*uncertain_mm);
            text + &format!(
                " they form one group; beyond it and up to {most}, or unmeasured, is not clear, \
                 so that both {split} and {other} are possible."
            )
        }
    }
}

fn list(values: impl Iterator<Item = Option<u32>>) -> String {
    listed(values, ", ", "?")
}
