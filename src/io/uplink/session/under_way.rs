//! Offers between us and the broker's acknowledgement, first in, first out.
//!
//! In: offers, packet ids as the client gives them, acknowledgements. Out: what was acknowledged,
//! and since when one is missing that should have come before.

use std::collections::{HashMap, VecDeque};
use std::time::Instant;

use super::Candidate;

/// What was handed to the client.
#[derive(Clone, Copy, Debug)]
pub(super) enum Offered<K> {
    /// An entry or a piece of it, and when.
    Entry(Candidate<K>, Instant),
    /// The retained state.
    State,
    /// Another message that is no entry.
    Own,
}

#[derive(Clone, Copy, Debug)]
struct Sent<K> {
    offered: Offered<K>,
    number: u64,
    at: Instant,
}

/// All of them on one connection.
#[derive(Debug)]
pub(super) struct UnderWay<K> {
    /// Without a packet id.
    offered: VecDeque<Offered<K>>,
    sent: HashMap<u16, Sent<K>>,
    numbered: u64,
    /// Number of the latest that was acknowledged.
    newest: u64,
}

impl<K> Default for UnderWay<K> {
    fn default() -> Self {
        Self { offered: VecDeque::new(), sent: HashMap::new(), numbered: 0, newest: 0 }
    }
}

impl<K: Copy + Ord> UnderWay<K> {
    /// It was handed to the client after every earlier one.
    pub(super) fn offer(&mut self, offered: Offered<K>) {
        self.offered.push_back(offered);
    }

    /// The client gave the oldest this packet id. False when there is none, or the id is taken.
    pub(super) fn sent(&mut self, at: Instant, packet_id: u16) -> bool {
        let Some(offered) = self.offered.pop_front() else {
            return false;
        };
        self.numbered += 1;
        let sent = Sent { offered, number: self.numbered, at };
        self.sent.insert(packet_id, sent).is_none()
    }

    /// The broker has answered it.
    pub(super) fn take(&mut self, packet_id: u16) -> Option<Offered<K>> {
        let sent = self.sent.remove(&packet_id)?;
        self.newest = self.newest.max(sent.number);
        Some(sent.offered)
    }

    pub(super) fn get(&self, packet_id: u16) -> Option<&Offered<K>> {
        self.sent.get(&packet_id).map(|sent| &sent.offered)
    }

    pub(super) fn has(&self, key: K) -> bool {
        let same = |offered: &Offered<K>| matches!(offered, Offered::Entry(e, _) if e.key == key);
        self.offered.iter().any(same) || self.sent.values().any(|sent| same(&sent.offered))
    }

    pub(super) fn len(&self) -> usize {
        self.offered.len() + self.sent.len()
    }

    /// Since when the oldest is under way whose acknowledgement is missing although that of a
    /// later one has come: a broker acknowledges in the order of arrival (MQTT 5, 4.6).
    pub(super) fn overtaken_since(&self) -> Option<Instant> {
        let overtaken = self.sent.values().filter(|sent| sent.number < self.newest);
        overtaken.map(|sent| sent.at).min()
    }
}
