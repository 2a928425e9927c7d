//! What can go wrong with the store, by deed.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use thiserror::Error;

use super::codec::CodecError;
use super::trees::TreeName;

/// A bound that can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// Inputs that wait for the pipeline.
    Inbox,
    /// Entries that wait for the platform.
    Outbox,
    /// Sealed records.
    Ledger,
    /// Free bytes of the file system.
    Disk,
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Inbox => "the inbox",
            Self::Outbox => "the outbox",
            Self::Ledger => "the ledger",
            Self::Disk => "the disk",
        })
    }
}

/// Why the store did not do what it was asked for. Clones share their cause.
#[derive(Clone, Debug, Error)]
pub enum StoreError {
    /// Another process has the store open.
    #[error("the store in {dir} is held by another process ({holder})")]
    Held {
        /// Its directory.
        dir: PathBuf,
        /// What that process wrote into the lock file.
        holder: String,
    },
    /// The directory cannot be used.
    #[error("cannot {deed} {path}")]
    Directory {
        /// What was tried, such as `create`.
        deed: &'static str,
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: Arc<io::Error>,
    },
    /// The database cannot be opened, for a reason that is not in its files.
    #[error("cannot open the store in {dir}")]
    Open {
        /// Its directory.
        dir: PathBuf,
        /// Why.
        #[source]
        source: sled::Error,
    },
    /// A bound is reached; nothing was written. Passes by itself when space comes back.
    #[error("{bound} is full")]
    Full {
        /// Which.
        bound: Bound,
    },
    /// The commit failed. It may or may not be durable: the store finds out when it opens the
    /// database again, drops inputs that were never acknowledged and skips what was sealed.
    #[error("cannot write to the store")]
    Write(#[source] Arc<WriteError>),
    /// A tree cannot be read.
    #[error("cannot read the {tree}")]
    Read {
        /// Which.
        tree: TreeName,
        /// Why.
        #[source]
        source: sled::Error,
    },
    /// Records are on pages that cannot be read.
    #[error("cannot read records {first} to {last} of the ledger")]
    Unreadable {
        /// First sequence.
        first: u64,
        /// Last sequence.
        last: u64,
        /// Why.
        #[source]
        source: sled::Error,
    },
    /// A stored value cannot be understood.
    #[error("cannot decode entry {key} of the {tree}")]
    Decode {
        /// Which tree.
        tree: TreeName,
        /// Its key, hexadecimal.
        key: String,
        /// Why.
        #[source]
        source: Arc<CodecError>,
    },
    /// A value has no stored form.
    #[error("cannot encode a value for the {tree}")]
    Encode {
        /// For which tree.
        tree: TreeName,
        /// Why.
        #[source]
        source: Arc<CodecError>,
    },
    /// A record has no canonical JSON.
    #[error("cannot write record {id} as canonical JSON")]
    Canonical {
        /// Which.
        id: String,
        /// Why.
        #[source]
        source: Arc<serde_json::Error>,
    },
    /// A record is larger than the store takes.
    #[error("record {id} has {bytes} bytes, more than a record may have")]
    TooLarge {
        /// Which.
        id: String,
        /// Its bytes with its raw frames.
        bytes: usize,
    },
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    /// Whether it passes by itself when space comes back.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full { .. })
    }

    /// Whether what is stored is damaged, so that another attempt finds the same.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Read { source, .. } | Self::Unreadable { source, .. } => {
                matches!(source, sled::Error::Corruption { .. })
            }
            _ => matches!(self, Self::Decode { .. }),
        }
    }

    pub(super) fn read(tree: TreeName) -> impl FnOnce(sled::Error) -> Self {
        move |source| Self::Read { tree, source }
    }

    pub(super) fn decode(tree: TreeName, key: &[u8]) -> impl FnOnce(CodecError) -> Self {
        let key = hex::encode(key);
        move |source| Self::Decode { tree, key, source: Arc::new(source) }
    }

    pub(super) fn encode(tree: TreeName) -> impl FnOnce(CodecError) -> Self {
        move |source| Self::Encode { tree, source: Arc::new(source) }
    }

    pub(super) fn directory(
        deed: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Directory { deed, path, source: Arc::new(source) }
    }
}

/// The step of a commit that failed.
#[derive(Debug, Error)]
pub enum WriteError {
    /// Somebody has removed the database under way.
    #[error("a file of the database is gone")]
    Removed,
    /// The writes to the trees.
    #[error("the database does not take the commit")]
    Apply(#[source] sled::Error),
    /// sled's flush.
    #[error("the flush failed")]
    Flush(#[source] sled::Error),
    /// The journal of the last commits.
    #[error("the journal cannot be written")]
    Journal(#[source] io::Error),
    /// The sync of the files.
    #[error("the sync of the files failed")]
    Sync(#[source] io::Error),
    /// An earlier commit failed, and the database cannot be opened again yet.
    #[error("the database cannot be opened again after a failed commit")]
    Reopen(#[source] StoreError),
    /// The writes could not be put together.
    #[error("the commit could not be put together")]
    Staging(#[source] StoreError),
    /// A fresh copy of the database could not be written.
    #[error("cannot write a copy of the database")]
    Copy(#[source] sled::Error),
    /// A fresh copy has not as many records as the ledger.
    #[error("the copy of the database is not whole")]
    CopyIncomplete,
    /// The copy could not be put in the place of the database.
    #[error("cannot put the copy in the place of the database")]
    Exchange(#[source] io::Error),
    /// The database is closed after a failure.
    #[error("the database is not open")]
    NotOpen,
    /// The library panicked; the commit is void.
    #[error("the database library panicked: {0}")]
    Panicked(String),
}
