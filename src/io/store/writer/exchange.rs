//! The last step of a compaction: the copy is completed between two commits and takes the place of
//! the database.

use super::super::compact::{self, Fresh};
use super::super::durable::Files;
use super::super::recovery::{database_dir, wait_until_closed};
use super::{Disk, StoreError, Trees, WriteError, Writer};

impl Writer {
    /// Puts the completed copy in the place of the database; `false` when somebody reads it. After
    /// an error the database is opened again as it lies, old or new.
    pub(super) fn exchange(&mut self, mut copy: Fresh) -> Result<bool, StoreError> {
        let trees = self.whole()?;
        let whole = copy.complete(&trees, self.state.ledger.entries)?;
        if !whole {
            return Err(StoreError::Write(WriteError::CopyIncomplete.into()));
        }
        let dir = self.options.dir.clone();
        copy.close(&dir).map_err(|error| StoreError::Write(error.into()))?;
        let Disk::Open(ours, files) = std::mem::replace(&mut self.disk, Disk::closed()) else {
            return Ok(false);
        };
        // ours and that of this function
        let mut opened = None;
        let shared = std::sync::Arc::clone(&self.shared);
        let alone = shared.replace_trees(2, |last| {
            drop((trees, last));
            opened = Some(change_places(&dir, ours));
            opened.as_ref().and_then(|opened| opened.as_ref().ok()).map(|(trees, _)| trees.clone())
        });
        match opened {
            Some(Ok((trees, files))) => {
                self.disk = Disk::Open(trees, files);
                self.counts.compactions += 1;
                Ok(alone)
            }
            Some(Err(error)) => Err(self.fail(error)),
            None => {
                self.disk = Disk::Open(self.shared.trees()?, files);
                Ok(false)
            }
        }
    }
}

fn change_places(dir: &std::path::Path, old: Trees) -> Result<(Trees, Box<Files>), WriteError> {
    drop(old);
    let database = database_dir(dir);
    wait_until_closed(&database).map_err(WriteError::Exchange)?;
    compact::exchange(dir).map_err(WriteError::Exchange)?;
    let trees = super::recovery::open_again(dir).map_err(WriteError::Reopen)?;
    let files = Files::open(&database, &trees)?;
    Ok((trees, files))
}
