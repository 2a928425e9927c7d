//! The clock of one camera over one lane, learnt from the traffic.
//!
//! In: every event's stamp and receipt, and which passages could have caused it. Out: when the
//! event happened in our time, how exactly, and whether that may be relied on. Until learnt,
//! receipt minus a usual latency stands in. What is in force for an event follows from events at
//! least one epoch older, so the order in which a window's inputs arrive changes nothing.

mod learning;
mod sample;

use std::collections::VecDeque;

use crate::clock::Timestamp;
use crate::units::Micros;
use learning::epoch_of;
use sample::{Estimate, MOST_SPREAD, Sample};

pub(in crate::pipeline) use sample::Tick;

/// Receipt after the instant, before anything is learnt: logs show 1.2 s and more
/// (cameras.md 2.6), direct pushes less; and its spread.
const USUAL_LATENCY: i64 = 1_000_000;
const UNLEARNT_SPREAD: i64 = 1_000_000;
/// Width of agreement: good cameras jitter by 150 ms; whole seconds add one second.
const AGREEMENT: i64 = 400_000;
const WHOLE_SECOND: i64 = 1_000_000;
/// Standard deviation of an instant of which only the second is known: 1/√12 s.
const SECOND_SPREAD: i64 = 289_000;
/// Events kept from which an unlearnt clock may have its votes.
const MAX_RECENT: usize = 64;
/// Stamp and receipt that disagree by more than this (or six spreads) are odd; so many odd ones
/// in a row that agree among themselves, or so many pairings, are a step of the clock.
const ODD: i64 = 800_000;
const ODD_IN_A_ROW: u8 = 3;
/// Longest that a live event is held up on its way; older ones are marked late by the door.
const LONGEST_DELAY: i64 = 30_000_000;
/// Age at receipt of a stamp that is likely right, and how exactly. Our choice.
const LIKELY_AGE: std::ops::RangeInclusive<i64> = 0..=4_000_000;
const LIKELY_SPREAD: i64 = 250_000;

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
    in_doubt: bool,
    /// Pairings in a row that speak for a step.
    steps: u8,
    /// Vehicles in a row that got no event, though the camera sent some.
    misses: u8,
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
        let by_receipt = self.by_receipt(tick);
        let Some((by_stamp, spread)) = self.by_stamp(tick) else {
            return self.locate_unlearnt(tick, by_receipt);
        };
        if let Some(behind) = self.oddness(tick, by_stamp) {
            return self.locate_odd(behind, by_receipt, by_stamp);
        }
        (self.odd, self.in_doubt) = (0, false);
        // inside the second that the stamp names, the receipt is the better clock
        let inside = by_receipt.since(by_stamp).0.saturating_abs() <= WHOLE_SECOND / 2 + spread;
        let (at, spread) = match (tick.coarse, inside) {
            (false, _) => (by_stamp, spread),
            (true, true) => (by_receipt, self.latency_in_force().1),
            (true, false) => (by_stamp, SECOND_SPREAD),
        };
        Located { at, or_at: None, spread: Micros(spread), trusted: true }
    }

    /// Before anything was ever learnt a stamp from just before its receipt is taken to be right:
    /// most cameras are kept in time. Not after a restart, when this one has shown that it is not.
    fn locate_unlearnt(&self, tick: Tick, by_receipt: Timestamp) -> Located {
        let age = |stamp: &Timestamp| tick.received_at.since(*stamp).0;
        let likely = tick
            .stamp
            .filter(|stamp| self.in_force.latency.is_none() && LIKELY_AGE.contains(&age(stamp)));
        let spread = match likely {
            Some(_) if tick.coarse => SECOND_SPREAD,
            Some(_) => LIKELY_SPREAD,
            None => self.latency_in_force().1,
        };
        Located {
            at: likely.unwrap_or(by_receipt),
            or_at: None,
            spread: Micros(spread),
            trusted: self.following && tick.stamp.is_none(),
        }
    }

    fn latency_in_force(&self) -> (i64, i64) {
        let usual = (USUAL_LATENCY, UNLEARNT_SPREAD);
        self.in_force.latency.unwrap_or(usual)
    }

    fn by_receipt(&self, tick: Tick) -> Timestamp {
        tick.received_at + Micros(self.latency_in_force().0.saturating_neg())
    }

    /// Stamp less the offset in force, and its spread.
    fn by_stamp(&self, tick: Tick) -> Option<(Timestamp, i64)> {
        let (stamp, (offset, spread)) = tick.stamp.zip(self.in_force.offset)?;
        Some((stamp + Micros(offset.saturating_neg()), spread))
    }

    /// How much later than usual it was received, when stamp and receipt disagree.
    fn oddness(&self, tick: Tick, by_stamp: Timestamp) -> Option<i64> {
        let second = if tick.coarse { WHOLE_SECOND } else { 0 };
        let bound = ODD.max(6 * self.latency_in_force().1) + second;
        let behind = self.by_receipt(tick).since(by_stamp).0;
        (behind.saturating_abs() > bound).then_some(behind)
    }

    /// Stamp and receipt disagree: an event held up on its way, or a clock that was set. An event
    /// cannot be received before it happened nor be held up for long, so far too early and far too
    /// late ones that agree among themselves are a step; of the others only the pairings tell.
    fn locate_odd(&mut self, behind: i64, by_receipt: Timestamp, by_stamp: Timestamp) -> Located {
        let held_up = (0..=LONGEST_DELAY).contains(&behind);
        if held_up {
            self.in_doubt = true;
        } else {
            let agrees = behind.saturating_sub(self.deviation).saturating_abs() <= WHOLE_SECOND;
            self.odd = if self.odd > 0 && agrees { self.odd + 1 } else { 1 };
            self.deviation = behind;
            if self.odd >= ODD_IN_A_ROW {
                self.restart();
            }
        }
        Located {
            at: by_receipt,
            or_at: held_up.then_some(by_stamp),
            spread: Micros(MOST_SPREAD / 2),
            trusted: false,
        }
    }

    /// Where an event that was in doubt belongs, now that a later one has removed the doubt: by
    /// its stamp when the clock runs on, by its receipt when it was set.
    pub(in crate::pipeline) fn without_doubt(&self, tick: Tick, doubtful: Located) -> Located {
        let (Some(_), Some((by_stamp, spread))) = (doubtful.or_at, self.by_stamp(tick)) else {
            return Located { or_at: None, ..doubtful };
        };
        Located { at: by_stamp, or_at: None, spread: Micros(spread), trusted: true }
    }

    /// Whether an event is open of which only later ones tell if the clock was set.
    pub(in crate::pipeline) fn in_doubt(&self) -> bool {
        self.in_doubt
    }

    /// Forgets the offset; the latency stays as the first guess.
    pub(in crate::pipeline) fn restart(&mut self) {
        self.following = false;
        self.samples.clear();
        (self.odd, self.steps, self.misses, self.in_doubt) = (0, 0, 0, false);
        self.restarts += 1;
        self.in_force.offset = None;
        if let Some((_, spread)) = &mut self.in_force.latency {
            *spread = MOST_SPREAD;
        }
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

    /// How often it was learnt anew since this was last asked.
    pub(in crate::pipeline) fn take_restarts(&mut self) -> u64 {
        std::mem::take(&mut self.restarts)
    }
}
