//! Which limit holds, by which document and which place in it.

use super::names::{body, suspension};
use crate::command::assess::words::{axles_of, kg, mm};
use crate::pipeline::assess::{Adjustment, Step};

/// The sentence of a step of this kind.
pub(super) fn sentence(step: &Step) -> Option<String> {
    let text = match step {
        Step::RegimeInForce { day, table, document, .. } => {
            format!("On {day} the limits of {} are in force (table {table}).", document.en)
        }
        Step::PatternNotDrawn { split, derived_from, document } => format!(
            "It does not draw the pattern {split}; the limit is taken from {} (table \
             {derived_from}).",
            document.en
        ),
        Step::SuspensionUnknown { taken_as } => {
            format!("The suspension is not known and is taken as {}.", suspension(*taken_as))
        }
        Step::LimitChosen { limit_id, row_kg, document, article, of_readings } => format!(
            "The limit is {} by {}, {} (row {limit_id}){}.",
            kg(*row_kg),
            document.en,
            article.en,
            highest_of(*of_readings)
        ),
        Step::MoreFavourable { limit_id, limit_kg } => format!(
            "A reading that cannot be excluded would allow {} (row {limit_id}).",
            kg(*limit_kg)
        ),
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
                "It is {} long. Also with {} off for the measuring error it is longer than the {} \
                 that a {kind} may be by {} (row {limit_id}), so that it is no {kind}.",
                mm(*length_mm),
                mm(*error_mm),
                mm(*most_mm),
                document.en
            )
        }
        Step::NoTwinSteer { axle } => format!(
            "Axle {axle} carries dual tyres, so that the first two axles are no twin-steer pair."
        ),
        Step::RowNeedsDualTyres { limit_id, first_axle, axles } => {
            let place = if *axles > 1 { "in axle group" } else { "on axle" };
            format!(
                "The limit for air suspension asks for dual tyres on every drive axle (row \
                 {limit_id}). Single tyres were measured {place} {}, so that it is excluded.",
                axles_of(*first_axle, *axles)
            )
        }
        Step::DriveContradicted => "Two driven axles are stated, but the axle pattern has room \
                                    for one only; the pattern counts."
            .to_owned(),
        _ => return None,
    };
    Some(text)
}

fn highest_of(readings: u8) -> String {
    if readings > 1 {
        format!(", the highest of {readings} admissible readings")
    } else {
        String::new()
    }
}

fn adjustment(step: &Step) -> Option<String> {
    let text = match step {
        Step::AirSuspension { known } => {
            let why = if *known { "is known to have" } else { "is taken to have" };
            format!(
                "That row is for air suspension and dual tyres on every drive axle, which the \
                 vehicle {why} (adj-air)."
            )
        }
        Step::SingleTyres { adjustment, axles, each_kg, deducted_kg, limit_kg } => format!(
            "Single tyres on {axles} axles other than drive axles take off {} each, together {}: \
             the limit is {} ({}, {}).",
            kg(*each_kg),
            kg(*deducted_kg),
            kg(*limit_kg),
            single_tyre(*adjustment),
            adjustment.id()
        ),
        Step::WideTyres { axles } => format!(
            "Single tyres on {axles} axles other than drive axles take nothing off, because they \
             are wide (124号 note 3, adj-wide-tyre)."
        ),
        Step::RegisteredMass { adjustment, registered_kg, limit_kg } => {
            let rule = if *adjustment == Adjustment::AdjRegisteredMass {
                "is the limit of a tractor, farm vehicle or low-speed truck (Order 62 art. 3(2)4"
            } else {
                "bounds the limit of a two-axle truck (124号 note 1"
            };
            format!(
                "The registered total mass of {} {rule}, {}): the limit is {}.",
                kg(*registered_kg),
                adjustment.id(),
                kg(*limit_kg)
            )
        }
        Step::RegisteredAboveLimit { registered_kg, limit_kg } => format!(
            "The registered total mass of {} lies above the limit and cannot raise it \
             (adj-registered-mass): the limit stays {}.",
            kg(*registered_kg),
            kg(*limit_kg)
        ),
        Step::Wheelbase { wheelbase_mm, limit_kg } => format!(
            "A four-axle truck other than a dump truck may weigh 5 t for each metre from the \
             first to the last axle, here {} (GB 1589-2016, adj-wheelbase): the limit is {}.",
            mm(*wheelbase_mm),
            kg(*limit_kg)
        ),
        Step::AxleSum { sum_kg, limit_kg: None } => {
            format!("The axle-group limits add up to {}, stated for information.", kg(*sum_kg))
        }
        Step::AxleSum { sum_kg, limit_kg: Some(limit) } => format!(
            "The axle-group limits add up to {}, which the limit may not exceed (Order 62 art. \
             3(2)3, adj-axle-sum): it is {}.",
            kg(*sum_kg),
            kg(*limit)
        ),
        _ => return None,
    };
    Some(text)
}

const fn single_tyre(adjustment: Adjustment) -> &'static str {
    match adjustment {
        Adjustment::AdjSingleTyre124 => "124号 note 2",
        Adjustment::AdjSingleTyre62 => "Order 62 art. 3(2)2",
        _ => "by the table's own rule",
    }
}
