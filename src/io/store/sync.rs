//! Makes durable what sled has written: `fdatasync` of the files in its directory.
//!
//! sled's own flush would be `sync_file_range`, which is no barrier (`barrier.rs`). The database file is
//! synced every time, the journal by whoever writes it; snapshots, blobs and the configuration are written
//! once under a name of their own, so they are synced when they appear or grow, together with the
//! directory that names them.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::journal;

/// Name of sled's log file.
const DATABASE_FILE: &str = "db";

/// sled's directory with the files that have been synced.
#[derive(Debug)]
pub(super) struct SyncedDir {
    dir: PathBuf,
    database: File,
    others: HashMap<PathBuf, u64>,
}

impl SyncedDir {
    /// Opens the directory of an open database and syncs all of it.
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        let mut synced = Self {
            dir: dir.to_owned(),
            database: File::open(dir.join(DATABASE_FILE))?,
            others: HashMap::new(),
        };
        synced.sync()?;
        sync_dir(dir)?;
        if let Some(parent) = dir.parent() {
            sync_dir(parent)?;
        }
        Ok(synced)
    }

    /// Returns when everything written so far is on the disk.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        let mut present = HashMap::with_capacity(self.others.len());
        for dir in [self.dir.clone(), self.dir.join("blobs")] {
            if self.sync_new_files(&dir, &mut present)? {
                sync_dir(&dir)?;
            }
        }
        self.others = present;
        self.database.sync_data()
    }

    fn sync_new_files(&self, dir: &Path, present: &mut HashMap<PathBuf, u64>) -> io::Result<bool> {
        let mut appeared = false;
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            let name = entry.file_name();
            if name == OsStr::new(DATABASE_FILE) || name == OsStr::new(journal::FILE_NAME) {
                continue;
            }
            // sled removes old snapshots at any time: a file that is gone needs no sync
            let Some(metadata) = unless_gone(entry.metadata())? else {
                continue;
            };
            if !metadata.is_file() {
                continue;
            }
            let path = entry.path();
            if self.others.get(&path) != Some(&metadata.len()) {
                let Some(file) = unless_gone(File::open(&path))? else {
                    continue;
                };
                file.sync_data()?;
                appeared = true;
            }
            present.insert(path, metadata.len());
        }
        Ok(appeared)
    }
}

fn unless_gone<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes the names in `dir` durable.
pub(super) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}
