//! A ledger for reading only: a copy is opened, because the database library writes to whatever it
//! opens. The store itself is not changed by a byte.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use tempfile::TempDir;

use super::error::StoreError;
use super::ledger::{self, SealedRecord};
use super::lock;
use super::panics;
use super::recovery::database_dir;
use super::trees::Trees;

/// The ledger as it stood when it was copied. The copy vanishes with it.
#[derive(Debug)]
pub struct LedgerCopy {
    // closed before its files are removed
    trees: Trees,
    _files: TempDir,
}

impl LedgerCopy {
    /// Copies the database of the store in `dir` and opens the copy.
    ///
    /// # Errors
    /// [`StoreError::Held`] while a daemon has it open; [`StoreError::Directory`] and
    /// [`StoreError::Open`] when there is no store or it cannot be copied or read.
    pub fn of(dir: &Path) -> Result<Self, StoreError> {
        let database = database_dir(dir);
        let files = TempDir::with_prefix("wimd-ledger-")
            .map_err(StoreError::directory("copy", &database))?;
        {
            let _still = hold(dir)?;
            copy(&database, files.path()).map_err(StoreError::directory("copy", &database))?;
        }
        let opened = panics::guarded(files.path(), || Trees::open(files.path()));
        let damaged = |why| StoreError::directory("read", &database)(io::Error::other(why));
        let trees = opened
            .map_err(damaged)?
            .map_err(|source| StoreError::Open { dir: dir.to_owned(), source })?;
        Ok(Self { trees, _files: files })
    }

    /// The records from `from` to `to`, both included, as far as they are there. A record that
    /// cannot be decoded is an error in its place.
    pub fn range(
        &self,
        from: u64,
        to: u64,
    ) -> impl Iterator<Item = Result<SealedRecord, StoreError>> + use<> {
        ledger::range(&self.trees, from, to)
    }
}

/// Keeps a daemon from starting while the files are copied; changes nothing.
fn hold(dir: &Path) -> Result<File, StoreError> {
    let path = dir.join(lock::FILE_NAME);
    let file = File::open(&path).map_err(StoreError::directory("open", &path))?;
    match flock(&file, FlockOperation::NonBlockingLockShared) {
        Ok(()) => Ok(file),
        Err(Errno::WOULDBLOCK) => {
            let holder = fs::read_to_string(&path).unwrap_or_default();
            let holder = holder.trim();
            let holder = if holder.is_empty() { "unknown" } else { holder };
            Err(StoreError::Held { dir: dir.to_owned(), holder: holder.to_owned() })
        }
        Err(errno) => Err(StoreError::directory("lock", &path)(errno.into())),
    }
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir(&target)?;
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
