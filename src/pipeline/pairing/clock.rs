//! The clock of one camera over one lane, learnt from the traffic.
//!
//! In: every event's stamp and receipt, and every passage that could have caused one. Out: when
//! an event happened in our time, how exactly, and what that stands on. Until learnt, receipt
//! minus a usual latency stands in, and nothing that rests on it is ever a clear pairing. What is
//! in force for an event follows from events at least one epoch older, so the order in which a
//! window's inputs arrive changes nothing.

mod drift;
mod evidence;
pub(in crate::pipeline) mod known;
mod learning;
mod placing;
mod recent;
mod sample;
mod shift;

use crate::clock::Timestamp;
use crate::units::Micros;
use drift::Course;
use learning::epoch_of;
use recent::Recent;
use sample::{Estimate, MOST_SPREAD, Sample};
use shift::Strains;

pub(in crate::pipeline) use placing::{Located, Standing};
pub(in crate::pipeline) use sample::{Crossing, Tick};

/// Receipt after the instant, before anything is learnt: logs show 1.2 s and more
/// (cameras.md 2.6), direct pushes less; and its spread.
const USUAL_LATENCY: i64 = 1_000_000;
const UNLEARNT_SPREAD: i64 = 1_000_000;
/// Width of agreement: good cameras jitter by 150 ms; whole seconds add one second.
const AGREEMENT: i64 = 400_000;
const WHOLE_SECOND: i64 = 1_000_000;
/// Stamp and receipt that disagree by more than this (or six spreads) are odd; so many odd ones
/// in a row that agree among themselves, or so many pairings, are a step of the clock.
const ODD: i64 = 800_000;
const ODD_IN_A_ROW: u8 = 3;
/// Longest that a live event is held up on its way, as by a restart of ours; older ones are marked
/// late by the door.
const LONGEST_DELAY: i64 = 600_000_000;
/// What has been learnt of one camera over one lane.
#[derive(Clone, Debug, Default)]
pub(in crate::pipeline) struct CameraClock {
    following: bool,
    /// Not following, but what is in force was learnt some time ago.
    guessing: bool,
    samples: Vec<Sample>,
    course: Course,
    ticks: Recent<Tick>,
    crossings: Recent<Crossing>,
    in_force: Estimate,
    epoch: Option<i64>,
    odd: u8,
    deviation: i64,
    in_doubt: bool,
    /// Pairings in a row that speak for a step.
    steps: u8,
    /// Vehicles in a row that got no event, though the camera sent some.
    misses: u8,
    strains: Strains,
    restarts: u64,
    /// Counts what moves events that were placed before: learning and forgetting.
    generation: u64,
    /// What it has learnt since it was last written down.
    unwritten: usize,
}

impl CameraClock {
    /// Notes an event.
    pub(in crate::pipeline) fn observe(&mut self, tick: Tick) {
        let is_new = self.ticks.note(tick);
        self.unwritten += usize::from(is_new && !self.following);
        self.put_in_force(epoch_of(tick.received_at));
        let Some((by_stamp, _)) = self.by_stamp(tick).filter(|_| self.following) else {
            return;
        };
        match self.oddness(tick, by_stamp) {
            Some(behind) => self.note_odd(behind),
            None => (self.odd, self.in_doubt) = (0, false),
        }
    }

    /// Notes a passage that the camera should see.
    pub(in crate::pipeline) fn expect(&mut self, crossing: Crossing) {
        let is_new = self.crossings.note(crossing);
        self.unwritten += usize::from(is_new && !self.following);
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
        let (_, spread) = self.in_force.offset?;
        Some((self.instant_of(tick.stamp?)?, spread))
    }

    /// When it was in our time, when this clock showed that.
    pub(in crate::pipeline) fn instant_of(&self, stamp: Timestamp) -> Option<Timestamp> {
        let (offset, _) = self.in_force.offset?;
        let about = stamp + Micros(offset.saturating_neg());
        let drifted = self.in_force.drift.map_or(0, |drift| drift.until(about));
        Some(about + Micros(drifted.saturating_neg()))
    }

    /// How much later than usual it was received, when stamp and receipt disagree.
    fn oddness(&self, tick: Tick, by_stamp: Timestamp) -> Option<i64> {
        let second = if tick.coarse { WHOLE_SECOND } else { 0 };
        let bound = ODD.max(6 * self.latency_in_force().1) + second;
        let behind = self.by_receipt(tick).since(by_stamp).0;
        (behind.saturating_abs() > bound).then_some(behind)
    }

    /// Stamp and receipt disagree: an event held up or sped up on its way, or a clock that was
    /// set. An event cannot be received before it happened nor be held up for long, so such ones
    /// that agree among themselves are a step; of the others only the pairings tell.
    fn note_odd(&mut self, behind: i64) {
        if self.is_possible(behind) {
            self.in_doubt = true;
            return;
        }
        let agrees = behind.saturating_sub(self.deviation).saturating_abs() <= WHOLE_SECOND;
        self.odd = if self.odd > 0 && agrees { self.odd + 1 } else { 1 };
        self.deviation = behind;
        if self.odd >= ODD_IN_A_ROW {
            self.restart();
        }
    }

    /// Whether an event so much later than usual, or earlier, may have come by a clock that runs
    /// on: received after it happened, but not too long.
    fn is_possible(&self, behind: i64) -> bool {
        let usual = self.latency_in_force().0;
        (usual.min(0)..=LONGEST_DELAY).contains(&behind.saturating_add(usual))
    }

    /// Whether an event is open of which only later ones tell if the clock was set.
    pub(in crate::pipeline) fn in_doubt(&self) -> bool {
        self.in_doubt
    }

    /// Changes whenever events that were placed before belong elsewhere.
    pub(in crate::pipeline) fn generation(&self) -> u64 {
        self.generation
    }

    /// Whether it has been learnt.
    pub(in crate::pipeline) fn is_learnt(&self) -> bool {
        self.following
    }

    /// Stamp minus instant in force.
    pub(in crate::pipeline) fn offset(&self) -> Option<Micros> {
        self.in_force.offset.map(|(offset, _)| Micros(offset))
    }

    /// What the offset gains in our time, parts per billion; `None` until known.
    pub(in crate::pipeline) fn drift_ppb(&self) -> Option<i64> {
        self.in_force.drift.map(|drift| drift.ppb)
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
