//! From a batch to the disk, and into the database.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::io::intake::LinkCursor;

use super::super::mark::Mark;
use super::super::panics;
use super::super::trees::Write;
use super::applier::Durable;
use super::{Batch, Disk, Files, Proof, State, StoreCounts, StoreError, Trees, WriteError, Writer};

/// A commit that is on the disk, in the journal.
#[derive(Default)]
struct Recorded {
    writes: Vec<Write>,
    /// Proofs of what it has sealed.
    signed: Vec<Proof>,
    cursors: HashMap<String, LinkCursor>,
    more_to_send: bool,
    /// It makes room.
    removes: bool,
}

impl Writer {
    /// Makes the batch durable and its figures ours, or leaves ours as they were. The proofs of
    /// what it has sealed.
    pub(super) fn settle(&mut self, batch: Batch<'_>) -> Result<Vec<Proof>, StoreError> {
        let mut proofs = Ok(Vec::new());
        self.settle_and_tell(batch, |_, outcome| proofs = outcome.map(<[Proof]>::to_vec));
        proofs
    }

    /// [`Self::settle`] that tells as soon as the batch is durable: who is told prepares what comes next
    /// while it is brought into the database, and what comes next becomes durable while a large one is.
    /// Whoever wants to read the database waits meanwhile. What cannot be brought there comes from the
    /// journal when the database is opened again.
    pub(super) fn settle_and_tell(
        &mut self,
        batch: Batch<'_>,
        tell: impl FnOnce(&mut Self, Result<&[Proof], StoreError>),
    ) {
        let recorded = match self.record(batch) {
            Ok(recorded) => recorded,
            Err(error) => return tell(self, Err(error)),
        };
        let Recorded { writes, signed, cursors, more_to_send, removes } = recorded;
        let Disk::Open(trees, _) = &self.disk else {
            return tell(self, Ok(&signed));
        };
        let commit = Durable { trees: trees.clone(), writes, removes };
        let progress = commit.will_come();
        self.shared.durable(&self.state, cursors);
        tell(self, Ok(&signed));
        // once its figures are published: who is woken for the commit before looks at them
        self.shared.wake_for(more_to_send);
        self.applier.bring_in(commit);
        if let Some(cause) = progress.failure() {
            self.rest_if(removes);
            self.fail(cause);
            self.publish();
        }
    }

    /// Makes the batch durable in the journal, and its figures ours.
    fn record(&mut self, mut batch: Batch<'_>) -> Result<Recorded, StoreError> {
        // before all else: what was read of a database that has a commit by halves may be wrong, and with
        // it that there is nothing to write, or why nothing could be put together
        self.expect_whole().map_err(|error| self.fail(error))?;
        if batch.failure.is_none() {
            batch.failure = batch.sign(&self.sealing.signer).err();
        }
        let Batch { mut state, mut writes, counts, signed, cursors, failure, .. } = batch;
        if let Some(error) = failure {
            return Err(self.fail(WriteError::Staging(error)));
        }
        if writes.is_empty() {
            self.counts = counts;
            return Ok(Recorded { signed, cursors, ..Recorded::default() });
        }
        state.commits += 1;
        match state.writes() {
            Ok(own) => writes.extend(own),
            Err(error) => return Err(self.fail(WriteError::Staging(error))),
        }
        let removed = |counts: &StoreCounts| counts.pruned + counts.unsent_evicted;
        let removes = removed(&counts) > removed(&self.counts);
        if let Err(error) = self.write_journal(&state, &writes) {
            self.rest_if(removes);
            return Err(self.fail(error));
        }
        let more_to_send = state.outbox_entries() > self.state.outbox_entries()
            || state.head.seq > self.state.head.seq;
        self.state = state;
        self.counts = counts;
        self.counts.syncs += 1;
        self.write_mark();
        Ok(Recorded { writes, signed, cursors, more_to_send, removes })
    }

    /// Whether all that was durable has come into the database, or still may.
    fn expect_whole(&self) -> Result<(), WriteError> {
        match &self.disk {
            Disk::Open(trees, _) => trees.progress.failure().map_or(Ok(()), Err),
            Disk::Failed { .. } => Err(WriteError::NotOpen),
        }
    }

    /// Nothing is removed for a while where removing has failed.
    fn rest_if(&mut self, removes: bool) {
        if removes {
            self.room.rest(self.clock.now());
        }
    }

    /// Makes the writes of a commit durable, which leaves that state, and brings them into the database.
    pub(super) fn make_durable(
        &mut self,
        state: &State,
        writes: &[Write],
    ) -> Result<(), WriteError> {
        self.write_journal(state, writes)?;
        self.apply(writes)
    }

    fn apply(&mut self, writes: &[Write]) -> Result<(), WriteError> {
        self.on_disk(|trees, _| trees.apply(writes).map_err(WriteError::Apply))
    }

    fn write_journal(&mut self, state: &State, writes: &[Write]) -> Result<(), WriteError> {
        let left = state.left().map_err(WriteError::Staging)?;
        self.on_disk(|trees, files| files.record(trees, left, writes))
    }

    /// Leaves nothing to the journal, before the database is closed.
    pub(super) fn sync_database(&mut self) {
        match self.on_disk(|trees, files| files.close(trees)) {
            Ok(()) | Err(WriteError::NotOpen) => {}
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "left to the journal");
            }
        }
    }

    fn on_disk(
        &mut self,
        work: impl FnOnce(&Trees, &mut Files) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        let Disk::Open(trees, files) = &mut self.disk else {
            return Err(WriteError::NotOpen);
        };
        catch_unwind(AssertUnwindSafe(|| work(trees, files)))
            .unwrap_or_else(|panic| Err(WriteError::Panicked(panics::message(panic.as_ref()))))
    }

    /// The mark is a help, not a promise: a failure to write it costs nothing but the help.
    pub(super) fn write_mark(&mut self) {
        if let Err(error) = self.mark.write(&Mark::of(&self.state)) {
            self.counts.unwritten_marks += 1;
            tracing::debug!(%error, "store mark not written");
        }
    }
}
