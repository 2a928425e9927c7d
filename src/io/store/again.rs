//! What the platform asks for once more: entries that were delivered go into the outbox again,
//! together with the audit record that says so.

use crate::pipeline::record::Record;

use super::batch::{Batch, Draft, Step};
use super::error::StoreError;
use super::outbox::{self, OutboxEntry, OutboxKey};
use super::trees::TreeName;
use super::writer::Request;
use super::{SealedRecord, SendPictures, Store, prepare};

impl Store {
    /// Everything that the record of `seq` gives to send, as it is sent again: the record in the
    /// second lane, its pictures in the last. `None` when it is not there or cannot be read.
    ///
    /// # Errors
    /// [`StoreError::Read`] when the disk fails and [`StoreError::Closed`].
    pub fn entries_again(&self, seq: u64) -> Result<Option<Vec<OutboxEntry>>, StoreError> {
        let sealed = match self.sealed(seq) {
            Ok(sealed) => sealed,
            Err(error) if error.is_damage() => None,
            Err(error) => return Err(error),
        };
        let record = sealed.and_then(|sealed| serde_json::from_slice(&sealed.record_json).ok());
        Ok(record.map(|record: Record| outbox::again(seq, &record)))
    }

    /// Puts entries into the outbox that are not there, and seals `audit` in the same commit; how
    /// many were not there.
    ///
    /// # Errors
    /// [`StoreError::Full`] at the bound of the outbox or when the disk is full,
    /// [`StoreError::Write`] when it fails: nothing is sent again then.
    pub async fn outbox_again(
        &self,
        entries: Vec<OutboxEntry>,
        audit: Record,
    ) -> Result<u64, StoreError> {
        let audit = prepare::own(audit)?;
        self.ask(|reply| Request::Again { entries, audit, reply }).await
    }
}

impl Batch<'_> {
    /// Enters what is not there; how many, and the step that seals the audit record.
    pub(super) fn again(
        &mut self,
        entries: &[OutboxEntry],
        audit: Box<Draft>,
    ) -> Result<(u64, Step), StoreError> {
        let mut entered = 0;
        for entry in entries {
            entered += u64::from(self.enter_again(entry)?);
        }
        self.counts.sent_again += entered;
        Ok((entered, Step::Seal(audit)))
    }

    /// Puts what a record gives to send into the outbox, as far as it is not there.
    pub(super) fn enter_unfinished(
        &mut self,
        sealed: &SealedRecord,
        send: SendPictures,
    ) -> Result<(), StoreError> {
        let Ok(record) = serde_json::from_slice::<Record>(&sealed.record_json) else {
            tracing::warn!(seq = sealed.seq, "a record that cannot be read is not sent again");
            return Ok(());
        };
        let pictures: Vec<_> = record.pictures().into_iter().cloned().collect();
        let entries = outbox::entries(sealed.seq, &record.id, &record.channels(), &pictures, send);
        entries.iter().try_for_each(|entry| self.enter_again(entry).map(|_| ()))
    }

    /// Puts an entry of an older record into the outbox, unless it waits there; whether it did.
    pub(super) fn enter_again(&mut self, entry: &OutboxEntry) -> Result<bool, StoreError> {
        let key = entry.key.unasked();
        let stays = self.stays(key)? || self.stays(key.asked_for())?;
        if stays || !self.entered_again.insert(key) {
            return Ok(false);
        }
        self.enter(entry)?;
        Ok(true)
    }

    /// Whether an entry waits and is not removed by this commit.
    fn stays(&self, key: OutboxKey) -> Result<bool, StoreError> {
        let key = key.bytes();
        let there = self.trees().get(TreeName::Outbox).contains_key(key);
        let there = there.map_err(StoreError::read(TreeName::Outbox))?;
        Ok(there && !self.is_removed(TreeName::Outbox, &key.as_ref().into()))
    }
}
