//! How long to wait before the next connection.
//!
//! In: failures and the length of good times. Out: a jittered, doubling pause. One success does
//! not forget the failures: only a link that stayed good for a while does, so that a peer that
//! accepts and drops is not hammered.

use std::time::Duration;

/// First pause. Our choice: a broker that restarts is back within a second.
const FIRST: Duration = Duration::from_millis(250);

/// Longest pause. Our choice: after a night's outage the site is back within a minute.
const LONGEST: Duration = Duration::from_secs(60);

/// A link that was good for this long has forgotten its failures.
const GOOD: Duration = Duration::from_secs(30);

/// The pause's state.
#[derive(Clone, Debug, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The pause after a connection that could not be made (`good` is `None`) or that ended after
    /// it had been good for a time. `jitter` is any random number: it chooses a pause between
    /// half of the computed one and all of it, so that sites do not return in step.
    pub fn pause(&mut self, good: Option<Duration>, jitter: u32) -> Duration {
        if good.is_some_and(|good| good >= GOOD) {
            self.failures = 0;
        }
        let doubled = FIRST.saturating_mul(1_u32.checked_shl(self.failures).unwrap_or(u32::MAX));
        self.failures = self.failures.saturating_add(1).min(16);
        let half = doubled.min(LONGEST) / 2;
        let share = u64::try_from(half.as_micros()).unwrap_or(u64::MAX);
        half + Duration::from_micros(share * u64::from(jitter) / u64::from(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(backoff: &mut Backoff, good: Option<Duration>, times: usize) -> Vec<u128> {
        (0..times).map(|_| backoff.pause(good, u32::MAX).as_millis()).collect()
    }

    #[test]
    fn the_pause_doubles_up_to_a_minute() {
        let mut backoff = Backoff::default();
        assert_eq!(
            pauses(&mut backoff, None, 10),
            [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]
        );
        assert_eq!(pauses(&mut backoff, None, 100).last(), Some(&60_000));
    }

    #[test]
    fn only_a_link_that_stayed_good_forgets_its_failures() {
        let mut backoff = Backoff::default();
        pauses(&mut backoff, None, 4);
        let short = Some(Duration::from_secs(29));
        assert_eq!(pauses(&mut backoff, short, 1), [4_000]);
        let long = Some(Duration::from_secs(30));
        assert_eq!(pauses(&mut backoff, long, 1), [250]);
    }

    #[test]
    fn the_jitter_stays_between_half_and_all() {
        let pause = |jitter| Backoff::default().pause(None, jitter).as_millis();
        assert_eq!((pause(0), pause(u32::MAX)), (125, 250));
    }
}
