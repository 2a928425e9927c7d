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
    /// Half the round trip.
    error: Micros,
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
    /// Takes in a round trip: asked at `sent`, the controller's clock said `controller_us`, the
    /// answer came at `received`. One that ends before it began is no measurement: `false`.
    pub(super) fn learn(
        &mut self,
        sent: Timestamp,
        controller_us: u64,
        received: Timestamp,
    ) -> bool {
        let round_trip = received.since(sent).0;
        let Ok(controller_us) = i64::try_from(controller_us) else {
            return false;
        };
        if round_trip < 0 {
            return false;
        }
        if self.samples.len() == KEPT {
            self.samples.pop_front();
        }
        self.samples.push_back(Sample {
            controller_us,
            ours: sent + Micros(round_trip / 2),
            error: Micros(round_trip / 2 + round_trip % 2),
        });
        true
    }

    /// Whether anything has been learnt.
    pub(super) fn is_known(&self) -> bool {
        !self.samples.is_empty()
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
    fn exchange(map: &mut TimeMap, ms: i64, out: i64, back: i64) -> bool {
        let sent = BOOT + millis(ms);
        map.learn(
            sent,
            u64::try_from(ms + out).expect("positive in these tests") * 1_000,
            sent + millis(out + back),
        )
    }

    #[test]
    fn nothing_is_mapped_before_the_first_exchange() {
        let map = TimeMap::default();
        assert_eq!((map.is_known(), map.map(5)), (false, None));
    }

    #[test]
    fn the_error_is_half_the_round_trip_and_covers_the_truth() {
        let mut map = TimeMap::default();
        assert!(exchange(&mut map, 1_000, 9, 1));
        let mapped = map.map(1_009_000);
        assert_eq!(
            mapped,
            Some(Mapped {
                at: BOOT + millis(1_005),
                error: millis(5)
            })
        );
    }

    #[test]
    fn a_quick_exchange_wins_over_a_slow_one() {
        let mut map = TimeMap::default();
        exchange(&mut map, 1_000, 1, 1);
        exchange(&mut map, 2_000, 90, 10);
        let mapped = map.map(2_000_000);
        assert_eq!(
            mapped,
            Some(Mapped {
                at: BOOT + millis(2_000),
                error: Micros(1_000 + 99)
            })
        );
    }

    #[test]
    fn an_old_exchange_gives_way_when_drift_has_eaten_its_lead() {
        let mut map = TimeMap::default();
        exchange(&mut map, 0, 1, 1);
        exchange(&mut map, 60_000, 3, 3);
        let error = map.map(60_000_000).map(|mapped| mapped.error);
        assert_eq!(error, Some(millis(3)), "1 ms + 6 ms of drift is worse");
    }

    #[test]
    fn an_answer_before_its_question_is_no_measurement() {
        let mut map = TimeMap::default();
        assert!(!map.learn(BOOT + millis(2), 1, BOOT));
        assert!(!map.is_known());
    }

    #[test]
    fn only_the_latest_exchanges_are_kept() {
        let mut map = TimeMap::default();
        for second in 0..1_000 {
            exchange(&mut map, second * 1_000, 1, 1);
        }
        assert_eq!(map.samples.len(), KEPT);
    }

    #[test]
    fn instants_beyond_any_clock_do_not_overflow() {
        let mut map = TimeMap::default();
        assert!(!map.learn(BOOT, u64::MAX, BOOT));
        exchange(&mut map, 1_000, 1, 1);
        assert_eq!(map.map(u64::MAX), None);
        assert!(map.map(i64::MAX.unsigned_abs()).is_some());
    }
}
