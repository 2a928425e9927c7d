//! Writes of entries become writes of packs.

use std::collections::BTreeMap;
use std::ops::Bound;

use sled::IVec;

use super::pack::{self, Entry};
use super::packs::Packs;

/// What is to be stored under a key; `None` removes.
pub(super) type Change = (IVec, Option<IVec>);

/// What becomes of one key or of one pack that is parted: all of it or nothing, since entries move.
pub(super) type Changes = Vec<Change>;

/// The changes of a tree of packs that write the entries: in order of their keys, each pack once.
pub(super) fn changes(
    packs: &Packs,
    writes: BTreeMap<&IVec, &Option<IVec>>,
) -> sled::Result<Vec<Changes>> {
    let mut changes = Vec::with_capacity(writes.len());
    let mut open: Option<Open> = None;
    for (key, value) in writes {
        let mut at = match open.take() {
            Some(open) if open.covers(key) => open,
            other => {
                changes.extend(other.map(|open| open.changes(packs.most)));
                Open::at(packs, key)?
            }
        };
        at.write(key, value.as_ref());
        open = Some(at);
    }
    changes.extend(open.map(|open| open.changes(packs.most)));
    Ok(changes)
}

/// What is between two keys of the database, while it is changed.
struct Open {
    key: IVec,
    /// Key of the pack after it.
    next: Option<IVec>,
    entries: Vec<Entry>,
    /// Entries as stored; none when nothing is.
    stored: usize,
    /// So many of the first are as they were.
    same: usize,
}

impl Open {
    /// The pack that `key` belongs to, or a new one.
    fn at(packs: &Packs, key: &IVec) -> sled::Result<Self> {
        let (key, entries) = match packs.place(key)? {
            Some((of, stored)) => {
                let entries = pack::entries(&of, &stored);
                (of, entries)
            }
            None => (key.clone(), Vec::new()),
        };
        let behind = (Bound::Excluded(key.as_ref()), Bound::Unbounded);
        let next = packs.tree.range::<&[u8], _>(behind).keys().next().transpose()?;
        let stored = entries.len();
        let mut open = Self { key, next, entries, stored, same: stored };
        // of a pack that damage has parted by halves: they are in the next one
        if let Some(next) = &open.next {
            open.entries.retain(|(key, _)| key < next);
        }
        Ok(open)
    }

    fn covers(&self, key: &IVec) -> bool {
        self.key <= *key && self.next.as_ref().is_none_or(|next| key < next)
    }

    fn write(&mut self, key: &IVec, value: Option<&IVec>) {
        let place = self.entries.binary_search_by(|(there, _)| there.cmp(key));
        let (Ok(at) | Err(at)) = place;
        match (place, value) {
            (Ok(_), Some(value)) => self.entries[at].1 = value.clone(),
            (Ok(_), None) => drop(self.entries.remove(at)),
            (Err(_), Some(value)) => self.entries.insert(at, (key.clone(), value.clone())),
            (Err(_), None) => return,
        }
        self.same = self.same.min(at);
    }

    /// In packs of `most` bytes, the first of them under the key that it had.
    fn changes(self, most: usize) -> Changes {
        let mut changes = Vec::new();
        let mut rest = &self.entries[..];
        while !rest.is_empty() {
            let (of_pack, others) = rest.split_at(share(rest, most));
            let is_first = changes.is_empty() && rest.len() == self.entries.len();
            let key = if is_first { &self.key } else { &of_pack[0].0 };
            if !(is_first && of_pack.len() == self.stored && self.same >= self.stored) {
                changes.push((key.clone(), Some(pack::stored(key, of_pack))));
            }
            rest = others;
        }
        if self.entries.is_empty() && self.stored > 0 {
            changes.push((self.key, None));
        }
        changes
    }
}

/// How many of the first entries share a pack: at least one. A damaged pack keeps its bytes and
/// shares with nobody.
fn share(entries: &[Entry], most: usize) -> usize {
    let mut bytes = 0;
    let fits = |(key, value): &&Entry| {
        bytes += pack::room(key, value);
        bytes <= most && !pack::is_pack(value)
    };
    entries.iter().take_while(fits).count().max(1)
}
