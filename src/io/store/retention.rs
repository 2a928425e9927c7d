//! Makes room in the ledger: the oldest delivered records go, and an anchor says where the chain
//! of the rest begins. A record that still waits for the platform is never removed.

use crate::units::Micros;

use super::aside;
use super::batch::Batch;
use super::error::StoreError;
use super::ledger::{SealedRecord, Stored};
use super::options::Bounds;
use super::outbox::{Lane, OutboxKey};
use super::trees::TreeName;

/// Records removed in one commit at most, so that a long backlog of them holds up nobody.
const MAX_PRUNED: usize = 256;

impl Batch<'_> {
    /// Removes what the bounds do not allow to stay. `aged` also looks at the age.
    pub(super) fn prune(&mut self, bounds: &Bounds, aged: bool) -> Result<(), StoreError> {
        if !aged && !bounds.ledger_is_full(&self.state.ledger) {
            return Ok(());
        }
        let oldest = self.trees().get(TreeName::Ledger).iter().take(MAX_PRUNED);
        for entry in oldest {
            let (key, value) = entry.map_err(StoreError::read(TreeName::Ledger))?;
            let record = Stored::decode(&key, &value)?;
            let due = bounds.ledger_is_full(&self.state.ledger) || self.is_too_old(&record, bounds);
            if !due || self.waits_for_platform(record.seq)? {
                break;
            }
            if let Some(bytes) = self.remove(TreeName::Ledger, &key)? {
                self.state.ledger.subtract(bytes);
                self.state.anchor = record.proof.head();
                self.counts.pruned += 1;
            }
        }
        Ok(())
    }

    fn is_too_old(&self, record: &SealedRecord, bounds: &Bounds) -> bool {
        let Some(days) = bounds.ledger_days else {
            return false;
        };
        self.now() - record.sealed_at > Micros::from_secs(i64::from(days) * 86_400)
    }

    fn waits_for_platform(&self, seq: u64) -> Result<bool, StoreError> {
        if aside::holds(self.trees(), seq)? {
            return Ok(true);
        }
        for lane in Lane::ALL {
            let first = OutboxKey { lane, seq, item: 0 };
            let last = OutboxKey { item: u16::MAX, ..first };
            let outbox = self.trees().get(TreeName::Outbox);
            for entry in outbox.range(first.bytes()..=last.bytes()) {
                let (key, _) = entry.map_err(StoreError::read(TreeName::Outbox))?;
                if !self.is_removed(TreeName::Outbox, &key) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}
