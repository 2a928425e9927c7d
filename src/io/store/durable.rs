//! How a commit gets to the disk: into the journal at once, and with sled's files when the journal is
//! full, or every few seconds.

use std::path::Path;
use std::time::{Duration, Instant};

use super::error::WriteError;
use super::journal::{Journal, Left};
use super::sync::SyncedDir;
use super::trees::{Trees, Write};

/// sled's files are synced at the first commit after so long: of what it moves meanwhile it overwrites
/// the old place before the new one is on the disk. Our choice: as often as it tidies by itself.
const AT_MOST: Duration = Duration::from_secs(2);

/// The files of an open database.
#[derive(Debug)]
pub(super) struct Files {
    synced: SyncedDir,
    synced_at: Instant,
    journal: Journal,
}

impl Files {
    /// Makes all of the database in `dir` durable and begins its journal anew.
    pub(super) fn open(dir: &Path, trees: &Trees) -> Result<Box<Self>, WriteError> {
        trees.db.flush().map_err(WriteError::Flush)?;
        let synced = SyncedDir::open(dir).map_err(WriteError::Sync)?;
        let journal = Journal::begin(dir, trees).map_err(WriteError::Journal)?;
        Ok(Box::new(Self { synced, synced_at: Instant::now(), journal }))
    }

    /// Makes a commit durable, which leaves that. It comes into the database after this and in its turn:
    /// sled may write at any time, and what it writes has to be in the journal.
    pub(super) fn record(
        &mut self,
        trees: &Trees,
        left: Left,
        writes: &[Write],
    ) -> Result<(), WriteError> {
        if self.journal.is_full() || self.synced_at.elapsed() >= AT_MOST {
            self.sync(trees)?;
        }
        self.journal.write(left, writes).map_err(WriteError::Journal)?;
        self.journal.sync().map_err(WriteError::Journal)
    }

    /// Makes the database's own files durable, so that the journal can begin anew.
    pub(super) fn sync(&mut self, trees: &Trees) -> Result<(), WriteError> {
        if !trees.progress.wait() {
            // what did not come into the database is in the journal only
            return Err(trees.progress.failure().unwrap_or(WriteError::NotOpen));
        }
        trees.db.flush().map_err(WriteError::Flush)?;
        self.synced.sync().map_err(WriteError::Sync)?;
        self.synced_at = Instant::now();
        self.journal.restart().map_err(WriteError::Journal)
    }

    /// The same before the database is closed.
    pub(super) fn close(&mut self, trees: &Trees) -> Result<(), WriteError> {
        self.sync(trees)?;
        self.journal.end().map_err(WriteError::Journal)
    }
}
