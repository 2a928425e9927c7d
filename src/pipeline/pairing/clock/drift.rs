//! How fast a camera's clock runs away: from clear pairings that are minutes and hours apart.
//!
//! One pairing every two minutes is kept. Each of the older half is held against its counterpart in
//! the younger half, and the median of these slopes is the drift: up to a quarter of the pairings may
//! be anything. What it follows from is a set, so the order in which it grew changes nothing.

use serde::{Deserialize, Serialize};

use super::super::estimate::median;
use super::learning::epoch_of;
use super::sample::Sample;
use crate::clock::Timestamp;

/// One pairing in each span of this length is kept, so many of them: two hours.
const STEP_US: i64 = 120_000_000;
const KEPT: usize = 64;
/// Fewest pairings, and shortest time between the first and the last, that tell a drift: stamps of
/// whole seconds scatter by 0.29 s, which over half an hour and eight slopes is 60 ppm.
const LEAST_KEPT: usize = 16;
const LEAST_SPAN_US: i64 = 1_800_000_000;
/// No clock runs away faster, parts per billion: crystals stay below 100 ppm. Our choice.
const MOST_PPB: i64 = 500_000;

/// How fast a clock runs away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Drift {
    /// Microseconds in a thousand seconds of our time.
    pub(super) ppb: i64,
    /// When the offset was as the estimate says.
    pub(super) from: Timestamp,
}

impl Drift {
    /// By how much the offset has changed until then.
    pub(super) fn until(self, at: Timestamp) -> i64 {
        let moved = i128::from(at.since(self.from).0) * i128::from(self.ppb) / 1_000_000_000;
        i64::try_from(moved).unwrap_or(0)
    }
}

/// Offsets over the last hours, in order of receipt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Course(Vec<(Timestamp, i64)>);

impl Course {
    /// Takes in a clear pairing.
    pub(super) fn note(&mut self, sample: &Sample) {
        let Some(offset) = sample.offset else {
            return;
        };
        let new = (sample.received_at, offset);
        let slot = |point: &(Timestamp, i64)| point.0.0.div_euclid(STEP_US);
        match self.0.binary_search_by_key(&slot(&new), slot) {
            Ok(place) => self.0[place] = self.0[place].min(new),
            Err(place) => self.0.insert(place, new),
        }
        if self.0.len() > KEPT {
            self.0.remove(0);
        }
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The drift that pairings up to this epoch tell, parts per billion.
    pub(super) fn ppb(&self, last_epoch: i64) -> Option<i64> {
        let ripe = self.0.partition_point(|(at, _)| epoch_of(*at) <= last_epoch);
        let points = &self.0[..ripe];
        let span = points.last()?.0.since(points.first()?.0).0;
        if points.len() < LEAST_KEPT || span < LEAST_SPAN_US {
            return None;
        }
        let (older, younger) = points.split_at(points.len() / 2);
        let slope = |((from, old), (to, new)): (&(Timestamp, i64), &(Timestamp, i64))| {
            let moved = new.saturating_sub(*old).saturating_mul(1_000_000_000);
            moved.checked_div(to.since(*from).0)
        };
        let mut slopes = Vec::with_capacity(older.len());
        slopes.extend(older.iter().zip(younger).filter_map(slope));
        let drift = median(&mut slopes)?;
        (drift.saturating_abs() <= MOST_PPB).then_some(drift)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A clock that gains `ppm`, with every fifth pairing off by seconds.
    fn course(ppm: i64, minutes: i64) -> Course {
        let mut course = Course::default();
        for minute in 0..minutes {
            let wild = if minute % 5 == 0 { 3_000_000 } else { 0 };
            course.note(&Sample {
                received_at: Timestamp(minute * 60_000_000),
                offset: Some(minute * 60 * ppm + wild),
                latency: 0,
                coarse: false,
            });
        }
        course
    }

    #[test]
    fn a_drift_is_told_despite_outliers_and_not_before_half_an_hour() {
        assert_eq!(course(50, 120).ppb(i64::MAX), Some(50_000));
        assert_eq!(course(-40, 120).ppb(i64::MAX), Some(-40_000));
        assert_eq!(course(50, 29).ppb(i64::MAX), None);
        assert_eq!(course(5_000, 120).ppb(i64::MAX), None);
    }

    #[test]
    fn the_order_of_the_pairings_changes_nothing() {
        let whole = course(50, 120);
        let mut turned = Course::default();
        for (received_at, offset) in whole.0.iter().rev() {
            let (received_at, offset) = (*received_at, Some(*offset));
            turned.note(&Sample { received_at, offset, latency: 0, coarse: false });
        }
        assert_eq!(turned, whole);
    }

    #[test]
    fn the_offset_goes_on_with_the_drift() {
        let drift = Drift { ppb: 50_000, from: Timestamp(0) };
        assert_eq!(drift.until(Timestamp(3_600_000_000)), 180_000);
        assert_eq!(drift.until(Timestamp(-3_600_000_000)), -180_000);
    }
}
