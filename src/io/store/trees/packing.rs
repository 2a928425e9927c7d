//! Writes of entries become writes of packs.

use std::collections::BTreeMap;
use std::ops::Bound;

use sled::IVec;

use super::pack::{self, Entry};
use super::packs::Packs;

/// What is to be stored under a key; `None` removes.
pub(super) type Change = (IVec, Option<IVec>);

/// The changes of a tree that write the entries: in order of their keys, each pack once.
pub(super) fn changes(
    packs: &Packs,
    writes: BTreeMap<&IVec, &Option<IVec>>,
) -> sled::Result<Vec<Change>> {
    let mut changes = Vec::with_capacity(writes.len());
    if packs.most == 0 {
        changes.extend(writes.into_iter().map(|(key, value)| (key.clone(), value.clone())));
        return Ok(changes);
    }
    let mut open: Option<Open> = None;
    for (key, value) in writes {
        let mut at = match open.take() {
            Some(open) if open.covers(key) => open,
            other => {
                changes.extend(other.and_then(Open::change));
                Open::at(packs, key)?
            }
        };
        match value {
            Some(value) => changes.extend(at.put(key, value, packs.most)),
            None => at.remove(key),
        }
        open = Some(at);
    }
    changes.extend(open.and_then(Open::change));
    Ok(changes)
}

/// A pack that is being changed.
struct Open {
    key: IVec,
    /// Key of the pack after it.
    next: Option<IVec>,
    entries: Vec<Entry>,
    is_stored: bool,
    is_changed: bool,
}

impl Open {
    /// The pack that `key` belongs to, or a new one.
    fn at(packs: &Packs, key: &IVec) -> sled::Result<Self> {
        let place = packs.place(key)?;
        let is_stored = place.is_some();
        let (key, entries) = match place {
            Some((of, stored)) => {
                let entries = pack::entries(&of, &stored);
                (of, entries)
            }
            None => (key.clone(), Vec::new()),
        };
        let next = packs.tree.range::<&[u8], _>((Bound::Excluded(key.as_ref()), Bound::Unbounded));
        let next = next.keys().next().transpose()?;
        Ok(Self { key, next, entries, is_stored, is_changed: false })
    }

    fn covers(&self, key: &IVec) -> bool {
        self.key <= *key && self.next.as_ref().is_none_or(|next| key < next)
    }

    /// A damaged pack keeps its bytes and takes nobody in.
    fn is_damaged(&self) -> bool {
        matches!(&self.entries[..], [(_, value)] if pack::is_pack(value))
    }

    /// The change of the pack before, when there is no room for both in one.
    fn put(&mut self, key: &IVec, value: &IVec, most: usize) -> Option<Change> {
        let place = self.entries.binary_search_by(|(there, _)| there.cmp(key));
        let entry = (key.clone(), value.clone());
        match place {
            Ok(at) => {
                self.entries[at] = entry;
                self.is_changed = true;
                None
            }
            Err(at) if at == self.entries.len() && self.is_full_for(key, value, most) => {
                self.begin(vec![entry])
            }
            Err(at) => {
                self.entries.insert(at, entry);
                self.is_changed = true;
                let is_beyond = self.entries.len() > 1 && self.bytes() > most;
                if is_beyond { self.part() } else { None }
            }
        }
    }

    fn remove(&mut self, key: &IVec) {
        if let Ok(at) = self.entries.binary_search_by(|(there, _)| there.cmp(key)) {
            self.entries.remove(at);
            self.is_changed = true;
        }
    }

    fn is_full_for(&self, key: &IVec, value: &IVec, most: usize) -> bool {
        let room = pack::room(key, value);
        !self.entries.is_empty() && (self.is_damaged() || self.bytes() + room > most)
    }

    fn bytes(&self) -> usize {
        self.entries.iter().map(|(key, value)| pack::room(key, value)).sum()
    }

    /// Goes on with the second half as a pack of its own.
    fn part(&mut self) -> Option<Change> {
        let second = self.entries.split_off(self.entries.len() / 2);
        self.begin(second)
    }

    /// Goes on with other entries, which come after all that it has.
    fn begin(&mut self, entries: Vec<Entry>) -> Option<Change> {
        let key = entries.first().map(|(key, _)| key.clone())?;
        let next = self.next.clone();
        let new = Self { key, next, entries, is_stored: false, is_changed: true };
        std::mem::replace(self, new).change()
    }

    fn change(self) -> Option<Change> {
        match (self.is_changed, self.entries.is_empty()) {
            (true, false) => {
                let stored = pack::stored(&self.key, &self.entries);
                Some((self.key, Some(stored)))
            }
            (true, true) if self.is_stored => Some((self.key, None)),
            _ => None,
        }
    }
}
