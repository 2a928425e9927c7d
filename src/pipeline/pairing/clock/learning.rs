//! How a clock is learnt: by the agreement of several vehicles, then by the pairings themselves.
//!
//! Every passage that could have caused an event is a vote for one offset. Each vehicle votes for
//! the true offset and, by accident, for a few others; only a headway that comes again and again
//! makes many agree on a wrong one, and then two offsets agree nearly as well. So a clock is
//! learnt from few vehicles when nothing contradicts them, and not at all while two offsets are
//! nearly as good as each other, or while so many votes could agree by accident.

use std::collections::BTreeSet;

use super::super::estimate::{Cluster, densest, median_and_spread};
use super::drift::Drift;
use super::evidence::Found;
use super::sample::{Crossing, Estimate, Sample, Tick, estimate};
use super::{AGREEMENT, CameraClock, MOST_SPREAD, ODD_IN_A_ROW, WHOLE_SECOND};
use crate::clock::Timestamp;

/// Length of an epoch: longer than a window, so that the one before last is complete.
const EPOCH_US: i64 = 7_000_000;
/// A passage may have caused an event that was received in this span around its instant.
const CAUSE: std::ops::RangeInclusive<i64> = -1_000_000..=5_000_000;
/// Agreeing votes that teach a clock, and how many more than for any other offset. All vehicles
/// but the unread ones vote for the true offset, so a wrong one would need three accidents more
/// than the true one has vehicles.
const ENOUGH_VOTES: usize = 4;
const MORE_THAN_ANY: usize = 3;
/// How unlikely it must be that votes agree by accident, milli-nats: once in 36 000 clocks. A
/// camera far behind shows nothing but accidents. At 11 500 the quiet road misses its 99.95 %.
const ENOUGH_EVIDENCE: u64 = 10_500;
/// The same for what was learnt before: two lonely vehicles say 4 000. Our choice.
const CONFIRMING_EVIDENCE: u64 = 3_500;
/// Cameras that jitter less than that are learnt sooner, because fewer accidents agree so well.
const CLOSE_AGREEMENT: i64 = 100_000;
/// Spread of the receipts of events that are not held up together: networks under congestion hold
/// events up by 0 to 2.5 s, which spreads them by 0.9 s. Our choice.
const MOST_LATENCY_SPREAD: i64 = 1_200_000;
/// Agreeing votes that confirm what was learnt some time ago.
const ENOUGH_TO_CONFIRM: usize = 2;
/// Vehicles in a row without an event of a camera that sends some: with one plate in ten missed,
/// once in 100 000 vehicles by chance.
const MISSES_IN_A_ROW: u8 = 5;
/// Samples kept, and samples that make an estimate.
const MAX_SAMPLES: usize = 64;
const ESTIMATE_OVER: usize = 32;

impl CameraClock {
    /// A passage is settled: learns from the event that was clearly paired to it.
    pub(in crate::pipeline) fn learn(&mut self, expected: Timestamp, paired: Option<Tick>) {
        if self.following {
            match paired {
                Some(tick) => self.confirm(expected, tick),
                None => self.miss(expected),
            }
            if self.following {
                self.note_fit(expected, paired);
            }
        }
    }

    /// A window closes before the clock is learnt: tries with everything that is known.
    pub(in crate::pipeline) fn learn_now(&mut self) {
        if !self.following {
            self.follow(i64::MAX);
        }
    }

    /// Forgets the offset; the latency stays as the first guess. The last events are those that
    /// made it forget, so they and what could have caused them are what it learns from next.
    pub(super) fn restart(&mut self) {
        (self.following, self.guessing) = (false, false);
        self.samples.clear();
        self.course.clear();
        self.ticks.keep_last(ODD_IN_A_ROW.into());
        let ticks = &self.ticks;
        self.crossings.retain(|crossing| ticks.iter().any(|tick| could_cause(*crossing, *tick)));
        (self.odd, self.steps, self.misses, self.in_doubt) = (0, 0, 0, false);
        self.restarts += 1;
        self.change();
        (self.in_force.offset, self.in_force.drift) = (None, None);
        if let Some((_, spread)) = &mut self.in_force.latency {
            *spread = MOST_SPREAD;
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
        if !self.ticks.iter().rev().take(4).any(alive) {
            return;
        }
        self.misses += 1;
        if self.misses >= MISSES_IN_A_ROW {
            self.restart();
        }
    }

    fn keep(&mut self, sample: Sample) {
        self.course.note(&sample);
        let place = self.samples.partition_point(|kept| *kept <= sample);
        self.samples.insert(place, sample);
        if self.samples.len() > MAX_SAMPLES {
            self.samples.remove(0);
        }
        self.unwritten += 1;
    }

    pub(super) fn put_in_force(&mut self, epoch: i64) {
        if self.epoch == Some(epoch) {
            return;
        }
        self.epoch = Some(epoch);
        let last = epoch.saturating_sub(2);
        if !self.following {
            self.follow(last);
            return;
        }
        let ripe = self.samples.partition_point(|sample| epoch_of(sample.received_at) <= last);
        if ripe >= ENOUGH_TO_CONFIRM {
            let used = &self.samples[ripe.saturating_sub(ESTIMATE_OVER)..ripe];
            let from = used[used.len() / 2].received_at;
            let drift = self.course.ppb(last).map(|ppb| Drift { ppb, from });
            let estimate = estimate(used).map(|estimate| Estimate { drift, ..estimate });
            self.in_force = estimate.unwrap_or(self.in_force);
        }
    }

    /// Looks for an offset on which the votes up to this epoch agree, by the stamps and by the
    /// receipts; keeps only the votes that do.
    fn follow(&mut self, last_epoch: i64) {
        let votes = self.votes(last_epoch);
        let stamped = votes.iter().filter(|vote| vote.offset.is_some()).count();
        let coarse = votes.iter().any(|vote| vote.coarse);
        let stamps = (stamped * 2 > votes.len()).then_some(By::Stamp { coarse });
        // of whole seconds the receipts tell more, as long as nothing holds them up; and stamps that
        // are not believed may be none
        let suspect = self.ticks.iter().any(|tick| tick.suspect);
        let ways = match (coarse, suspect) {
            (true, _) => [Some(By::Receipt), stamps],
            (false, true) => [stamps, Some(By::Receipt)],
            (false, false) => [stamps, None],
        };
        let ways = if stamps.is_none() { [Some(By::Receipt), None] } else { ways };
        let agreeing = ways.into_iter().flatten().find_map(|way| self.agreeing(&votes, way));
        let Some((agreeing, estimate)) = agreeing.and_then(|votes| {
            let estimate = estimate(&votes)?;
            Some((votes, estimate))
        }) else {
            return;
        };
        self.samples = agreeing;
        self.in_force = estimate;
        (self.following, self.guessing) = (true, false);
        self.change();
    }

    /// The votes that agree, when they are enough and as events come.
    fn agreeing(&self, votes: &[Sample], way: By) -> Option<Vec<Sample>> {
        let (low, high) = self.agreement(votes, way)?;
        let agrees = |vote: &&Sample| way.of(vote).is_some_and(|v| (low..=high).contains(&v));
        let agreeing: Vec<Sample> = votes.iter().filter(agrees).copied().collect();
        is_whole(&agreeing, votes).then_some(agreeing)
    }

    /// What was placed before belongs elsewhere now, and a restart must know why.
    fn change(&mut self) {
        self.generation += 1;
        self.unwritten = MAX_SAMPLES;
    }

    /// One vote for each passage that could have caused an event, in order of receipt.
    fn votes(&self, last_epoch: i64) -> Vec<Sample> {
        let ripe = |at: Timestamp| epoch_of(at) <= last_epoch;
        let mut votes = Vec::new();
        for crossing in self.crossings.iter().filter(|crossing| ripe(crossing.received_at)) {
            let caused = |tick: &&Tick| ripe(tick.received_at) && could_cause(*crossing, **tick);
            let ticks = self.ticks.iter().filter(caused);
            votes.extend(ticks.map(|tick| tick.sample(crossing.expected)));
        }
        votes.sort_unstable();
        votes
    }

    /// The span of offsets on which enough votes agree, if there is one.
    fn agreement(&self, votes: &[Sample], way: By) -> Option<(i64, i64)> {
        let mut values: Vec<i64> = votes.iter().filter_map(|vote| way.of(vote)).collect();
        values.sort_unstable();
        let events = events_of(votes);
        let evidence = |cluster: &Cluster, width: i64, foretold: bool| {
            let [events, agreeing, votes] =
                [events, cluster.count.min(events), values.len()].map(|count| count as u64);
            let [width, span] = [width, CAUSE.end() - CAUSE.start()].map(i64::unsigned_abs);
            Found { events, agreeing, votes, width, span, foretold }.evidence()
        };
        let guess = self.in_force.offset.map(|(offset, _)| offset).filter(|_| self.guessing);
        let cluster = match (guess, way) {
            (Some(guess), By::Stamp { .. }) => around(&values, guess, way.width())
                .filter(|near| near.count >= ENOUGH_TO_CONFIRM && near.count >= near.rival)
                .filter(|near| evidence(near, 2 * way.width(), true) >= CONFIRMING_EVIDENCE),
            _ => None,
        };
        let clear = |width| {
            densest(&values, width)
                .filter(is_clear)
                .filter(|cluster| evidence(cluster, width, false) >= ENOUGH_EVIDENCE)
        };
        let cluster = cluster.or_else(|| clear(CLOSE_AGREEMENT)).or_else(|| clear(way.width()))?;
        let middle = cluster.low.midpoint(cluster.high);
        let half = way.width() / 2;
        Some((middle.saturating_sub(half), middle.saturating_add(half)))
    }
}

/// By which of its two clocks an event votes.
#[derive(Clone, Copy, Debug)]
enum By {
    Stamp { coarse: bool },
    Receipt,
}

impl By {
    fn of(self, vote: &Sample) -> Option<i64> {
        match self {
            Self::Stamp { .. } => vote.offset,
            Self::Receipt => Some(vote.latency),
        }
    }

    fn width(self) -> i64 {
        match self {
            Self::Stamp { coarse: true } => AGREEMENT + WHOLE_SECOND,
            Self::Stamp { coarse: false } | Self::Receipt => AGREEMENT,
        }
    }
}

fn is_clear(cluster: &Cluster) -> bool {
    cluster.count >= ENOUGH_VOTES && cluster.count >= cluster.rival + MORE_THAN_ANY
}

/// Whether those who agree are most of the events that voted, and came as regularly as events do.
/// A burst of events that were held up together agrees by accident only: each of them was received
/// at the same instant, so as to its vehicle one much later than the other.
fn is_whole(agreeing: &[Sample], votes: &[Sample]) -> bool {
    let mut latencies: Vec<i64> = agreeing.iter().map(|sample| sample.latency).collect();
    let regular =
        median_and_spread(&mut latencies).is_some_and(|(_, spread)| spread <= MOST_LATENCY_SPREAD);
    regular && events_of(agreeing) * 2 >= events_of(votes)
}

/// How many events these votes are of.
fn events_of(votes: &[Sample]) -> usize {
    let keys = votes.iter().map(|vote| {
        let happened = vote.offset.map(|offset| offset.saturating_sub(vote.latency));
        (vote.received_at, happened)
    });
    keys.collect::<BTreeSet<_>>().len()
}

/// The votes for a known offset, and the strongest rival among the others.
fn around(sorted: &[i64], offset: i64, width: i64) -> Option<Cluster> {
    let low = sorted.partition_point(|value| *value < offset.saturating_sub(width));
    let high = sorted.partition_point(|value| *value <= offset.saturating_add(width));
    let rivals = [&sorted[..low], &sorted[high..]];
    let strongest = |rest: &[i64]| densest(rest, width).map_or(0, |cluster| cluster.count);
    let near = sorted.get(low..high).filter(|near| !near.is_empty())?;
    Some(Cluster {
        low: *near.first()?,
        high: *near.last()?,
        count: near.len(),
        rival: rivals.into_iter().map(strongest).max().unwrap_or(0),
    })
}

fn could_cause(crossing: Crossing, tick: Tick) -> bool {
    CAUSE.contains(&tick.received_at.since(crossing.expected).0)
}

/// The epoch of an instant.
pub(super) fn epoch_of(instant: Timestamp) -> i64 {
    instant.0.div_euclid(EPOCH_US)
}
