//! The journal: the last commits in one small file beside sled's, so that a commit is durable with
//! one write and one `fdatasync`.
//!
//! sled's own way to the disk takes twice as long: its flush wakes all of its threads and waits for the
//! device, and is no barrier yet. So it is gone only from time to time, and what sled has not made
//! durable by then is here. When a database is opened, the commits are applied to it once more. The file
//! is written from its beginning again once sled's own files are synced; what is left behind the newest
//! commit belongs to older ones and does not follow from it.

mod entry;
#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::mark::Mark;
use super::recovery;
use super::state::{self, State};
use super::sync::sync_dir;
use super::trees::{Trees, Write};
pub(super) use entry::Left;
use entry::append;

pub(super) const FILE_NAME: &str = "journal";

/// While it is made.
const NEW_NAME: &str = "journal.new";

/// What could not be applied is kept under this name.
const UNUSED_NAME: &str = "journal.unused";

/// The file is written over up to here. Our choice: half of one of sled's segments, so that sled writes
/// hardly ever by itself in between, and some 400 inputs by themselves.
const BYTES: u64 = 256 * 1024;

/// What the system writes at least.
const PAGE: [u8; 4096] = [0; 4096];

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
    /// Begins anew: everything that is in the database in `dir` is on the disk.
    pub(super) fn begin(dir: &Path, trees: &Trees) -> io::Result<Self> {
        let last = state::left(trees).map_err(io::Error::other)?;
        let file = match fresh(dir) {
            Err(error) if error.kind() == io::ErrorKind::StorageFull => emptied(dir)?,
            file => file?,
        };
        Ok(Self { file, at: 0, last, buffer: Vec::new() })
    }

    /// Leaves nothing to be applied: everything is on the disk in the database.
    pub(super) fn end(&self) -> io::Result<()> {
        self.file.write_all_at(&[0; entry::HEAD], 0)?;
        self.file.sync_data()
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

/// A file in which no commit has to change the size or the blocks. It is written by pages: the system
/// would write all of a larger piece for each commit within it.
fn fresh(dir: &Path) -> io::Result<File> {
    let path = dir.join(NEW_NAME);
    let file = File::options().write(true).create(true).truncate(true).open(&path)?;
    for at in (0..BYTES).step_by(PAGE.len()) {
        file.write_all_at(&PAGE, at)?;
    }
    file.sync_all()?;
    fs::rename(path, dir.join(FILE_NAME))?;
    sync_dir(dir)?;
    Ok(file)
}

/// The file that is there, on a disk that has no room for another.
fn emptied(dir: &Path) -> io::Result<File> {
    let file = File::options().write(true).open(dir.join(FILE_NAME))?;
    if file.metadata()?.len() < BYTES {
        return Err(io::ErrorKind::StorageFull.into());
    }
    file.write_all_at(&PAGE, 0)?;
    file.sync_data()?;
    let _unused = fs::remove_file(dir.join(NEW_NAME)).err();
    Ok(file)
}

/// Applies the commits of the journal to the database in `dir`, which is to be synced before it is
/// written to.
///
/// All of them, also those that the database says it has: of what was not synced sled may have the end
/// and not the middle. The answer is how far the store had come where that is further than what could be
/// applied, because the journal is damaged or the database has lost more than it holds. Its file is then
/// kept under another name.
pub(super) fn replay(dir: &Path, trees: &Trees) -> sled::Result<Option<Mark>> {
    let path = dir.join(FILE_NAME);
    let bytes = match fs::metadata(&path) {
        Ok(metadata) if metadata.len() <= MOST_READ => fs::read(&path)?,
        Ok(_) => return Ok(set_aside(dir, None)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let Ok(left) = state::left(trees) else {
        // whoever reads the database's figures next tells what is wrong with them
        return Ok(None);
    };
    let (commits, rest) = entry::commits(&bytes);
    let newest = commits.last().map_or(left, |commit| commit.after);
    let follows = newest == left || commits.iter().any(|commit| commit.before == left);
    if follows {
        commits.iter().try_for_each(|commit| trees.apply(&commit.writes))?;
    }
    let reached = if follows { newest.number } else { left.number };
    let unapplied = commits.into_iter().chain(entry::scattered(rest));
    let furthest =
        unapplied.filter(|it| it.after.number > reached).max_by_key(|it| it.after.number);
    match furthest {
        Some(commit) => Ok(set_aside(dir, state::written(&commit.writes))?),
        None => Ok(None),
    }
}

fn set_aside(dir: &Path, state: Option<State>) -> io::Result<Option<Mark>> {
    let to = recovery::free_path(dir, UNUSED_NAME);
    tracing::error!(path = %to.display(), "not all of the journal could be applied; it is kept aside");
    fs::rename(dir.join(FILE_NAME), to)?;
    Ok(state.map(|state| Mark::of(&state)))
}
