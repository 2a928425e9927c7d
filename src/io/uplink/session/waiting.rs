//! Entries that were offered and have to wait: for another try or for the platform's receipt.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::LANES;
use crate::io::uplink::receipt::Receipt;

/// What an entry waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The broker refused it.
    Refused,
    /// The broker has it; the platform has not confirmed it.
    Unreceipted,
}

/// One waiting entry.
#[derive(Clone, Copy, Debug)]
pub struct Waiting<K> {
    /// Its key.
    pub key: K,
    /// Its lane.
    pub lane: usize,
    /// Its ledger sequence, when it is a record.
    pub seq: Option<u64>,
    /// What it waits for.
    pub why: Why,
    /// When it is offered again.
    pub until: Instant,
}

/// All of them, by key and by the time they are due.
#[derive(Debug)]
pub struct WaitingRoom<K> {
    entries: BTreeMap<K, Waiting<K>>,
    due: [BTreeSet<(Instant, K)>; LANES],
    unreceipted: usize,
}

impl<K> Default for WaitingRoom<K> {
    fn default() -> Self {
        Self {
            entries: BTreeMap::new(),
            due: std::array::from_fn(|_| BTreeSet::new()),
            unreceipted: 0,
        }
    }
}

impl<K: Copy + Ord> WaitingRoom<K> {
    /// An entry begins to wait.
    pub fn enter(&mut self, entry: Waiting<K>) {
        self.leave(entry.key);
        self.unreceipted += usize::from(entry.why == Why::Unreceipted);
        self.due[entry.lane].insert((entry.until, entry.key));
        self.entries.insert(entry.key, entry);
    }

    fn leave(&mut self, key: K) {
        if let Some(entry) = self.entries.remove(&key) {
            self.unreceipted -= usize::from(entry.why == Why::Unreceipted);
            self.due[entry.lane].remove(&(entry.until, key));
        }
    }

    /// Takes the entry of `lane` that has been due for the longest time.
    pub fn take_due(&mut self, lane: usize, now: Instant) -> Option<K> {
        let (until, key) = self.due[lane].first().copied()?;
        if until > now {
            return None;
        }
        self.leave(key);
        Some(key)
    }

    /// Whether this entry waits.
    pub fn has(&self, key: K) -> bool {
        self.entries.contains_key(&key)
    }

    /// Forgets the entry of `lane` that would wait for the longest time.
    pub fn forget_last(&mut self, lane: usize) {
        if let Some((_, key)) = self.due[lane].last().copied() {
            self.leave(key);
        }
    }

    /// Takes every entry whose receipt this is.
    pub fn confirm(&mut self, receipt: &Receipt) -> Vec<K> {
        let confirmed: Vec<K> = self
            .entries
            .values()
            .filter(|entry| entry.why == Why::Unreceipted)
            .filter(|entry| entry.seq.is_some_and(|seq| receipt.covers(seq)))
            .map(|entry| entry.key)
            .collect();
        for key in &confirmed {
            self.leave(*key);
        }
        confirmed
    }

    /// When the first entry is due.
    pub fn next_due(&self) -> Option<Instant> {
        let firsts = self.due.iter().filter_map(BTreeSet::first);
        firsts.map(|(until, _)| *until).min()
    }

    /// How many of one lane wait.
    pub fn of_lane(&self, lane: usize) -> usize {
        self.due[lane].len()
    }

    /// How many wait for this.
    pub fn count(&self, why: Why) -> usize {
        match why {
            Why::Unreceipted => self.unreceipted,
            Why::Refused => self.entries.len() - self.unreceipted,
        }
    }
}
