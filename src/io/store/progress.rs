//! How far the commits that are durable have come into the database. They are told as soon as they are
//! in the journal; whoever reads the database waits for those that were told before.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::error::WriteError;

/// Commits of one open database.
#[derive(Debug, Default)]
pub(super) struct Progress {
    standing: Mutex<Standing>,
    moved: Condvar,
}

#[derive(Debug, Default)]
struct Standing {
    durable: u64,
    applied: u64,
    /// One came by halves: no other comes after it.
    failed: bool,
    /// Why, until the writer has taken it.
    cause: Option<WriteError>,
}

impl Progress {
    /// A commit is durable and about to come.
    pub(super) fn will_come(&self) {
        self.standing().durable += 1;
    }

    /// The oldest of those that are about to come is there, or never will be.
    pub(super) fn has_come(&self, applied: Result<(), WriteError>) {
        let mut standing = self.standing();
        match applied {
            Ok(()) => standing.applied += 1,
            Err(cause) => {
                standing.failed = true;
                standing.cause.get_or_insert(cause);
            }
        }
        drop(standing);
        self.moved.notify_all();
    }

    /// Waits for all that was durable before; whether it is there.
    pub(super) fn wait(&self) -> bool {
        let standing = self.standing();
        let before = standing.durable;
        let is_to_come = |it: &mut Standing| it.applied < before && !it.failed;
        let waited = self.moved.wait_while(standing, is_to_come);
        !waited.unwrap_or_else(PoisonError::into_inner).failed
    }

    /// Waits for all but the one that came last.
    pub(super) fn wait_for_others(&self) {
        let is_to_come = |it: &mut Standing| it.applied + 1 < it.durable && !it.failed;
        let _there = self.moved.wait_while(self.standing(), is_to_come);
    }

    /// Whether one has failed.
    pub(super) fn has_failed(&self) -> bool {
        self.standing().failed
    }

    /// Why one has failed, if one has; for the writer alone.
    pub(super) fn failure(&self) -> Option<WriteError> {
        let mut standing = self.standing();
        standing.failed.then(|| standing.cause.take().unwrap_or(WriteError::NotOpen))
    }

    /// A holder that panicked leaves plain values that are whole at every moment.
    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn who_reads_waits_for_what_was_durable_before() {
        let (progress, is_there) = (Progress::default(), AtomicBool::new(false));
        assert!(progress.wait(), "nothing is about to come");
        progress.will_come();
        progress.will_come();
        thread::scope(|scope| {
            let reader = scope.spawn(|| (progress.wait(), is_there.load(Ordering::SeqCst)));
            progress.has_come(Ok(()));
            progress.wait_for_others();
            is_there.store(true, Ordering::SeqCst);
            progress.has_come(Ok(()));
            assert_eq!(reader.join().expect("no panic"), (true, true));
        });
    }

    #[test]
    fn after_a_failure_nobody_waits_and_the_cause_is_told_once() {
        let progress = Progress::default();
        progress.will_come();
        progress.will_come();
        progress.has_come(Err(WriteError::Removed));
        progress.has_come(Err(WriteError::NotOpen));
        assert!(progress.has_failed() && !progress.wait());
        assert!(matches!(progress.failure(), Some(WriteError::Removed)));
        assert!(matches!(progress.failure(), Some(WriteError::NotOpen)));
    }
}
