//! What the handles see of the store: only what is durable.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use tokio::sync::watch;

use crate::clock::Timestamp;
use crate::io::free_space::FreeSpace;
use crate::io::intake::LinkCursor;
use crate::pipeline::{Arrival, InputId};

use super::error::{Bound, StoreError};
use super::lock::DirLock;
use super::panics;
use super::signer::PublicKey;
use super::state::State;
use super::status::{StoreCounts, StoreStatus};
use super::trees::Trees;

#[derive(Debug)]
pub(super) struct Shared {
    dir: PathBuf,
    pruning_paused: AtomicBool,
    public_key: Mutex<PublicKey>,
    trees: RwLock<Option<Trees>>,
    lock: Mutex<Option<DirLock>>,
    durable_seq: AtomicU64,
    /// Since when all claims to pictures are known.
    claims_known_since: AtomicI64,
    cursors: Mutex<HashMap<String, LinkCursor>>,
    status: Mutex<StoreStatus>,
    outbox_changed: watch::Sender<u64>,
    /// Whether that is to be told.
    more_to_send: AtomicBool,
    own_inputs: Mutex<Vec<(InputId, Arrival)>>,
    /// Records that cannot be read and of which an alarm tells: first and last sequences.
    told_unreadable: Mutex<Vec<(u64, u64)>>,
    /// Undecodable ledger entries met by readers.
    pub(super) unreadable: AtomicU64,
}

impl Shared {
    pub(super) fn new(
        dir: &Path,
        public_key: PublicKey,
        (trees, lock): (Trees, DirLock),
        state: &State,
        cursors: HashMap<String, LinkCursor>,
    ) -> Self {
        Self {
            dir: dir.to_owned(),
            pruning_paused: AtomicBool::new(false),
            public_key: Mutex::new(public_key),
            trees: RwLock::new(Some(trees)),
            lock: Mutex::new(Some(lock)),
            durable_seq: AtomicU64::new(state.head.seq),
            claims_known_since: AtomicI64::new(i64::MAX),
            cursors: Mutex::new(cursors),
            status: Mutex::new(StoreStatus::default()),
            outbox_changed: watch::Sender::new(0),
            more_to_send: AtomicBool::new(false),
            own_inputs: Mutex::new(Vec::new()),
            told_unreadable: Mutex::new(Vec::new()),
            unreadable: AtomicU64::new(0),
        }
    }

    /// The store's directory.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The key of the records that are sealed now.
    pub(super) fn public_key(&self) -> PublicKey {
        *lock(&self.public_key)
    }

    pub(super) fn signs_with(&self, key: PublicKey) {
        *lock(&self.public_key) = key;
    }

    /// Free bytes for us, fewer where files run out before; none when the file system cannot be asked.
    pub(super) fn free_bytes(&self) -> u64 {
        FreeSpace::under(&self.dir).map_or(0, FreeSpace::usable)
    }

    /// Nothing is pruned while the answer lives; `None` when somebody else has asked for that.
    pub(super) fn pause_pruning(&self) -> Option<PruningPaused<'_>> {
        let paused = self.pruning_paused.swap(true, Ordering::AcqRel);
        (!paused).then_some(PruningPaused(self))
    }

    pub(super) fn may_prune(&self) -> bool {
        !self.pruning_paused.load(Ordering::Acquire)
    }

    /// A handle of the open database, with all that was durable before.
    pub(super) fn trees(&self) -> Result<Trees, StoreError> {
        let trees = self.trees.read().unwrap_or_else(PoisonError::into_inner).clone();
        trees.filter(|trees| trees.progress.wait()).ok_or(StoreError::Closed)
    }

    /// Puts another database in the place of the one that is open, unless somebody reads it: then
    /// nothing happens. Readers that come meanwhile wait. `None` from `replace` leaves none open.
    pub(super) fn replace_trees(
        &self,
        of_caller: usize,
        replace: impl FnOnce(Trees) -> Option<Trees>,
    ) -> bool {
        let mut trees = self.trees.write().unwrap_or_else(PoisonError::into_inner);
        match trees.take() {
            Some(alone) if alone.handles() <= 1 + of_caller => {
                *trees = replace(alone);
                true
            }
            read => {
                *trees = read;
                false
            }
        }
    }

    pub(super) fn set_trees(&self, trees: Option<Trees>) {
        *self.trees.write().unwrap_or_else(PoisonError::into_inner) = trees;
    }

    /// Last sequence that may be shown to anybody.
    pub(super) fn durable_seq(&self) -> u64 {
        self.durable_seq.load(Ordering::Acquire)
    }

    /// All claims to pictures that were brought later are in the database. Whoever asks after reading it
    /// is told of all that was not there.
    pub(super) fn claims_known_since(&self) -> Timestamp {
        Timestamp(self.claims_known_since.load(Ordering::Acquire))
    }

    /// A commit is on the disk. Whoever asks for the last sequence before the database finds all records
    /// up to it there.
    pub(super) fn durable(&self, state: &State, cursors: HashMap<String, LinkCursor>) {
        let known_since = state.claims.known_since.unwrap_or(Timestamp(i64::MAX));
        self.claims_known_since.store(known_since.0, Ordering::Release);
        self.durable_seq.store(state.head.seq, Ordering::Release);
        lock(&self.cursors).extend(cursors);
    }

    /// Whether the next [`Self::wake`] wakes anybody.
    pub(super) fn wake_for(&self, more_to_send: bool) {
        self.more_to_send.fetch_or(more_to_send, Ordering::AcqRel);
    }

    pub(super) fn publish(
        &self,
        state: &State,
        counts: &StoreCounts,
        full: Option<Bound>,
        failed: bool,
    ) {
        let mut counts = counts.clone();
        counts.unreadable_records += self.unreadable.load(Ordering::Relaxed);
        *lock(&self.status) = StoreStatus {
            head: state.head,
            anchor: state.anchor,
            inbox: state.inbox,
            ledger: state.ledger,
            outbox_first: state.outbox[0],
            outbox_second: state.outbox[1],
            outbox_pictures: state.outbox[2],
            full,
            failed,
            counts,
        };
    }

    /// Wakes whoever waits for more to send, once it can be read and its figures are published.
    pub(super) fn wake(&self) {
        if self.more_to_send.swap(false, Ordering::AcqRel) {
            self.outbox_changed.send_modify(|version| *version += 1);
        }
    }

    pub(super) fn status(&self) -> StoreStatus {
        lock(&self.status).clone()
    }

    pub(super) fn cursors(&self) -> HashMap<String, LinkCursor> {
        lock(&self.cursors).clone()
    }

    pub(super) fn outbox_changed(&self) -> watch::Receiver<u64> {
        self.outbox_changed.subscribe()
    }

    /// Durable inputs that no door brought.
    pub(super) fn add_own_inputs(&self, inputs: impl Iterator<Item = (InputId, Arrival)>) {
        lock(&self.own_inputs).extend(inputs);
    }

    pub(super) fn take_own_inputs(&self) -> Vec<(InputId, Arrival)> {
        std::mem::take(&mut lock(&self.own_inputs))
    }

    /// Sequences that cannot be read and of which an alarm has told since the start.
    pub(super) fn told_unreadable(&self) -> Vec<(u64, u64)> {
        lock(&self.told_unreadable).clone()
    }

    /// An alarm has told of these.
    pub(super) fn tell_unreadable(&self, spans: Vec<(u64, u64)>) {
        let mut told = lock(&self.told_unreadable);
        for span in spans {
            if !told.contains(&span) {
                told.push(span);
            }
        }
    }

    /// The directory was made anew, and so was its lock.
    pub(super) fn hold(&self, held: DirLock) {
        *lock(&self.lock) = Some(held);
    }

    /// Lets go of the database and then of the directory.
    pub(super) fn close(&self) {
        self.set_trees(None);
        panics::unwatch(&self.dir);
        lock(&self.lock).take();
    }
}

/// While it lives the ledger keeps what it has.
#[derive(Debug)]
pub(super) struct PruningPaused<'a>(&'a Shared);

impl Drop for PruningPaused<'_> {
    fn drop(&mut self) {
        self.0.pruning_paused.store(false, Ordering::Release);
    }
}

/// A holder that panicked leaves plain values that are whole at every moment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
