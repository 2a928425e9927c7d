//! The ledger's entries in order, over damage: at a page that it cannot read sled gives the same
//! error for ever and never what lies behind. Here such a stretch is one item, and the rest follows.
//!
//! Its end is looked for in few looks, since a disk may take seconds for each that fails.

use super::super::error::StoreError;
use super::super::trees::{self, TreeName, Trees, key_number, number_key};

/// A stretch is looked through in steps of so many sequences, which is one less than sled has on a
/// page of a tree that grows at its end: no readable page of a ledger without gaps is passed over.
const STEP: u64 = 8;

/// After so many steps each is twice as long: what retention has thinned out is on few pages. Our
/// choice: up to some 500 sequences in a row are exact.
const SHORT_STEPS: u32 = 64;

/// Reads that fail where nothing is read between them before a stretch counts as unreadable. Our
/// choice: while sled moves pages out of a segment, a page that it cannot move fails who reads another.
const MOST_FAILED: u32 = 3;

/// Sequences without a record that are looked at before a stretch. Our choice: a second or so.
const MOST_BEFORE: usize = 1_000_000;

/// Records that cannot be read, because sled cannot read their pages: first and last sequence.
#[derive(Clone, Debug)]
pub(in crate::io::store) struct Unreadable {
    pub(in crate::io::store) first: u64,
    pub(in crate::io::store) last: u64,
    source: sled::Error,
}

impl From<Unreadable> for StoreError {
    fn from(Unreadable { first, last, source }: Unreadable) -> Self {
        Self::Unreadable { first, last, source }
    }
}

/// Key and value.
pub(in crate::io::store) type Entry = (sled::IVec, sled::IVec);

/// Entries of a range of sequences.
pub(in crate::io::store) struct Entries {
    /// Whoever replaces the database has to know that it is still read.
    trees: Trees,
    /// Behind the last sequence there is nothing.
    rest: Option<trees::Entries>,
    /// First sequence that was not looked at.
    next: u64,
    to: u64,
    /// Reads in a row that have failed.
    failed: u32,
}

impl Entries {
    /// From `from` to `to`, both included.
    pub(in crate::io::store) fn between(trees: &Trees, from: u64, to: u64) -> Self {
        let mut entries = Self { trees: trees.clone(), rest: None, next: from, to, failed: 0 };
        entries.go_on_at(Some(from));
        entries
    }

    fn go_on_at(&mut self, next: Option<u64>) {
        let next = next.filter(|next| *next <= self.to);
        let ledger = self.trees.get(TreeName::Ledger);
        self.rest = next.map(|next| ledger.range(number_key(next)..=number_key(self.to)));
        self.next = next.unwrap_or(self.to);
    }

    fn is_unreadable(&self, seq: u64) -> bool {
        self.trees.get(TreeName::Ledger).get(number_key(seq)).is_err()
    }

    /// First and last sequence that cannot be read, from the first that was not looked at.
    fn unreadable(&self) -> (u64, u64) {
        let mut before = (self.next..=self.to).take(MOST_BEFORE);
        let first = before.find(|seq| self.is_unreadable(*seq)).unwrap_or(self.next);
        let mut last = first;
        let mut readable = None;
        for step in 0.. {
            let length = STEP << u32::saturating_sub(step, SHORT_STEPS).min(u64::BITS / 2);
            let Some(look) = last.checked_add(length).filter(|look| *look <= self.to) else {
                break;
            };
            if !self.is_unreadable(look) {
                readable = Some(look);
                break;
            }
            last = look;
        }
        // the end is between the two
        let mut end = readable.unwrap_or(self.to.saturating_add(1));
        while end - last > 1 {
            let middle = last + (end - last) / 2;
            match self.is_unreadable(middle) {
                true => last = middle,
                false => end = middle,
            }
        }
        (first, last)
    }
}

impl Iterator for Entries {
    type Item = Result<Entry, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.rest.as_mut()?.next()? {
                Ok((key, value)) => {
                    let behind = key_number(&key).and_then(|seq| seq.checked_add(1));
                    (self.next, self.failed) = (behind.unwrap_or(self.next), 0);
                    return Some(Ok((key, value)));
                }
                Err(_) if self.failed + 1 < MOST_FAILED => {
                    self.failed += 1;
                    self.go_on_at(Some(self.next));
                }
                Err(source) => {
                    let (first, last) = self.unreadable();
                    self.failed = 0;
                    self.go_on_at(last.checked_add(1));
                    return Some(Err(Unreadable { first, last, source }));
                }
            }
        }
    }
}
