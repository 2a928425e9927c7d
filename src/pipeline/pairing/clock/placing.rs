//! When an event happened, by what is known of its camera's clock.

use super::{CameraClock, MOST_SPREAD, Tick, WHOLE_SECOND};
use crate::clock::Timestamp;
use crate::units::Micros;

/// Standard deviation of an instant of which only the second is known: 1/√12 s.
const SECOND_SPREAD: i64 = 289_000;
/// Age at receipt of a stamp that is likely right, and how exactly. Our choice.
const LIKELY_AGE: std::ops::RangeInclusive<i64> = 0..=4_000_000;
const LIKELY_SPREAD: i64 = 250_000;

/// What the place of an event in time stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pipeline) enum Standing {
    /// On a guess: its clock is not learnt.
    Guessed,
    /// On something learnt, but stamp and receipt disagree.
    Doubtful,
    /// On something learnt, and nothing speaks against it.
    Learnt,
}

/// When an event happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pipeline) struct Located {
    /// In our time.
    pub(in crate::pipeline) at: Timestamp,
    /// Or then, while it is in doubt whether the event was held up or the clock was set.
    pub(in crate::pipeline) or_at: Option<Timestamp>,
    /// Standard deviation.
    pub(in crate::pipeline) spread: Micros,
    /// What it stands on.
    pub(in crate::pipeline) standing: Standing,
}

impl CameraClock {
    /// When an event happened, as far as is known now.
    pub(in crate::pipeline) fn place(&self, tick: Tick) -> Located {
        let by_receipt = self.by_receipt(tick);
        let Some((by_stamp, spread)) = self.by_stamp(tick) else {
            return self.place_without_offset(tick, by_receipt);
        };
        if !self.following {
            let (standing, spread) = (Standing::Guessed, Micros(spread.max(LIKELY_SPREAD)));
            return Located { at: by_stamp, or_at: None, spread, standing };
        }
        if let Some(behind) = self.oddness(tick, by_stamp) {
            return Located {
                at: by_receipt,
                or_at: self.is_possible(behind).then_some(by_stamp),
                spread: Micros(MOST_SPREAD / 2),
                standing: Standing::Doubtful,
            };
        }
        // inside the second that the stamp names, the receipt is the better clock
        let inside = by_receipt.since(by_stamp).0.saturating_abs() <= WHOLE_SECOND / 2 + spread;
        let (at, spread) = match (tick.coarse, inside) {
            (false, _) => (by_stamp, spread),
            (true, true) => (by_receipt, self.latency_in_force().1),
            (true, false) => (by_stamp, SECOND_SPREAD),
        };
        Located { at, or_at: None, spread: Micros(spread), standing: Standing::Learnt }
    }

    /// By the receipt alone nothing is certain: a camera that falls behind, by however little, would
    /// give a vehicle the plate of the one before it. Before anything was ever learnt a stamp from just before its receipt is guessed to be
    /// right: most cameras are kept in time. Not after a restart, when this one has shown that it
    /// is not.
    fn place_without_offset(&self, tick: Tick, by_receipt: Timestamp) -> Located {
        let age = |stamp: &Timestamp| tick.received_at.since(*stamp).0;
        let likely = tick
            .stamp
            .filter(|stamp| self.in_force.latency.is_none() && LIKELY_AGE.contains(&age(stamp)))
            .filter(|_| !tick.suspect);
        let spread = match likely {
            Some(_) if tick.coarse => SECOND_SPREAD,
            Some(_) => LIKELY_SPREAD,
            None => self.latency_in_force().1,
        };
        Located {
            at: likely.unwrap_or(by_receipt),
            or_at: None,
            spread: Micros(spread),
            standing: Standing::Guessed,
        }
    }

    /// Where an event that was in doubt belongs, now that a later one has removed the doubt: by
    /// its stamp when the clock runs on, by its receipt when it was set.
    pub(in crate::pipeline) fn without_doubt(&self, tick: Tick, doubtful: Located) -> Located {
        let (Some(_), Some((by_stamp, spread))) = (doubtful.or_at, self.by_stamp(tick)) else {
            return Located { or_at: None, ..doubtful };
        };
        let (spread, standing) = (Micros(spread), Standing::Learnt);
        Located { at: by_stamp, or_at: None, spread, standing }
    }
}
