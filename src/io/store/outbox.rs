//! What waits for the platform, in the order in which it is to leave.

mod waiting;

pub use waiting::Waiting;

use std::ops::Bound;

use serde::{Deserialize, Serialize};

use crate::pipeline::plate::PictureRef;
use crate::pipeline::record::{Channel, Record};

use super::codec;
use super::error::StoreError;
use super::inbox::Found;
use super::options::SendPictures;
use super::trees::{TreeName, Trees};

/// How soon an entry leaves: a lane is empty before the next one moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// Violations, evasions and alarms.
    First,
    /// All other records.
    Second,
    /// Pictures.
    Last,
}

impl Lane {
    /// From the first to the last.
    pub const ALL: [Self; 3] = [Self::First, Self::Second, Self::Last];

    fn of(channel: Channel) -> Self {
        match channel {
            Channel::Violation | Channel::Evasion | Channel::Alarm => Self::First,
            Channel::Passage | Channel::Reconciliation => Self::Second,
        }
    }
}

/// Place of an entry; the order of keys is the order of leaving.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutboxKey {
    /// How soon.
    pub lane: Lane,
    /// Sequence of the record it belongs to.
    pub seq: u64,
    /// Number among the record's entries.
    pub item: u16,
}

/// In [`OutboxKey::item`] of a record that the platform has asked for: as old as it is, it waits only
/// since then. No record has so many entries.
const ASKED_FOR: u16 = 1 << 15;

impl OutboxKey {
    /// Whether the platform has asked for it.
    pub(super) fn is_asked_for(self) -> bool {
        self.item & ASKED_FOR != 0
    }

    /// The same entry as it waits when the platform has asked for it.
    pub(super) fn asked_for(self) -> Self {
        Self { item: self.item | ASKED_FOR, ..self }
    }

    /// The same entry as it waits unasked.
    pub(super) fn unasked(self) -> Self {
        Self { item: self.item & !ASKED_FOR, ..self }
    }

    pub(super) fn bytes(self) -> [u8; 11] {
        let mut bytes = [0; 11];
        bytes[0] = self.lane as u8;
        bytes[1..9].copy_from_slice(&self.seq.to_be_bytes());
        bytes[9..].copy_from_slice(&self.item.to_be_bytes());
        bytes
    }

    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; 11] = bytes.try_into().ok()?;
        let (seq, item) = bytes[1..].split_at(8);
        Some(Self {
            lane: *Lane::ALL.get(usize::from(bytes[0]))?,
            seq: u64::from_be_bytes(seq.try_into().ok()?),
            item: u16::from_be_bytes(item.try_into().ok()?),
        })
    }
}

/// What is to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OutboxItem {
    /// A sealed record on one of its channels.
    Record {
        /// Sequence in the ledger.
        seq: u64,
        /// Topic.
        channel: Channel,
    },
    /// A picture of a record.
    Picture {
        /// The record's id.
        record_id: String,
        /// The picture.
        picture: PictureRef,
    },
}

/// An entry of the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OutboxEntry {
    /// Its place; also what removes it.
    pub key: OutboxKey,
    /// What.
    pub what: OutboxItem,
}

impl OutboxEntry {
    pub(super) fn decode(key: &[u8], value: &[u8]) -> Result<Self, StoreError> {
        let decode = || {
            let key = OutboxKey::parse(key).ok_or(codec::CodecError::Empty)?;
            let what = codec::decode(value)?;
            Ok(Self { key, what })
        };
        decode().map_err(StoreError::decode(TreeName::Outbox, key))
    }
}

/// What the platform is to get of a record: one entry for each channel, and its pictures when
/// `send` says so.
pub(super) fn entries(
    seq: u64,
    record_id: &str,
    channels: &[Channel],
    pictures: &[PictureRef],
    send: SendPictures,
) -> Vec<OutboxEntry> {
    let mut entries = Vec::with_capacity(channels.len());
    let mut push = |lane, what| {
        let item = u16::try_from(entries.len()).unwrap_or(u16::MAX);
        let key = OutboxKey { lane, seq, item };
        entries.push(OutboxEntry { key, what });
    };
    for &channel in channels {
        push(Lane::of(channel), OutboxItem::Record { seq, channel });
    }
    if send.applies_to(channels) {
        for picture in pictures {
            let what =
                OutboxItem::Picture { record_id: record_id.to_owned(), picture: picture.clone() };
            push(Lane::Last, what);
        }
    }
    entries
}

/// What is sent again when the platform asks: the record on each of its channels, in the second
/// lane, so that a new violation need not wait behind old ones; its pictures in the last.
pub(super) fn again(seq: u64, record: &Record) -> Vec<OutboxEntry> {
    let (channels, pictures) = (record.channels(), record.pictures());
    let pictures: Vec<PictureRef> = pictures.into_iter().cloned().collect();
    let mut entries = entries(seq, &record.id, &channels, &pictures, SendPictures::All);
    for entry in &mut entries {
        if entry.key.lane < Lane::Last {
            entry.key = OutboxKey { lane: Lane::Second, ..entry.key.asked_for() };
        }
    }
    entries
}

/// Up to `limit` entries after `after` that belong to records up to `durable`.
pub(super) fn next(
    trees: &Trees,
    after: Option<OutboxKey>,
    limit: usize,
    durable: u64,
) -> Result<Found<Vec<OutboxEntry>>, StoreError> {
    let mut found = Found { entries: Vec::new(), undecodable: Vec::new() };
    let start = after.map_or(Bound::Unbounded, |key| Bound::Excluded(key.bytes()));
    let tree = trees.get(TreeName::Outbox);
    for entry in tree.range((start, Bound::Unbounded)) {
        if found.entries.len() >= limit {
            break;
        }
        let (key, value) = entry.map_err(StoreError::read(TreeName::Outbox))?;
        match OutboxEntry::decode(&key, &value) {
            // written by a commit that is not on the disk yet
            Ok(entry) if entry.key.seq > durable => {}
            Ok(entry) => found.entries.push(entry),
            Err(_) => found.undecodable.push(key),
        }
    }
    Ok(found)
}

/// Place of the last entry of `lane` that belongs to a record up to `durable`.
pub(super) fn last(
    trees: &Trees,
    lane: Lane,
    durable: u64,
) -> Result<Option<OutboxKey>, StoreError> {
    let first = OutboxKey { lane, seq: 0, item: 0 };
    let last = OutboxKey { lane, seq: durable, item: u16::MAX };
    let found = trees.get(TreeName::Outbox).last_up_to(Bound::Included(&last.bytes()));
    let (key, _) = found.map_err(StoreError::read(TreeName::Outbox))?.unzip();
    let key = key.and_then(|key| OutboxKey::parse(&key));
    Ok(key.filter(|key| *key >= first))
}

/// The entries of one record in one lane.
pub(super) fn of_record(
    trees: &Trees,
    lane: Lane,
    seq: u64,
) -> Result<Vec<OutboxEntry>, StoreError> {
    let first = OutboxKey { lane, seq, item: 0 }.bytes();
    let of_record = first.len() - size_of::<u16>();
    let entries = trees.get(TreeName::Outbox).scan_prefix(&first[..of_record]).map(|found| {
        let (key, value) = found.map_err(StoreError::read(TreeName::Outbox))?;
        OutboxEntry::decode(&key, &value)
    });
    entries.collect()
}

/// Up to `limit` entries of one lane that belong to records up to `durable`; what cannot be decoded
/// is left out.
pub(super) fn of_lane(
    trees: &Trees,
    lane: Lane,
    limit: usize,
    durable: u64,
) -> Result<Vec<OutboxEntry>, StoreError> {
    let first = OutboxKey { lane, seq: 0, item: 0 };
    let last = OutboxKey { lane, seq: durable, item: u16::MAX };
    let mut entries = Vec::new();
    for entry in trees.get(TreeName::Outbox).range(first.bytes()..=last.bytes()).take(limit) {
        let (key, value) = entry.map_err(StoreError::read(TreeName::Outbox))?;
        entries.extend(OutboxEntry::decode(&key, &value).ok());
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::plate::PictureKind;

    /// Lanes of the pictures of a record on that channel.
    fn sent(send: SendPictures, channel: Channel) -> Vec<Lane> {
        let picture = PictureRef {
            kind: PictureKind::Scene,
            name: "scene.jpg".into(),
            sha256: "00".repeat(32),
            bytes: 1,
        };
        let entries = entries(7, "record", &[channel], &[picture.clone(), picture], send);
        let is_picture = |entry: &&OutboxEntry| matches!(entry.what, OutboxItem::Picture { .. });
        entries.iter().filter(is_picture).map(|entry| entry.key.lane).collect()
    }

    #[test]
    fn pictures_go_in_the_last_lane_as_the_site_says_and_otherwise_wait_to_be_asked_for() {
        let both = vec![Lane::Last; 2];
        for (channel, violations) in [
            (Channel::Violation, both.clone()),
            (Channel::Evasion, both.clone()),
            (Channel::Passage, Vec::new()),
        ] {
            assert_eq!(sent(SendPictures::All, channel), both, "{channel:?}");
            assert_eq!(sent(SendPictures::Violations, channel), violations, "{channel:?}");
            assert_eq!(sent(SendPictures::OnRequest, channel), Vec::new(), "{channel:?}");
        }
    }
}
