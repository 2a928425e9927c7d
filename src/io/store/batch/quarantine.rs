//! What could not be read or sealed: kept for whoever comes, up to a bound. What comes first stays,
//! because the first fault tells most; what comes when there is no room is counted and gone.

use super::super::error::StoreError;
use super::super::trees::{TreeName, Trees, Write};
use super::Batch;

/// Bytes that are kept.
pub(in crate::io::store) fn bytes(trees: &Trees) -> Result<u64, StoreError> {
    let mut bytes = 0;
    for entry in trees.get(TreeName::Quarantine).iter() {
        let (key, value) = entry.map_err(StoreError::read(TreeName::Quarantine))?;
        bytes += (key.len() + value.len()) as u64;
    }
    Ok(bytes)
}

impl Batch<'_> {
    /// Keeps a piece, if there is room for it.
    pub(super) fn keep_in_quarantine(&mut self, key: Vec<u8>, value: Vec<u8>) {
        let bytes = self.counts.quarantine_bytes + (key.len() + value.len()) as u64;
        if bytes > self.most_quarantined {
            self.counts.quarantine_discarded += 1;
            return;
        }
        self.counts.quarantine_bytes = bytes;
        self.writes.push(Write::put(TreeName::Quarantine, key, value));
    }
}
