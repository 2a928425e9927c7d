//! The high-water mark beside the database: how far the store had come.
//!
//! A damaged or emptied database may open without an error and be older than what was
//! acknowledged. The mark tells; and a fresh store goes on from it, so that no sequence and no
//! input number is given twice. It is written after each commit and never synced: after a power
//! cut it may be behind the database, never ahead of it.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::chain::Head;
use super::hex::Hex;
use super::state::State;

const FILE_NAME: &str = "mark";

/// Every mark fills this many bytes, so that a shorter one leaves nothing of a longer one.
const MARK_BYTES: usize = 256;

/// How far the store had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    pub(super) commits: u64,
    pub(super) next_input: u64,
    pub(super) head: Head,
}

impl Mark {
    pub(super) fn of(state: &State) -> Self {
        Self { commits: state.commits, next_input: state.next_input, head: state.head }
    }

    /// Reads the mark; `None` when there is none or it is damaged.
    pub(super) fn read(dir: &Path) -> Option<Self> {
        let text = fs::read_to_string(dir.join(FILE_NAME)).ok()?;
        let (check, json) = text.trim_end().split_once(' ')?;
        (check == checksum(json)).then(|| serde_json::from_str(json).ok())?
    }

    fn line(&self) -> Option<Vec<u8>> {
        let json = serde_json::to_string(self).ok()?;
        let mut line = format!("{} {json}", checksum(&json)).into_bytes();
        (line.len() < MARK_BYTES).then(|| {
            line.resize(MARK_BYTES - 1, b' ');
            line.push(b'\n');
            line
        })
    }
}

fn checksum(json: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(json).into();
    Hex(digest).to_string()[..16].to_owned()
}

/// The open mark file.
#[derive(Debug)]
pub(super) struct MarkFile(File);

impl MarkFile {
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        let mut options = File::options();
        options.write(true).create(true).truncate(false);
        options.open(dir.join(FILE_NAME)).map(Self)
    }

    /// Writes the mark over the last one.
    pub(super) fn write(&self, mark: &Mark) -> io::Result<()> {
        match mark.line() {
            Some(line) => self.0.write_all_at(&line, 0),
            None => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}
