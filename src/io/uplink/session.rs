//! One connection's delivery as a pure state machine: free slots, acknowledgements and receipts
//! in; what to read, publish and remove out.
//!
//! Per lane it reads the outbox behind a cursor that starts anew with each connection, so that
//! everything unacknowledged is offered again. Offers and packet ids pair strictly first in,
//! first out, which is the only link the client gives. Nothing is removed without a success
//! reason. It touches no socket, no store and no clock.

pub mod types;
pub mod waiting;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};
use std::time::Instant;

use crate::config::Confirm;
pub use types::{Candidate, Limits, Next, Outcome, Settings, Verdict};
use waiting::{Waiting, WaitingRoom, Why};

use super::receipt::{Receipt, ReceiptBook};

/// Priority lanes: 0 violations, evasion and alarms; 1 other records; 2 pictures.
pub const LANES: usize = 3;

/// Lanes below the first start nothing while this many bytes are unacknowledged, so that a
/// violation never waits behind a queue of pictures in the socket. Our choice: 256 KiB is a
/// second on a 2 Mbit/s line.
const BYTES_IN_FLIGHT: usize = 256 * 1024;

/// Entries of one lane that may await a retry or a receipt before it reads no further; bounds
/// the memory when nobody listens.
const MAX_WAITING: usize = 4_096;

#[derive(Clone, Copy, Debug)]
enum Offered<K> {
    Entry(Candidate<K>),
    Status,
}

/// The machine; `K` is the outbox's key.
#[derive(Debug)]
pub struct Session<K> {
    settings: Settings,
    limits: Limits,
    offered: VecDeque<Offered<K>>,
    in_flight: HashMap<u16, Offered<K>>,
    bytes: usize,
    cursors: [Option<K>; LANES],
    empty: [bool; LANES],
    waiting: WaitingRoom<K>,
    receipts: ReceiptBook,
}

impl<K: Copy + Ord> Session<K> {
    /// A session that is not connected yet.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            limits: Limits::default(),
            offered: VecDeque::new(),
            in_flight: HashMap::new(),
            bytes: 0,
            cursors: [None; LANES],
            empty: [false; LANES],
            waiting: WaitingRoom::default(),
            receipts: ReceiptBook::default(),
        }
    }

    /// A new connection: forgets every offer, and reads the outbox from its beginning.
    /// Confirmations of the platform are remembered.
    pub fn connected(&mut self, limits: Limits) {
        let receipts = std::mem::take(&mut self.receipts);
        *self = Self { limits, receipts, ..Self::new(self.settings) };
    }

    /// The outbox has new entries.
    pub fn outbox_changed(&mut self) {
        self.empty = [false; LANES];
    }

    /// The lane has no entry after its cursor.
    pub fn lane_is_empty(&mut self, lane: usize) {
        self.empty[lane] = true;
    }

    /// What to read for the next free slot: fresh entries of a lane before its retries, each lane
    /// before the next.
    pub fn next(&mut self, now: Instant) -> Next<K> {
        for lane in 0..LANES {
            if !self.has_slot(lane) {
                continue;
            }
            if !self.empty[lane] && self.waiting.of_lane(lane) < MAX_WAITING {
                let after = self.cursors[lane];
                return Next::Read { lane, after };
            }
            if let Some(key) = self.waiting.take_due(lane, now) {
                return Next::Again(key);
            }
        }
        Next::Nothing
    }

    /// Most publishes in flight now: one below the Receive Maximum, because the client counts its
    /// packet ids up to that number and stalls at it.
    pub fn window(&self) -> usize {
        let most = self.limits.receive_maximum.unwrap_or(u16::MAX) - 1;
        usize::from(self.settings.window.min(most).max(1))
    }

    /// Largest packet that may be offered.
    pub fn maximum_packet(&self) -> usize {
        let limit = self.limits.maximum_packet;
        limit.map_or(usize::MAX, |limit| limit as usize)
    }

    fn has_slot(&self, lane: usize) -> bool {
        let window = self.window();
        let reserved = if lane == 0 { 0 } else { window.div_ceil(8) };
        // A window of one has nothing to reserve.
        let room = window.saturating_sub(reserved).max(1);
        self.in_flight() < room && (lane == 0 || self.bytes < BYTES_IN_FLIGHT)
    }

    /// Offers an entry that [`Session::next`] asked for.
    pub fn offer(&mut self, entry: Candidate<K>) -> Verdict {
        if entry.bytes > self.maximum_packet() {
            self.set_aside(entry.key, entry.lane);
            return Verdict::TooLarge;
        }
        self.pass(entry.key, entry.lane);
        self.bytes += entry.bytes;
        self.offered.push_back(Offered::Entry(entry));
        Verdict::Publish
    }

    /// Leaves an entry where it is, for this connection: it cannot be published.
    pub fn set_aside(&mut self, key: K, lane: usize) {
        self.pass(key, lane);
    }

    fn pass(&mut self, key: K, lane: usize) {
        self.cursors[lane] = self.cursors[lane].max(Some(key));
    }

    /// One of our own status messages was handed to the client, after every earlier offer.
    pub fn offer_status(&mut self) {
        self.offered.push_back(Offered::Status);
    }

    /// The client gave the oldest offer this packet id. False when there is none: the client and
    /// we disagree, and the connection must end.
    #[must_use]
    pub fn sent(&mut self, packet_id: u16) -> bool {
        match self.offered.pop_front() {
            Some(offered) => self.in_flight.insert(packet_id, offered).is_none(),
            None => false,
        }
    }

    /// The broker acknowledged a packet id, with success or not.
    pub fn acknowledged(&mut self, now: Instant, packet_id: u16, success: bool) -> Outcome<K> {
        let entry = match self.in_flight.remove(&packet_id) {
            Some(Offered::Entry(entry)) => entry,
            Some(Offered::Status) => return Outcome::Status,
            None => return Outcome::Unknown,
        };
        self.bytes -= entry.bytes;
        if !success {
            self.wait(entry, Why::Refused, now + self.settings.retry_refused);
            return Outcome::Refused;
        }
        match (self.settings.confirm, entry.seq) {
            (Confirm::Receipt, Some(seq)) if !self.receipts.has(seq) => {
                self.wait(entry, Why::Unreceipted, now + self.settings.retry_unreceipted);
                Outcome::AwaitReceipt
            }
            _ => Outcome::Remove(entry.key),
        }
    }

    fn wait(&mut self, entry: Candidate<K>, why: Why, until: Instant) {
        self.waiting.enter(Waiting {
            key: entry.key,
            lane: entry.lane,
            seq: entry.seq,
            why,
            until,
        });
    }

    /// The platform confirms records: the entries to remove from the outbox. An entry that this
    /// connection has not delivered yet is delivered first.
    pub fn receipt(&mut self, receipt: &Receipt) -> Vec<K> {
        if self.settings.confirm != Confirm::Receipt {
            return Vec::new();
        }
        self.receipts.enter(receipt);
        self.waiting.confirm(receipt)
    }

    /// When an entry becomes due again.
    pub fn wake_at(&self) -> Option<Instant> {
        self.waiting.next_due()
    }

    /// Offers that are not acknowledged yet.
    pub fn in_flight(&self) -> usize {
        self.offered.len() + self.in_flight.len()
    }

    /// Entries that await a receipt.
    pub fn unreceipted(&self) -> usize {
        self.waiting.count(Why::Unreceipted)
    }

    /// Entries that the broker refused and that will be offered again.
    pub fn refused(&self) -> usize {
        self.waiting.count(Why::Refused)
    }
}
