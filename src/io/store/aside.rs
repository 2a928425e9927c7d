//! Outbox entries that cannot be published: taken out of the way, kept, and told by an alarm.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

use super::batch::{Batch, Draft};
use super::codec;
use super::error::StoreError;
use super::inbox::Found;
use super::outbox::{Lane, OutboxEntry, OutboxItem, OutboxKey};
use super::trees::{TreeName, Trees, Write};

const PREFIX: &[u8] = b"aside/";

/// Why an entry cannot be published.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AsideReason {
    /// Larger than the broker takes, or than our own bound of a picture.
    Oversize,
    /// The picture's file is gone.
    PictureMissing,
    /// The picture's bytes do not have its digest.
    PictureDamaged,
    /// The ledger does not have the record.
    RecordMissing,
    /// The ledger has the record, but it cannot be decoded.
    RecordUnreadable,
    /// The broker answered that topic or payload are not valid.
    Rejected,
}

/// An entry that was taken out of the outbox without having been delivered.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Aside {
    /// What was to be sent.
    pub what: OutboxItem,
    /// Why it was not.
    pub reason: AsideReason,
    /// Bytes of the whole packet, at least; 0 when the size is not the reason.
    pub packet_bytes: u64,
    /// When it was set aside.
    pub at: Timestamp,
}

/// Its name; one that was asked for has that of the one that was not.
fn aside_key(key: OutboxKey) -> Vec<u8> {
    [PREFIX, &key.unasked().bytes()].concat()
}

/// Everything that is set aside, in the order of the outbox.
pub(super) fn all(trees: &Trees) -> Result<Found<Vec<(OutboxKey, Aside)>>, StoreError> {
    let mut found = Found { entries: Vec::new(), undecodable: Vec::new() };
    for entry in trees.get(TreeName::Meta).scan_prefix(PREFIX) {
        let (key, value) = entry.map_err(StoreError::read(TreeName::Meta))?;
        match (OutboxKey::parse(&key[PREFIX.len()..]), codec::decode(&value)) {
            (Some(place), Ok(aside)) => found.entries.push((place, aside)),
            _ => found.undecodable.push(key),
        }
    }
    Ok(found)
}

/// Whether an entry of that record is set aside.
pub(super) fn holds(trees: &Trees, seq: u64) -> Result<bool, StoreError> {
    for lane in Lane::ALL {
        let first = aside_key(OutboxKey { lane, seq, item: 0 });
        let last = aside_key(OutboxKey { lane, seq, item: u16::MAX });
        if let Some(entry) = trees.get(TreeName::Meta).range(first..=last).next() {
            entry.map_err(StoreError::read(TreeName::Meta))?;
            return Ok(true);
        }
    }
    Ok(false)
}

impl Batch<'_> {
    /// Takes an entry out of the outbox; the alarm about it, if there is one, when it was there.
    pub(super) fn set_aside(
        &mut self,
        key: OutboxKey,
        aside: &Aside,
        alarm: Option<Box<Draft>>,
    ) -> Result<Option<Box<Draft>>, StoreError> {
        let Some(bytes) = self.remove(TreeName::Outbox, &key.bytes())? else {
            self.counts.missing_outbox_entries += 1;
            return Ok(None);
        };
        self.state.outbox[key.lane as usize].subtract(bytes);
        let value = codec::encode(aside).map_err(StoreError::encode(TreeName::Meta))?;
        let name = aside_key(key);
        if matches!(aside.reason, AsideReason::RecordMissing | AsideReason::RecordUnreadable) {
            self.state.claims.lost();
        }
        // it may have been sent again although it was set aside, and come to the same end
        let before = self.trees().get(TreeName::Meta).contains_key(&name);
        let before = before.map_err(StoreError::read(TreeName::Meta))?
            && !self.is_removed(TreeName::Meta, &name.as_slice().into());
        self.writes.push(Write::put(TreeName::Meta, name, value));
        self.counts.set_aside += 1;
        self.counts.aside += u64::from(!before);
        Ok(alarm)
    }

    /// What was set aside has been delivered after all, when it was asked for: in whatever lane.
    pub(super) fn delivered_after_all(&mut self, key: OutboxKey) -> Result<(), StoreError> {
        if self.counts.aside == 0 {
            return Ok(());
        }
        for lane in Lane::ALL {
            let name = aside_key(OutboxKey { lane, ..key });
            let removed = self.remove(TreeName::Meta, &name)?.is_some();
            self.counts.aside = self.counts.aside.saturating_sub(removed.into());
        }
        Ok(())
    }

    /// Puts entries back into the outbox.
    pub(super) fn release(&mut self, keys: &[OutboxKey]) -> Result<u64, StoreError> {
        let mut released = 0;
        for &key in keys {
            let name = aside_key(key);
            let value = self.trees().get(TreeName::Meta).get(&name);
            let Some(value) = value.map_err(StoreError::read(TreeName::Meta))? else {
                continue;
            };
            let decoded = codec::decode::<Aside>(&value);
            let aside = decoded.map_err(StoreError::decode(TreeName::Meta, &name))?;
            if self.remove(TreeName::Meta, &name)?.is_none() {
                continue;
            }
            self.enter_again(&OutboxEntry { key, what: aside.what })?;
            self.counts.aside = self.counts.aside.saturating_sub(1);
            released += 1;
        }
        self.counts.released += released;
        Ok(released)
    }
}
