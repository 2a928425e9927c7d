//! What waits for the platform, for people: each lane with its first entries, and what is set aside.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::aside::{self, Aside, AsideReason};
use super::error::StoreError;
use super::ledger::Stored;
use super::outbox::{self, Lane, OutboxEntry, OutboxItem, OutboxKey};
use super::status::Usage;
use super::trees::{TreeName, Trees, number_key};
use super::{Store, StoreReader};
use crate::clock::Timestamp;

/// Most entries of a lane in one listing, whatever is asked for.
const MOST: usize = 10_000;

/// The outbox.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OutboxListing {
    /// First lane, second lane, pictures.
    pub lanes: Vec<LaneListing>,
    /// What cannot be published, in the order of the outbox.
    pub aside: Vec<AsideListing>,
}

/// One lane.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LaneListing {
    /// `first`, `second` or `pictures`.
    pub lane: String,
    /// Entries that wait.
    pub entries: u64,
    /// Their bytes, without the records and pictures that they stand for.
    pub bytes: u64,
    /// When the record of the first entry was sealed.
    pub oldest: Option<Timestamp>,
    /// The first entries, in the order of leaving.
    pub next: Vec<EntryListing>,
}

/// One entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EntryListing {
    /// Sequence of its record.
    pub seq: u64,
    /// Channel of a record, digest of a picture.
    pub what: String,
    /// Bytes of a picture.
    pub bytes: Option<u64>,
    /// The record's id; absent when the ledger does not have it.
    pub id: Option<String>,
    /// When it was sealed.
    pub sealed_at: Option<Timestamp>,
}

/// One entry that is set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AsideListing {
    /// `first`, `second` or `pictures`.
    pub lane: String,
    /// The entry.
    #[serde(flatten)]
    pub entry: EntryListing,
    /// Why.
    pub reason: AsideReason,
    /// Since when.
    pub since: Timestamp,
}

/// What of one record has not reached the platform; nothing when all that was to be sent has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Delivery {
    /// Each entry that waits, with its lane, in the order of leaving.
    pub waiting: Vec<(String, EntryListing)>,
    /// What cannot be published as it is.
    pub aside: Vec<AsideListing>,
}

impl Store {
    /// What of the record with this sequence has not reached the platform.
    ///
    /// # Errors
    /// [`StoreError::Read`] and [`StoreError::Closed`].
    pub fn delivery(&self, seq: u64) -> Result<Delivery, StoreError> {
        delivery(&self.shared.trees()?, seq)
    }

    /// What waits, of each lane up to `most` entries.
    ///
    /// # Errors
    /// [`StoreError::Read`] and [`StoreError::Closed`].
    pub fn outbox_listing(&self, most: usize) -> Result<OutboxListing, StoreError> {
        let status = self.status();
        let usage = [status.outbox_first, status.outbox_second, status.outbox_pictures];
        let durable = self.last_seq();
        listing(&self.shared.trees()?, usage, durable, most)
    }
}

impl StoreReader {
    /// What of the record with this sequence has not reached the platform.
    ///
    /// # Errors
    /// [`StoreError::Read`].
    pub fn delivery(&self, seq: u64) -> Result<Delivery, StoreError> {
        delivery(self.trees(), seq)
    }

    /// What waits, of each lane up to `most` entries.
    ///
    /// # Errors
    /// [`StoreError::Read`].
    pub fn outbox_listing(&self, most: usize) -> Result<OutboxListing, StoreError> {
        listing(self.trees(), self.outbox_usage(), u64::MAX, most)
    }
}

fn delivery(trees: &Trees, seq: u64) -> Result<Delivery, StoreError> {
    let mut delivery = Delivery::default();
    for lane in Lane::ALL {
        for entry in outbox::of_record(trees, lane, seq)? {
            delivery.waiting.push((name(lane), entry_listing(trees, &entry)?));
        }
    }
    for (key, aside) in aside::all(trees)?.entries {
        if key.seq == seq {
            delivery.aside.push(aside_listing(trees, key, aside)?);
        }
    }
    Ok(delivery)
}

fn listing(
    trees: &Trees,
    usage: [Usage; 3],
    durable: u64,
    most: usize,
) -> Result<OutboxListing, StoreError> {
    let most = most.min(MOST);
    let mut lanes = Vec::with_capacity(usage.len());
    for (lane, Usage { entries, bytes }) in Lane::ALL.into_iter().zip(usage) {
        // the first is read for its age, also when none is to be listed
        let found = outbox::of_lane(trees, lane, most.max(1), durable)?;
        let mut next = Vec::with_capacity(found.len());
        for entry in found {
            next.push(entry_listing(trees, &entry)?);
        }
        let oldest = next.first().and_then(|entry| entry.sealed_at);
        next.truncate(most);
        lanes.push(LaneListing { lane: name(lane), entries, bytes, oldest, next });
    }
    let mut asides = Vec::new();
    for (key, aside) in aside::all(trees)?.entries {
        asides.push(aside_listing(trees, key, aside)?);
    }
    Ok(OutboxListing { lanes, aside: asides })
}

fn entry_listing(trees: &Trees, entry: &OutboxEntry) -> Result<EntryListing, StoreError> {
    let (what, bytes) = match &entry.what {
        OutboxItem::Record { channel, .. } => (format!("{channel:?}").to_lowercase(), None),
        OutboxItem::Picture { picture, .. } => (picture.sha256.clone(), Some(picture.bytes)),
    };
    let key = number_key(entry.key.seq);
    let value = trees.get(TreeName::Ledger).get(key).map_err(StoreError::read(TreeName::Ledger))?;
    let sealed = value.and_then(|value| Stored::decode(&key, &value).ok());
    let (id, sealed_at) = sealed.map(|sealed| (sealed.id, sealed.sealed_at)).unzip();
    Ok(EntryListing { seq: entry.key.seq, what, bytes, id, sealed_at })
}

fn aside_listing(trees: &Trees, key: OutboxKey, aside: Aside) -> Result<AsideListing, StoreError> {
    let Aside { what, reason, at, .. } = aside;
    let entry = entry_listing(trees, &OutboxEntry { key, what })?;
    Ok(AsideListing { lane: name(key.lane), entry, reason, since: at })
}

fn name(lane: Lane) -> String {
    let name = match lane {
        Lane::First => "first",
        Lane::Second => "second",
        Lane::Last => "pictures",
    };
    name.to_owned()
}
