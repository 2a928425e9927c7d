//! The high-water mark beside the database: how far the store had come.
//!
//! A damaged or emptied database may open without an error and be older than what was
//! acknowledged. The mark tells; and a fresh store goes on from it, so that no sequence and no
//! input number is given twice. It is written after each commit.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::chain::Head;
use super::state::State;
use crate::io::hint::{self, HintFile};

pub(super) const FILE_NAME: &str = "mark";

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
        hint::read(&dir.join(FILE_NAME))
    }
}

/// The open mark file.
#[derive(Debug)]
pub(super) struct MarkFile(HintFile);

impl MarkFile {
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        HintFile::open(&dir.join(FILE_NAME)).map(Self)
    }

    /// Writes the mark over the last one.
    pub(super) fn write(&self, mark: &Mark) -> io::Result<()> {
        self.0.write(mark)
    }
}
