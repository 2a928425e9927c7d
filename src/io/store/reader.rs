//! Reads a store whose daemon is down: nothing is moved aside, nothing is made, nothing is added.

use std::path::Path;

use super::aside::{self, Aside};
use super::chain::Head;
use super::error::StoreError;
use super::ledger::{self, SealedRecord};
use super::lock::DirLock;
use super::outbox::{self, OutboxEntry, OutboxKey};
use super::recovery;
use super::state::State;
use super::status::Usage;
use super::trees::Trees;

/// An open store that is only read. It holds the directory, so that no daemon starts meanwhile.
#[derive(Debug)]
pub struct StoreReader {
    trees: Trees,
    state: State,
    _lock: DirLock,
}

impl StoreReader {
    /// Opens the store in `dir`.
    ///
    /// # Errors
    /// [`StoreError::Directory`] when there is none or it is damaged, [`StoreError::Held`] when a
    /// daemon runs on it, [`StoreError::Open`] when something else is in the way.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let database = recovery::database_dir(dir).join("db");
        std::fs::metadata(&database).map_err(StoreError::directory("find the store", &database))?;
        let lock = DirLock::take(dir)?;
        let (trees, state) = recovery::read(dir)?;
        Ok(Self { trees, state, _lock: lock })
    }

    /// Last sealed record.
    pub fn head(&self) -> Head {
        self.state.head
    }

    /// Last record that retention has removed.
    pub fn anchor(&self) -> Head {
        self.state.anchor
    }

    /// The records from `from` to `to`, both included, as far as they are there.
    pub fn export(
        &self,
        from: u64,
        to: u64,
    ) -> impl Iterator<Item = Result<SealedRecord, StoreError>> + use<> {
        ledger::range(&self.trees, from.max(self.state.anchor.seq + 1), to.min(self.state.head.seq))
    }

    /// Up to `limit` entries that wait for the platform, in the order of leaving.
    ///
    /// # Errors
    /// [`StoreError::Read`].
    pub fn outbox(&self, limit: usize) -> Result<Vec<OutboxEntry>, StoreError> {
        Ok(outbox::next(&self.trees, None, limit, u64::MAX)?.entries)
    }

    pub(super) fn trees(&self) -> &Trees {
        &self.trees
    }

    pub(super) fn outbox_usage(&self) -> [Usage; 3] {
        self.state.outbox
    }

    /// Everything that is set aside.
    ///
    /// # Errors
    /// [`StoreError::Read`].
    pub fn asides(&self) -> Result<Vec<(OutboxKey, Aside)>, StoreError> {
        Ok(aside::all(&self.trees)?.entries)
    }
}
