//! Who shares a commit: callers that were answered together come back together, so the writer
//! waits a little for as many as there were the last time.
//!
//! Without it the first to return would take a commit and a sync for itself, and all others the
//! next: half of the speed. A caller that is alone never waits.

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
}

impl Company {
    /// The first request and those that wait with it or come at once.
    pub(super) fn gather(
        &mut self,
        first: Request,
        requests: &mut Receiver<Request>,
    ) -> Vec<Request> {
        let until = Instant::now() + self.patience;
        let mut waiting = vec![first];
        while waiting.len() < MAX_REQUESTS {
            match requests.try_recv() {
                Ok(next) => waiting.push(next),
                Err(_) if waiting.len() >= self.size || Instant::now() >= until => break,
                Err(_) => thread::yield_now(),
            }
        }
        self.size = waiting.len();
        waiting
    }

    /// The commit took so long: others are waited for during a quarter of it.
    pub(super) fn took(&mut self, commit: Duration) {
        self.patience = (commit / 4).min(LONGEST);
    }
}
