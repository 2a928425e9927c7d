//! After a failed commit: what of it had become durable after all.

use super::super::ledger::Stored;
use super::super::sync::SyncedDir;
use super::super::trees::number_key;
use super::{Batch, Disk, State, StoreError, TreeName, Trees, WriteError, Writer};

impl Writer {
    /// Takes the reopened database into use. Inputs that were never acknowledged are removed,
    /// since their senders still have them; records that were sealed are remembered, so that the
    /// pipeline's second attempt does not seal them twice.
    pub(super) fn reconcile(&mut self, trees: Trees, found: State) -> Result<Trees, StoreError> {
        let sync_failed = |error| StoreError::directory("sync", &self.options.dir)(error);
        let database = super::recovery::database_dir(&self.options.dir);
        let synced = SyncedDir::open(&database).map_err(sync_failed)?;
        self.remember_sealed(&trees)?;

        let mut counts = self.counts.clone();
        counts.reopened += 1;
        let mut batch = Batch::new(&trees, found, counts, self.clock.now());
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
    fn closed() -> Self {
        Self::Failed {
            cause: std::sync::Arc::new(WriteError::NotOpen),
            not_before: crate::clock::Timestamp(i64::MIN),
        }
    }
}
