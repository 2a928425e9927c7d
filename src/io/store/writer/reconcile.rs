//! After a failed commit: what of it had become durable after all, and an alarm about it.

use std::sync::Arc;

use crate::pipeline::Arrival;
use crate::units::Micros;

use super::super::batch;
use super::super::codec;
use super::super::durable::Files;
use super::super::found;
use super::super::inbox;
use super::super::ledger::{self, Stored};
use super::super::lock::{self, DirLock};
use super::super::mark::Mark;
use super::super::prepare;
use super::super::recovery;
use super::super::trees::{Write, number_key};
use super::{Batch, Disk, MarkFile, Opened, StoreError, TreeName, Trees, WriteError, Writer};

/// A disk that fails again and again is told this often. Our choice: often enough to be noticed,
/// too seldom to fill the outbox.
const ALARM_PAUSE: Micros = Micros::from_secs(60);

/// After a failed attempt to open the database again, the next waits so long.
const REOPEN_PAUSE: Micros = Micros::from_secs(1);

/// A database that was damaged at every attempt for so long is moved aside, as at a start: nobody is
/// there to start the daemon again. Our choice: many attempts, and senders keep theirs meanwhile.
const LASTING: Micros = Micros::from_secs(60);

impl Writer {
    /// Opens the database again.
    pub(super) fn reopen(&mut self) -> Result<Trees, StoreError> {
        let (mark, now) = (Mark::of(&self.state), self.clock.now());
        let since = *self.shut_since.get_or_insert(now);
        let lasting = now - since >= LASTING;
        let reopened = recovery::reopen(&self.options.dir, mark, now, lasting)
            .and_then(|opened| self.take_back(opened));
        if reopened.is_ok() {
            self.shut_since = None;
        }
        reopened.map_err(|error| self.fail(WriteError::Reopen(error)))
    }

    /// Closes the database after a failure.
    pub(super) fn fail(&mut self, error: WriteError) -> StoreError {
        let cause = Arc::new(error);
        tracing::error!(cause = %cause, "store commit failed");
        self.counts.failed_commits += 1;
        if let Disk::Open(trees, _) = &self.disk {
            // nothing that was about to come there comes into the next one's way
            trees.progress.wait();
        }
        self.shared.set_trees(None);
        self.disk =
            Disk::Failed { cause: Arc::clone(&cause), not_before: self.clock.now() + REOPEN_PAUSE };
        StoreError::Write(cause)
    }

    /// Takes the reopened database into use and tells of the failure. Where the directory had been
    /// removed, its lock and its mark are made anew.
    pub(super) fn take_back(&mut self, mut opened: Opened) -> Result<Trees, StoreError> {
        let cause = match &self.disk {
            Disk::Failed { cause, .. } => found::chain_text(&**cause),
            Disk::Open(..) => String::new(),
        };
        let dir = &self.options.dir;
        if !dir.join(lock::FILE_NAME).exists() {
            self.shared.hold(DirLock::take(dir)?);
        }
        self.mark = MarkFile::open(dir).map_err(StoreError::directory("open the mark in", dir))?;
        let now = self.clock.now();
        let is_due = now >= self.next_alarm;
        let text = format!(
            "the store could not write ({cause}) and was opened again; the doors were refused \
             meanwhile"
        );
        let failed = is_due.then(|| found::alarm("store_write_failed", text, now));
        // an attempt that failed may have put right what it found
        for alarm in &opened.alarms {
            if self.untold.iter().all(|untold| untold.input != alarm.input) {
                self.untold.push(alarm.clone());
            }
        }
        self.room.begin_anew();
        opened.take_up_claims(self.state.claims, &self.options.newest_picture);
        if !self.untold.is_empty() {
            opened.state.claims.lost();
        }
        let alarms: Vec<Arrival> = self.untold.iter().cloned().chain(failed).collect();
        let trees = self.reconcile(Opened { alarms, ..opened })?;
        self.untold.clear();
        if is_due {
            self.next_alarm = now + ALARM_PAUSE;
        }
        Ok(trees)
    }

    /// Makes the figures of the reopened database ours. Inputs that were never acknowledged are removed,
    /// since their senders still have them; records that were sealed are remembered, so that the
    /// pipeline's second attempt does not seal them twice. What was found is told in the same commit:
    /// the next opening finds it put right.
    fn reconcile(&mut self, opened: Opened) -> Result<Trees, StoreError> {
        let Opened { trees, state: found, recovery, alarms } = opened;
        let database = recovery::database_dir(&self.options.dir);
        let files =
            Files::open(&database, &trees).map_err(|error| StoreError::Write(Arc::new(error)))?;
        self.remember_sealed(&trees)?;

        let mut counts = self.counts.clone();
        counts.note(recovery.missing);
        counts.reopened += 1;
        counts.quarantine_bytes = batch::quarantine::bytes(&trees)?;
        let mut batch = self.batch_on(&trees, found, counts);
        let unacknowledged = number_key(self.state.next_input);
        for entry in trees.get(TreeName::Inbox).range(unacknowledged..) {
            let (key, _) = entry.map_err(StoreError::read(TreeName::Inbox))?;
            if let Some(bytes) = batch.remove(TreeName::Inbox, &key)? {
                batch.state.inbox.subtract(bytes);
                batch.counts.unacknowledged_inputs_removed += 1;
            }
        }
        self.take_up(&mut batch, recovery.unfinished)?;
        self.put_back_cursors(&mut batch)?;
        let own = batch.accept(prepare::arrivals(&alarms)?, Vec::new())?;
        batch.state.commits += 1;
        let state = batch.state;
        let mut writes = std::mem::take(&mut batch.writes);
        let counts = std::mem::take(&mut batch.counts);
        writes.extend(state.writes()?);
        drop(batch);

        self.disk = Disk::Open(trees.clone(), files);
        if let Err(error) = self.make_durable(&state, &writes) {
            self.disk = Disk::closed();
            return Err(StoreError::Write(Arc::new(error)));
        }
        self.counts = counts;
        self.state = state;
        let cursors = inbox::cursors(&trees)?.entries;
        // whoever does not find something knows that it was lost
        self.shared.durable(&self.state, cursors);
        self.shared.wake_for(true);
        self.shared.set_trees(Some(trees.clone()));
        // the pipeline finds them by asking
        self.shared.add_own_inputs(own.into_iter().zip(alarms));
        self.write_mark();
        tracing::info!(head = self.state.head.seq, "store opened again");
        Ok(trees)
    }

    /// Puts the cursors back where a commit that was told as failed is in the database after all: its
    /// inputs are removed.
    fn put_back_cursors(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let acknowledged = self.shared.cursors();
        for (controller, cursor) in inbox::cursors(batch.trees())?.entries {
            let key = inbox::cursor_key(&controller);
            batch.writes.push(match acknowledged.get(&controller) {
                Some(before) if *before == cursor => continue,
                Some(before) => {
                    let value = codec::encode(before);
                    let value = value.map_err(StoreError::encode(TreeName::Meta))?;
                    Write::put(TreeName::Meta, key, value)
                }
                None => Write::remove(TreeName::Meta, key),
            });
        }
        Ok(())
    }

    /// Puts into `batch` what records of half a commit give to send, and remembers them: the inputs that
    /// they were made of may still be there.
    pub(super) fn take_up(
        &mut self,
        batch: &mut Batch<'_>,
        unfinished: Option<(u64, u64)>,
    ) -> Result<(), StoreError> {
        let Some((first, last)) = unfinished else {
            return Ok(());
        };
        for sealed in ledger::range(batch.trees(), first, last) {
            let sealed = sealed?;
            batch.enter_unfinished(&sealed, self.sealing.send)?;
            self.recent.insert(sealed.id, sealed.proof);
        }
        Ok(())
    }

    fn remember_sealed(&mut self, trees: &Trees) -> Result<(), StoreError> {
        let known = number_key(self.state.head.seq.saturating_add(1));
        for entry in trees.get(TreeName::Ledger).range(known..) {
            let (key, value) = entry.map_err(StoreError::read(TreeName::Ledger))?;
            let record = Stored::decode(&key, &value)?;
            self.recent.insert(record.id, record.proof);
        }
        Ok(())
    }
}

impl Disk {
    pub(super) fn closed() -> Self {
        Self::Failed {
            cause: Arc::new(WriteError::NotOpen),
            not_before: crate::clock::Timestamp(i64::MIN),
        }
    }
}
