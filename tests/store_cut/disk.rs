//! A disk that loses power: what is on it depends on what was synced, and on what it fancied to
//! write of the rest.
//!
//! The rules, which ext4, xfs and any journalling file system keep: bytes are safe after a sync of
//! their file; names and sizes are safe in the order in which they were made, at least up to the
//! last one whose folder or file was synced. Everything else may be there or not: each write by
//! itself, in any order, and torn between any two sectors of 512 bytes. A sync of a file does not
//! make its name safe, and `sync_file_range` does nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::names::{Edit, File, Names};
use crate::recording::{Deed, Recording};

const SECTOR: usize = 512;

/// What becomes of that which was not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fate {
    /// Nothing of it is there.
    Lost,
    /// Names and sizes are there, and half of the sectors of each write.
    Torn,
    /// The last write is there, and none before it.
    Reordered,
    /// Anything.
    Random(u64),
}

/// One deed as the disk sees it.
#[derive(Debug)]
pub(crate) enum Change {
    Name { folders: Vec<PathBuf>, edit: Edit },
    Resize(File, usize),
    Write(File, usize, Vec<u8>),
    SyncFile(File),
    SyncFolder(PathBuf),
}

/// Everything that happened to a disk that was empty before.
#[derive(Debug)]
pub(crate) struct Disk(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    began: usize,
    returned: usize,
    change: Change,
    /// From this moment on no cut can undo it.
    safe: usize,
}

impl Disk {
    pub(crate) fn of(recording: &Recording) -> Self {
        let mut names = Names::default();
        let mut files = 0;
        let mut entries = Vec::new();
        for deed in &recording.deeds {
            let Deed { began, returned, ref what } = *deed;
            let changes = names.follow(what, &mut files).into_iter();
            entries.extend(changes.map(|change| Entry {
                began,
                returned,
                change,
                safe: usize::MAX,
            }));
        }
        for sync in 0..entries.len() {
            mark_safe(&mut entries, sync);
        }
        Self(entries)
    }

    /// Moments between which something changed on the disk or could be lost from it.
    pub(crate) fn moments(&self) -> BTreeSet<usize> {
        self.0.iter().flat_map(|entry| [entry.began, entry.began + 1, entry.returned]).collect()
    }

    /// Bytes of the largest file that were written more than once.
    pub(crate) fn written_over(&self) -> usize {
        let mut written: BTreeMap<File, (BTreeSet<usize>, usize)> = BTreeMap::new();
        for entry in &self.0 {
            if let Change::Write(file, offset, bytes) = &entry.change {
                let (sectors_of, again) = written.entry(*file).or_default();
                for (at, part) in sectors(*offset, bytes) {
                    *again += if sectors_of.insert(at) { 0 } else { part.len() };
                }
            }
        }
        let largest = written.into_values().max_by_key(|(sectors_of, _)| sectors_of.len());
        largest.map_or(0, |(_, again)| again)
    }

    /// What a cut at that moment can take away, for people.
    pub(crate) fn at_risk(&self, cut: usize) -> Vec<String> {
        let begun = self.0.iter().filter(|entry| entry.began < cut && entry.safe >= cut);
        begun.map(|entry| entry.change.to_string()).collect()
    }

    /// Puts into `to` what is on the disk when the power fails at that moment.
    pub(crate) fn cut(&self, cut: usize, fate: Fate, to: &Path) {
        let mut fancy = Fancy::new(&self.0, cut, fate);
        let mut names = Names::default();
        let mut contents: BTreeMap<File, Vec<u8>> = BTreeMap::new();
        for (n, entry) in self.0.iter().enumerate().take_while(|(_, entry)| entry.began < cut) {
            let safe = entry.safe < cut;
            match &entry.change {
                Change::Name { edit, .. } if safe || fancy.keeps_name(n) => names.apply(edit),
                Change::Resize(file, length) if safe || fancy.keeps_name(n) => {
                    contents.entry(*file).or_default().resize(*length, 0);
                }
                Change::Write(file, offset, bytes) => {
                    for (at, part) in sectors(*offset, bytes) {
                        if safe || fancy.keeps_sector(n) {
                            put(contents.entry(*file).or_default(), at, part);
                        }
                    }
                }
                _ => {}
            }
        }
        names.write(&contents, to);
    }
}

/// What the sync at that place makes safe: it covers what had returned before it began.
fn mark_safe(entries: &mut [Entry], sync: usize) {
    let (before, after) = entries.split_at_mut(sync);
    let Entry { began, returned, change: sync, .. } = &after[0];
    let mut last_name = None;
    for (n, entry) in before.iter_mut().enumerate().filter(|(_, entry)| entry.returned < *began) {
        match (sync, &entry.change) {
            (Change::SyncFile(synced), Change::Write(file, ..)) if synced == file => {
                entry.safe = entry.safe.min(*returned);
            }
            (Change::SyncFile(synced), Change::Resize(file, _)) if synced == file => {
                last_name = Some(n);
            }
            (Change::SyncFolder(folder), Change::Name { folders, .. })
                if folders.contains(folder) =>
            {
                last_name = Some(n);
            }
            _ => {}
        }
    }
    let names = before.iter_mut().take(last_name.map_or(0, |last| last + 1));
    for entry in names.filter(|entry| entry.change.is_name()) {
        entry.safe = entry.safe.min(*returned);
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name { edit, .. } => write!(f, "{edit:?}"),
            Self::Resize(file, length) => write!(f, "file {file} to {length} bytes"),
            Self::Write(file, at, bytes) => {
                write!(f, "{} bytes at {at} of file {file}", bytes.len())
            }
            Self::SyncFile(file) => write!(f, "sync of file {file}"),
            Self::SyncFolder(path) => write!(f, "sync of {}", path.display()),
        }
    }
}

impl Change {
    fn is_name(&self) -> bool {
        matches!(self, Self::Name { .. } | Self::Resize(..))
    }
}

/// What the disk fancies to write of that which was not synced.
struct Fancy {
    fate: Fate,
    random: ChaCha8Rng,
    last_write: Option<usize>,
    last_name: usize,
    sector: usize,
}

impl Fancy {
    fn new(entries: &[Entry], cut: usize, fate: Fate) -> Self {
        let begun = entries.iter().take_while(|entry| entry.began < cut).count();
        let mut random = ChaCha8Rng::seed_from_u64(match fate {
            Fate::Random(seed) => seed,
            _ => 0,
        });
        let at_risk =
            |entry: &Entry| matches!(entry.change, Change::Write(..)) && entry.safe >= cut;
        let last_name = match fate {
            Fate::Lost => 0,
            Fate::Torn | Fate::Reordered => begun,
            Fate::Random(_) => random.random_range(0..=begun),
        };
        Self {
            fate,
            random,
            last_write: entries[..begun].iter().rposition(at_risk),
            last_name,
            sector: 0,
        }
    }

    fn keeps_name(&self, n: usize) -> bool {
        n < self.last_name
    }

    fn keeps_sector(&mut self, n: usize) -> bool {
        self.sector += 1;
        match self.fate {
            Fate::Lost => false,
            Fate::Torn => self.sector.is_multiple_of(2),
            Fate::Reordered => self.last_write == Some(n),
            Fate::Random(_) => self.random.random(),
        }
    }
}

/// The parts of a write that lie in one sector each.
fn sectors(offset: usize, bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = offset;
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let room = SECTOR - at % SECTOR;
        let (part, after) = rest.split_at(room.min(rest.len()));
        let from = at;
        at += part.len();
        rest = after;
        (!part.is_empty()).then_some((from, part))
    })
}

fn put(content: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    if content.len() < at + bytes.len() {
        content.resize(at + bytes.len(), 0);
    }
    content[at..at + bytes.len()].copy_from_slice(bytes);
}
