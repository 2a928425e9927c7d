//! The search for what is worth least, from commit to commit.

use super::super::ledger::{Entry, Unreadable};
use super::super::trees::key_number;
use super::{
    Batch, Bounds, Evicted, Eviction, EvictionReason, Lane, MOST_VICTIMS, OutboxKey, SealedRecord,
    StoreError, Stored, TreeName, aside, is_compliant, ledger, number_key,
};

/// Entries that are looked at for it in one commit at most: each is read and decoded, some 40 µs. More
/// at the bound, where everybody waits for it: a restart in which the search begins anew would else
/// shut the doors of a large ledger for hours. Our choice.
const MOST_LOOKED_AT: usize = 512;
const MOST_LOOKED_AT_WHEN_FULL: usize = 4_096;

/// A search through one tree, from its front, for what is worth least; then for what is worth
/// more.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// Room is being made, from almost at the bound down to a little below it.
    on: bool,
    worth: usize,
    /// Where it goes on.
    next: Vec<u8>,
    /// Up to this record of the ledger there is nothing of the least worth, nor will be: most of an old
    /// ledger is what was kept when that went, and need not be read each time.
    sifted: u64,
    /// Something behind that will be when it is delivered.
    awaits_delivery: bool,
}

/// What may go, the least worth first.
const OF_LEDGER: [Worth; 3] = [
    Worth { compliant: true, waits: false },
    Worth { compliant: false, waits: false },
    Worth { compliant: true, waits: true },
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Worth {
    /// Traffic that nobody has to act on.
    compliant: bool,
    /// The platform has not got it.
    waits: bool,
}

impl Search {
    /// Begins or goes on when nearly `full`, ends when there is `room`.
    pub(super) fn follow(&mut self, full: bool, room: bool) {
        let on = full || (self.on && !room);
        if !on || !self.on {
            *self = Self { on, sifted: self.sifted, ..Self::default() };
        }
    }

    pub(super) fn is_on(&self) -> bool {
        self.on
    }

    /// Something has been delivered: that goes before anything that waits.
    pub(super) fn begin_with_delivered(&mut self) {
        if OF_LEDGER.get(self.worth).is_none_or(|worth| worth.waits) {
            (self.worth, self.next, self.awaits_delivery) = (0, Vec::new(), false);
        }
    }

    /// First sequence of the ledger that has to be looked at.
    fn next_sequence(&self) -> u64 {
        let sifted = if self.worth == 0 { self.sifted } else { 0 };
        key_number(&self.next).unwrap_or(0).max(sifted + 1)
    }

    /// A record was found to be of that worth; if it is the least it goes now.
    fn sift(&mut self, seq: u64, found: Worth) {
        if self.worth == 0 {
            self.awaits_delivery |= found.compliant && found.waits;
            self.sifted = if self.awaits_delivery { self.sifted } else { seq };
        }
    }

    /// What can be read; what cannot stays, since nobody knows what it is worth.
    fn readable(&mut self, entry: Result<Entry, Unreadable>) -> Option<Entry> {
        let last = match &entry {
            Ok((key, _)) => key_number(key)?,
            Err(unreadable) => unreadable.last,
        };
        self.next = number_key(last.saturating_add(1)).to_vec();
        entry.ok()
    }

    fn dearer(&mut self) {
        self.worth += 1;
        self.next.clear();
    }
}

impl Batch<'_> {
    /// Records that are worth least, until the ledger is a little below its bound.
    pub(super) fn room_in_ledger(
        &mut self,
        search: &mut Search,
        bounds: &Bounds,
    ) -> Result<Eviction, StoreError> {
        let mut gone = Eviction::new(Evicted::Records, EvictionReason::Room);
        let last = self.state.last.seq.saturating_sub(1);
        let is_full = bounds.ledger_is_full(&self.state.ledger);
        let most_looked_at = if is_full { MOST_LOOKED_AT_WHEN_FULL } else { MOST_LOOKED_AT };
        let mut looked_at = 0;
        while search.worth < OF_LEDGER.len() {
            let worth = OF_LEDGER[search.worth];
            // the last record shows that the ledger is whole: it never goes
            let from = search.next_sequence().max(self.state.anchor.seq + 1);
            for entry in ledger::Entries::between(self.trees(), from, last) {
                // before the record that tells of it takes some of the room again
                search.on = !bounds.ledger_has_room(&self.state.ledger);
                let enough = gone.count() as usize == MOST_VICTIMS || looked_at == most_looked_at;
                if enough || !search.on {
                    return Ok(gone);
                }
                looked_at += 1;
                let Some((key, value)) = search.readable(entry) else { continue };
                let Ok(record) = Stored::decode(&key, &value) else { continue };
                if self.is_removed(TreeName::Ledger, &key) {
                    continue;
                }
                let found = self.worth(&record)?;
                search.sift(record.seq, found);
                if found != worth {
                    continue;
                }
                self.remove_waiting(record.seq)?;
                self.remove_record(&record, &mut gone)?;
            }
            search.dearer();
        }
        // nothing is left that may go: the doors wait
        *search = Search::default();
        Ok(gone)
    }

    /// Compliant traffic that waits, pictures first, until the outbox is a little below its bound.
    pub(super) fn room_in_outbox(
        &mut self,
        search: &mut Search,
        bounds: &Bounds,
    ) -> Result<Eviction, StoreError> {
        let mut gone = Eviction::new(Evicted::Unsent, EvictionReason::Room);
        let mut looked_at = 0;
        for lane in [Lane::Last, Lane::Second].into_iter().skip(search.worth) {
            let first = OutboxKey { lane, seq: 0, item: 0 }.bytes().to_vec();
            let end = OutboxKey { lane, seq: u64::MAX, item: u16::MAX }.bytes().to_vec();
            let from = search.next.clone().max(first);
            for entry in self.trees().get(TreeName::Outbox).range(from..end) {
                search.on = !bounds.outbox_has_room(&self.state.outbox_usage());
                let enough = gone.count() as usize == MOST_VICTIMS || looked_at == MOST_LOOKED_AT;
                if enough || !search.on {
                    return Ok(gone);
                }
                let (key, value) = entry.map_err(StoreError::read(TreeName::Outbox))?;
                looked_at += 1;
                search.next = after(&key);
                if let Some((entry, record)) = self.waiting_record(&key, &value)
                    && is_compliant(&record)
                {
                    self.remove_unsent(&entry, &record, &mut gone)?;
                }
            }
            search.dearer();
        }
        search.on = false;
        Ok(gone)
    }

    fn worth(&self, record: &SealedRecord) -> Result<Worth, StoreError> {
        // what is set aside waits for a person, who needs the record
        if aside::holds(self.trees(), record.seq)? {
            return Ok(Worth { compliant: false, waits: true });
        }
        let waits = !self.waiting_of(record.seq)?.is_empty();
        Ok(Worth { compliant: is_compliant(record), waits })
    }

    /// Takes everything of a record out of the outbox.
    fn remove_waiting(&mut self, seq: u64) -> Result<(), StoreError> {
        for key in self.waiting_of(seq)? {
            if let Some(bytes) = self.remove(TreeName::Outbox, &key.bytes())? {
                self.state.outbox[key.lane as usize].subtract(bytes);
                self.counts.unsent_evicted += 1;
            }
        }
        Ok(())
    }
}

/// The smallest key behind this one.
fn after(key: &[u8]) -> Vec<u8> {
    [key, &[0]].concat()
}
