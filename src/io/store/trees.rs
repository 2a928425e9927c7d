//! The trees of the database and the writes of one commit.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;
use std::{fmt, fs, io};

use schemars::JsonSchema;
use serde::Serialize;

use super::barrier;
use super::journal;
use super::mark::Mark;
use super::progress::Progress;

mod pack;
mod packing;
mod packs;
#[cfg(test)]
mod tests;

pub(super) use packs::{Entries, Packs};

/// Memory for sled's page cache. Our choice: the working set is the head of each queue; 16 MiB
/// keep the whole daemon below 64 MiB with a million records waiting.
const CACHE_BYTES: u64 = 16 * 1024 * 1024;

/// sled tidies its segments and syncs its file this often; commits that it has not written are in the
/// journal. Our choice: it tidies as much each time as there is, and each time wakes eight threads.
const FLUSH_EVERY_MS: u64 = 2_000;

/// A tree of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TreeName {
    /// Inputs that wait for the pipeline: number → arrival.
    Inbox,
    /// Sealed records: sequence → record with proof.
    Ledger,
    /// What waits for the platform: lane, sequence, item.
    Outbox,
    /// The store's own state and the cursors of the doors.
    Meta,
    /// Entries that could not be decoded: tree name and key → their bytes.
    Quarantine,
}

impl TreeName {
    pub(super) const ALL: [Self; 5] =
        [Self::Inbox, Self::Ledger, Self::Outbox, Self::Meta, Self::Quarantine];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Ledger => "ledger",
            Self::Outbox => "outbox",
            Self::Meta => "meta",
            Self::Quarantine => "quarantine",
        }
    }

    /// Bytes of a pack of its entries at most; nothing is packed when there are none. Our choice:
    /// some fifty of the outbox, so that a single delivery writes little.
    ///
    /// Only the outbox: sled leaves out the rest of a segment whose middle is damaged, and says so
    /// only when a page begins in that rest, which fewer pages do.
    fn most_of_pack(self) -> usize {
        match self {
            Self::Outbox => 1024,
            Self::Inbox | Self::Ledger | Self::Meta | Self::Quarantine => 0,
        }
    }
}

impl fmt::Display for TreeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An open database. Clones are handles.
#[derive(Clone, Debug)]
pub(super) struct Trees {
    pub(super) db: sled::Db,
    trees: [Packs; 5],
    /// Shared by the clones, so that the last one is known.
    handles: Arc<()>,
    /// How much of what is durable has come into it.
    pub(super) progress: Arc<Progress>,
    /// How far the store had come, where the journal tells that it is not all here.
    pub(super) beyond: Option<Mark>,
}

impl Trees {
    /// Opens or creates the database in `dir`, with all commits of its journal.
    pub(super) fn open(dir: &Path) -> Result<Self, sled::Error> {
        barrier::insist();
        remove_half_snapshots(dir)?;
        let db = sled::Config::new()
            .path(dir)
            .cache_capacity(CACHE_BYTES)
            .flush_every_ms(Some(FLUSH_EVERY_MS))
            .open()?;
        let open = |name: TreeName| {
            let tree = db.open_tree(name.name())?;
            Ok::<_, sled::Error>(Packs { tree, most: name.most_of_pack() })
        };
        let trees = [
            open(TreeName::Inbox)?,
            open(TreeName::Ledger)?,
            open(TreeName::Outbox)?,
            open(TreeName::Meta)?,
            open(TreeName::Quarantine)?,
        ];
        let mut opened =
            Self { db, trees, handles: Arc::new(()), progress: Arc::default(), beyond: None };
        opened.beyond = journal::replay(dir, &opened)?;
        Ok(opened)
    }

    /// Handles of this database that are in use.
    pub(super) fn handles(&self) -> usize {
        Arc::strong_count(&self.handles)
    }

    pub(super) fn get(&self, name: TreeName) -> &Packs {
        &self.trees[name as usize]
    }

    /// Applies all writes, the last of each key, one after the other: the journal, which holds them
    /// all, makes them one. Nobody else may write meanwhile.
    ///
    /// What the commit leaves comes last, so that a database that was cut off meanwhile gets all of it
    /// once more; what goes comes after what takes its place. An entry of the outbox comes after its
    /// record and goes before it: whoever reads meanwhile finds the record of each.
    pub(super) fn apply(&self, writes: &[Write]) -> sled::Result<()> {
        let mut of_trees: [BTreeMap<_, _>; 5] = Default::default();
        for write in writes {
            of_trees[write.tree as usize].insert(&write.key, &write.value);
        }
        let [inbox, ledger, outbox, meta, quarantine] = of_trees;
        let (accepted, settled) = put_and_removed(inbox);
        let (sealed, pruned) = put_and_removed(ledger);
        let turns = [
            (TreeName::Inbox, accepted),
            (TreeName::Ledger, sealed),
            (TreeName::Outbox, outbox),
            (TreeName::Ledger, pruned),
            (TreeName::Quarantine, quarantine),
            (TreeName::Inbox, settled),
            (TreeName::Meta, meta),
        ];
        turns.into_iter().try_for_each(|(name, writes)| self.get(name).write(writes))
    }
}

type Writes<'a> = BTreeMap<&'a sled::IVec, &'a Option<sled::IVec>>;

fn put_and_removed(writes: Writes<'_>) -> (Writes<'_>, Writes<'_>) {
    writes.into_iter().partition(|(_, value)| value.is_some())
}

/// Removes what a start that was cut short left of its snapshot. sled would take it for the newest
/// one and call the store damaged; the log and the last whole snapshot are all it needs.
fn remove_half_snapshots(dir: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let path = entry?.path();
        if path.extension() == Some(OsStr::new("generating")) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// One write of a commit.
#[derive(Clone, Debug)]
pub(super) struct Write {
    pub(super) tree: TreeName,
    pub(super) key: sled::IVec,
    /// `None` removes.
    pub(super) value: Option<sled::IVec>,
}

impl Write {
    pub(super) fn put(tree: TreeName, key: impl Into<sled::IVec>, value: Vec<u8>) -> Self {
        Self { tree, key: key.into(), value: Some(value.into()) }
    }

    pub(super) fn remove(tree: TreeName, key: impl Into<sled::IVec>) -> Self {
        Self { tree, key: key.into(), value: None }
    }
}

/// Numbers as keys: big-endian, so that their order is the tree's.
pub(super) fn number_key(number: u64) -> [u8; 8] {
    number.to_be_bytes()
}

/// The number of a key; `None` when it is not eight bytes.
pub(super) fn key_number(key: &[u8]) -> Option<u64> {
    key.try_into().ok().map(u64::from_be_bytes)
}
