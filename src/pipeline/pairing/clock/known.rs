//! What was learnt of a clock, to be kept over a restart.

use serde::{Deserialize, Serialize};

use super::drift::Course;
use super::sample::{Crossing, Estimate, MOST_SPREAD, Sample, Tick};
use super::{CameraClock, ODD_IN_A_ROW};
use crate::clock::{Continuity, Timestamp};
use crate::units::Micros;

/// Older knowledge is a guess: a clock may have been set meanwhile, and cameras drift by 50 ppm,
/// so 30 ms in that time. Our choice.
const FRESH: Micros = Micros::from_secs(600);
/// Samples after which a learnt clock is written down again.
const WRITE_AFTER: usize = 8;

/// What was learnt of one camera over one lane. Stored with bincode.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::pipeline) struct KnownClock {
    following: bool,
    guessing: bool,
    samples: Vec<Sample>,
    course: Course,
    ticks: Vec<Tick>,
    crossings: Vec<Crossing>,
    in_force: Estimate,
    odd: u8,
    deviation: i64,
    in_doubt: bool,
    steps: u8,
    misses: u8,
}

impl CameraClock {
    /// Everything that a restart must not forget, when it differs enough from what was told last:
    /// while a clock is being learnt each vehicle counts, later only now and then.
    pub(in crate::pipeline) fn take_known(&mut self) -> Option<KnownClock> {
        let due = if self.following { WRITE_AFTER } else { 1 };
        if self.unwritten < due {
            return None;
        }
        self.unwritten = 0;
        // a learnt clock learns from its pairings; events only help it to begin anew
        let last = |length: usize| match self.following {
            true => length.saturating_sub(usize::from(ODD_IN_A_ROW) + 1),
            false => 0,
        };
        Some(KnownClock {
            following: self.following,
            guessing: self.guessing,
            samples: self.samples.clone(),
            course: self.course.clone(),
            ticks: self.ticks.range(last(self.ticks.len())..).copied().collect(),
            crossings: self.crossings.range(last(self.crossings.len())..).copied().collect(),
            in_force: self.in_force,
            odd: self.odd,
            deviation: self.deviation,
            in_doubt: self.in_doubt,
            steps: self.steps,
            misses: self.misses,
        })
    }

    /// Takes up what was learnt before a restart. What is older than ten minutes, or from the
    /// future, is a guess until two vehicles agree with it.
    pub(in crate::pipeline) fn recall(&mut self, now: Timestamp, known: KnownClock) {
        let newest = known.samples.last().map(|sample| sample.received_at);
        let fresh = newest.is_some_and(|at| (0..=FRESH.0).contains(&now.since(at).0));
        *self = Self {
            following: known.following && fresh,
            guessing: known.guessing || (known.following && !fresh),
            samples: known.samples,
            course: known.course,
            ticks: known.ticks.into(),
            crossings: known.crossings.into(),
            in_force: known.in_force,
            odd: known.odd,
            deviation: known.deviation,
            in_doubt: known.in_doubt,
            steps: known.steps,
            misses: known.misses,
            generation: self.generation + 1,
            ..Self::default()
        };
        if self.guessing {
            // whoever was waiting for an answer then has long gone
            self.ticks.clear();
            self.crossings.clear();
            (self.odd, self.steps, self.misses, self.in_doubt) = (0, 0, 0, false);
        }
    }

    /// Our own time is another from now on. What was learnt of the camera is a guess when the
    /// difference is known, and else nothing; a latency is a span, and the first guess of it.
    pub(in crate::pipeline) fn change_time(&mut self, continuity: Continuity) {
        let moved = match continuity {
            Continuity::Unbroken => return,
            Continuity::Moved(moved) => Some(moved.0),
            Continuity::Lost => None,
        };
        let Estimate { offset, latency, .. } = self.in_force;
        let known = offset.filter(|_| self.following || self.guessing).zip(moved);
        let offset = known.map(|((offset, spread), moved)| (offset.saturating_sub(moved), spread));
        let latency = latency.map(|(latency, _)| (latency, MOST_SPREAD));
        *self = Self {
            guessing: offset.is_some(),
            in_force: Estimate { offset, latency, drift: None },
            restarts: self.restarts,
            generation: self.generation + 1,
            unwritten: WRITE_AFTER,
            ..Self::default()
        };
    }
}
