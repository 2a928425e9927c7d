//! How much the lanes below the first may have on their way, so that a violation that comes meanwhile
//! need not wait behind it.
//!
//! In: when each message was offered and acknowledged. Out: a bound of bytes that follows the
//! round trip, and pauses that leave a share of the time to others. Where the line goes is not
//! known, nor how fast it is: a round trip that grows is the queue in front of its slowest part.

use std::time::{Duration, Instant};

/// A round trip may be longer by this than the shortest one. Our choice: with a record of 10 KB
/// behind it a violation arrives within a second on a line of 256 kbit/s.
const QUEUE: Duration = Duration::from_millis(300);

/// A shortest round trip beyond this is taken for a slow line, not for a long way: that of a
/// satellite is as long.
const LONGEST_WAY: Duration = Duration::from_millis(600);

/// Bytes on their way at the beginning of a connection. Our choice: half a second at 256 kbit/s.
const FIRST: usize = 16 * 1024;

/// Least bytes: one record and one piece go on even on the worst line.
const LEAST: usize = 4 * 1024;

/// Most bytes. Our choice: a second on a 2 Mbit/s line.
const MOST: usize = 256 * 1024;

/// Largest piece of a picture (issue: at most 64 KiB).
pub(super) const LARGEST_PIECE: usize = 64 * 1024;

/// Smallest piece, so that topic and properties do not outweigh it.
const SMALLEST_PIECE: usize = 2 * 1024;

/// How long the lanes below the first use the line before they leave it to others. Our choice: a
/// pause after each message would waste the line, and after a minute nobody would call it a share.
const TURN: Duration = Duration::from_secs(1);

/// The state of it on one connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    percent: u8,
    /// Bytes that may be on their way.
    bound: usize,
    /// Shortest round trip so far.
    shortest: Option<Duration>,
    /// Messages offered before this instant do not lower the bound once more.
    lowered: Option<Instant>,
    /// Messages of ours on their way.
    under_way: usize,
    /// Since when there have been some.
    turn: Option<Instant>,
    /// Until when nothing is offered.
    pause: Option<Instant>,
}

impl Pace {
    /// With this share of the time, 1 to 100 %.
    pub(super) fn new(percent: u8) -> Self {
        Self {
            percent: percent.clamp(1, 100),
            bound: FIRST,
            shortest: None,
            lowered: None,
            under_way: 0,
            turn: None,
            pause: None,
        }
    }

    /// Whether another message may be offered while `bytes` are on their way.
    pub(super) fn has_room(&self, bytes: usize, now: Instant) -> bool {
        let paused = self.pause.is_some_and(|until| now < until);
        !paused && !self.is_over(now) && bytes < self.bound
    }

    /// Whether it is somebody else's turn.
    fn is_over(&self, now: Instant) -> bool {
        let long = |since: Instant| now.saturating_duration_since(since) >= TURN;
        self.percent < 100 && self.turn.is_some_and(long)
    }

    /// Bytes of the next piece at most.
    pub(super) fn chunk(&self) -> usize {
        (self.bound / 2).clamp(SMALLEST_PIECE, LARGEST_PIECE)
    }

    /// A message was offered.
    pub(super) fn offered(&mut self, now: Instant) {
        self.under_way += 1;
        self.turn.get_or_insert(now);
    }

    /// A message of `bytes`, offered at `since`, was answered; `before` were on their way until
    /// then.
    pub(super) fn acknowledged(
        &mut self,
        now: Instant,
        since: Instant,
        bytes: usize,
        before: usize,
    ) {
        let trip = now.saturating_duration_since(since);
        let shortest = self.shortest.unwrap_or(LONGEST_WAY).min(trip);
        self.shortest = Some(shortest);
        if trip > shortest + QUEUE {
            if self.lowered.is_none_or(|lowered| since >= lowered) {
                self.lowered = Some(now);
                self.bound = (self.bound / 4 * 3).max(LEAST);
            }
        } else if before >= self.bound / 2 {
            // only what was made use of has shown that it does no harm
            self.bound = (self.bound + bytes / 4).min(MOST);
        }
        self.under_way = self.under_way.saturating_sub(1);
        if self.under_way == 0 {
            self.rest(now);
        }
    }

    /// Everything is answered: the turn is over, and the rest of the time is others'.
    fn rest(&mut self, now: Instant) {
        let Some(since) = self.turn.take() else { return };
        let others = u32::from(100 - self.percent);
        let pause = now.saturating_duration_since(since) * others / u32::from(self.percent);
        self.pause = (!pause.is_zero()).then(|| now + pause);
    }

    /// Time has passed.
    pub(super) fn pass(&mut self, now: Instant) {
        self.pause = self.pause.filter(|until| now < *until);
    }

    /// When a pause ends.
    pub(super) fn wake_at(&self) -> Option<Instant> {
        self.pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line of `rate` bytes a second behind which everything is acknowledged `trip` later; what
    /// the pace lets through for `seconds`, in messages of at most its piece: bytes sent, and the
    /// longest time that a message would have waited in front of the line after the first third.
    fn drained(pace: &mut Pace, rate: usize, trip: Duration, seconds: u64) -> (usize, Duration) {
        let begun = Instant::now();
        let end = begun + Duration::from_secs(seconds);
        let warm = begun + Duration::from_secs(seconds) / 3;
        let (mut now, mut line_free) = (begun, begun);
        let mut on_their_way: std::collections::VecDeque<(Instant, Instant, usize)> =
            std::collections::VecDeque::new();
        let (mut sent, mut in_flight, mut longest) = (0, 0, Duration::ZERO);
        while now < end {
            while pace.has_room(in_flight, now) && on_their_way.len() < 16 {
                let bytes = pace.chunk();
                pace.offered(now);
                let took = Duration::from_micros((bytes * 1_000_000 / rate) as u64);
                line_free = line_free.max(now) + took;
                on_their_way.push_back((now, line_free + trip, bytes));
                in_flight += bytes;
                if now > warm {
                    longest = longest.max(line_free - now);
                }
            }
            match on_their_way.pop_front() {
                Some((since, acknowledged, bytes)) => {
                    now = acknowledged;
                    pace.acknowledged(now, since, bytes, in_flight);
                    in_flight -= bytes;
                    sent += bytes;
                }
                None => {
                    now = pace.wake_at().unwrap();
                    pace.pass(now);
                }
            }
        }
        (sent, longest)
    }

    #[test]
    fn the_queue_in_front_of_a_slow_line_stays_short_and_the_line_is_used() {
        let trip = Duration::from_millis(40);
        for rate in [8_000, 32_000, 128_000, 1_000_000] {
            let mut pace = Pace::new(100);
            let (sent, longest) = drained(&mut pace, rate, trip, 120);
            assert!(longest < Duration::from_millis(1_500), "{rate}: {longest:?}");
            assert!(sent * 100 > rate * 120 * 80, "{rate}: {sent}");
        }
    }

    #[test]
    fn a_share_of_the_time_is_a_share_of_what_is_sent() {
        let (rate, trip) = (32_000, Duration::from_millis(20));
        let (whole, _) = drained(&mut Pace::new(100), rate, trip, 300);
        let (half, _) = drained(&mut Pace::new(50), rate, trip, 300);
        let percent = half * 100 / whole;
        assert!((40..=55).contains(&percent), "{percent} %");
    }

    #[test]
    fn a_piece_is_never_larger_than_64_kib() {
        let mut pace = Pace::new(100);
        let _fast = drained(&mut pace, 1_000_000_000, Duration::from_micros(10), 1);
        assert_eq!((pace.chunk(), pace.bound), (LARGEST_PIECE, MOST));
    }

    #[test]
    fn what_was_never_made_use_of_does_not_grow() {
        let mut pace = Pace::new(100);
        let now = Instant::now();
        for _ in 0..1_000 {
            pace.offered(now);
            pace.acknowledged(now, now, 500, 500);
        }
        assert_eq!(pace.bound, FIRST);
    }
}
