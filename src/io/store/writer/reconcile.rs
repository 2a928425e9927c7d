//! After a failed commit: what of it had become durable after all, and an alarm about it.

use crate::pipeline::Arrival;
use crate::units::Micros;

use super::super::batch;
use super::super::found;
use super::super::ledger::Stored;
use super::super::lock::{self, DirLock};
use super::super::prepare;
use super::super::sync::SyncedDir;
use super::super::trees::number_key;
use super::{Disk, MarkFile, Opened, State, StoreError, TreeName, Trees, WriteError, Writer};

/// A disk that fails again and again is told this often. Our choice: often enough to be noticed,
/// too seldom to fill the outbox.
const ALARM_PAUSE: Micros = Micros::from_secs(60);

impl Writer {
    /// Takes the reopened database into use and tells of the failure. Where the directory had been
    /// removed, its lock and its mark are made anew.
    pub(super) fn take_back(&mut self, opened: Opened) -> Result<Trees, StoreError> {
        let cause = match &self.disk {
            Disk::Failed { cause, .. } => found::chain_text(&**cause),
            Disk::Open(..) => String::new(),
        };
        let dir = &self.options.dir;
        if !dir.join(lock::FILE_NAME).exists() {
            self.shared.hold(DirLock::take(dir)?);
        }
        self.mark = MarkFile::open(dir).map_err(StoreError::directory("open the mark in", dir))?;
        self.counts.note(opened.recovery.missing);
        let trees = self.reconcile(opened.trees, opened.state)?;
        let mut alarms = opened.alarms;
        let now = self.clock.now();
        if now >= self.next_alarm {
            self.next_alarm = now + ALARM_PAUSE;
            let text = format!(
                "the store could not write ({cause}) and was opened again; the doors were refused \
                 meanwhile"
            );
            alarms.push(found::alarm("store_write_failed", text, now));
        }
        self.tell(&trees, alarms)?;
        Ok(trees)
    }

    /// Makes inputs of the store's own durable; the pipeline finds them by asking.
    fn tell(&mut self, trees: &Trees, alarms: Vec<Arrival>) -> Result<(), StoreError> {
        if alarms.is_empty() {
            return Ok(());
        }
        let mut batch = self.batch(trees);
        let ids = batch.accept(prepare::arrivals(&alarms)?, Vec::new())?;
        self.settle(batch)?;
        self.shared.add_own_inputs(ids.into_iter().zip(alarms));
        Ok(())
    }

    /// Makes the figures of the reopened database ours. Inputs that were never acknowledged are removed,
    /// since their senders still have them; records that were sealed are remembered, so that the
    /// pipeline's second attempt does not seal them twice.
    fn reconcile(&mut self, trees: Trees, found: State) -> Result<Trees, StoreError> {
        let sync_failed = |error| StoreError::directory("sync", &self.options.dir)(error);
        let database = super::recovery::database_dir(&self.options.dir);
        let synced = SyncedDir::open(&database).map_err(sync_failed)?;
        self.remember_sealed(&trees)?;

        let mut counts = self.counts.clone();
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
        let state = batch.state;
        let mut writes = std::mem::take(&mut batch.writes);
        let counts = std::mem::take(&mut batch.counts);
        writes.push(state.write()?);
        drop(batch);

        self.disk = Disk::Open(trees.clone(), synced);
        if let Err(error) = self.make_durable(&writes) {
            self.disk = Disk::closed();
            return Err(StoreError::Write(std::sync::Arc::new(error)));
        }
        self.counts = counts;
        self.state = state;
        self.shared.set_trees(Some(trees.clone()));
        let cursors = super::super::inbox::cursors(&trees)?.entries;
        self.shared.durable(&self.state, cursors, true);
        self.write_mark();
        tracing::info!(head = self.state.head.seq, "store opened again");
        Ok(trees)
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
            cause: std::sync::Arc::new(WriteError::NotOpen),
            not_before: crate::clock::Timestamp(i64::MIN),
        }
    }
}
