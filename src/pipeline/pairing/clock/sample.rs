//! What single events teach about a camera's clock, and what many of them say together.

use serde::{Deserialize, Serialize};

use super::super::estimate::median_and_spread;
use super::drift::Drift;
use crate::clock::Timestamp;
use crate::pipeline::plate::{PlateRead, StampPrecision, ZoneBasis};

/// Bounds of the spread: never below what a frame at 25 frames per second is off, never above
/// what would pair anything with anything.
pub(super) const LEAST_SPREAD: i64 = 40_000;
pub(super) const LEAST_LATENCY_SPREAD: i64 = 80_000;
pub(super) const MOST_SPREAD: i64 = 600_000;

/// One passage as the camera should see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::pipeline) struct Crossing {
    /// When the passage was received.
    pub(in crate::pipeline) received_at: Timestamp,
    /// When the camera should have seen the vehicle.
    pub(in crate::pipeline) expected: Timestamp,
}

/// One event of the camera as its clock sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::pipeline) struct Tick {
    /// When it was received.
    pub(in crate::pipeline) received_at: Timestamp,
    /// The camera's stamp. One that is hours off is still a clock, once it is learnt by how much.
    pub(super) stamp: Option<Timestamp>,
    /// Whole seconds only.
    pub(super) coarse: bool,
    /// Its zone is not believed: before it is learnt it tells nothing.
    pub(super) suspect: bool,
}

impl Tick {
    /// What of an event concerns the clock.
    pub(in crate::pipeline) fn of(read: &PlateRead) -> Self {
        let stamp = read.stamp.as_ref();
        Self {
            received_at: read.received_at,
            stamp: stamp.map(|stamp| stamp.at),
            coarse: stamp.is_some_and(|stamp| stamp.precision == StampPrecision::Second),
            suspect: stamp.is_some_and(|stamp| stamp.zone == ZoneBasis::Suspect),
        }
    }

    /// What it teaches, if a vehicle expected then caused it.
    pub(super) fn sample(self, expected: Timestamp) -> Sample {
        Sample {
            received_at: self.received_at,
            offset: self.stamp.map(|stamp| stamp.since(expected).0),
            latency: self.received_at.since(expected).0,
            coarse: self.coarse,
        }
    }
}

/// What one event teaches; ordered by receipt, so that the order of settling does not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Sample {
    pub(super) received_at: Timestamp,
    /// Stamp minus expected instant, microseconds.
    pub(super) offset: Option<i64>,
    /// Receipt minus expected instant, microseconds.
    pub(super) latency: i64,
    pub(super) coarse: bool,
}

/// What the samples say together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Estimate {
    /// Stamp minus instant, and its spread.
    pub(super) offset: Option<(i64, i64)>,
    /// Receipt minus instant, and its spread.
    pub(super) latency: Option<(i64, i64)>,
    /// How the offset changes; `None` until pairings over half an hour tell.
    pub(super) drift: Option<Drift>,
}

/// Medians and spreads; `None` without samples. Few samples tell little of the spread, so it is
/// widened: by three quarters for four, by a tenth for thirty.
pub(super) fn estimate(samples: &[Sample]) -> Option<Estimate> {
    let mut values: Vec<i64> = samples.iter().map(|sample| sample.latency).collect();
    let (latency, latency_spread) = median_and_spread(&mut values)?;
    values.clear();
    values.extend(samples.iter().filter_map(|sample| sample.offset));
    let count = i64::try_from(samples.len()).unwrap_or(i64::MAX).max(1);
    let widened = |spread: i64, least: i64| {
        let least = spread.max(least);
        (least + least.saturating_mul(3) / count).min(MOST_SPREAD)
    };
    Some(Estimate {
        offset: median_and_spread(&mut values)
            .map(|(offset, spread)| (offset, widened(spread, LEAST_SPREAD))),
        latency: Some((latency, widened(latency_spread, LEAST_LATENCY_SPREAD))),
        drift: None,
    })
}
