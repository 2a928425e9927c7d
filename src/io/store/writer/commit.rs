//! Requests to one durable commit, and the answers.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::super::batch::{Sealed, Step};
use super::super::mark::Mark;
use super::super::trees::Write;
use super::super::{panics, prepare};
use super::{
    Batch, Bound, Disk, Files, Finish, Proof, Reply, Request, State, StoreCounts, StoreError,
    TreeName, Trees, WriteError, Writer, answer,
};
use crate::pipeline::Arrival;

impl Writer {
    /// One commit of everything that waits. Returns the reply of a request to close.
    pub(super) fn commit(&mut self, trees: &Trees, waiting: Vec<Request>) -> Option<Reply<()>> {
        let mut closing = None;
        let mut finishes: Vec<Finish> = Vec::with_capacity(waiting.len());
        let mut batch = self.batch(trees);
        if let Err(error) = self.make_room(&mut batch) {
            // half of it is in the batch; the doors do not wait for the other half
            batch = self.batch(trees);
            self.without_room(&mut batch, &error);
        }
        let refused = self.reached_bound(&batch.state);
        let sealing_refused = self.shared.free_bytes() < self.options.bounds.min_free_bytes / 2;
        let own = self.tell_of_bound(&mut batch, refused, !sealing_refused);
        for request in waiting {
            if let Request::Close { reply } = request {
                closing = Some(reply);
                continue;
            }
            let refused = match &request {
                Request::Accept { .. } | Request::Again { .. } => refused,
                Request::Commit { .. } | Request::SetAside { .. } | Request::Inspected { .. }
                    if sealing_refused =>
                {
                    Some(Bound::Disk)
                }
                _ => None,
            };
            if let Some(bound) = refused {
                *batch.counts.refused.entry(bound).or_default() += 1;
                let refusal = StoreError::Full { bound };
                finishes.push(Box::new(move |_| {
                    super::refuse_all(vec![request], &refusal);
                }));
                continue;
            }
            batch.counts.commits += 1;
            finishes.extend(self.stage(&mut batch, request));
        }
        let outcome = self.settle(batch);
        if outcome.is_ok() {
            self.told_of_bound(own, refused.is_some());
        }
        // whoever is answered finds the figures of the commit
        self.publish();
        for finish in finishes {
            finish(outcome.as_deref().map_err(StoreError::clone));
        }
        closing
    }

    /// What the opening has to say, and what it could not read, before anybody else writes.
    pub(super) fn first_commit(
        &mut self,
        trees: &Trees,
        alarms: &[Arrival],
        undecodable: Vec<sled::IVec>,
        unfinished: Option<(u64, u64)>,
    ) -> Result<(), StoreError> {
        let mut batch = self.batch(trees);
        self.take_up(&mut batch, unfinished)?;
        batch.accept(prepare::arrivals(alarms)?, Vec::new())?;
        for key in undecodable {
            batch.quarantine(TreeName::Meta, &key)?;
        }
        batch.writes.extend(self.state.writes()?);
        self.settle(batch)?;
        self.publish();
        Ok(())
    }

    /// A failure leaves the batch half made: nothing of it may be written then.
    fn make_room(&mut self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        if !self.shared.may_prune() || self.room.rests(batch.now()) {
            return Ok(());
        }
        let (options, sealing) = (&self.options, &self.sealing);
        batch.make_room(&mut self.room, &options.bounds, (sealing, &options.origin))?;
        // the bounds are looked at next, and what was sealed here counts
        batch.sign(&sealing.signer)
    }

    fn without_room(&mut self, batch: &mut Batch<'_>, error: &StoreError) {
        self.room.rest(batch.now());
        batch.counts.failed_retentions += 1;
        tracing::error!(error = error as &dyn std::error::Error, "nothing is removed for a while");
    }

    fn stage(&self, batch: &mut Batch<'_>, request: Request) -> Option<Finish> {
        match request {
            Request::Accept { values, cursors, reply } => {
                let ids = batch.accept(values, cursors);
                Some(finish(batch, ids, reply))
            }
            Request::Commit { steps, known, reply } => {
                let sealed = batch.commit(steps, &self.sealing, &self.recent);
                let sealed = sealed.and_then(|sealed| batch.learn(known, &sealed).map(|()| sealed));
                Some(finish_with(batch, sealed, reply, proofs))
            }
            Request::Deliver { keys, reply } => {
                let delivered = batch.deliver(&keys);
                Some(finish(batch, delivered, reply))
            }
            Request::SetAside { key, aside, alarm, reply } => {
                let told = batch.set_aside(key, &aside, alarm).and_then(|alarm| {
                    let steps = alarm.into_iter().map(Step::Seal).collect();
                    batch.commit(steps, &self.sealing, &self.recent).map(|_| ())
                });
                Some(finish(batch, told, reply))
            }
            Request::Release { keys, reply } => {
                let released = batch.release(&keys);
                Some(finish(batch, released, reply))
            }
            Request::Again { entries, audit, reply } => {
                let entered = batch.again(&entries, audit).and_then(|(entered, audit)| {
                    batch.commit(vec![audit], &self.sealing, &self.recent).map(|_| entered)
                });
                Some(finish(batch, entered, reply))
            }
            Request::Inspected { looked, is_told, alarm, reply } => {
                let judged = batch.judge(&looked, is_told, &alarm, &self.state);
                let judged = judged.and_then(|(inspection, alarm)| {
                    let steps = alarm.into_iter().collect();
                    batch.commit(steps, &self.sealing, &self.recent).map(|_| inspection)
                });
                Some(finish(batch, judged, reply))
            }
            Request::Quarantine { tree, keys } => {
                for key in keys {
                    if let Err(error) = batch.quarantine(tree, &key) {
                        batch.failure.get_or_insert(error);
                    }
                }
                None
            }
            Request::ChangeKey { .. } | Request::Exchange { .. } | Request::Close { .. } => None,
        }
    }

    /// Makes the batch durable and its figures ours, or leaves ours as they were. The proofs of
    /// what it has sealed.
    pub(super) fn settle(&mut self, mut batch: Batch<'_>) -> Result<Vec<Proof>, StoreError> {
        if batch.failure.is_none() {
            batch.failure = batch.sign(&self.sealing.signer).err();
        }
        let Batch { mut state, mut writes, counts, signed, cursors, failure, .. } = batch;
        if let Some(error) = failure {
            return Err(self.fail(WriteError::Staging(error)));
        }
        if writes.is_empty() {
            self.counts = counts;
            return Ok(signed);
        }
        state.commits += 1;
        match state.writes() {
            Ok(own) => writes.extend(own),
            Err(error) => return Err(self.fail(WriteError::Staging(error))),
        }
        if let Err(error) = self.make_durable(&state, &writes) {
            let removed = |counts: &StoreCounts| counts.pruned + counts.unsent_evicted;
            if removed(&counts) > removed(&self.counts) {
                self.room.rest(self.clock.now());
            }
            return Err(self.fail(error));
        }
        let more_to_send = state.outbox_entries() > self.state.outbox_entries()
            || state.head.seq > self.state.head.seq;
        self.state = state;
        self.counts = counts;
        self.counts.syncs += 1;
        self.write_mark();
        self.shared.durable(&self.state, cursors, more_to_send);
        Ok(signed)
    }

    /// Makes the writes of a commit durable, which leaves that state.
    pub(super) fn make_durable(
        &mut self,
        state: &State,
        writes: &[Write],
    ) -> Result<(), WriteError> {
        let left = state.left().map_err(WriteError::Staging)?;
        self.on_disk(|trees, files| files.commit(trees, left, writes))
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

/// Keeps what was staged for the caller until the commit is durable.
fn finish<T: 'static>(
    batch: &mut Batch<'_>,
    staged: Result<T, StoreError>,
    reply: Reply<T>,
) -> Finish {
    finish_with(batch, staged, reply, |staged, _| staged)
}

/// [`finish`] for an answer that needs what the commit has sealed.
fn finish_with<S: 'static, T: 'static>(
    batch: &mut Batch<'_>,
    staged: Result<S, StoreError>,
    reply: Reply<T>,
    answered: fn(S, &[Proof]) -> T,
) -> Finish {
    if let Err(error) = &staged {
        batch.failure.get_or_insert(error.clone());
    }
    Box::new(move |outcome| {
        let result = outcome.and_then(|signed| Ok(answered(staged?, signed)));
        answer(reply, result);
    })
}

fn proofs(sealed: Vec<(String, Sealed)>, signed: &[Proof]) -> Vec<(String, Proof)> {
    let proved = |(id, sealed): (String, Sealed)| Some((id, sealed.proof(signed)?));
    sealed.into_iter().filter_map(proved).collect()
}
