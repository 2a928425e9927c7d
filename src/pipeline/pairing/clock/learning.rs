//! How a clock is learnt: by votes until they agree, then by the pairings themselves.

use super::super::estimate::densest;
use super::sample::{Sample, Tick, estimate};
use super::{AGREEMENT, CameraClock, ODD_IN_A_ROW, WHOLE_SECOND};
use crate::clock::Timestamp;

/// Length of an epoch: longer than a window, so that the one before last is complete.
const EPOCH_US: i64 = 7_000_000;
/// A passage may have caused an event that was received in this span around its instant.
const CAUSE: std::ops::RangeInclusive<i64> = -1_000_000..=5_000_000;
/// Agreeing votes that teach a clock, and how many times the strongest rival they must be.
const ENOUGH_VOTES: usize = 6;
const RIVAL_FACTOR: usize = 2;
/// Vehicles in a row without an event of a camera that sends some: with one plate in ten missed,
/// once in 100 000 vehicles by chance.
const MISSES_IN_A_ROW: u8 = 5;
/// Votes and samples kept, and samples that make an estimate.
const MAX_VOTES: usize = 256;
const ESTIMATE_OVER: usize = 32;

impl CameraClock {
    /// A passage is settled: learns from the event that was paired to it, or, before anything is
    /// learnt, from every event that it could have caused.
    pub(in crate::pipeline) fn learn(&mut self, expected: Timestamp, paired: Option<Tick>) {
        if self.following {
            match paired {
                Some(tick) => self.confirm(expected, tick),
                None => self.miss(expected),
            }
            return;
        }
        for index in 0..self.recent.len() {
            let sample = self.recent[index].sample(expected);
            if CAUSE.contains(&sample.latency) {
                self.keep(sample);
            }
        }
    }

    /// A clear pairing: a sample, or, when stamp and receipt disagree and the vehicle was where the
    /// receipt says, a sign that the clock was set.
    fn confirm(&mut self, expected: Timestamp, tick: Tick) {
        self.misses = 0;
        let by_stamp = self.by_stamp(tick).map(|(at, _)| at);
        let odd = by_stamp.filter(|at| self.oddness(tick, *at).is_some());
        let set = odd.is_some_and(|at| {
            let second = if tick.coarse { WHOLE_SECOND } else { 0 };
            at.since(expected).0.saturating_abs() > AGREEMENT + second
        });
        self.steps = if set { self.steps + 1 } else { 0 };
        if self.steps >= ODD_IN_A_ROW {
            self.restart();
        } else if !set {
            self.keep(tick.sample(expected));
        }
    }

    /// A vehicle without event although the camera is alive: so many in a row, and what was learnt
    /// is wrong, such as by one vehicle.
    fn miss(&mut self, expected: Timestamp) {
        let alive = |tick: &Tick| CAUSE.contains(&tick.received_at.since(expected).0);
        if !self.recent.iter().rev().take(4).any(alive) {
            return;
        }
        self.misses += 1;
        if self.misses >= MISSES_IN_A_ROW {
            self.restart();
        }
    }

    fn keep(&mut self, sample: Sample) {
        let place = self.samples.partition_point(|kept| *kept <= sample);
        self.samples.insert(place, sample);
        if self.samples.len() > MAX_VOTES {
            self.samples.remove(0);
        }
    }

    pub(super) fn put_in_force(&mut self, epoch: i64) {
        if self.epoch == Some(epoch) {
            return;
        }
        self.epoch = Some(epoch);
        let ripe = self
            .samples
            .partition_point(|sample| epoch_of(sample.received_at) <= epoch.saturating_sub(2));
        if !self.following && !self.follow(ripe) {
            return;
        }
        let ripe = ripe.min(self.samples.len());
        let used = &self.samples[ripe.saturating_sub(ESTIMATE_OVER)..ripe];
        if let Some(estimate) = estimate(used) {
            self.in_force = estimate;
        }
    }

    /// Looks for an offset on which the votes agree; keeps only those that do.
    fn follow(&mut self, ripe: usize) -> bool {
        let votes = &self.samples[..ripe];
        let stamped = votes.iter().filter(|vote| vote.offset.is_some()).count();
        let by_stamp = stamped * 2 > votes.len();
        let coarse = by_stamp && votes.iter().any(|vote| vote.coarse);
        let of = move |vote: &Sample| {
            if by_stamp { vote.offset } else { Some(vote.latency) }
        };
        let mut values: Vec<i64> = votes.iter().filter_map(of).collect();
        values.sort_unstable();
        let width = AGREEMENT + if coarse { WHOLE_SECOND } else { 0 };
        let Some(cluster) = densest(&values, width) else {
            return false;
        };
        if cluster.count < ENOUGH_VOTES || cluster.count < RIVAL_FACTOR * cluster.rival {
            return false;
        }
        self.samples
            .retain(|vote| of(vote).is_some_and(|v| (cluster.low..=cluster.high).contains(&v)));
        self.following = true;
        true
    }
}

/// The epoch of an instant.
pub(super) fn epoch_of(instant: Timestamp) -> i64 {
    instant.0.div_euclid(EPOCH_US)
}
