//! Pictures that nothing claims any more: their records have left the ledger, or they were brought for an
//! event that was never taken.

use std::collections::HashSet;

use crate::clock::Timestamp;
use crate::pipeline::record::Record;
use crate::units::Micros;

use super::super::{StoreError, recovery};
use super::Evidence;

/// A picture is on the disk that much before its record is sealed, at most: what is older than the oldest
/// record by more is no record's. Our choice: far beyond the longest wait for a record.
const SEALED_WITHIN: Micros = Micros::from_secs(86_400);

/// Pictures that are looked at together. Our choice: some megabytes of digests.
const MOST: usize = 20_000;

impl Evidence {
    /// Removes pictures that nothing claims, the next of them when it is called again; how many.
    ///
    /// # Errors
    /// Those of the store; then nothing was removed.
    pub(super) fn remove_unclaimed(&self) -> Result<u64, StoreError> {
        let Some(before) = self.claimed_since()? else { return Ok(0) };
        let mut unclaimed = self.pictures.brought_before(before, MOST);
        if unclaimed.is_empty() {
            return Ok(0);
        }
        for sealed in self.store.export(1, u64::MAX)? {
            let record = sealed.map(|it| serde_json::from_slice::<Record>(&it.record_json));
            // what cannot be read may claim any of them
            let Ok(Ok(record)) = record else { return Ok(0) };
            for picture in record.pictures() {
                unclaimed.remove(&picture.sha256);
            }
        }
        let kept: HashSet<String> = self.kept()?;
        let mut removed = 0;
        for digest in unclaimed.difference(&kept) {
            match self.pictures.remove_unclaimed(digest, before) {
                Ok(was_there) => removed += u64::from(was_there),
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "a picture stays");
                }
            }
        }
        Ok(removed)
    }

    /// No record claims a picture that nobody has brought since; `None` while that is not known: without a
    /// record, and while a database that was moved aside may have more.
    fn claimed_since(&self) -> Result<Option<Timestamp>, StoreError> {
        if recovery::has_database_aside(self.store.shared.dir()) {
            return Ok(None);
        }
        let oldest = self.store.export(1, u64::MAX)?.next().transpose()?;
        Ok(oldest.map(|it| {
            let claimed = Timestamp(it.sealed_at.0 - SEALED_WITHIN.0);
            claimed.min(self.settled_before())
        }))
    }
}
