//! What the measurement excludes of the readings. In: the case and every reading of its axles.
//! Out: the readings of kinds that the vehicle may be, and a step for each kind it cannot be.
//!
//! It never lowers a limit: a maximum length is a rule that a vehicle can break, and neither
//! length nor tyre kinds are covered by the verification. A kind whose reading alone has the
//! highest limit stays.

use super::case::Case;
use super::{Assessment, Profile, Reading, Step};
use crate::pipeline::configuration::{Body, Exclusion, Seen, exclusions};
use crate::pipeline::limits::{Day, LengthRow, Term};
use crate::pipeline::passage::QualityFlag;
use crate::units::Kilograms;

/// Takes the readings away that only excluded kinds have.
pub(super) fn narrow(case: &Case<'_>, profile: &Profile, assessment: &mut Assessment) {
    let term = profile.axle.on(case.day);
    let seen = Seen {
        length: case.passage.length_mm.filter(|_| !length_disagrees(case)),
        length_error: profile.length_error,
        front_tyres: [case.tyres(0), case.tyres(1)],
    };
    let found = exclusions(&case.configurations, &seen, |body| longest(body, term, case.day));
    if found.is_empty() {
        return;
    }
    let Assessment { readings, derivation, .. } = assessment;
    let limits = limits_of(readings.iter());
    let mut gone: Vec<Exclusion<'_>> = Vec::with_capacity(found.len());
    for exclusion in found {
        gone.push(exclusion);
        let left = readings.iter().filter(|reading| is_left(case, reading, &gone));
        if limits_of(left) == limits {
            derivation.push(step(&exclusion, &seen, term));
        } else {
            gone.pop();
        }
    }
    readings.retain(|reading| is_left(case, reading, &gone));
}

/// The row that lets `body` be the longest; `None` where no length is known for it.
fn longest(body: Body, term: Option<&Term>, day: Day) -> Option<&LengthRow> {
    let rows = term.into_iter().flat_map(|term| term.table.lengths(day));
    rows.filter(|row| row.vehicle.covers(body)).max_by_key(|row| row.most)
}

fn length_disagrees(case: &Case<'_>) -> bool {
    case.passage.flags.contains(&QualityFlag::LengthDisagrees)
}

/// The limit that decides, and the most favourable one.
fn limits_of<'a>(
    readings: impl Iterator<Item = &'a Reading>,
) -> (Option<Kilograms>, Option<Kilograms>) {
    readings.fold((None, None), |(decides, top), reading| {
        let limit = Some(reading.limit_kg);
        (if reading.in_regime { decides.max(limit) } else { decides }, top.max(limit))
    })
}

/// Whether some kind that the reading is for is not excluded; a reading for none of the kinds is
/// not excluded by them.
fn is_left(case: &Case<'_>, reading: &Reading, gone: &[Exclusion<'_>]) -> bool {
    let kinds = || case.configurations.iter().filter(|one| reading.vehicle.covers(one.body));
    kinds().next().is_none()
        || kinds().any(|one| !gone.iter().any(|exclusion| exclusion.excludes(one)))
}

fn step(exclusion: &Exclusion<'_>, seen: &Seen, term: Option<&Term>) -> Step {
    match exclusion {
        Exclusion::TooLong { body, row } => Step::KindTooLong {
            body: *body,
            length_mm: seen.length.unwrap_or_default(),
            error_mm: seen.length_error,
            most_mm: row.most,
            limit_id: row.id.clone(),
            document: term.map(|term| term.table.head().document.clone()).unwrap_or_default(),
        },
        Exclusion::DualTyresInFront { axle } => {
            Step::NoTwinSteer { axle: u8::try_from(axle + 1).unwrap_or(u8::MAX) }
        }
    }
}
