//! Several neighbours of a tree in one value of the database.
//!
//! sled puts nine keys on a page of a tree that grows at its end, however small their values are, and
//! keeps some 300 bytes of memory for each page on the disk (benches/README.md, "Store"). With small
//! entries in packs a million of them need a tenth of the pages, and a commit of many entries needs
//! few writes.
//!
//! Form: a tag byte that is no version of a value, then each entry as the length of its key (one
//! byte), the key, the length of its value (four bytes, big-endian), the value. A value without
//! the tag is an entry by itself, under its own key: so wrote the versions before.

use sled::IVec;

/// First byte of a pack; versions of values count from 1.
const TAG: u8 = 0x80;

const VALUE_LENGTH: usize = size_of::<u32>();

/// An entry: key and value.
pub(super) type Entry = (IVec, IVec);

/// Whether a stored value is a pack.
pub(super) fn is_pack(stored: &[u8]) -> bool {
    stored.first() == Some(&TAG)
}

/// What an entry takes in a pack.
pub(super) fn room(key: &[u8], value: &[u8]) -> usize {
    1 + key.len() + VALUE_LENGTH + value.len()
}

/// The entries of what is stored under `key`, in order. A damaged pack is one entry, which nobody
/// can decode: it shows as such.
pub(super) fn entries(key: &IVec, stored: &IVec) -> Vec<Entry> {
    let alone = || vec![(key.clone(), stored.clone())];
    if is_pack(stored) { parse(stored).unwrap_or_else(alone) } else { alone() }
}

/// One entry of what is stored under `of`.
pub(super) fn find(of: &IVec, stored: &IVec, key: &[u8]) -> Option<IVec> {
    let found = entries(of, stored);
    let at = found.binary_search_by(|(there, _)| there.as_ref().cmp(key)).ok()?;
    found.into_iter().nth(at).map(|(_, value)| value)
}

fn parse(stored: &IVec) -> Option<Vec<Entry>> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut at = 1;
    while at < stored.len() {
        let key_length = usize::from(*stored.get(at)?);
        let key = take(stored, at + 1, key_length)?;
        at += 1 + key_length;
        let length: [u8; VALUE_LENGTH] =
            take(stored, at, VALUE_LENGTH)?.as_ref().try_into().ok()?;
        let value = take(stored, at + VALUE_LENGTH, u32::from_be_bytes(length).try_into().ok()?)?;
        at += VALUE_LENGTH + value.len();
        if entries.last().is_some_and(|(before, _)| *before >= key) {
            return None;
        }
        entries.push((key, value));
    }
    (!entries.is_empty()).then_some(entries)
}

/// A part of the stored bytes, which it shares.
fn take(stored: &IVec, at: usize, length: usize) -> Option<IVec> {
    let end = at.checked_add(length)?;
    (end <= stored.len()).then(|| stored.subslice(at, length))
}

/// The stored form of sorted entries under `key`; the only one of its own key stays as it is.
/// Keys have some bytes and values at most those of the largest record.
pub(super) fn stored(key: &IVec, entries: &[Entry]) -> IVec {
    if let [(only, value)] = entries
        && only == key
    {
        return value.clone();
    }
    let bytes: usize = entries.iter().map(|(key, value)| room(key, value)).sum();
    let mut stored = Vec::with_capacity(1 + bytes);
    stored.push(TAG);
    for (key, value) in entries {
        stored.push(key.len() as u8);
        stored.extend_from_slice(key);
        stored.extend_from_slice(&(value.len() as u32).to_be_bytes());
        stored.extend_from_slice(value);
    }
    stored.into()
}
