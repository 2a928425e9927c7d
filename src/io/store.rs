//! The durable middle: inputs wait here for the pipeline, records are sealed here, and what is to
//! be sent waits here for the platform. Every answer comes after the commit is on the disk, in the
//! journal or in sled's own files, synced; commits that arrive together share one sync. Readers see only
//! what is durable.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::{mpsc, oneshot, watch};

use crate::clock::Clock;
use crate::io::intake::{CursorUpdate, LinkCursor};
use crate::pipeline::record::Record;
use crate::pipeline::{Action, Arrival, InputId, Known};

mod again;
mod aside;
mod barrier;
mod batch;
pub mod chain;
mod claims;
pub mod codec;
mod compact;
mod copy;
mod durable;
mod error;
pub mod evidence;
mod found;
mod hex;
mod inbox;
mod inspection;
mod journal;
mod known;
mod ledger;
mod listing;
mod lock;
mod mark;
mod options;
mod origin;
mod outbox;
mod panics;
mod prepare;
mod progress;
mod reader;
mod recovery;
mod retention;
mod roll;
mod rotation;
mod shared;
pub mod signer;
mod state;
mod status;
mod stretches;
mod sync;
mod trees;
mod writer;

pub use aside::{Aside, AsideReason};
pub use chain::{Head, Proof};
pub use compact::{Compaction, Footprint};
pub use copy::LedgerCopy;
pub use error::{Bound, StoreError, WriteError};
pub use found::{Lost, Missing, MovedAside, Recovery};
pub use hex::{Digest, Hex};
pub use inspection::Inspection;
pub use ledger::SealedRecord;
pub use listing::{AsideListing, Delivery, EntryListing, LaneListing, OutboxListing};
pub use options::{Bounds, SendPictures, StoreOptions};
pub use origin::Origin;
pub use outbox::{Lane, OutboxEntry, OutboxItem, OutboxKey, Waiting};
pub use panics::OPENER;
pub use reader::StoreReader;
pub use rotation::{KEY_IN_USE, KEY_INTRODUCED};
pub use signer::{KeyError, PublicKey, Signer};
pub use status::{StoreCounts, StoreStatus, Usage};
pub use trees::TreeName;

use shared::Shared;
use writer::{Reply, Request};

/// Requests that may wait for the writer before callers wait themselves.
const QUEUE: usize = 1_024;

/// A handle; clones share one store. The store ends with its last handle or with
/// [`Store::close`].
#[derive(Clone, Debug)]
pub struct Store {
    requests: mpsc::Sender<Request>,
    shared: Arc<Shared>,
}

impl Store {
    /// Opens or makes the store in `options.dir`; blocks for as long as that takes.
    ///
    /// Files that cannot be used are moved aside, and an alarm about it is the first input.
    ///
    /// # Errors
    /// [`StoreError::Held`] when another process has it open; [`StoreError::Directory`] and
    /// [`StoreError::Open`] when something other than damage is in the way.
    pub fn open(
        options: &StoreOptions,
        signer: Signer,
        clock: Clock,
    ) -> Result<(Self, Recovery), StoreError> {
        let lock = lock::DirLock::take(&options.dir)?;
        let opened = recovery::open(&options.dir, &options.newest_picture, &clock)?;
        writer::start(options, signer, clock, lock, opened)
    }

    /// Takes inputs and the cursors that go with them, all or none; answers when they are
    /// durable.
    ///
    /// # Errors
    /// [`StoreError::Full`] at a bound and [`StoreError::Write`] when the disk fails: nothing may
    /// then be acknowledged to the sender.
    pub async fn accept(
        &self,
        arrivals: Vec<Arrival>,
        cursors: Vec<CursorUpdate>,
    ) -> Result<Vec<InputId>, StoreError> {
        let values = prepare::arrivals(&arrivals)?;
        self.ask(|reply| Request::Accept { values, cursors, reply }).await
    }

    /// Seals records and drops inputs, in order, in one commit: each record gets its place in the
    /// chain and its outbox entries, and its inputs leave the inbox. Answers with one proof for
    /// each sealed record.
    ///
    /// After an error the same actions may be offered again: what had become durable after all
    /// is not sealed twice. A record of which no input is left is skipped and counted.
    ///
    /// # Errors
    /// [`StoreError::Full`] when the disk is, [`StoreError::Write`] when it fails.
    pub async fn commit(&self, actions: Vec<Action>) -> Result<Vec<Proof>, StoreError> {
        let sealed = self.commit_with(actions, &[]).await?;
        Ok(sealed.into_iter().map(|(_, proof)| proof).collect())
    }

    /// [`Store::commit`] with what the pipeline has learnt meanwhile, in the same commit: later
    /// pieces replace earlier ones of the same key, and take up the sequences of the records that
    /// this commit seals. Answers with the id of each sealed record and its proof.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub async fn commit_with(
        &self,
        actions: Vec<Action>,
        known: &[Known],
    ) -> Result<Vec<(String, Proof)>, StoreError> {
        let steps = prepare::steps(actions)?;
        let known = known.to_vec();
        self.ask(|reply| Request::Commit { steps, known, reply }).await
    }

    /// How far each controller's events are settled, by controller.
    pub fn cursors(&self) -> HashMap<String, LinkCursor> {
        self.shared.cursors()
    }

    /// Entries to send after `after`, in the order of leaving: first lane, second lane, pictures.
    /// An entry that came meanwhile into an earlier lane is found by asking with `None`.
    ///
    /// # Errors
    /// [`StoreError::Read`] and [`StoreError::Closed`].
    pub fn outbox_next(
        &self,
        after: Option<OutboxKey>,
        limit: usize,
    ) -> Result<Vec<OutboxEntry>, StoreError> {
        let durable = self.shared.durable_seq();
        let trees = self.shared.trees()?;
        let found = outbox::next(&trees, after, limit, durable)?;
        self.set_aside(TreeName::Outbox, found.undecodable);
        Ok(found.entries)
    }

    /// Place of the last entry of `lane`.
    ///
    /// # Errors
    /// [`StoreError::Read`] and [`StoreError::Closed`].
    pub fn outbox_last(&self, lane: Lane) -> Result<Option<OutboxKey>, StoreError> {
        let durable = self.shared.durable_seq();
        outbox::last(&self.shared.trees()?, lane, durable)
    }

    /// Removes delivered entries; those that are not there any more are counted.
    ///
    /// # Errors
    /// [`StoreError::Write`]: the entries may come again.
    pub async fn outbox_remove(&self, keys: Vec<OutboxKey>) -> Result<(), StoreError> {
        self.ask(|reply| Request::Deliver { keys, reply }).await
    }

    /// Takes an entry that cannot be published out of the outbox, keeps it, and seals the `alarm`, if
    /// there is one, in the same commit. Nothing happens when it is not there any more.
    ///
    /// # Errors
    /// [`StoreError::Full`] when the disk is, [`StoreError::Write`] when it fails: the entry stays.
    pub async fn outbox_set_aside(
        &self,
        key: OutboxKey,
        aside: Aside,
        alarm: Option<Record>,
    ) -> Result<(), StoreError> {
        let alarm = alarm.map(prepare::own).transpose()?;
        self.ask(|reply| Request::SetAside { key, aside, alarm, reply }).await
    }

    /// Everything that is set aside.
    ///
    /// # Errors
    /// [`StoreError::Read`] and [`StoreError::Closed`].
    pub fn asides(&self) -> Result<Vec<(OutboxKey, Aside)>, StoreError> {
        let found = aside::all(&self.shared.trees()?)?;
        self.set_aside(TreeName::Meta, found.undecodable);
        Ok(found.entries)
    }

    /// Puts entries that were set aside back into the outbox; how many were there.
    ///
    /// # Errors
    /// [`StoreError::Write`] when the disk fails.
    pub async fn outbox_release(&self, keys: Vec<OutboxKey>) -> Result<u64, StoreError> {
        self.ask(|reply| Request::Release { keys, reply }).await
    }

    /// Changes whenever there is more to send.
    pub fn outbox_changed(&self) -> watch::Receiver<u64> {
        self.shared.outbox_changed()
    }

    /// Sequence of the last record that anybody can have seen. [`Store::status`] follows a moment
    /// later, so whoever judges an answer of the platform asks here.
    pub fn last_seq(&self) -> u64 {
        self.shared.durable_seq()
    }

    /// A record of the ledger; `None` when it is not there (not yet, or pruned).
    ///
    /// # Errors
    /// [`StoreError::Read`], [`StoreError::Decode`] and [`StoreError::Closed`].
    pub fn sealed(&self, seq: u64) -> Result<Option<SealedRecord>, StoreError> {
        if seq > self.shared.durable_seq() {
            return Ok(None);
        }
        let record = ledger::one(&self.shared.trees()?, seq);
        // what cannot be read at all is counted by an inspection
        if matches!(record, Err(StoreError::Decode { .. })) {
            self.shared.unreadable.fetch_add(1, Ordering::Relaxed);
        }
        record
    }

    /// The records from `from` to `to`, both included, as far as they are there. A record that
    /// cannot be read or decoded is an error in its place.
    ///
    /// # Errors
    /// [`StoreError::Closed`].
    pub fn export(
        &self,
        from: u64,
        to: u64,
    ) -> Result<impl Iterator<Item = Result<SealedRecord, StoreError>> + use<>, StoreError> {
        let to = to.min(self.shared.durable_seq());
        let trees = self.shared.trees()?;
        let from = from.max(self.status().anchor.seq + 1);
        Ok(ledger::range(&trees, from, to))
    }

    /// The store's figures.
    pub fn status(&self) -> StoreStatus {
        self.shared.status()
    }

    /// Finishes what waits, closes the database and frees the directory. Other handles get
    /// [`StoreError::Closed`] from then on.
    ///
    /// # Errors
    /// [`StoreError::Closed`] when it was closed before.
    pub async fn close(self) -> Result<(), StoreError> {
        self.ask(|reply| Request::Close { reply }).await
    }

    async fn ask<T>(&self, request: impl FnOnce(Reply<T>) -> Request) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let sent = self.requests.send(request(reply)).await;
        sent.map_err(|_| StoreError::Closed)?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Asks for a move to the quarantine; a full queue only means that it is asked again later.
    fn set_aside(&self, tree: TreeName, keys: Vec<sled::IVec>) {
        if !keys.is_empty() {
            let _later = self.requests.try_send(Request::Quarantine { tree, keys });
        }
    }
}
