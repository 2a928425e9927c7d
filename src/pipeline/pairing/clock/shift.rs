//! A lane that is consistently one vehicle off: noticed from a few vehicles, and put right.
//!
//! When the time of the scale or of a camera moves by about the distance of the vehicles, every
//! event suits the vehicle before or behind. Nobody keeps his distance exactly, so it suits it
//! badly. Once the last vehicles fit badly, every other offset that their events allow is tried;
//! one under which all of them fit takes the place of the one in force.

use super::super::cost::of_residual;
use super::recent::MAX_RECENT;
use super::sample::{Crossing, Sample, Tick, estimate};
use super::{CameraClock, ODD};
use crate::clock::Timestamp;
use crate::units::Micros;

/// So many of the last vehicles are looked at: few, so that all of them came after the shift, or
/// some more, because one or two have no event.
const LOOKED_AT: [usize; 2] = [4, 6];
/// What a vehicle without event costs, and at most one whose event does not fit, milli-nats: the
/// price of a missed plate.
const LONELY: u32 = 4_000;
/// What the last four cost before other offsets are tried.
const STRAIN: u32 = 2 * LONELY;
/// How much better another offset must be than every other: odds of 8 000 to 1.
const BETTER_BY: u32 = 9_000;
/// Farthest that a lane shifts: one vehicle, rarely two.
const FARTHEST: i64 = 8_000_000;
/// Events that were received so long before or after the last vehicle are no part of its column.
const MEMORY: i64 = 60_000_000;
/// Offsets closer to each other than this are one.
const SAME: i64 = 250_000;

/// How badly the last vehicles fit; the newest first.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Strains([u32; 4]);

impl Strains {
    fn note(&mut self, strain: u32) {
        self.0.rotate_right(1);
        self.0[0] = strain;
    }

    fn total(&self) -> u32 {
        self.0.iter().sum()
    }
}

/// Some vehicles, some events, and how exactly the events are placed.
struct Column {
    crossings: Vec<Crossing>,
    ticks: Vec<Tick>,
    spread: Micros,
}

impl CameraClock {
    /// A vehicle was settled with this event, or without one.
    pub(super) fn note_fit(&mut self, expected: Timestamp, paired: Option<Tick>) {
        let Some((offset, spread)) = self.offset_in_force(expected) else {
            return;
        };
        let residual = paired.map(|tick| value(tick, expected).saturating_sub(offset));
        let cost = |residual| of_residual(Micros(residual), Micros(spread)).min(LONELY);
        self.strains.note(residual.map_or(LONELY, cost));
        if self.strains.total() < STRAIN {
            return;
        }
        for vehicles in LOOKED_AT {
            let column = self.column(expected, vehicles, Micros(spread));
            if let Some(better) = column.better_than(offset) {
                return self.realign(&column.samples(better));
            }
        }
    }

    /// Offset of the stamps then, or of the receipts where there are no stamps to go by.
    fn offset_in_force(&self, then: Timestamp) -> Option<(i64, i64)> {
        if self.ticks.back().is_some_and(|tick| tick.stamp.is_some() && !tick.coarse) {
            let drifted = self.in_force.drift.map_or(0, |drift| drift.until(then));
            let (offset, spread) = self.in_force.offset?;
            return Some((offset.saturating_add(drifted), spread));
        }
        self.in_force.latency
    }

    fn column(&self, last: Timestamp, vehicles: usize, spread: Micros) -> Column {
        let mut crossings: Vec<Crossing> =
            self.crossings.iter().copied().filter(|crossing| crossing.expected <= last).collect();
        crossings.sort_unstable_by_key(|crossing| crossing.expected);
        crossings.drain(..crossings.len().saturating_sub(vehicles));
        let recent = |tick: &Tick| tick.received_at.since(last).0.saturating_abs() <= MEMORY;
        let ticks = self.ticks.iter().copied().filter(recent).collect();
        Column { crossings, ticks, spread }
    }

    /// Takes the offset of these pairs for the one in force.
    fn realign(&mut self, samples: &[Sample]) {
        let Some(found) = estimate(samples) else {
            return;
        };
        // an event cannot be received before it happened; and stamps that move while receipts stay
        // are a clock that was set, which is judged elsewhere
        let moved =
            |new: Option<(i64, i64)>, old: Option<(i64, i64)>| Some(new?.0.saturating_sub(old?.0));
        let by_receipt = moved(found.latency, self.in_force.latency);
        let by_stamp = moved(found.offset, self.in_force.offset).or(by_receipt);
        let together = by_receipt
            .zip(by_stamp)
            .is_some_and(|(one, other)| one.saturating_sub(other).saturating_abs() <= ODD);
        if !together || found.latency.is_none_or(|(latency, _)| latency < 0) {
            return;
        }
        self.samples = samples.to_vec();
        self.course.clear();
        self.in_force = found;
        (self.odd, self.steps, self.misses, self.in_doubt) = (0, 0, 0, false);
        self.strains = Strains::default();
        self.restarts += 1;
        self.generation += 1;
        self.unwritten = MAX_RECENT;
    }
}

impl Column {
    /// The offset under which everything fits, when that is much better than with `offset` and
    /// with any third one.
    fn better_than(&self, offset: i64) -> Option<i64> {
        let mut tried = vec![(self.cost(offset), offset)];
        for crossing in &self.crossings {
            let offsets = self.ticks.iter().map(|tick| value(*tick, crossing.expected));
            let near = offsets.filter(|other| far(*other, offset) <= FARTHEST);
            tried.extend(near.map(|other| (self.cost(other), other)));
        }
        let (cost, best) = *tried.iter().min()?;
        let others = tried.iter().filter(|(_, other)| far(*other, best) > SAME);
        let next = others.map(|(cost, _)| *cost).min()?;
        let moved = far(best, offset) > SAME;
        (moved && next >= cost.saturating_add(BETTER_BY)).then_some(best)
    }

    /// What all vehicles cost with their nearest events.
    fn cost(&self, offset: i64) -> u32 {
        self.crossings.iter().map(|crossing| self.nearest(*crossing, offset).0).sum()
    }

    fn nearest(&self, crossing: Crossing, offset: i64) -> (u32, Option<Tick>) {
        let residual = |tick: &Tick| far(value(*tick, crossing.expected), offset);
        let nearest = self.ticks.iter().min_by_key(|tick| residual(tick)).copied();
        let cost = nearest
            .map_or(LONELY, |tick| of_residual(Micros(residual(&tick)), self.spread).min(LONELY));
        (cost, nearest.filter(|_| cost < LONELY))
    }

    fn samples(&self, offset: i64) -> Vec<Sample> {
        let sample = |crossing: &Crossing| {
            Some(self.nearest(*crossing, offset).1?.sample(crossing.expected))
        };
        let mut samples: Vec<Sample> = self.crossings.iter().filter_map(sample).collect();
        samples.sort_unstable();
        samples
    }
}

fn far(one: i64, other: i64) -> i64 {
    one.saturating_sub(other).saturating_abs()
}

/// By how much the event is later than the vehicle, by its stamp or by its receipt.
fn value(tick: Tick, expected: Timestamp) -> i64 {
    let at = tick.stamp.filter(|_| !tick.coarse).unwrap_or(tick.received_at);
    at.since(expected).0
}
