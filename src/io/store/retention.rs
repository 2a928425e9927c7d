//! Makes room by value: what the platform has goes before what it has not, traffic that nobody
//! has to act on before everything else, the oldest first. What the platform has not and
//! somebody has to act on never goes: the doors wait instead.
//!
//! What went is told by a record in the same commit, with the exact sequences, so that nobody
//! takes it for lost; an anchor says where the chain of what is left begins.

mod room;
mod search;

use crate::clock::Timestamp;
use crate::pipeline::record::{Body, Evicted, Eviction, EvictionReason, Record};
use crate::units::Micros;

use super::aside;
use super::batch::{Batch, Sealing, Step};
use super::chain::Head;
use super::error::StoreError;
use super::ledger::{self, SealedRecord, Stored};
use super::options::Bounds;
use super::origin::Origin;
use super::outbox::{Lane, OutboxEntry, OutboxKey};
use super::prepare;
use super::trees::{TreeName, number_key};
pub(super) use room::Room;

/// Entries that go in one commit at most, so that a long backlog of them holds up nobody.
const MOST_VICTIMS: usize = 256;

const DAY: Micros = Micros::from_secs(86_400);

impl Batch<'_> {
    /// Removes what the bounds do not allow to stay and seals the records that tell of it.
    pub(super) fn make_room(
        &mut self,
        room: &mut Room,
        bounds: &Bounds,
        (sealing, origin): (&Sealing, &Origin),
    ) -> Result<(), StoreError> {
        let mut evictions = Vec::new();
        if room.is_age_due(self.now()) {
            let (records, more_records) = self.aged_records(&mut room.aged, bounds)?;
            let (unsent, more_unsent) = self.aged_unsent(&mut room.waited, bounds)?;
            evictions.extend([records, unsent]);
            if !more_records && !more_unsent {
                room.put_off_ages(self.now());
            }
        }
        let full = bounds.ledger_is_nearly_full(&self.state.ledger);
        room.ledger.follow(full, bounds.ledger_has_room(&self.state.ledger));
        if room.delivered != self.counts.delivered {
            room.delivered = self.counts.delivered;
            room.ledger.begin_with_delivered();
        }
        let so_far = Some((self.counts.delivered, self.state.head.seq));
        if room.ledger.is_on() && room.nothing_after != so_far {
            evictions.push(self.room_in_ledger(&mut room.ledger, bounds)?);
            let nothing_is_left =
                !room.ledger.is_on() && !bounds.ledger_has_room(&self.state.ledger);
            room.nothing_after = so_far.filter(|_| nothing_is_left);
        }
        let outbox = self.state.outbox_usage();
        let full = bounds.outbox_is_nearly_full(&outbox);
        room.outbox.follow(full, bounds.outbox_has_room(&outbox));
        if room.outbox.is_on() {
            evictions.push(self.room_in_outbox(&mut room.outbox, bounds)?);
        }
        evictions.retain(|eviction| eviction.count() > 0);
        self.settle_anchor(&evictions)?;
        for eviction in evictions {
            let record = origin.eviction(self.now(), eviction.in_order());
            let step = Step::Seal(prepare::own(record)?);
            self.commit(vec![step], sealing, &Default::default())?;
        }
        Ok(())
    }

    /// Delivered records that are older than they are to be kept, from the front; whether there
    /// may be more.
    ///
    /// What waits for the platform ends it, since all behind it may wait; what is set aside, perhaps for
    /// ever, is passed over.
    fn aged_records(
        &mut self,
        next: &mut u64,
        bounds: &Bounds,
    ) -> Result<(Eviction, bool), StoreError> {
        let mut gone = Eviction::new(Evicted::Records, EvictionReason::Age);
        let Some(days) = bounds.ledger_days else { return Ok((gone, false)) };
        let from = std::mem::take(next).max(self.state.anchor.seq + 1);
        for (n, record) in ledger::range(self.trees(), from, u64::MAX).enumerate() {
            // what cannot be read stays, and so does what came after it
            let Ok(record) = record else { break };
            if n == MOST_VICTIMS {
                *next = record.seq;
                return Ok((gone, true));
            }
            if !self.is_older(record.sealed_at, days) || !self.waiting_of(record.seq)?.is_empty() {
                break;
            }
            if !aside::holds(self.trees(), record.seq)? {
                self.remove_record(&record, &mut gone)?;
            }
        }
        Ok((gone, false))
    }

    /// Compliant traffic that has waited for the platform for longer than it is to wait.
    fn aged_unsent(
        &mut self,
        next: &mut Vec<u8>,
        bounds: &Bounds,
    ) -> Result<(Eviction, bool), StoreError> {
        let mut gone = Eviction::new(Evicted::Unsent, EvictionReason::Age);
        let Some(days) = bounds.outbox_days else { return Ok((gone, false)) };
        let second = OutboxKey { lane: Lane::Second, seq: 0, item: 0 };
        let from = std::mem::take(next).max(second.bytes().to_vec());
        let waiting = self.trees().get(TreeName::Outbox).range(from..);
        for (n, entry) in waiting.enumerate() {
            let (key, value) = entry.map_err(StoreError::read(TreeName::Outbox))?;
            if n == MOST_VICTIMS {
                *next = key.to_vec();
                return Ok((gone, true));
            }
            let Some((entry, record)) = self.waiting_record(&key, &value) else { continue };
            if entry.key.lane != Lane::Second || !self.is_older(record.sealed_at, days) {
                break;
            }
            // the platform knows that it was not to wait so long, and wants it all the same
            if is_compliant(&record) && !entry.key.is_asked_for() {
                self.remove_unsent(&entry, &record, &mut gone)?;
            }
        }
        Ok((gone, false))
    }

    /// An entry that waits and its record; `None` when either cannot be read, which is told
    /// elsewhere, or is gone already.
    fn waiting_record(
        &self,
        key: &sled::IVec,
        value: &[u8],
    ) -> Option<(OutboxEntry, SealedRecord)> {
        if self.is_removed(TreeName::Outbox, key) {
            return None;
        }
        let entry = OutboxEntry::decode(key, value).ok()?;
        let key = number_key(entry.key.seq);
        let stored = self.trees().get(TreeName::Ledger).get(key).ok()??;
        let record = Stored::decode(&key, &stored).ok()?;
        Some((entry, record))
    }

    fn remove_record(
        &mut self,
        record: &SealedRecord,
        gone: &mut Eviction,
    ) -> Result<(), StoreError> {
        if let Some(bytes) = self.remove(TreeName::Ledger, &number_key(record.seq))? {
            self.state.ledger.subtract(bytes);
            self.counts.pruned += 1;
            let parsed = parsed(record);
            gone.note(record.seq, parsed.as_ref().and_then(Record::lane), bytes as u64);
            // what it told of others, nobody tells any more
            if let Some(Body::Eviction(told)) = parsed.map(|record| record.body)
                && told.what == Evicted::Records
            {
                let anchor = self.state.anchor.seq;
                gone.spans.extend(told.spans.into_iter().filter(|span| span.last > anchor));
            }
        }
        Ok(())
    }

    fn remove_unsent(
        &mut self,
        entry: &OutboxEntry,
        record: &SealedRecord,
        gone: &mut Eviction,
    ) -> Result<(), StoreError> {
        if let Some(bytes) = self.remove(TreeName::Outbox, &entry.key.bytes())? {
            self.state.outbox[entry.key.lane as usize].subtract(bytes);
            self.counts.unsent_evicted += 1;
            gone.note(entry.key.seq, lane(record), bytes as u64);
        }
        Ok(())
    }

    /// Entries of a record that wait for the platform and stay in this commit.
    fn waiting_of(&self, seq: u64) -> Result<Vec<OutboxKey>, StoreError> {
        let mut waiting = Vec::new();
        for lane in Lane::ALL {
            let first = OutboxKey { lane, seq, item: 0 };
            let last = OutboxKey { item: u16::MAX, ..first };
            let outbox = self.trees().get(TreeName::Outbox);
            for entry in outbox.range(first.bytes()..=last.bytes()) {
                let (key, _) = entry.map_err(StoreError::read(TreeName::Outbox))?;
                if !self.is_removed(TreeName::Outbox, &key) {
                    waiting.extend(OutboxKey::parse(&key));
                }
            }
        }
        Ok(waiting)
    }

    fn is_older(&self, sealed_at: Timestamp, days: u32) -> bool {
        self.now() - sealed_at > Micros(DAY.0.saturating_mul(days.into()))
    }

    /// The place before the first record that stays.
    fn settle_anchor(&mut self, evictions: &[Eviction]) -> Result<(), StoreError> {
        if evictions.iter().all(|eviction| eviction.what != Evicted::Records) {
            return Ok(());
        }
        for entry in ledger::Entries::between(self.trees(), self.state.anchor.seq + 1, u64::MAX) {
            // the anchor stays before what cannot be read
            let Ok((key, value)) = entry else { return Ok(()) };
            if self.is_removed(TreeName::Ledger, &key) {
                continue;
            }
            if let Ok(record) = Stored::decode(&key, &value) {
                let seq = record.seq.saturating_sub(1);
                self.state.anchor = Head { seq, hash: record.proof.prev };
            }
            return Ok(());
        }
        self.state.anchor = self.state.last;
        Ok(())
    }
}

/// Whether nobody has to act on it; what cannot be read is worth keeping.
fn is_compliant(record: &SealedRecord) -> bool {
    parsed(record).is_some_and(|record| record.is_compliant_traffic())
}

fn lane(record: &SealedRecord) -> Option<crate::units::Lane> {
    parsed(record)?.lane()
}

fn parsed(record: &SealedRecord) -> Option<Record> {
    serde_json::from_slice(&record.record_json).ok()
}
