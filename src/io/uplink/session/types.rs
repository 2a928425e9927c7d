//! What goes into the session and what comes out.

use std::time::Duration;

#[cfg(doc)]
use super::Session;
use crate::config::Confirm;

/// What the session is told once.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Most publishes in flight, at least 1.
    pub window: u16,
    /// What settles a record.
    pub confirm: Confirm,
    /// Pause before an entry is offered again that the broker refused.
    pub retry_refused: Duration,
    /// Pause before an entry is offered again that the platform did not confirm.
    pub retry_unreceipted: Duration,
    /// Share of the time in which the lanes below the first may use the link, 1 to 100 %.
    pub catch_up_percent: u8,
}

/// A piece of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Byte of the picture at which it begins.
    pub offset: u64,
    /// Its bytes.
    pub length: u64,
    /// Bytes of the whole picture.
    pub total: u64,
}

impl Piece {
    /// The byte behind it.
    pub fn end(&self) -> u64 {
        self.offset + self.length
    }
}

/// What the broker allows on this connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// Its Receive Maximum; absent means 65 535 (MQTT 5, 3.2.2.3.3).
    pub receive_maximum: Option<u16>,
    /// Its Maximum Packet Size in bytes; absent means none (MQTT 5, 3.2.2.3.6).
    pub maximum_packet: Option<u32>,
}

/// An outbox entry, ready to be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate<K> {
    /// Its key in the outbox.
    pub key: K,
    /// Its priority lane, below [`super::LANES`].
    pub lane: usize,
    /// Ledger sequence of a record; `None` for a picture, which no receipt confirms.
    pub seq: Option<u64>,
    /// Size of the whole packet.
    pub bytes: usize,
    /// Which piece of it, when it goes in pieces.
    pub piece: Option<Piece>,
}

/// What to do for the next free slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next<K> {
    /// Read the first entry of `lane` after this key; then [`Session::offer`],
    /// [`Session::pass`], [`Session::lane_is_empty`] or [`Session::lane_is_unreadable`].
    Read {
        /// Lane to read.
        lane: usize,
        /// Last key that was handled; `None` at its beginning.
        after: Option<K>,
    },
    /// Read this very entry again, from [`Session::piece`] on when it goes in pieces; then
    /// [`Session::offer`], [`Session::pass`], or [`Session::gone`] when it is gone.
    Again(K),
    /// Very many entries of `lane` wait: find its last one; then [`Session::skipped`].
    SkipAhead {
        /// Lane.
        lane: usize,
    },
    /// There is room for what was left out of `lane`: await the removals ordered so far; then
    /// [`Session::start_over`].
    StartOver {
        /// Lane.
        lane: usize,
    },
    /// No slot or nothing to send.
    Nothing,
}

/// The answer to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// Publish it now, in this order.
    Publish,
    /// Larger than the broker's limit: it must not be published.
    TooLarge,
}

/// What an acknowledgement means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Outcome<K> {
    /// Delivered: remove it from the outbox.
    Remove(K),
    /// The broker has it; the platform's receipt is awaited.
    AwaitReceipt,
    /// Refused: it stays and is offered again later.
    Refused,
    /// A piece of this entry has arrived; others have not.
    Piece(K),
    /// It was about a message that is no entry.
    Own,
    /// Nothing of ours has this packet id.
    Unknown,
}
