//! Brings commits into the database, one after the other: large ones in a thread of its own, while the
//! next becomes durable.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use tokio::sync::mpsc::WeakSender;

use super::super::panics;
use super::super::progress::Progress;
use super::super::shared::Shared;
use super::super::trees::{Trees, Write};
use super::{Request, WriteError};

/// Commits that wait for the one before at most: what is told and not yet in the database stays within
/// a few megabytes, and whoever reads waits for little.
const MOST_WAITING: usize = 1;

/// Writes of a commit that is not worth waking another thread for. Our choice: some 50 µs in sled, and
/// more than a vehicle by itself has.
const FEW: usize = 12;

/// A durable commit.
#[derive(Debug)]
pub(super) struct Durable {
    /// Where it belongs.
    pub(super) trees: Trees,
    pub(super) writes: Vec<Write>,
    /// It makes room.
    pub(super) removes: bool,
}

/// The thread, while it is needed.
#[derive(Debug)]
pub(super) struct Applier {
    shared: Arc<Shared>,
    work: Option<SyncSender<Durable>>,
    thread: Option<JoinHandle<()>>,
}

impl Applier {
    /// Starts the thread, which asks the `writer` to look when a commit cannot be brought in.
    pub(super) fn start(shared: &Arc<Shared>, writer: WeakSender<Request>) -> io::Result<Self> {
        let (work, waiting) = sync_channel(MOST_WAITING);
        let thread = Builder::new().name("store-applier".to_owned()).spawn({
            let shared = Arc::clone(shared);
            move || run(&waiting, &shared, &writer)
        })?;
        Ok(Self { shared: Arc::clone(shared), work: Some(work), thread: Some(thread) })
    }

    /// Brings in a commit that the progress of its database knows of. It is there when this returns if
    /// it is a small one, or makes room.
    pub(super) fn bring_in(&self, commit: Durable) {
        let Some(work) = self.work.as_ref().filter(|_| !commit.is_small()) else {
            commit.trees.progress.wait_for_others();
            return commit.bring_in(&self.shared);
        };
        if let Err(unsent) = work.send(commit) {
            unsent.0.bring_in(&self.shared);
        }
    }
}

impl Drop for Applier {
    /// The database is let go of when the store is closed.
    fn drop(&mut self) {
        self.work = None;
        if let Some(Err(_)) = self.thread.take().map(JoinHandle::join) {
            tracing::error!("the thread that brings commits into the database has panicked");
        }
    }
}

fn run(waiting: &Receiver<Durable>, shared: &Shared, writer: &WeakSender<Request>) {
    while let Ok(commit) = waiting.recv() {
        let progress = Arc::clone(&commit.trees.progress);
        commit.bring_in(shared);
        if progress.has_failed()
            && let Some(writer) = writer.upgrade()
        {
            // one that has other requests looks by itself, and one that is gone closes the database
            let _unsent = writer.try_send(Request::Unapplied);
        }
    }
}

impl Durable {
    /// Whoever reads waits for it from now on.
    pub(super) fn will_come(&self) -> Arc<Progress> {
        self.trees.progress.will_come();
        Arc::clone(&self.trees.progress)
    }

    /// Where removing fails the writer has to know before it removes more.
    fn is_small(&self) -> bool {
        self.removes || self.writes.len() <= FEW
    }

    /// Nobody may read what has come into the database by halves: it is shut before anybody is told.
    fn bring_in(self, shared: &Shared) {
        let Self { trees, writes, .. } = self;
        let progress = Arc::clone(&trees.progress);
        if progress.has_failed() {
            return;
        }
        let applied = applied(&trees, &writes);
        if applied.is_err() {
            shared.set_trees(None);
        }
        // who waits for it may want to be the only one to have it
        drop(trees);
        progress.has_come(applied);
        shared.wake();
    }
}

fn applied(trees: &Trees, writes: &[Write]) -> Result<(), WriteError> {
    catch_unwind(AssertUnwindSafe(|| trees.apply(writes).map_err(WriteError::Apply)))
        .unwrap_or_else(|panic| Err(WriteError::Panicked(panics::message(panic.as_ref()))))
}
