//! What the platform has.

use super::super::error::StoreError;
use super::super::outbox::OutboxKey;
use super::super::trees::TreeName;
use super::Batch;

impl Batch<'_> {
    /// Removes delivered entries.
    pub(in crate::io::store) fn deliver(&mut self, keys: &[OutboxKey]) -> Result<(), StoreError> {
        for key in keys {
            match self.remove(TreeName::Outbox, &key.bytes())? {
                Some(bytes) => {
                    self.state.outbox[key.lane as usize].subtract(bytes);
                    self.counts.delivered += 1;
                    self.delivered_after_all(*key)?;
                }
                None => self.counts.missing_outbox_entries += 1,
            }
        }
        Ok(())
    }
}
