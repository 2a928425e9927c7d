//! What errors of the opening say about the files.

use std::io;
use std::path::PathBuf;

use super::{StoreError, chain_text};

/// Why the files cannot be used.
#[derive(Debug)]
pub(super) enum Unusable {
    /// They are damaged; a fresh store takes their place.
    Damaged(String),
    /// The disk gave an error instead of them: damage at a start, and while the daemon runs perhaps
    /// the end of what made a commit fail.
    Unread(String),
    /// Something else is in the way; they stay where they are.
    InTheWay(StoreError),
}

impl Unusable {
    /// Of an open database that cannot be read.
    pub(super) fn reading(error: &StoreError) -> Self {
        let reason = chain_text(error);
        match error {
            StoreError::Read { source: sled::Error::Io(_), .. } => Self::Unread(reason),
            _ => Self::Damaged(reason),
        }
    }

    /// Of a database in `dir` that cannot be opened.
    pub(super) fn opening(dir: PathBuf, source: sled::Error) -> Self {
        match source {
            source if in_the_way(&source) => Self::InTheWay(StoreError::Open { dir, source }),
            sled::Error::Io(_) => Self::Unread(chain_text(&source)),
            _ => Self::Damaged(chain_text(&source)),
        }
    }
}

/// sled reports a held lock as an error without a kind of its own.
pub(super) fn is_lock(error: &io::Error) -> bool {
    error.to_string().starts_with("could not acquire lock")
}

/// Errors that say nothing about the files: moving them aside would cure nothing.
fn in_the_way(error: &sled::Error) -> bool {
    let sled::Error::Io(error) = error else {
        return false;
    };
    is_lock(error)
        || matches!(
            error.kind(),
            io::ErrorKind::PermissionDenied
                | io::ErrorKind::StorageFull
                | io::ErrorKind::QuotaExceeded
                | io::ErrorKind::ReadOnlyFilesystem
                | io::ErrorKind::OutOfMemory
                | io::ErrorKind::Interrupted
        )
}
