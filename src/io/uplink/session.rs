//! One connection's delivery as a pure state machine: free slots, acknowledgements and receipts
//! in; what to read, publish and remove out.
//!
//! Per lane it reads the outbox behind a cursor that starts anew with each connection, so that
//! everything unacknowledged is offered again. Offers and packet ids pair strictly first in,
//! first out, which is the only link the client gives. Nothing is removed without a success
//! reason. It touches no socket, no store and no clock.

mod answers;
mod lane;
mod pace;
mod progress;
pub mod types;
mod under_way;
pub mod waiting;

#[cfg(test)]
mod tests;

use std::time::Instant;

use lane::LanePlace;
use pace::Pace;
use progress::Progress;
pub use types::{Candidate, Limits, Next, Outcome, Piece, Settings, Verdict};
use under_way::{Offered, UnderWay};
use waiting::{Waiting, WaitingRoom, Why};

use super::receipt::ReceiptBook;

/// Priority lanes: 0 violations, evasion and alarms; 1 other records; 2 pictures.
pub const LANES: usize = 3;

/// Entries of one lane that may await a retry or a receipt before it reads only what is new;
/// twice as many are remembered at most, which bounds the memory when nobody listens.
const MAX_WAITING: usize = 4_096;

/// The machine; `K` is the outbox's key.
#[derive(Debug)]
pub struct Session<K> {
    settings: Settings,
    limits: Limits,
    under_way: UnderWay<K>,
    bytes: usize,
    pace: Pace,
    lanes: [LanePlace<K>; LANES],
    waiting: WaitingRoom<K>,
    pictures: Progress<K>,
    receipts: ReceiptBook,
}

impl<K: Copy + Ord> Session<K> {
    /// A session that is not connected yet.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            limits: Limits::default(),
            under_way: UnderWay::default(),
            bytes: 0,
            pace: Pace::new(settings.catch_up_percent),
            lanes: [LanePlace::default(); LANES],
            waiting: WaitingRoom::default(),
            pictures: Progress::default(),
            receipts: ReceiptBook::default(),
        }
    }

    /// A new connection: forgets every offer, and reads the outbox from its beginning.
    /// Confirmations of the platform are remembered, and how far each picture has come.
    pub fn connected(&mut self, limits: Limits) {
        let receipts = std::mem::take(&mut self.receipts);
        let mut pictures = std::mem::take(&mut self.pictures);
        pictures.pause();
        *self = Self { limits, receipts, pictures, ..Self::new(self.settings) };
    }

    /// The broker has had so many bytes of a picture since before a restart.
    pub fn resume(&mut self, key: K, arrived: u64) {
        self.pictures.resume(key, arrived);
    }

    /// How many bytes of a picture the broker has, from the first on; 0 when it has all.
    pub fn so_far(&self, key: K) -> u64 {
        self.pictures.so_far(key)
    }

    /// The outbox has new entries.
    pub fn outbox_changed(&mut self) {
        self.lanes.iter_mut().for_each(LanePlace::changed);
    }

    /// The lane has no entry after its place.
    pub fn lane_is_empty(&mut self, lane: usize) {
        self.lanes[lane].ended();
    }

    /// The lane could not be read: it is asked again a little later.
    pub fn lane_is_unreadable(&mut self, now: Instant, lane: usize) {
        self.lanes[lane].failed(now);
    }

    /// The lane's last entry, after [`Next::SkipAhead`].
    pub fn skipped(&mut self, lane: usize, last: Option<K>) {
        self.lanes[lane].skip_to(last);
    }

    /// An entry that was due could not be read: it is tried again a little later.
    pub fn missed(&mut self, key: K, lane: usize, now: Instant) {
        self.pictures.stop(key);
        let (why, until) = (Why::Refused, now + lane::READ_AGAIN);
        self.waiting.enter(Waiting { key, lane, seq: None, why, until });
    }

    /// Entries that were delivered are still there: every lane is read from its beginning again as
    /// soon as there is room.
    pub fn entries_stayed(&mut self) {
        self.lanes.iter_mut().for_each(LanePlace::forget);
    }

    /// Removals ordered so far are carried out, after [`Next::StartOver`].
    pub fn start_over(&mut self, lane: usize) {
        self.lanes[lane].restart();
    }

    /// What to read for the next free slot: fresh entries of a lane before its retries, each lane
    /// before the next. Where very many wait already, only what is new is fresh; what was left
    /// out is read when half of them are settled.
    pub fn next(&mut self, now: Instant) -> Next<K> {
        self.pace.pass(now);
        for lane in 0..LANES {
            if !self.has_slot(lane, now) {
                continue;
            }
            let (place, waiting) = (self.lanes[lane], self.waiting.of_lane(lane));
            match place.is_incomplete() {
                false if waiting >= MAX_WAITING => return Next::SkipAhead { lane },
                true if waiting < MAX_WAITING / 2 => return Next::StartOver { lane },
                _ => {}
            }
            if lane == LANES - 1
                && let Some(key) = self.pictures.current()
            {
                return Next::Again(key);
            }
            if place.is_readable(now) {
                return Next::Read { lane, after: place.after };
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

    fn has_slot(&self, lane: usize, now: Instant) -> bool {
        let window = self.window();
        let reserved = if lane == 0 { 0 } else { window.div_ceil(8) };
        // A window of one has nothing to reserve.
        let room = window.saturating_sub(reserved).max(1);
        self.in_flight() < room && (lane == 0 || self.pace.has_room(self.bytes, now))
    }

    /// Where the next piece of a picture begins, and how long it may be.
    pub fn piece(&self, key: K) -> (u64, usize) {
        (self.pictures.next(key), self.pace.chunk())
    }

    /// Offers an entry that [`Session::next`] asked for, or a piece of it.
    pub fn offer(&mut self, now: Instant, entry: Candidate<K>) -> Verdict {
        self.pass(entry.key, entry.lane);
        if entry.bytes > self.maximum_packet() {
            self.pictures.forget(entry.key);
            return Verdict::TooLarge;
        }
        if let Some(piece) = entry.piece {
            self.pictures.offered(entry.key, piece);
        }
        if entry.lane > 0 {
            self.pace.offered(now);
        }
        self.bytes += entry.bytes;
        self.under_way.offer(Offered::Entry(entry, now));
        Verdict::Publish
    }

    /// An entry is not there any more, or is set aside.
    pub fn gone(&mut self, key: K) {
        self.pictures.forget(key);
    }

    /// Goes on behind an entry that is not offered.
    pub fn pass(&mut self, key: K, lane: usize) {
        self.lanes[lane].pass(key);
    }

    /// Whether this very entry is under way or waits for another try.
    pub fn knows(&self, key: K) -> bool {
        self.waiting.has(key) || self.pictures.current() == Some(key) || self.under_way.has(key)
    }

    /// The retained state was handed to the client after every earlier offer.
    pub fn offer_state(&mut self) {
        self.under_way.offer(Offered::State);
    }

    /// Whether this packet id is the retained state's, which the broker keeps for whoever comes
    /// although nobody listens now.
    pub fn is_state(&self, packet_id: u16) -> bool {
        matches!(self.under_way.get(packet_id), Some(Offered::State))
    }

    /// Whether this packet id is an entry's or a piece's, and not one of our own messages'.
    pub fn is_entry(&self, packet_id: u16) -> bool {
        matches!(self.under_way.get(packet_id), Some(Offered::Entry(..)))
    }

    /// Another message that is no entry, such as an answer, was handed to the client after every
    /// earlier offer.
    pub fn offer_own(&mut self) {
        self.under_way.offer(Offered::Own);
    }

    /// Whether an answer of ours may be handed to the client.
    pub fn has_room(&self) -> bool {
        self.in_flight() < self.window()
    }

    /// The client gave the oldest offer this packet id. False when there is none: the client and
    /// we disagree, and the connection must end.
    #[must_use]
    pub fn sent(&mut self, now: Instant, packet_id: u16) -> bool {
        self.under_way.sent(now, packet_id)
    }

    /// Since when the oldest offer is under way that a later one's acknowledgement has overtaken.
    pub fn overtaken_since(&self) -> Option<Instant> {
        self.under_way.overtaken_since()
    }

    /// When an entry becomes due again, or a lane is to be read again.
    pub fn wake_at(&self) -> Option<Instant> {
        let reads = self.lanes.iter().filter_map(LanePlace::wake_at);
        reads.chain(self.waiting.next_due()).chain(self.pace.wake_at()).min()
    }

    /// Offers that are not acknowledged yet.
    pub fn in_flight(&self) -> usize {
        self.under_way.len()
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
