//! Whether the scale in a lane still weighs as it did after its calibration, told from ordinary
//! traffic: by the mean load of the steering axles of five- and six-axle tractors, and by the
//! share of it that the left wheels carry.
//!
//! In: sealed measurements. Out: the state of the lane. Only tractors are steady enough
//! (scales.md section 3: 5.44 t with a coefficient of variation of 0.19 and 0.205), and even of
//! them one says nothing: a cumulative sum over many does ([`chart`]). What the traffic after the
//! calibration weighed is what it is held against; a calibration of ours, or a changed calibration
//! counter of the controller, begins anew.

mod chart;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::assess::Assessment;
use super::limits::VehicleKind;
use super::passage::{Direction, Passage};
use super::record::Unenforceable;
use crate::units::{Kilograms, PartsPerMillion};
use chart::Chart;
pub use chart::{FIRST_LIMIT, SECOND_LIMIT};

/// The left share is charted in units of this part of one, like a load of so many kilograms.
const SHARE: u64 = 100_000;

/// How a lane stands.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum DriftState {
    /// Too few tractors since the calibration to hold others against them.
    #[default]
    Learning,
    /// Nothing is seen.
    Steady,
    /// Beyond the first limit: somebody should look. It ends by itself when the traffic does.
    Warning,
    /// Beyond the second limit: what is weighed is good for statistics and for no case, until the
    /// scale is calibrated.
    Statistics,
}

/// What is measured, with what it was after the calibration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChartStatus {
    /// Mean after the calibration; `None` while learning.
    pub baseline: Option<u64>,
    /// Its spread (standard deviation), against the mean; `None` while learning.
    pub spread_ppm: Option<PartsPerMillion>,
    /// Mean of about the last 400 tractors against it; `None` while learning.
    pub deviation_ppm: Option<PartsPerMillion>,
}

/// The watch of a lane as `status` shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DriftStatus {
    /// How it stands.
    pub state: DriftState,
    /// Tractors since the calibration.
    pub tractors: u64,
    /// Steering axle, kilograms.
    pub steering_kg: ChartStatus,
    /// Left wheels' share of it, in hundred-thousandths.
    pub left_share: ChartStatus,
}

/// What is kept of it over a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KnownDrift {
    /// Calibration counter of the controller that weighed.
    scale_count: Option<u64>,
    tractors: u64,
    steering: Chart,
    share: Chart,
    /// Past the second limit since the calibration.
    lowered: bool,
}

/// The watch of one lane.
#[derive(Clone, Debug, Default)]
pub(super) struct DriftWatch {
    known: KnownDrift,
    changed: bool,
}

impl DriftWatch {
    /// Takes a measurement in; the state before and after it when they differ.
    pub(super) fn take(
        &mut self,
        passage: &Passage,
        assessment: &Assessment,
        against: &[Unenforceable],
    ) -> Option<(DriftState, DriftState)> {
        let (load, share) = steering(passage, assessment, against)?;
        if let Some(scale) = &passage.scale {
            if self.known.tractors > 0 && self.known.scale_count != scale.calibration_count {
                self.begin_anew();
            }
            self.known.scale_count = scale.calibration_count;
        }
        let before = self.state();
        self.changed = true;
        let known = &mut self.known;
        known.tractors += 1;
        known.steering.take(u64::from(load.0));
        if let Some(share) = share {
            known.share.take(share);
        }
        known.lowered |= known.steering.is_far() || known.share.is_far();
        let after = self.state();
        (before != after).then_some((before, after))
    }

    /// The scale was calibrated: the traffic that comes is the new baseline.
    pub(super) fn begin_anew(&mut self) {
        *self = Self { known: KnownDrift::default(), changed: true };
    }

    pub(super) fn state(&self) -> DriftState {
        let known = &self.known;
        if known.lowered {
            DriftState::Statistics
        } else if known.steering.is_off() || known.share.is_off() {
            DriftState::Warning
        } else if known.steering.is_learning() {
            DriftState::Learning
        } else {
            DriftState::Steady
        }
    }

    pub(super) fn status(&self) -> DriftStatus {
        DriftStatus {
            state: self.state(),
            tractors: self.known.tractors,
            steering_kg: self.known.steering.status(),
            left_share: self.known.share.status(),
        }
    }

    /// What is to be kept, when it has changed since this was last asked.
    pub(super) fn take_known(&mut self) -> Option<KnownDrift> {
        std::mem::take(&mut self.changed).then(|| self.known.clone())
    }

    pub(super) fn recall(&mut self, known: KnownDrift) {
        self.known = known;
    }
}

/// Load of the steering axle and the left wheels' share of it, where this is a tractor with five
/// or six axles that was weighed as it should be.
fn steering(
    passage: &Passage,
    assessment: &Assessment,
    against: &[Unenforceable],
) -> Option<(Kilograms, Option<u64>)> {
    let tractor = matches!(passage.axles.len(), 5 | 6)
        && assessment.readings.iter().any(|reading| reading.vehicle == VehicleKind::Articulated);
    let sound = passage.direction != Direction::AgainstTraffic
        && !against.iter().any(|one| one.concerns_measurement());
    let axle = passage.axles.first().filter(|_| tractor && sound)?;
    let load = axle.load_kg.filter(|load| load.0 > 0)?;
    let share = axle.left_kg.zip(axle.right_kg).and_then(|(left, right)| {
        let both = u64::from(left.0) + u64::from(right.0);
        (u64::from(left.0) * SHARE).checked_div(both)
    });
    Some((load, share))
}

#[cfg(test)]
mod tests;
