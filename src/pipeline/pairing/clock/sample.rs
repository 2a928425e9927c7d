//! What single events teach about a camera's clock, and what many of them say together.

use super::super::estimate::median_and_spread;
use crate::clock::Timestamp;
use crate::pipeline::plate::{CameraStamp, StampPrecision, ZoneBasis};

/// Bounds of the spread: never below what a frame at 25 frames per second is off, never above
/// what would pair anything with anything.
pub(super) const LEAST_SPREAD: i64 = 40_000;
pub(super) const LEAST_LATENCY_SPREAD: i64 = 80_000;
pub(super) const MOST_SPREAD: i64 = 600_000;

/// One event of the camera as its clock sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pipeline) struct Tick {
    /// When it was received.
    pub(in crate::pipeline) received_at: Timestamp,
    /// The camera's stamp, when its zone is believed.
    pub(super) stamp: Option<Timestamp>,
    /// Whole seconds only.
    pub(super) coarse: bool,
}

impl Tick {
    /// What of an event concerns the clock.
    pub(in crate::pipeline) fn new(stamp: Option<&CameraStamp>, received_at: Timestamp) -> Self {
        let usable = stamp.filter(|stamp| stamp.zone != ZoneBasis::Suspect);
        Self {
            received_at,
            stamp: usable.map(|stamp| stamp.at),
            coarse: usable.is_some_and(|stamp| stamp.precision == StampPrecision::Second),
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sample {
    pub(super) received_at: Timestamp,
    /// Stamp minus expected instant, microseconds.
    pub(super) offset: Option<i64>,
    /// Receipt minus expected instant, microseconds.
    pub(super) latency: i64,
    pub(super) coarse: bool,
}

/// What the samples say together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Estimate {
    /// Stamp minus instant, and its spread.
    pub(super) offset: Option<(i64, i64)>,
    /// Receipt minus instant, and its spread.
    pub(super) latency: Option<(i64, i64)>,
}

/// Medians and spreads; `None` without samples.
pub(super) fn estimate(samples: &[Sample]) -> Option<Estimate> {
    let mut latencies: Vec<i64> = samples.iter().map(|sample| sample.latency).collect();
    let mut offsets: Vec<i64> = samples.iter().filter_map(|sample| sample.offset).collect();
    let (latency, latency_spread) = median_and_spread(&mut latencies)?;
    Some(Estimate {
        offset: median_and_spread(&mut offsets)
            .map(|(offset, spread)| (offset, spread.clamp(LEAST_SPREAD, MOST_SPREAD))),
        latency: Some((latency, latency_spread.clamp(LEAST_LATENCY_SPREAD, MOST_SPREAD))),
    })
}
