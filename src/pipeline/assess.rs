//! What a weighed vehicle may weigh and by how much it is over: the figures of a record.
//!
//! In: a passage and a profile. Out: an [`Assessment`], the same for the same input for ever, in
//! integers. It never panics, whatever the scale sends, and a measurement that does not allow a
//! verdict gets none.

mod accuracy;
mod adjust;
mod admission;
mod axles;
mod case;
mod chosen;
#[cfg(test)]
pub(crate) mod example;
mod exclude;
mod judge;
mod metrology;
mod obstacles;
mod outcome;
mod profile;
mod readings;
mod step;
mod validity;

pub use accuracy::{Accuracy, AccuracyClass, Stage};
pub use metrology::Metrology;
pub use obstacles::{certificate as certificate_obstacle, obstacles};
pub use outcome::{
    Alarm, Assessment, Basis, ConsultedTable, GroupAssessment, Reading, Tier, Verdict,
};
pub use profile::{
    Certificate, DEFAULT_LENGTH_ERROR, Facts, LaneLaw, Plausibility, Profile, Tolerance,
    ToleranceKind,
};
pub use step::{Adjustment, Step};
pub use validity::NotAssessable;

use super::grouping::DeviceAgreement;
use super::limits::{Day, LimitTable, Term};
use super::passage::Passage;
use case::Case;
use std::sync::Arc;

/// Judges a passage of which nothing is known but its measurement.
pub fn assess(passage: &Passage, profile: &Profile) -> Assessment {
    assess_with(passage, &Facts::default(), profile)
}

/// Judges a passage together with what is known of the vehicle from elsewhere.
pub fn assess_with(passage: &Passage, facts: &Facts, profile: &Profile) -> Assessment {
    let mut assessment = Assessment::new(passage, profile);
    let mut reasons = validity::reasons(passage, profile);
    let day = Day::of(passage.began_at);
    let case = day.and_then(|day| Case::new(passage, facts, profile, day));
    if let Some(case) = &case {
        group(case, profile, &mut assessment);
    }
    if let Some(certificate) = &assessment.metrology.certificate {
        assessment.derivation.push(Step::Verification {
            certificate: certificate.number.clone(),
            institution: certificate.institution.clone(),
            expiry: certificate.expiry,
        });
    }
    let term = day.and_then(|day| profile.regime.on(day));
    if term.is_none() {
        reasons.push(NotAssessable::NoLimitInForce);
    }
    match (case, term) {
        (Some(case), Some(term)) if reasons.is_empty() => {
            judge_gross(case, term, profile, &mut assessment);
        }
        _ => assessment.refuse(reasons),
    }
    assessment.derivation.push(Step::Verdict { verdict: assessment.verdict });
    assessment
}

fn group(case: &Case<'_>, profile: &Profile, assessment: &mut Assessment) {
    let (widest, tightest) = (case.grouping.widest(), case.grouping.tightest());
    assessment.split = Some(widest);
    assessment.or_split = (widest != tightest).then_some(tightest);
    assessment.derivation.push(Step::GroupBySpacing {
        spacings_mm: case.passage.axles.iter().skip(1).map(|axle| axle.spacing_mm).collect(),
        same_group_mm: profile.grouping.same_group,
        uncertain_mm: profile.grouping.uncertain,
        twin_steer_mm: profile.grouping.twin_steer,
        split: widest,
        or_split: assessment.or_split,
    });
    let scheme = case.lane.and_then(|lane| lane.codes);
    if let (Some(scheme), Some(device)) = (scheme, &case.passage.device_groups) {
        let agreement = scheme.compare(&device.codes, &case.grouping);
        assessment.device_groups = agreement;
        if agreement != DeviceAgreement::NotCompared {
            assessment.derivation.push(Step::DeviceGroups { scheme, agreement });
        }
    }
}

fn judge_gross(mut case: Case<'_>, term: &Term, profile: &Profile, assessment: &mut Assessment) {
    let head = term.table.head();
    assessment.table = head.id.clone();
    assessment.table_sha256 = head.sha256.clone();
    assessment.derivation.push(Step::RegimeInForce {
        day: case.day,
        table: head.id.clone(),
        title: head.title.clone(),
        document: head.document.clone(),
    });
    assessment.groups = axles::groups(&case, profile, profile.axle.on(case.day));
    assessment.axle_overload = assessment.groups.iter().any(GroupAssessment::is_over);
    if profile.apply_axle_sum {
        // what nobody measured must not lower the bound
        case.axle_sum = axles::sum_of_limits(&assessment.groups, |group| group.most_favourable_kg);
    }
    assessment.readings = readings::list(&case, term, profile, &mut assessment.derivation);
    exclude::narrow(&case, profile, assessment);
    assessment.other_tables = consulted(&case, term, profile, &assessment.readings);
    chosen::choose_limit(&case, term, assessment);
    let axle_sum = axles::sum_of_limits(&assessment.groups, |group| group.limit_kg);
    if let Some(sum_kg) = axle_sum.filter(|_| !profile.apply_axle_sum) {
        assessment.derivation.push(Step::AxleSum { sum_kg, limit_kg: None });
    }
    match (assessment.gross_kg, assessment.limit_kg) {
        (Some(gross), Some(limit)) => {
            judge::against_limit(&case, profile, (gross, limit), assessment);
        }
        _ => assessment.refuse(vec![NotAssessable::NoLimitForVehicle]),
    }
    axles::steps(
        profile,
        profile.axle.on(case.day),
        &assessment.groups,
        &mut assessment.derivation,
    );
}

/// Tables beside the one in force, each once, in the order of their use.
fn consulted(
    case: &Case<'_>,
    term: &Term,
    profile: &Profile,
    readings: &[Reading],
) -> Vec<ConsultedTable> {
    let gave_reading =
        |table: &&Arc<LimitTable>| readings.iter().any(|reading| reading.table == table.head().id);
    let compared = profile.comparison.iter().chain([&profile.axle]);
    let compared = compared.filter_map(|schedule| schedule.on(case.day)).map(|other| &other.table);
    let mut found: Vec<ConsultedTable> = Vec::with_capacity(2);
    for table in term.derived.iter().filter(gave_reading).chain(compared) {
        let head = table.head();
        if head.id != term.table.head().id && found.iter().all(|known| known.id != head.id) {
            found.push(ConsultedTable { id: head.id.clone(), sha256: head.sha256.clone() });
        }
    }
    found
}

#[cfg(test)]
mod tests;
