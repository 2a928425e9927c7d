//! From the mass and the limit to the verdict.

use super::names::{alarm, verdict, why};
use crate::command::assess::words::{axles_of, kg, percent};
use crate::pipeline::assess::{Stage, Step};
use crate::units::PerMyriad;

/// The sentence of a step of this kind.
pub(super) fn sentence(step: &Step) -> Option<String> {
    let text = match step {
        Step::Tolerance { .. } => tolerance(step),
        Step::Excess { corrected_kg, judged_limit_kg, excess_kg, rate_permyriad } => {
            let (mass, limit) = (kg(*corrected_kg), kg(*judged_limit_kg));
            if excess_kg.0 == 0 {
                format!("{mass} is not more than {limit}.")
            } else {
                let rate = percent(*rate_permyriad);
                format!("{mass} exceeds {limit} by {}, which is {rate}.", kg(*excess_kg))
            }
        }
        Step::GuardBand { .. } => guard_band(step),
        Step::EveryReading { threshold_kg, over } => {
            let verb = if *over { "is beyond" } else { "is not beyond" };
            format!(
                "Held against the most favourable reading too, the mass {verb} {}.",
                kg(*threshold_kg)
            )
        }
        Step::AxleGroup { .. } => axle_group(step),
        Step::Tier { from_permyriad, to_permyriad } => match to_permyriad {
            Some(to) => format!(
                "The rate is in the bucket from {} to below {}.",
                percent(*from_permyriad),
                percent(*to)
            ),
            None => format!("The rate is in the bucket from {} on.", percent(*from_permyriad)),
        },
        Step::Alarm { alarm } => format!("It raises the alarm: {}.", self::alarm(*alarm)),
        Step::NotAssessable { reason } => format!("No verdict is possible: {}.", why(*reason)),
        Step::Verdict { verdict } => format!("Verdict: {}.", self::verdict(*verdict)),
        _ => return None,
    };
    Some(text)
}

fn tolerance(step: &Step) -> String {
    let Step::Tolerance {
        profile,
        gross_kg,
        deduct_permyriad,
        deducted_kg,
        corrected_kg,
        limit_kg,
        factor_permyriad,
        judged_limit_kg,
        raw_rate_permyriad,
    } = step
    else {
        return String::new();
    };
    let how = if *deduct_permyriad > PerMyriad(0) {
        format!(
            "{} of {}, that is {}, are deducted, which leaves {}",
            percent(*deduct_permyriad),
            kg(*gross_kg),
            kg(*deducted_kg),
            kg(*corrected_kg)
        )
    } else {
        format!(
            "the limit of {} counts {}, that is {}",
            kg(*limit_kg),
            percent(*factor_permyriad),
            kg(*judged_limit_kg)
        )
    };
    let rate = percent(*raw_rate_permyriad);
    format!("By tolerance profile {profile} {how}; without it the rate would be {rate}.")
}

fn guard_band(step: &Step) -> String {
    let Step::GuardBand { class, stage, permissible_permyriad, least_kg, guard_kg, threshold_kg } =
        step
    else {
        return String::new();
    };
    let stage = match stage {
        Stage::Initial => "at verification",
        Stage::InService => "in service",
    };
    let least =
        if least_kg.0 > 0 { format!(" and at least {}", kg(*least_kg)) } else { String::new() };
    format!(
        "A scale of class {} may err by {} of the limit{least} {stage}, that is {}; only beyond {} \
         is the vehicle certainly over.",
        class.name(),
        percent(*permissible_permyriad),
        kg(*guard_kg),
        kg(*threshold_kg)
    )
}

fn axle_group(step: &Step) -> String {
    let Step::AxleGroup {
        first_axle,
        axles,
        load_kg,
        limit_id,
        limit_kg,
        document,
        excess_kg,
        rate_permyriad,
        most_favourable_kg,
        case_beyond_permyriad,
    } = step
    else {
        return String::new();
    };
    let name = if *axles > 1 { "Axle group" } else { "Axle" };
    let use_of_it = match case_beyond_permyriad {
        None => "stated for information".to_owned(),
        Some(margin) => {
            let (margin, limit) = (percent(*margin), kg(*most_favourable_kg));
            format!("a case needs more than {margin} over {limit}")
        }
    };
    format!(
        "{name} {} carries {}, which exceeds the {} of {} (row {limit_id}) by {}, {}; {use_of_it}.",
        axles_of(*first_axle, *axles),
        kg(*load_kg),
        kg(*limit_kg),
        document.en,
        kg(*excess_kg),
        percent(*rate_permyriad)
    )
}
