//! What a weighed vehicle may weigh and by how much it is over: the figures of a record.
//!
//! In: a passage and a profile. Out: an [`Assessment`], the same for the same input for ever, in
//! integers. It never panics, whatever the scale sends, and a measurement that does not allow a
//! verdict gets none.

mod accuracy;
mod adjust;
mod axles;
mod case;
#[cfg(test)]
pub(crate) mod example;
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
pub use obstacles::obstacles;
pub use outcome::{Alarm, Assessment, Basis, GroupAssessment, Reading, Tier, Verdict};
pub use profile::{Certificate, Facts, LaneLaw, Plausibility, Profile, Tolerance, ToleranceKind};
pub use step::{Adjustment, Step};
pub use validity::NotAssessable;

use super::grouping::DeviceAgreement;
use super::limits::{Day, Term};
use super::passage::Passage;
use case::Case;

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
        same_group_mm: profile.grouping.same_group,
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
    assessment.axle_overload = assessment
        .groups
        .iter()
        .any(|group| group.certain && group.excess_kg.is_some_and(|excess| excess.0 > 0));
    let axle_sum = axles::sum_of_limits(&assessment.groups);
    if profile.apply_axle_sum {
        case.axle_sum = axle_sum;
    }
    assessment.readings = readings::list(&case, term, profile, &mut assessment.derivation);
    if let Some(sum_kg) = axle_sum {
        assessment.derivation.push(Step::AxleSum { sum_kg, applied: profile.apply_axle_sum });
    }
    judge::choose_limit(&case, term, assessment);
    match (assessment.gross_kg, assessment.limit_kg) {
        (Some(gross), Some(limit)) => {
            judge::against_limit(&case, profile, (gross, limit), assessment);
        }
        _ => assessment.refuse(vec![NotAssessable::NoLimitForVehicle]),
    }
}

#[cfg(test)]
mod tests;
