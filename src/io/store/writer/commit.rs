//! Requests to one durable commit, and the answers.

use super::super::batch::{Sealed, Step};
use super::super::prepare;
use super::{
    Batch, Bound, Finish, Proof, Reply, Request, StoreError, TreeName, Trees, Writer, answer,
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
        self.settle_and_tell(batch, |writer, outcome| {
            if outcome.is_ok() {
                writer.told_of_bound(own, refused.is_some());
            }
            // whoever is answered finds the figures of the commit
            writer.publish_figures();
            for finish in finishes {
                finish(outcome.clone());
            }
        });
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
        if !undecodable.is_empty() {
            // what they named is lost, and nobody has looked at the pictures yet
            self.options.newest_picture.find();
        }
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
        if self.room.is_age_due(batch.now()) && !self.clock.is_right() {
            self.room.put_off_ages(batch.now());
        }
        let (options, sealing) = (&self.options, &self.sealing);
        let free = self.shared.free_bytes();
        let bounds = self.room.bounds(&options.bounds, free, &batch.state.ledger);
        batch.make_room(&mut self.room, &bounds, (sealing, &options.origin))?;
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
            Request::ChangeKey { .. }
            | Request::Exchange { .. }
            | Request::Unapplied
            | Request::Close { .. } => None,
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
