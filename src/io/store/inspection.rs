//! Looks whether the ledger holds what the store's own figures count, and whether it can be read.
//!
//! sled leaves out the rest of a segment whose middle is damaged, and does not say so: pages that
//! had their last word there are older than they should be. A page that was damaged later shows
//! only when it is read. The queues are counted at each opening, unless they are very long; the
//! ledger never is, so it is read while the store is open.

mod judgement;
mod looked;
#[cfg(test)]
mod tests;

use crate::clock::Timestamp;

use super::error::StoreError;
use super::ledger::Entries;
use super::trees::key_number;
use super::writer::Request;
use super::{Origin, Store, StoreStatus};

pub(super) use looked::Looked;

/// Sequences that are looked at between two looks at whether the store is still open.
const STRETCH: usize = 4_096;

/// What an inspection has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inspection {
    /// So many records, and all of them can be read; the figures say the same now.
    Whole(u64),
    /// Records are lost. An alarm tells it: of those that are missing once, since the figures are
    /// right again, and of those that cannot be read once in a run of the daemon.
    Damaged {
        /// Records that the figures counted and that are not there.
        missing: u64,
        /// Records that are there and cannot be read.
        unreadable: u64,
    },
    /// Somebody else keeps the ledger as it is, or it changed otherwise than by new records: to be
    /// asked again.
    InUse,
}

impl Store {
    /// Counts the ledger, and seals an alarm about what is lost.
    ///
    /// # Errors
    /// [`StoreError::Closed`], and [`StoreError::Write`] and [`StoreError::Full`] when nothing can
    /// be sealed.
    pub async fn inspect(&self, origin: &Origin, now: Timestamp) -> Result<Inspection, StoreError> {
        let Some(_prunes_again) = self.shared.pause_pruning() else {
            return Ok(Inspection::InUse);
        };
        // one that had begun may still prune
        self.commit(Vec::new()).await?;
        let reader = self.clone();
        let before = self.status();
        let looked = tokio::task::spawn_blocking(move || reader.look(&before)).await;
        let looked = looked.unwrap_or(Err(StoreError::Closed))?;
        self.have_judged(looked, origin, now).await
    }

    /// The writer knows what there should be.
    async fn have_judged(
        &self,
        looked: Looked,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Inspection, StoreError> {
        let told = self.shared.told_unreadable();
        let is_told = |span: &(u64, u64)| told.iter().any(|it| it.0 <= span.0 && span.1 <= it.1);
        let is_told = looked.unreadable.iter().all(is_told);
        let unreadable = looked.unreadable.clone();
        let (looked, alarm) = (Box::new(looked), (origin.clone(), now));
        let inspection =
            self.ask(|reply| Request::Inspected { looked, is_told, alarm, reply }).await?;
        if let Inspection::Damaged { missing, unreadable: records } = inspection {
            if missing > 0 || !is_told {
                tracing::error!(missing, unreadable = records, "the ledger is damaged");
            }
            self.shared.tell_unreadable(unreadable);
        }
        Ok(inspection)
    }

    /// Looks at every record that was sealed by then.
    fn look(&self, before: &StoreStatus) -> Result<Looked, StoreError> {
        let (first, head) = (before.anchor.seq + 1, before.head.seq);
        let mut looked = Looked::before(first, before);
        // asked anew for each stretch, so that a store that closes is not held up
        for from in (first..=head).step_by(STRETCH) {
            let to = head.min(from + STRETCH as u64 - 1);
            for entry in Entries::between(&self.shared.trees()?, from, to) {
                match entry {
                    Ok((key, value)) => {
                        looked.there.add(key.len() + value.len());
                        looked.note_up_to(key_number(&key).unwrap_or(looked.last));
                    }
                    Err(unreadable) => looked.note_unreadable(unreadable.first, unreadable.last),
                }
            }
        }
        looked.note_up_to(head + 1);
        Ok(looked)
    }
}
