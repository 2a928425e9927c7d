//! A line beside the database that helps and promises nothing.
//!
//! It is written over after each step and never synced: after a power cut it may be behind what it
//! tells of, never ahead of it. Whoever reads it finds it whole or not at all.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

/// Every line fills this many bytes, so that a shorter one leaves nothing of a longer one.
const BYTES: usize = 256;

/// Letters of the check in front of it: 64 bits, because damage is met by chance only.
const CHECK: usize = 16;

/// What the file says; `None` when there is none or it is damaged.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    let text = fs::read_to_string(path).ok()?;
    let (check, json) = text.trim_end().split_once(' ')?;
    (check == checksum(json)).then(|| serde_json::from_str(json).ok())?
}

/// The open file.
#[derive(Debug)]
pub(super) struct HintFile(File);

impl HintFile {
    /// Opens it, or makes an empty one.
    ///
    /// # Errors
    /// When neither can be done.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut options = File::options();
        options.write(true).create(true).truncate(false).open(path).map(Self)
    }

    /// Writes over what was there.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] for what has no JSON or is too long for the line, and whatever
    /// the disk says.
    pub(super) fn write<T: Serialize>(&self, said: &T) -> io::Result<()> {
        let json = serde_json::to_string(said)?;
        let mut line = format!("{} {json}", checksum(&json)).into_bytes();
        if line.len() >= BYTES {
            return Err(io::ErrorKind::InvalidData.into());
        }
        line.resize(BYTES - 1, b' ');
        line.push(b'\n');
        self.0.write_all_at(&line, 0)
    }
}

fn checksum(json: &str) -> String {
    let mut check = hex::encode(Sha256::digest(json));
    check.truncate(CHECK);
    check
}
