//! Gives the disk back what a drained backlog has left in the database's file, which never shrinks
//! by itself: everything that is alive is copied into a fresh database, which then takes the place
//! of the old one.
//!
//! The two folders change places in one step of the file system, between two commits and after
//! both are on the disk: a power cut at any moment leaves the old one or the new one under the
//! store's name, and both hold the same. What lies under the copy's name is never opened as a
//! store.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use tokio::sync::oneshot;

use super::error::StoreError;
use super::recovery::{database_dir, wait_until_closed};
use super::status::StoreStatus;
use super::sync::{SyncedDir, sync_dir};
use super::trees::{TreeName, Trees, Write, number_key};
use super::writer::Request;
use super::{Store, WriteError};

/// Folder of the copy in the making, and of the old database on its way out.
const COPY_DIR: &str = "sled.compact";

/// The file may have twice the bytes of what is alive in it, and so much beside. Our choice: some
/// of sled's segments of 512 KiB for each tree, less than a picture a segment.
const SLACK_BYTES: u64 = 16 * 1024 * 1024;

/// Records copied before their pages are written out. Our choice: some megabytes.
const SLICE: usize = 256;

/// Sequences that are copied without a look at anything else. Our choice: some tenths of a second.
const STRETCH: usize = 4_096;

/// What else may be in the database while it is exchanged, since the writer copies it and everyone
/// waits meanwhile. Our choice: some tenths of a second.
const MOST_WAITING: u64 = 10_000;

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compaction {
    /// Done: bytes of the files before and after.
    Done {
        /// Before.
        before: u64,
        /// After.
        after: u64,
    },
    /// Too much waits for the pipeline or the platform, or there is no room for a copy.
    NotNow,
    /// Somebody reads the database; to be tried again.
    InUse,
}

/// What the database takes on the disk and what is alive in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footprint {
    /// Bytes that its files take.
    pub on_disk: u64,
    /// Bytes of keys and values.
    pub live: u64,
}

impl Footprint {
    /// Whether the files are beyond their bound: twice what is alive, and 16 MiB.
    pub fn is_beyond(&self) -> bool {
        self.on_disk > self.live.saturating_mul(2).saturating_add(SLACK_BYTES)
    }
}

/// The copy's folder in a store's directory.
pub(super) fn copy_dir(dir: &Path) -> PathBuf {
    dir.join(COPY_DIR)
}

/// Removes what an attempt that was cut short has left, or the old database after one that was not.
pub(super) fn remove_leftover(dir: &Path) -> io::Result<()> {
    match fs::remove_dir_all(copy_dir(dir)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

impl Store {
    /// Its directory.
    pub fn dir(&self) -> &Path {
        self.shared.dir()
    }

    /// Free bytes of the disk; none when it cannot be asked.
    pub fn free_bytes(&self) -> u64 {
        self.shared.free_bytes()
    }

    /// What the database takes on the disk; looks at each of its files.
    ///
    /// # Errors
    /// [`StoreError::Directory`].
    pub fn footprint(&self) -> Result<Footprint, StoreError> {
        let database = database_dir(self.shared.dir());
        let on_disk = bytes_below(&database).map_err(StoreError::directory("look at", database))?;
        Ok(Footprint { on_disk, live: live(&self.status()) })
    }

    /// Copies what is alive into a fresh database and puts it in the place of the old one. Commits
    /// go on while the ledger is copied and wait for the last step; the ledger is not pruned
    /// meanwhile.
    ///
    /// # Errors
    /// Those of reading and writing; the store then goes on with the files that it has.
    pub async fn compact(&self) -> Result<Compaction, StoreError> {
        let before = self.footprint()?;
        let status = self.status();
        let waiting = status.inbox.entries + status.outbox_entries();
        let needed = before.live.saturating_mul(2).saturating_add(SLACK_BYTES);
        if waiting > MOST_WAITING || self.shared.free_bytes() < needed {
            return Ok(Compaction::NotNow);
        }
        let Some(_prunes_again) = self.shared.pause_pruning() else {
            return Ok(Compaction::InUse);
        };
        let copier = self.clone();
        let copied = tokio::task::spawn_blocking(move || copier.copy_ledger()).await;
        let copy = copied.unwrap_or(Err(StoreError::Closed))?;
        let (reply, answer) = oneshot::channel();
        let sent = self.requests.send(Request::Exchange { copy, reply }).await;
        sent.map_err(|_| StoreError::Closed)?;
        let exchanged = answer.await.unwrap_or(Err(StoreError::Closed));
        let dir = self.shared.dir().to_owned();
        let removed = tokio::task::spawn_blocking(move || remove_leftover(&dir)).await;
        if let Ok(Err(error)) = removed {
            tracing::warn!(%error, "what the compaction has left stays until the next start");
        }
        if !exchanged? {
            return Ok(Compaction::InUse);
        }
        let (before, after) = (before.on_disk, self.footprint()?.on_disk);
        tracing::info!(before, after, "database compacted");
        Ok(Compaction::Done { before, after })
    }

    /// The records that are on the disk now, into a fresh database.
    fn copy_ledger(&self) -> Result<Fresh, StoreError> {
        let dir = self.shared.dir();
        remove_leftover(dir).map_err(StoreError::directory("clear", copy_dir(dir)))?;
        let trees = Trees::open(&copy_dir(dir))
            .map_err(|source| StoreError::Open { dir: copy_dir(dir), source })?;
        let mut copy = Fresh { trees, next: 0, ledger_entries: 0 };
        let durable = self.shared.durable_seq();
        // asked anew for each stretch, so that a store that closes is not held up
        for to in (0..durable).step_by(STRETCH).skip(1).chain([durable]) {
            copy.take_ledger(&self.shared.trees()?, to)?;
        }
        Ok(copy)
    }
}

/// A database in the making.
#[derive(Debug)]
pub(super) struct Fresh {
    trees: Trees,
    /// First sequence that is not in it.
    next: u64,
    ledger_entries: u64,
}

impl Fresh {
    /// Records up to `to` that are not in it yet.
    fn take_ledger(&mut self, from: &Trees, to: u64) -> Result<(), StoreError> {
        if self.next > to {
            return Ok(());
        }
        let entries = from.get(TreeName::Ledger).range(number_key(self.next)..=number_key(to));
        self.ledger_entries += self.take(TreeName::Ledger, entries)?;
        self.next = to + 1;
        Ok(())
    }

    fn take(
        &self,
        name: TreeName,
        mut entries: impl Iterator<Item = sled::Result<(sled::IVec, sled::IVec)>>,
    ) -> Result<u64, StoreError> {
        let mut count = 0;
        loop {
            let mut slice = Vec::with_capacity(SLICE);
            for entry in entries.by_ref().take(SLICE) {
                let (key, value) = entry.map_err(StoreError::read(name))?;
                slice.push(Write { tree: name, key, value: Some(value) });
            }
            if slice.is_empty() {
                return Ok(count);
            }
            count += slice.len() as u64;
            let written = self.trees.apply(&slice);
            let written = written.and_then(|()| self.trees.db.flush().map(|_| ()));
            written.map_err(|error| StoreError::Write(WriteError::Copy(error).into()))?;
        }
    }

    /// All the rest, with the writer's own hand; whether nothing is missing then.
    pub(super) fn complete(&mut self, from: &Trees, ledger: u64) -> Result<bool, StoreError> {
        self.take_ledger(from, u64::MAX - 1)?;
        for name in TreeName::ALL {
            if name != TreeName::Ledger {
                self.take(name, from.get(name).iter())?;
            }
        }
        Ok(self.ledger_entries == ledger)
    }

    /// Closes it and syncs all of it.
    pub(super) fn close(self, dir: &Path) -> Result<(), WriteError> {
        let Self { trees, .. } = self;
        trees.db.flush().map_err(WriteError::Copy)?;
        drop(trees);
        let copy = copy_dir(dir);
        wait_until_closed(&copy)
            .and_then(|()| SyncedDir::open(&copy))
            .map_err(WriteError::Exchange)?;
        Ok(())
    }
}

/// The old and the new database change places; on the disk when it returns.
pub(super) fn exchange(dir: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, database_dir(dir), CWD, copy_dir(dir), RenameFlags::EXCHANGE)?;
    sync_dir(dir)
}

fn live(status: &StoreStatus) -> u64 {
    let outbox = [&status.outbox_first, &status.outbox_second, &status.outbox_pictures];
    let outbox: u64 = outbox.iter().map(|lane| lane.bytes).sum();
    status.inbox.bytes + status.ledger.bytes + outbox
}

/// Bytes that the files below a folder take; what vanishes meanwhile takes none.
fn bytes_below(dir: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        bytes += match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => bytes_below(&entry.path())?,
            Ok(metadata) => metadata.blocks() * 512,
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
    }
    Ok(bytes)
}
