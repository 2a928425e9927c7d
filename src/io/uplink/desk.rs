//! Where the platform's requests are let in and answers wait: how many in a time, and how many at
//! once. Lives as long as the uplink, so that a lost connection gives nobody a fresh allowance.
//!
//! Pure: time is an argument.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;

/// Requests that are let in at once. Our choice: a clerk who catches up with a dozen records.
const BURST: u32 = 20;

/// One more every so often. Our choice: 1 200 an hour, each with one sealed audit record, are a
/// twentieth of what a busy site seals.
const EVERY: Duration = Duration::from_secs(3);

/// Refusals for frequency are answered together this often, each time with their number.
const TELL: Duration = Duration::from_secs(1);

/// The audit record about them comes this often.
const AUDIT: Duration = Duration::from_secs(60);

/// Answers that may wait for the line; beyond, the oldest is dropped and counted.
const MOST_ANSWERS: usize = 32;

/// An answer that waits for the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its topic.
    pub topic: String,
    /// What the platform wants back.
    pub correlation: Option<Bytes>,
    /// Its JSON.
    pub payload: Vec<u8>,
}

/// The desk.
#[derive(Debug)]
pub struct Desk {
    tokens: u32,
    filled: Instant,
    /// Refused for frequency and not answered yet.
    untold: u64,
    told: Option<Instant>,
    /// Refused for frequency and not in an audit record yet.
    unaudited: u64,
    audited: Option<Instant>,
    answers: VecDeque<Answer>,
    /// Tells audit records of the same instant apart.
    number: u64,
}

impl Desk {
    /// With its whole allowance.
    pub fn new(now: Instant) -> Self {
        Self {
            tokens: BURST,
            filled: now,
            untold: 0,
            told: None,
            unaudited: 0,
            audited: None,
            answers: VecDeque::new(),
            number: 0,
        }
    }

    /// Whether another request is let in.
    pub fn admit(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.filled).as_millis() / EVERY.as_millis();
        if passed > 0 {
            let passed = u32::try_from(passed).unwrap_or(u32::MAX);
            self.tokens = self.tokens.saturating_add(passed).min(BURST);
            self.filled = match self.tokens {
                BURST => now,
                _ => self.filled + EVERY * passed,
            };
        }
        if self.tokens == 0 {
            self.untold += 1;
            self.unaudited += 1;
            return false;
        }
        self.tokens -= 1;
        true
    }

    /// How many refusals for frequency the next answer stands for; `None` before it is time.
    pub fn refusals(&mut self, now: Instant) -> Option<u64> {
        let due = is_due(self.told, TELL, now) && self.untold > 0;
        due.then(|| {
            self.told = Some(now);
            std::mem::take(&mut self.untold)
        })
    }

    /// The same for the audit record.
    pub fn unaudited(&mut self, now: Instant) -> Option<u64> {
        let due = is_due(self.audited, AUDIT, now) && self.unaudited > 0;
        due.then(|| {
            self.audited = Some(now);
            std::mem::take(&mut self.unaudited)
        })
    }

    /// When refusals are to be answered or audited although nothing comes.
    pub fn wake_at(&self) -> Option<Instant> {
        let told = self.told.filter(|_| self.untold > 0).map(|told| told + TELL);
        let audited = self.audited.filter(|_| self.unaudited > 0).map(|audited| audited + AUDIT);
        told.into_iter().chain(audited).min()
    }

    /// An answer is to be sent; false when another one had to go for it.
    pub fn reply(&mut self, answer: Answer) -> bool {
        let room = self.answers.len() < MOST_ANSWERS;
        if !room {
            self.answers.pop_front();
        }
        self.answers.push_back(answer);
        room
    }

    /// The next answer to send.
    pub fn next_answer(&mut self) -> Option<Answer> {
        self.answers.pop_front()
    }

    /// A number of its own for each audit record.
    pub fn number(&mut self) -> u64 {
        self.number += 1;
        self.number
    }
}

fn is_due(last: Option<Instant>, every: Duration, now: Instant) -> bool {
    last.is_none_or(|last| now.saturating_duration_since(last) >= every)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(desk: &mut Desk, now: Instant, times: usize) -> usize {
        (0..times).filter(|_| desk.admit(now)).count()
    }

    #[test]
    fn a_burst_is_let_in_and_then_one_in_three_seconds() {
        let begun = Instant::now();
        let mut desk = Desk::new(begun);
        assert_eq!(admitted(&mut desk, begun, 100), 20);
        assert_eq!(admitted(&mut desk, begun + Duration::from_millis(2_999), 9), 0);
        assert_eq!(admitted(&mut desk, begun + Duration::from_secs(9), 9), 3);
        assert_eq!(admitted(&mut desk, begun + Duration::from_secs(3_600), 100), 20);
    }

    #[test]
    fn a_flood_is_answered_once_a_second_and_audited_once_a_minute_with_its_number() {
        let begun = Instant::now();
        let mut desk = Desk::new(begun);
        admitted(&mut desk, begun, 120);
        assert_eq!((desk.refusals(begun), desk.unaudited(begun)), (Some(100), Some(100)));
        admitted(&mut desk, begun, 50);
        assert_eq!((desk.refusals(begun), desk.unaudited(begun)), (None, None));
        assert_eq!(desk.wake_at(), Some(begun + TELL));
        let second = begun + TELL;
        assert_eq!((desk.refusals(second), desk.unaudited(second)), (Some(50), None));
        assert_eq!(desk.wake_at(), Some(begun + AUDIT));
        assert_eq!(desk.unaudited(begun + AUDIT), Some(50));
        assert_eq!(desk.wake_at(), None);
    }

    #[test]
    fn answers_that_nobody_fetches_take_no_more_than_their_room() {
        let mut desk = Desk::new(Instant::now());
        let answer = |n: u8| Answer { topic: String::new(), correlation: None, payload: vec![n] };
        let kept = (0..40).filter(|n| desk.reply(answer(*n))).count();
        assert_eq!((kept, desk.next_answer()), (32, Some(answer(8))));
    }
}
