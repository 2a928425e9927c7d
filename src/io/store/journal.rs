//! The journal: the last commits in one small file beside sled's, so that a commit is durable with
//! one write and one `fdatasync`.
//!
//! sled's own way to the disk takes twice as long: its flush wakes all of its threads and waits for the
//! device, and is no barrier yet. So it is gone only from time to time, and what sled has not made
//! durable by then is here. When a database is opened, the commits are applied to it once more. The file is written from its beginning again once sled's own files are synced; what is left
//! behind the newest commit belongs to older ones and does not follow from it.

mod entry;
#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::state;
use super::sync::sync_dir;
use super::trees::{Trees, Write};
pub(super) use entry::Left;
use entry::{Commit, append};

pub(super) const FILE_NAME: &str = "journal";

/// What could not be applied is kept under this name.
const UNUSED_NAME: &str = "journal.unused";

/// The file is written over up to here. Our choice: half of one of sled's segments, so that sled writes
/// hardly ever by itself in between, and some 400 inputs by themselves.
const BYTES: u64 = 256 * 1024;

/// What the system writes at least.
const PAGE: usize = 4096;

/// A longer file is damaged or a stranger's. Our choice: several times the largest commit.
const MOST_READ: u64 = 1024 * 1024 * 1024;

/// The journal of an open database whose own files are synced up to its beginning.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    /// Where the next commit goes.
    at: u64,
    /// What the last commit has left, which is in the database or here.
    last: Left,
    buffer: Vec<u8>,
}

impl Journal {
    /// Begins anew: everything that is in the database in `dir` is on the disk. What the file holds stays
    /// until it is written over.
    pub(super) fn begin(dir: &Path, trees: &Trees) -> io::Result<Self> {
        let last = state::left(trees).map_err(io::Error::other)?;
        let path = dir.join(FILE_NAME);
        let file =
            File::options().read(true).write(true).create(true).truncate(false).open(path)?;
        let mut bytes = vec![0; BYTES as usize];
        let length = file.metadata()?.len().min(BYTES) as usize;
        file.read_exact_at(&mut bytes[..length], 0)?;
        // written now, so that no commit has to change the file's size or its blocks, and by pages: the
        // system would write all of a larger piece for each commit within it
        file.set_len(0)?;
        for (page, at) in bytes.chunks(PAGE).zip((0..).step_by(PAGE)) {
            file.write_all_at(page, at)?;
        }
        file.sync_all()?;
        sync_dir(dir)?;
        Ok(Self { file, at: 0, last, buffer: Vec::new() })
    }

    /// Whether the database is to be synced before the next commit.
    pub(super) fn is_full(&self) -> bool {
        self.at >= BYTES
    }

    /// Everything that was written here is on the disk in the database.
    pub(super) fn restart(&mut self) -> io::Result<()> {
        if self.at > 2 * BYTES {
            self.file.set_len(BYTES)?;
        }
        self.at = 0;
        Ok(())
    }

    /// Writes a commit; durable after [`Self::sync`]. After an error the journal is to be opened anew.
    pub(super) fn write(&mut self, left: Left, writes: &[Write]) -> io::Result<()> {
        self.buffer.clear();
        append(&mut self.buffer, (self.last, left), writes)?;
        self.file.write_all_at(&self.buffer, self.at)?;
        self.at += self.buffer.len() as u64;
        self.last = left;
        Ok(())
    }

    /// Returns when what was written is on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// Applies the commits of the journal to the database in `dir`, which is to be synced before it is
/// written to.
///
/// All of them, also those that the database says it has: of what was not synced sled may have the end
/// and not the middle. Commits that do not follow from its last one are kept in a file of their own: the
/// database has lost more than the journal holds, which its mark tells.
pub(super) fn replay(dir: &Path, trees: &Trees) -> sled::Result<()> {
    let path = dir.join(FILE_NAME);
    let bytes = match fs::metadata(&path) {
        Ok(metadata) if metadata.len() <= MOST_READ => fs::read(&path)?,
        Ok(_) => return Ok(set_aside(&path)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let Ok(left) = state::left(trees) else {
        // whoever reads the database's figures next tells what is wrong with them
        return Ok(());
    };
    let commits: Vec<Commit> = entry::commits(&bytes).collect();
    let Some(newest) = commits.last().map(|commit| commit.after) else {
        return Ok(());
    };
    let follows = newest == left || commits.iter().any(|commit| commit.before == left);
    if !follows && newest.number > left.number {
        return Ok(set_aside(&path)?);
    }
    if follows {
        commits.iter().try_for_each(|commit| trees.apply(&commit.writes))?;
        let unknown = newest.number.saturating_sub(left.number);
        tracing::debug!(commits = commits.len(), unknown, "journal applied");
    }
    Ok(())
}

fn set_aside(path: &Path) -> io::Result<()> {
    let to: PathBuf = path.with_file_name(UNUSED_NAME);
    tracing::error!(path = %to.display(), "the journal does not go with the database and is kept aside");
    fs::rename(path, to)
}
