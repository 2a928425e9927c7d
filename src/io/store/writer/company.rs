//! Who shares a commit: callers that were answered together come back together, so the writer
//! waits a little for as many as there were the last time.
//!
//! Without it the first to return would take a commit and a sync for itself, and all others the
//! next: half of the speed. A caller that is alone never waits, and neither does one that comes
//! later than those who come back would be waited for: the wait burns the processor.

use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::Receiver;

use super::Request;

/// Requests that share one commit at most. Our choice: far beyond what waits in practice, and a
/// few megabytes at the utmost.
const MAX_REQUESTS: usize = 512;

/// Longest wait for others. Our choice: a quarter of a sync on a slow disk.
const LONGEST: Duration = Duration::from_millis(1);

/// What the last commit was like.
#[derive(Debug, Default)]
pub(in crate::io::store) struct Company {
    /// Requests in it.
    size: usize,
    /// How long others are waited for.
    patience: Duration,
    /// When it was in the database; its callers were answered just before.
    ended: Option<Instant>,
}

impl Company {
    /// The first request and those that wait with it or come at once.
    pub(super) fn gather(
        &mut self,
        first: Request,
        requests: &mut Receiver<Request>,
    ) -> Vec<Request> {
        let now = Instant::now();
        let until = now + self.patience;
        let expected = if self.is_back(now) { self.size } else { 1 };
        let mut waiting = vec![first];
        while waiting.len() < MAX_REQUESTS {
            match requests.try_recv() {
                Ok(next) => waiting.push(next),
                Err(_) if waiting.len() >= expected || Instant::now() >= until => break,
                Err(_) => thread::yield_now(),
            }
        }
        self.size = waiting.len();
        waiting
    }

    /// The commit began then and has ended: others are waited for during a quarter of it.
    pub(super) fn took(&mut self, began: Instant) {
        let now = Instant::now();
        self.patience = (now.saturating_duration_since(began) / 4).min(LONGEST);
        self.ended = Some(now);
    }

    /// Whether who comes now may be one of those who were answered together.
    fn is_back(&self, now: Instant) -> bool {
        self.ended.is_some_and(|at| now.saturating_duration_since(at) <= self.patience)
    }
}
