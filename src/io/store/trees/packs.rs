//! A tree whose small entries lie in packs, read as if each had a key of its own.

use std::collections::BTreeMap;
use std::ops::{Bound, RangeBounds};

use sled::IVec;

use super::pack::{self, Entry};
use super::packing::{self, Change};

/// sled puts a page that is accessed on a list, and looks what it has to let go of its cache when the list
/// has 64 pages; it has 256 lists, whatever the pages weigh. A page of the ledger weighs some 70 KB, and is
/// accessed once when it is read in order: reading 300 MB of it took 290 MB of memory, and a longer one
/// would have taken a gigabyte. So each entry is accessed once more for so many of its bytes, and each list is
/// looked at before it stands for 64 KiB (then 32 MB; `store_memory`).
const BYTES_OF_ACCESS: usize = 1024;

/// Attempts at a write that meets a page that cannot be read.
const MOST_ATTEMPTS: u32 = 3;

/// A tree of the database. Clones are handles.
#[derive(Clone, Debug)]
pub(in crate::io::store) struct Packs {
    pub(super) tree: sled::Tree,
    /// Bytes of a pack at most; nothing is packed when there are none.
    pub(super) most: usize,
}

impl Packs {
    /// The value of `key`.
    pub(in crate::io::store) fn get(&self, key: impl AsRef<[u8]>) -> sled::Result<Option<IVec>> {
        if self.most == 0 {
            let value = self.tree.get(&key)?;
            weigh(&self.tree, key.as_ref(), value.as_ref().map_or(0, |value| value.len()))?;
            return Ok(value);
        }
        let place = self.place(key.as_ref())?;
        Ok(place.and_then(|(of, stored)| pack::find(&of, &stored, key.as_ref())))
    }

    pub(in crate::io::store) fn contains_key(&self, key: impl AsRef<[u8]>) -> sled::Result<bool> {
        Ok(self.get(key)?.is_some())
    }

    /// What is stored under the last key up to `key`: the only place where that entry can be.
    pub(super) fn place(&self, key: &[u8]) -> sled::Result<Option<Entry>> {
        self.tree.range(..=key).next_back().transpose()
    }

    /// Writes entries, the ones that share a pack together, and a pack that is parted in one piece.
    pub(super) fn write(&self, writes: BTreeMap<&IVec, &Option<IVec>>) -> sled::Result<()> {
        if self.most == 0 {
            let mut writes = writes.into_iter();
            return writes.try_for_each(|(key, value)| self.store(key.clone(), value.clone()));
        }
        for changes in packing::changes(self, writes)? {
            match <[Change; 1]>::try_from(changes) {
                Ok([(key, value)]) => self.store(key, value)?,
                Err(parted) => self.store_together(parted)?,
            }
        }
        Ok(())
    }

    fn store(&self, key: IVec, value: Option<IVec>) -> sled::Result<()> {
        once_more(|| match &value {
            Some(value) => {
                self.tree.insert(&key, value)?;
                weigh(&self.tree, &key, value.len())
            }
            None => self.tree.remove(&key).map(|_| ()),
        })
    }

    fn store_together(&self, changes: Vec<Change>) -> sled::Result<()> {
        let mut batch = sled::Batch::default();
        for (key, value) in changes {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        once_more(|| self.tree.apply_batch(batch.clone()))
    }

    /// All entries in order.
    pub(in crate::io::store) fn iter(&self) -> Entries {
        self.range::<&[u8]>(..)
    }

    /// The entries of a range, in order.
    pub(in crate::io::store) fn range<K: AsRef<[u8]>>(
        &self,
        range: impl RangeBounds<K>,
    ) -> Entries {
        let bytes = |bound: Bound<&K>| bound.map(|key| key.as_ref().to_vec());
        let (from, to) = (bytes(range.start_bound()), bytes(range.end_bound()));
        let (place, failed) = match &from {
            Bound::Included(key) | Bound::Excluded(key) if self.most > 0 => match self.place(key) {
                Ok(place) => (place.map(|(key, _)| key.to_vec()), None),
                Err(error) => (None, Some(error)),
            },
            _ => (None, None),
        };
        let first = place.map_or_else(|| from.clone(), Bound::Included);
        let entries = self.tree.range((first, to.clone()));
        let stored = Some(Stored { entries, tree: self.tree.clone(), unweighed: 0 });
        Entries { stored, of_pack: Vec::new().into_iter(), after: from, to, failed }
    }

    /// The entries whose keys begin with `prefix`, in order.
    pub(in crate::io::store) fn scan_prefix(
        &self,
        prefix: &[u8],
    ) -> impl Iterator<Item = sled::Result<Entry>> + use<> {
        let prefix = prefix.to_vec();
        self.range(prefix.clone()..).take_while(move |entry| match entry {
            Ok((key, _)) => key.starts_with(&prefix),
            Err(_) => true,
        })
    }

    pub(in crate::io::store) fn last(&self) -> sled::Result<Option<Entry>> {
        self.last_up_to(Bound::Unbounded)
    }

    /// The last entry of all up to a bound.
    pub(in crate::io::store) fn last_up_to(&self, to: Bound<&[u8]>) -> sled::Result<Option<Entry>> {
        for stored in self.tree.range::<&[u8], _>((Bound::Unbounded, to)).rev() {
            let (key, stored) = stored?;
            let in_range = |(key, _): &Entry| is_before_end(key, to);
            if let Some(last) = pack::entries(&key, &stored).into_iter().rfind(in_range) {
                return Ok(Some(last));
            }
        }
        Ok(None)
    }
}

/// Accesses an entry as often as the bytes count.
fn weigh(tree: &sled::Tree, key: &[u8], bytes: usize) -> sled::Result<()> {
    (0..bytes / BYTES_OF_ACCESS).try_for_each(|_| tree.contains_key(key).map(|_| ()))
}

/// While sled moves pages out of a segment, one that it cannot read fails who writes another, and is let
/// go then.
fn once_more(write: impl Fn() -> sled::Result<()>) -> sled::Result<()> {
    let mut attempt = 1;
    loop {
        match write() {
            Err(sled::Error::Corruption { .. }) if attempt < MOST_ATTEMPTS => attempt += 1,
            written => return written,
        }
    }
}

/// Entries of a range, up to the first that cannot be read.
pub(in crate::io::store) struct Entries {
    /// `None` after an error: sled does not move on, so the same one would come for ever.
    stored: Option<Stored>,
    of_pack: std::vec::IntoIter<Entry>,
    /// Where the rest begins: a pack that is parted while it is read brings nothing twice.
    after: Bound<Vec<u8>>,
    to: Bound<Vec<u8>>,
    failed: Option<sled::Error>,
}

impl Iterator for Entries {
    type Item = sled::Result<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(error) = self.failed.take() {
            self.stored = None;
            return Some(Err(error));
        }
        loop {
            for (key, value) in self.of_pack.by_ref() {
                let is_due = match &self.after {
                    Bound::Unbounded => true,
                    Bound::Included(first) => *key >= first[..],
                    Bound::Excluded(last) => *key > last[..],
                };
                if !is_due {
                    continue;
                }
                if !is_before_end(&key, self.to.as_ref().map(Vec::as_slice)) {
                    return None;
                }
                self.after = Bound::Excluded(key.to_vec());
                return Some(Ok((key, value)));
            }
            match self.stored.as_mut()?.next()? {
                Ok((key, stored)) => self.of_pack = pack::entries(&key, &stored).into_iter(),
                Err(error) => {
                    self.stored = None;
                    return Some(Err(error));
                }
            }
        }
    }
}

/// What is stored in a range, each under its own key.
struct Stored {
    entries: sled::Iter,
    tree: sled::Tree,
    /// Bytes that were read and for which nothing was accessed.
    unweighed: usize,
}

impl Stored {
    fn next(&mut self) -> Option<sled::Result<Entry>> {
        let entry = self.entries.next()?.and_then(|(key, value)| {
            let bytes = self.unweighed + value.len();
            self.unweighed = bytes % BYTES_OF_ACCESS;
            weigh(&self.tree, &key, bytes)?;
            Ok((key, value))
        });
        Some(entry)
    }
}

fn is_before_end(key: &[u8], to: Bound<&[u8]>) -> bool {
    match to {
        Bound::Unbounded => true,
        Bound::Included(last) => key <= last,
        Bound::Excluded(end) => key < end,
    }
}
