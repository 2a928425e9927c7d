//! Controller microseconds to our steady time, per boot id.
//!
//! In: round trips (when we asked, what the controller's clock said, when the answer came). Out:
//! for any controller instant our [`Timestamp`] and the bound of its error. Pure; it never looks
//! at a clock, and it never steps: what was mapped once is not mapped again.

use std::collections::VecDeque;

use crate::clock::Timestamp;
use crate::units::Micros;

/// Exchanges kept. With one a second and the filter below, 64 span the minute within which a
/// quiet round trip is all but certain.
const KEPT: usize = 64;

/// How fast two uncorrected quartz clocks may part: 100 ppm, twice what cheap 50 ppm crystals
/// may show against each other at the ends of their temperature range (our choice).
const DRIFT_PPM: i64 = 100;

/// One completed exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sample {
    /// Controller's clock, microseconds since its boot.
    controller_us: i64,
    /// Our steady time in the middle of the round trip.
    ours: Timestamp,
    /// Half the round trip, and the microsecond that halving may cost.
    error: Micros,
}

/// One question for the controller's clock and its answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exchange {
    /// When we asked.
    pub(super) sent: Timestamp,
    /// When the question reached the controller, by its clock.
    pub(super) reached_us: u64,
    /// When it answered, by its clock.
    pub(super) answered_us: u64,
    /// When the answer reached us.
    pub(super) received: Timestamp,
}

impl Exchange {
    fn sample(self) -> Option<Sample> {
        let reached = i64::try_from(self.reached_us).ok()?;
        let answered = i64::try_from(self.answered_us).ok()?;
        let thinking = answered.checked_sub(reached).filter(|span| *span >= 0)?;
        let waiting = self.received.since(self.sent).0;
        let round_trip = waiting.checked_sub(thinking).filter(|span| *span >= 0)?;
        Some(Sample {
            controller_us: reached + thinking / 2,
            ours: self.sent + Micros(waiting / 2),
            error: Micros(round_trip / 2 + 1),
        })
    }
}

/// A controller instant in our time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mapped {
    /// When.
    pub(super) at: Timestamp,
    /// Half the round trip of the exchange in use, plus the drift since it.
    pub(super) error: Micros,
}

/// The exchanges of one boot of one controller.
#[derive(Clone, Debug, Default)]
pub(super) struct TimeMap {
    samples: VecDeque<Sample>,
}

impl TimeMap {
    /// Takes in a round trip. One that took less time than the controller spent on its answer,
    /// or no time that a clock can show, is no measurement: `false`.
    pub(super) fn learn(&mut self, exchange: Exchange) -> bool {
        match exchange.sample() {
            Some(sample) => {
                if self.samples.len() == KEPT {
                    self.samples.pop_front();
                }
                self.samples.push_back(sample);
                true
            }
            None => false,
        }
    }

    /// Exchanges in use.
    pub(super) fn len(&self) -> usize {
        self.samples.len()
    }

    /// The bound of the error at the latest exchange; `None` before the first one.
    pub(super) fn latest_error(&self) -> Option<Micros> {
        let latest = u64::try_from(self.samples.back()?.controller_us).ok()?;
        self.map(latest).map(|mapped| mapped.error)
    }

    /// The instant by the exchange with the smallest bound there, `None` before the first one.
    pub(super) fn map(&self, controller_us: u64) -> Option<Mapped> {
        let instant = i64::try_from(controller_us).ok()?;
        self.samples
            .iter()
            .map(|sample| {
                let distance = instant.saturating_sub(sample.controller_us);
                let drift = distance.saturating_abs() / 1_000_000 * DRIFT_PPM
                    + distance.saturating_abs() % 1_000_000 * DRIFT_PPM / 1_000_000;
                Mapped {
                    at: sample.ours + Micros(distance),
                    error: Micros(sample.error.0.saturating_add(drift)),
                }
            })
            .min_by_key(|mapped| mapped.error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOT: Timestamp = Timestamp(1_795_000_000_000_000);

    fn millis(n: i64) -> Micros {
        Micros::from_millis(n)
    }

    /// An exchange asked `ms` after boot that took `out` ms to the controller and `back` ms home.
    fn exchange(ms: i64, out: i64, back: i64) -> Exchange {
        let sent = BOOT + millis(ms);
        let reached_us = u64::try_from(ms + out).expect("positive in these tests") * 1_000;
        Exchange { sent, reached_us, answered_us: reached_us, received: sent + millis(out + back) }
    }

    fn map_of(exchanges: &[Exchange]) -> TimeMap {
        let mut map = TimeMap::default();
        assert!(exchanges.iter().all(|exchange| map.learn(*exchange)));
        map
    }

    #[test]
    fn nothing_is_mapped_before_the_first_exchange() {
        assert_eq!(TimeMap::default().map(5), None);
    }

    #[test]
    fn the_error_is_half_the_round_trip_and_covers_the_truth() {
        let map = map_of(&[exchange(1_000, 9, 1)]);
        let expected = Mapped { at: BOOT + millis(1_005), error: Micros(5_001) };
        assert_eq!(map.map(1_009_000), Some(expected));
    }

    #[test]
    fn the_time_a_controller_takes_to_answer_is_no_error() {
        let slow = Exchange {
            answered_us: 1_501_000,
            received: BOOT + millis(1_502),
            ..exchange(1_000, 1, 1)
        };
        let expected = Mapped { at: BOOT + millis(1_001), error: Micros(1_001 + 25) };
        assert_eq!(map_of(&[slow]).map(1_001_000), Some(expected));
    }

    #[test]
    fn a_quick_exchange_wins_over_a_slow_one() {
        let map = map_of(&[exchange(1_000, 1, 1), exchange(2_000, 90, 10)]);
        let expected = Mapped { at: BOOT + millis(2_000), error: Micros(1_001 + 99) };
        assert_eq!(map.map(2_000_000), Some(expected));
    }

    #[test]
    fn an_old_exchange_gives_way_when_drift_has_eaten_its_lead() {
        let map = map_of(&[exchange(0, 1, 1), exchange(60_000, 3, 3)]);
        let error = map.map(60_003_000).map(|mapped| mapped.error);
        assert_eq!(error, Some(Micros(3_001)), "1 ms + 6 ms of drift is worse");
    }

    #[test]
    fn an_answer_before_its_question_is_no_measurement() {
        let mut map = TimeMap::default();
        let backwards = Exchange { received: BOOT, ..exchange(2, 0, 0) };
        let thinks_longer_than_we_waited = Exchange { answered_us: 900_000, ..exchange(2, 1, 1) };
        assert!(!map.learn(backwards) && !map.learn(thinks_longer_than_we_waited));
        assert_eq!(map.len(), 0);
    }

    #[test]
    fn only_the_latest_exchanges_are_kept() {
        let mut map = TimeMap::default();
        for second in 0..1_000 {
            map.learn(exchange(second * 1_000, 1, 1));
        }
        assert_eq!(map.len(), KEPT);
    }

    #[test]
    fn instants_beyond_any_clock_do_not_overflow() {
        let mut map = map_of(&[exchange(1_000, 1, 1)]);
        let endless = Exchange { reached_us: u64::MAX, ..exchange(1_000, 1, 1) };
        assert!(!map.learn(endless));
        assert_eq!(map.map(u64::MAX), None);
        assert!(map.map(i64::MAX.unsigned_abs()).is_some());
    }
}
