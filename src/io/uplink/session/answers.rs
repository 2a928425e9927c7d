//! What an acknowledgement, a refusal or a receipt does.

use std::time::Instant;

use super::waiting::{Waiting, Why};
use super::{Candidate, MAX_WAITING, Offered, Outcome, Session};
use crate::config::Confirm;
use crate::io::uplink::receipt::Receipt;

impl<K: Copy + Ord> Session<K> {
    /// The broker acknowledged a packet id, with success or not.
    pub fn acknowledged(&mut self, now: Instant, packet_id: u16, success: bool) -> Outcome<K> {
        let (entry, since) = match self.under_way.take(packet_id) {
            Some(Offered::Entry(entry, since)) => (entry, since),
            Some(Offered::State | Offered::Own) => return Outcome::Own,
            None => return Outcome::Unknown,
        };
        self.settled(now, &entry, since);
        if !success {
            self.pictures.stop(entry.key);
            self.wait(entry, Why::Refused, now + self.settings.retry_refused);
            return Outcome::Refused;
        }
        match (self.settings.confirm, entry.seq) {
            (Confirm::Receipt, Some(seq)) if !self.receipts.has(seq) => {
                self.wait(entry, Why::Unreceipted, now + self.settings.retry_unreceipted);
                Outcome::AwaitReceipt
            }
            _ => self.arrived(now, entry),
        }
    }

    /// The bytes of an offer are not on their way any more.
    fn settled(&mut self, now: Instant, entry: &Candidate<K>, since: Instant) {
        let before = self.bytes;
        self.bytes -= entry.bytes;
        if entry.lane > 0 {
            self.pace.acknowledged(now, since, entry.bytes, before);
        }
    }

    fn arrived(&mut self, now: Instant, entry: Candidate<K>) -> Outcome<K> {
        let Some(piece) = entry.piece else {
            return Outcome::Remove(entry.key);
        };
        if self.pictures.arrived(entry.key, piece) {
            return Outcome::Remove(entry.key);
        }
        // a piece that was refused, or acknowledged out of its order, goes again
        if !self.knows(entry.key) {
            self.wait(entry, Why::Refused, now);
        }
        Outcome::Piece(entry.key)
    }

    /// The broker will never take the entry with this packet id: it is forgotten, and returned.
    pub fn rejected(&mut self, now: Instant, packet_id: u16) -> Option<K> {
        match self.under_way.take(packet_id)? {
            Offered::Entry(entry, since) => {
                self.settled(now, &entry, since);
                self.pictures.forget(entry.key);
                Some(entry.key)
            }
            Offered::State | Offered::Own => None,
        }
    }

    fn wait(&mut self, entry: Candidate<K>, why: Why, until: Instant) {
        if self.waiting.of_lane(entry.lane) >= 2 * MAX_WAITING {
            self.waiting.forget_last(entry.lane);
            self.lanes[entry.lane].forget();
        }
        self.waiting.enter(Waiting {
            key: entry.key,
            lane: entry.lane,
            seq: entry.seq,
            why,
            until,
        });
    }

    /// The platform asks for the records from the first to the last of these: it does not have them.
    pub fn asked_again(&mut self, seqs: (u64, u64)) {
        self.receipts.forget(seqs);
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
}
