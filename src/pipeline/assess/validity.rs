//! Whether a measurement can be judged at all. In: the passage. Out: every reason why not.
//!
//! It never judges whether a verdict could be enforced; see `obstacles`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Profile;
use crate::pipeline::limits::MAX_AXLES;
use crate::pipeline::passage::{Axle, Passage, QualityFlag};

/// Why there is no verdict.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum NotAssessable {
    /// Fewer than two axles.
    TooFewAxles,
    /// More than 20 axles.
    TooManyAxles,
    /// The load of an axle was not measured.
    LoadMissing,
    /// The load of an axle is zero.
    LoadZero,
    /// The load of an axle is beyond the physical.
    LoadImplausible,
    /// One side of an axle carries more than so many times the other.
    SidesImplausible,
    /// Two axles are measured in one place.
    SpacingZero,
    /// The axles are further apart than the vehicle is long.
    SpacingsExceedLength,
    /// No limit table is in force on the day of the passage.
    NoLimitInForce,
    /// The table in force has no row for such a vehicle.
    NoLimitForVehicle,
    /// Flag of the measurement: fewer axles arrived than announced.
    MissingAxle,
    /// Flag: more axles arrived than announced.
    SurplusAxle,
    /// Flag: the axles differ from what the controller sent.
    AxleCrcMismatch,
    /// Flag: the vehicle's begin never arrived.
    BeginMissing,
    /// Flag: the vehicle's end never arrived.
    EndMissing,
    /// Flag: wheels on the seam of two lanes.
    Straddling,
    /// Flag: wheels beside the scale.
    OffScale,
    /// Flag: not separated from the neighbouring vehicle.
    Tailgating,
    /// Flag: the instants of the axles do not increase.
    AxlesOutOfOrder,
    /// Flag: the begin that arrived belongs to another vehicle.
    BeginContradicted,
    /// Flag: measured in a lane that is none of the configured ones.
    LaneUnmapped,
}

/// Every reason, sorted, without repeats; empty when the passage can be judged.
pub(super) fn reasons(passage: &Passage, profile: &Profile) -> Vec<NotAssessable> {
    let mut found = Vec::new();
    match passage.axles.len() {
        0 | 1 => found.push(NotAssessable::TooFewAxles),
        2..=MAX_AXLES => {}
        _ => found.push(NotAssessable::TooManyAxles),
    }
    for axle in &passage.axles {
        of_axle(axle, profile, &mut found);
    }
    if exceeds_length(passage) {
        found.push(NotAssessable::SpacingsExceedLength);
    }
    found.extend(passage.flags.iter().copied().filter_map(of_flag));
    found.sort_unstable();
    found.dedup();
    found
}

fn of_axle(axle: &Axle, profile: &Profile, found: &mut Vec<NotAssessable>) {
    match axle.load_kg {
        None => found.push(NotAssessable::LoadMissing),
        Some(load) if load.0 == 0 => found.push(NotAssessable::LoadZero),
        Some(load) if load > profile.plausibility.axle_max => {
            found.push(NotAssessable::LoadImplausible);
        }
        Some(_) => {}
    }
    if let (Some(left), Some(right)) = (axle.left_kg, axle.right_kg) {
        let (light, heavy) = (left.0.min(right.0), left.0.max(right.0));
        let bound = u64::from(light) * u64::from(profile.plausibility.side_ratio_max);
        if u64::from(heavy) > bound {
            found.push(NotAssessable::SidesImplausible);
        }
    }
    if axle.spacing_mm.is_some_and(|spacing| spacing.0 == 0) {
        found.push(NotAssessable::SpacingZero);
    }
}

fn exceeds_length(passage: &Passage) -> bool {
    let spacings: u64 = passage
        .axles
        .iter()
        .skip(1)
        .filter_map(|axle| axle.spacing_mm)
        .map(|spacing| u64::from(spacing.0))
        .sum();
    passage.length_mm.is_some_and(|length| spacings > u64::from(length.0))
}

const fn of_flag(flag: QualityFlag) -> Option<NotAssessable> {
    match flag {
        QualityFlag::MissingAxle => Some(NotAssessable::MissingAxle),
        QualityFlag::SurplusAxle => Some(NotAssessable::SurplusAxle),
        QualityFlag::AxleCrcMismatch => Some(NotAssessable::AxleCrcMismatch),
        QualityFlag::BeginMissing => Some(NotAssessable::BeginMissing),
        QualityFlag::EndMissing => Some(NotAssessable::EndMissing),
        QualityFlag::Straddling => Some(NotAssessable::Straddling),
        QualityFlag::OffScale => Some(NotAssessable::OffScale),
        QualityFlag::Tailgating => Some(NotAssessable::Tailgating),
        QualityFlag::AxlesOutOfOrder => Some(NotAssessable::AxlesOutOfOrder),
        QualityFlag::BeginContradicted => Some(NotAssessable::BeginContradicted),
        QualityFlag::LaneUnmapped => Some(NotAssessable::LaneUnmapped),
        QualityFlag::StopAndGo
        | QualityFlag::Braking
        | QualityFlag::Accelerating
        | QualityFlag::SDriving
        | QualityFlag::SensorFault
        | QualityFlag::SpeedOutOfRange
        | QualityFlag::GrossDisagrees
        | QualityFlag::LengthDisagrees
        | QualityFlag::TimeUnmapped
        | QualityFlag::UnknownRemark => None,
    }
}
