//! Why an assessment cannot support a case, as far as scale and law decide it. Plates, pictures,
//! clocks and the direction are judged where the record is composed.

use super::{Assessment, Basis, Profile, Verdict};
use crate::pipeline::grouping::DeviceAgreement;
use crate::pipeline::limits::Day;
use crate::pipeline::passage::{Passage, QualityFlag};
use crate::pipeline::record::Unenforceable;
use crate::units::{DeciKmh, MillimetresPerSecond2};

/// Every reason, sorted, without repeats.
pub fn obstacles(
    passage: &Passage,
    assessment: &Assessment,
    profile: &Profile,
) -> Vec<Unenforceable> {
    let mut found = Vec::new();
    match (assessment.verdict, assessment.basis) {
        (Verdict::Overload, _) if assessment.over_every_reading => {}
        (Verdict::Overload, _) => found.push(Unenforceable::LimitAmbiguous),
        (_, Some(Basis::AxleGroup)) if axle_group_suffices(assessment, profile) => {}
        (_, Some(Basis::AxleGroup)) => found.push(Unenforceable::AxleGroupOnly),
        _ => found.push(Unenforceable::NotOverload),
    }
    let grouping_open =
        assessment.or_split.is_some() || assessment.device_groups == DeviceAgreement::Disagrees;
    if grouping_open {
        found.push(Unenforceable::GroupingUncertain);
    }
    if !inside_operating_range(passage, profile) {
        found.push(Unenforceable::SpeedOutOfRange);
    }
    if accelerates_too_much(passage, profile) {
        found.push(Unenforceable::Manoeuvre);
    }
    found.extend(passage.flags.iter().copied().map(of_flag));
    found.extend(certificate(passage, assessment));
    found.sort_unstable();
    found.dedup();
    found
}

fn axle_group_suffices(assessment: &Assessment, profile: &Profile) -> bool {
    let margin = profile.axle_group_case_beyond;
    margin.is_some_and(|margin| assessment.groups.iter().any(|group| group.is_over_by(margin)))
}

/// What stands against the certificate on the day of that passage. One whose last day is not known cannot
/// be shown to hold, and counts as none.
pub fn certificate(passage: &Passage, assessment: &Assessment) -> Option<Unenforceable> {
    let certificate = assessment.metrology.certificate.as_ref();
    let expiry = certificate
        .filter(|certificate| !certificate.number.is_empty())
        .and_then(|certificate| certificate.expiry);
    match (expiry, Day::of(passage.began_at)) {
        (Some(last), Some(day)) if day <= last => None,
        (Some(_), _) => Some(Unenforceable::CertificateExpired),
        (None, _) => Some(Unenforceable::NoCertificate),
    }
}

/// A speed that was not measured is not shown to be inside.
fn inside_operating_range(passage: &Passage, profile: &Profile) -> bool {
    let Some((least, most)) = profile.lane(passage.lane).and_then(|lane| lane.speed) else {
        return true;
    };
    let inside = |speed: DeciKmh| (least..=most).contains(&speed);
    let axles = passage.axles.iter().filter_map(|axle| axle.speed_dkmh);
    passage.speed_dkmh.is_some_and(inside) && axles.into_iter().all(inside)
}

/// An acceleration that was not measured is not shown to be small enough.
fn accelerates_too_much(passage: &Passage, profile: &Profile) -> bool {
    let most = profile.lane(passage.lane).and_then(|lane| lane.acceleration_max);
    most.is_some_and(|most| {
        let within =
            |measured: MillimetresPerSecond2| measured.0.unsigned_abs() <= most.0.unsigned_abs();
        !passage.acceleration_mmps2.is_some_and(within)
    })
}

const fn of_flag(flag: QualityFlag) -> Unenforceable {
    match flag {
        QualityFlag::StopAndGo
        | QualityFlag::Braking
        | QualityFlag::Accelerating
        | QualityFlag::SDriving
        | QualityFlag::Straddling
        | QualityFlag::OffScale
        | QualityFlag::Tailgating => Unenforceable::Manoeuvre,
        QualityFlag::SensorFault => Unenforceable::SensorFault,
        QualityFlag::UnknownRemark => Unenforceable::UnknownRemark,
        QualityFlag::LaneUnmapped => Unenforceable::LaneUnmapped,
        QualityFlag::SpeedOutOfRange => Unenforceable::SpeedOutOfRange,
        QualityFlag::TimeUnmapped => Unenforceable::ScaleTimeUnknown,
        QualityFlag::GrossDisagrees
        | QualityFlag::LengthDisagrees
        | QualityFlag::MissingAxle
        | QualityFlag::SurplusAxle
        | QualityFlag::AxleCrcMismatch
        | QualityFlag::BeginMissing
        | QualityFlag::BeginContradicted
        | QualityFlag::EndMissing
        | QualityFlag::AxlesOutOfOrder => Unenforceable::MeasurementInconsistent,
    }
}
