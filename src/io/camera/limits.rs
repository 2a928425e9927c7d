//! Bounds in time: rates, paces and deadlines. All of them run in real time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use tokio::time::Instant;

/// Header bytes of a request (cameras.md section 10).
pub(super) const HEADER_BYTES: usize = 16 * 1024;
/// Header lines of a request; our choice: cameras send fewer than 15.
pub(super) const HEADER_LINES: usize = 64;
/// A camera wants its answer within a second (cameras.md section 2.9); the rest is for the way.
pub(super) const REPLY_WITHIN: Duration = Duration::from_millis(900);
/// A list of GA/T 1400 holds up to hundreds of events, whose pictures are all synced first. Our
/// choice: the one second above is Hikvision's.
pub(super) const LIST_REPLY_WITHIN: Duration = Duration::from_secs(5);
/// A body must keep up this pace after the first silence that is allowed. Our choice: a tenth of
/// what one 600 KB event a second needs on a 10 Mbit/s line.
const PACE_BYTES_PER_SECOND: u64 = 64 * 1024;
/// How long a refused request is still read, so that its sender sees the answer; our choice.
pub(super) const LINGER: Duration = Duration::from_secs(2);
/// Wrong tokens that an address may try at once, and how often one more is answered at once. Our
/// choice: a camera with a wrong path retries about once a second and stays visible.
const GUESSES: u32 = 20;
const GUESS_EVERY: Duration = Duration::from_secs(1);
/// How long each further one waits for its answer, which also ends its connection. Our choice: on
/// the half of the places that an address can have, some thirty guesses a second, for which a token
/// of eight letters lasts longer than anybody lives.
pub(super) const GUESS_PAUSE: Duration = Duration::from_secs(1);
/// Addresses that are remembered; beyond it the one that guessed longest ago is forgotten.
const ADDRESSES: usize = 1_024;
/// Seconds of a camera's rate that may come at once: a camera empties its cache after an outage.
const BURST_SECONDS: u32 = 10;

/// A bucket that holds `size` and refills by one every `every`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    size: u32,
    every: Duration,
    left: u32,
    since: Instant,
}

impl Bucket {
    /// A full one.
    pub(super) fn new(size: u32, every: Duration, now: Instant) -> Self {
        Self { size, every, left: size, since: now }
    }

    /// For a camera that may send so many requests a second.
    pub(super) fn for_camera(per_second: u32, now: Instant) -> Self {
        let per_second = per_second.max(1);
        let every = Duration::from_secs(1) / per_second;
        Self::new(per_second.saturating_mul(BURST_SECONDS), every, now)
    }

    /// Whether there is one to take.
    pub(super) fn has(&mut self, now: Instant) -> bool {
        let gained =
            now.saturating_duration_since(self.since).as_nanos() / self.every.as_nanos().max(1);
        let gained = u32::try_from(gained).unwrap_or(u32::MAX);
        if gained > 0 {
            self.left = self.left.saturating_add(gained).min(self.size);
            self.since =
                if self.left == self.size { now } else { self.since + self.every * gained };
        }
        self.left > 0
    }

    /// Takes one if there is one.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let has = self.has(now);
        if has {
            self.left -= 1;
        }
        has
    }
}

/// Wrong tokens and passwords by address. They cost who guesses, never who is right: behind one
/// address there may be many cameras.
#[derive(Debug, Default)]
pub(super) struct Guesses(HashMap<IpAddr, Bucket>);

/// What a wrong guess is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guess {
    /// The first of its address.
    First,
    /// One more.
    Further,
    /// One too many: its answer waits.
    Surplus,
}

impl Guesses {
    /// Notes a wrong guess.
    pub(super) fn wrong(&mut self, address: IpAddr, now: Instant) -> Guess {
        if self.0.len() >= ADDRESSES && !self.0.contains_key(&address) {
            let oldest = self.0.iter().min_by_key(|(_, bucket)| bucket.since);
            if let Some(oldest) = oldest.map(|(address, _)| *address) {
                self.0.remove(&oldest);
            }
        }
        let first = !self.0.contains_key(&address);
        let bucket =
            self.0.entry(address).or_insert_with(|| Bucket::new(GUESSES, GUESS_EVERY, now));
        match (bucket.take(now), first) {
            (false, _) => Guess::Surplus,
            (true, true) => Guess::First,
            (true, false) => Guess::Further,
        }
    }
}

/// The deadline of a body: no long silence, and no trickle either.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    started: Instant,
    silence: Duration,
}

impl Pace {
    /// For a body that begins now and may be silent for so long.
    pub(super) fn new(started: Instant, silence: Duration) -> Self {
        Self { started, silence }
    }

    /// When the next bytes must have come, after `received` bytes until `now`.
    pub(super) fn deadline(&self, received: u64, now: Instant) -> Instant {
        let earned = Duration::from_millis(received.saturating_mul(1_000) / PACE_BYTES_PER_SECOND);
        (now + self.silence).min(self.started + self.silence + earned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_bucket_gives_its_size_and_then_its_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::new(2, SECOND, start);
        let taken = [0, 0, 0, 1, 1, 9, 9, 9].map(|at| bucket.take(start + SECOND * at));
        assert_eq!(taken, [true, true, false, true, false, true, true, false]);
    }

    #[test]
    fn an_address_that_guesses_waits_and_others_do_not() {
        let start = Instant::now();
        let (guesser, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let mut guesses = Guesses::default();
        assert_eq!(guesses.wrong(guesser, start), Guess::First);
        for _ in 1..GUESSES {
            assert_eq!(guesses.wrong(guesser, start), Guess::Further);
        }
        assert_eq!(guesses.wrong(guesser, start), Guess::Surplus);
        assert_eq!(guesses.wrong(other, start), Guess::First);
        assert_eq!(guesses.wrong(guesser, start + SECOND), Guess::Further);
        assert_eq!(guesses.wrong(guesser, start + SECOND), Guess::Surplus);
    }

    #[test]
    fn the_memory_of_addresses_is_bounded() {
        let mut guesses = Guesses::default();
        for number in 0..ADDRESSES as u32 + 10 {
            guesses.wrong(IpAddr::from(number.to_be_bytes()), Instant::now());
        }
        assert_eq!(guesses.0.len(), ADDRESSES);
    }

    #[test]
    fn a_trickle_earns_no_time() {
        let start = Instant::now();
        let pace = Pace::new(start, SECOND * 10);
        assert_eq!(pace.deadline(10, start + SECOND * 9), start + SECOND * 10);
        assert_eq!(pace.deadline(64 * 1024, start + SECOND * 9), start + SECOND * 11);
        assert_eq!(pace.deadline(1 << 30, start + SECOND * 9), start + SECOND * 19);
    }

    #[test]
    fn one_byte_a_second_is_over_after_ten_seconds() {
        let start = Instant::now();
        let pace = Pace::new(start, SECOND * 10);
        let in_time = (1..60_u32).take_while(|byte| {
            let before = start + SECOND * (byte - 1);
            start + SECOND * *byte < pace.deadline(u64::from(byte - 1), before)
        });
        assert_eq!(in_time.count(), 9);
    }
}
