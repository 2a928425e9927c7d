//! The clock of one camera over one lane, learnt from the traffic.
//!
//! In: every event's stamp and receipt, and which passages could have caused it. Out: when the
//! event happened in our time, how exactly, and whether that may be relied on. Until learnt,
//! receipt minus a usual latency stands in. What is in force for an event follows from events at
//! least one epoch older, so the order in which a window's inputs arrive changes nothing.

mod sample;

use std::collections::VecDeque;

use super::estimate::densest;
use crate::clock::Timestamp;
use crate::units::Micros;
use sample::{Estimate, LEAST_SPREAD, MOST_SPREAD, Sample, estimate};

pub(in crate::pipeline) use sample::Tick;

/// Length of an epoch: longer than a window, so that the one before last is complete.
const EPOCH_US: i64 = 10_000_000;
/// Receipt after the instant, before anything is learnt: logs show 1.2 s and more
/// (cameras.md 2.6), direct pushes less; and its spread.
const USUAL_LATENCY: i64 = 1_000_000;
const UNLEARNT_SPREAD: i64 = 1_000_000;
/// A passage may have caused an event that was received in this span around its instant.
const CAUSE: std::ops::RangeInclusive<i64> = -1_000_000..=5_000_000;
/// Agreeing votes that teach a clock, and how many times the strongest rival they must be.
const ENOUGH_VOTES: usize = 6;
const RIVAL_FACTOR: usize = 2;
/// Width of agreement: good cameras jitter by 150 ms; whole seconds add one second.
const AGREEMENT: i64 = 400_000;
const WHOLE_SECOND: i64 = 1_000_000;
/// Votes and samples kept, and samples that make an estimate.
const MAX_VOTES: usize = 256;
const MAX_RECENT: usize = 64;
const ESTIMATE_OVER: usize = 32;
/// Stamp and receipt that disagree by more than this (or six spreads) are odd; so many odd ones
/// in a row that agree among themselves are a step of the clock.
const ODD: i64 = 800_000;
const ODD_IN_A_ROW: u8 = 3;

/// When an event happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pipeline) struct Located {
    /// In our time.
    pub(in crate::pipeline) at: Timestamp,
    /// Or then, while it is in doubt whether the event was held up or the clock was set.
    pub(in crate::pipeline) or_at: Option<Timestamp>,
    /// Standard deviation.
    pub(in crate::pipeline) spread: Micros,
    /// Whether it stands on something learnt and nothing speaks against it.
    pub(in crate::pipeline) trusted: bool,
}

/// What has been learnt of one camera over one lane.
#[derive(Clone, Debug, Default)]
pub(in crate::pipeline) struct CameraClock {
    following: bool,
    samples: Vec<Sample>,
    recent: VecDeque<Tick>,
    in_force: Estimate,
    epoch: Option<i64>,
    odd: u8,
    deviation: i64,
    restarts: u64,
}

impl CameraClock {
    /// Notes the event and says when it happened.
    pub(in crate::pipeline) fn locate(&mut self, tick: Tick) -> Located {
        if self.recent.len() == MAX_RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(tick);
        self.put_in_force(epoch_of(tick.received_at));
        let (latency, latency_spread) = self
            .in_force
            .latency
            .unwrap_or((USUAL_LATENCY, UNLEARNT_SPREAD));
        let by_receipt = tick.received_at + Micros(latency.saturating_neg());
        let Some((by_stamp, spread)) = self.by_stamp(tick) else {
            return Located {
                at: by_receipt,
                or_at: None,
                spread: Micros(latency_spread),
                trusted: self.following && tick.stamp.is_none(),
            };
        };
        let second = if tick.coarse { WHOLE_SECOND } else { 0 };
        let behind = by_receipt.since(by_stamp).0;
        if behind.saturating_abs() > ODD.max(6 * latency_spread) + second {
            return self.locate_odd(behind, second, by_receipt, by_stamp);
        }
        self.odd = 0;
        let half = Micros(second / 2 + LEAST_SPREAD);
        let (at, spread) = if tick.coarse {
            let (low, high) = (by_stamp + Micros(-half.0), by_stamp + half);
            (by_receipt.clamp(low, high.max(low)), latency_spread)
        } else {
            (by_stamp, spread)
        };
        Located {
            at,
            or_at: None,
            spread: Micros(spread),
            trusted: true,
        }
    }

    /// Stamp less the offset in force, and its spread.
    fn by_stamp(&self, tick: Tick) -> Option<(Timestamp, i64)> {
        let (stamp, (offset, spread)) = tick.stamp.zip(self.in_force.offset)?;
        Some((stamp + Micros(offset.saturating_neg()), spread))
    }

    /// Stamp and receipt disagree: an event held up on its way, or a clock that was set. Which of
    /// the two only the next events tell.
    fn locate_odd(
        &mut self,
        behind: i64,
        second: i64,
        by_receipt: Timestamp,
        by_stamp: Timestamp,
    ) -> Located {
        let agrees = behind.saturating_sub(self.deviation).saturating_abs() <= AGREEMENT + second;
        let goes_on = self.odd > 0 && agrees;
        self.odd = if goes_on { self.odd + 1 } else { 1 };
        self.deviation = behind;
        if self.odd >= ODD_IN_A_ROW {
            self.restart();
        }
        Located {
            at: by_receipt,
            // an event cannot be received before it happened
            or_at: (self.following && behind > 0).then_some(by_stamp),
            spread: Micros(MOST_SPREAD / 2),
            trusted: false,
        }
    }

    /// Where an event that was in doubt belongs, now that a later one has removed the doubt: by
    /// its stamp when the clock runs on, by its receipt when it was set.
    pub(in crate::pipeline) fn without_doubt(&self, tick: Tick, doubtful: Located) -> Located {
        let (Some(_), Some((by_stamp, spread))) = (doubtful.or_at, self.by_stamp(tick)) else {
            return Located {
                or_at: None,
                ..doubtful
            };
        };
        Located {
            at: by_stamp,
            or_at: None,
            spread: Micros(spread),
            trusted: true,
        }
    }

    /// Whether the last event left it in doubt if the clock was set.
    pub(in crate::pipeline) fn in_doubt(&self) -> bool {
        self.odd > 0
    }

    /// Forgets the offset; the latency stays as the first guess.
    pub(in crate::pipeline) fn restart(&mut self) {
        self.following = false;
        self.samples.clear();
        self.odd = 0;
        self.restarts += 1;
        self.in_force.offset = None;
        if let Some((_, spread)) = &mut self.in_force.latency {
            *spread = MOST_SPREAD;
        }
    }

    /// A passage is settled: learns from the event that was paired to it, or, before anything is
    /// learnt, from every event that it could have caused.
    pub(in crate::pipeline) fn learn(&mut self, expected: Timestamp, paired: Option<Tick>) {
        if self.following {
            if let Some(tick) = paired {
                self.keep(tick.sample(expected));
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

    fn keep(&mut self, sample: Sample) {
        let place = self.samples.partition_point(|kept| *kept <= sample);
        self.samples.insert(place, sample);
        if self.samples.len() > MAX_VOTES {
            self.samples.remove(0);
        }
    }

    fn put_in_force(&mut self, epoch: i64) {
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
            if by_stamp {
                vote.offset
            } else {
                Some(vote.latency)
            }
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

    /// Whether it has been learnt.
    pub(in crate::pipeline) fn is_learnt(&self) -> bool {
        self.following
    }

    /// Stamp minus instant in force.
    pub(in crate::pipeline) fn offset(&self) -> Option<Micros> {
        self.in_force.offset.map(|(offset, _)| Micros(offset))
    }

    /// Receipt minus instant in force.
    pub(in crate::pipeline) fn latency(&self) -> Option<Micros> {
        self.in_force.latency.map(|(latency, _)| Micros(latency))
    }

    /// Spread in force.
    pub(in crate::pipeline) fn spread(&self) -> Micros {
        let known = self.in_force.offset.or(self.in_force.latency);
        Micros(known.map_or(UNLEARNT_SPREAD, |(_, spread)| spread))
    }

    /// How often it was learnt anew.
    pub(in crate::pipeline) fn restarts(&self) -> u64 {
        self.restarts
    }
}

fn epoch_of(instant: Timestamp) -> i64 {
    instant.0.div_euclid(EPOCH_US)
}
