//! Reads what waits in the store and makes it into messages.
//!
//! In: a lane and a cursor. Out: an entry with its message, or the reason why it cannot be
//! published. It changes nothing in the store.

use bytes::Bytes;
use rumqttc::v5::mqttbytes::v5::Publish;
use sha2::{Digest as _, Sha256};

use super::payload;
use super::session::{Candidate, LANES};
use super::status::Backlog;
use super::topics::Topics;
use crate::io::pictures::PictureFolder;
use crate::io::store::{Lane, OutboxEntry, OutboxItem, OutboxKey, Store, StoreError};
use crate::pipeline::plate::PictureRef;
use crate::pipeline::record::Channel;

/// Why an entry cannot be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// Larger than this many bytes allow.
    Oversize,
    /// The picture's file cannot be read.
    PictureMissing,
    /// The picture's bytes do not have its digest.
    PictureDamaged,
    /// The ledger does not have the record.
    RecordMissing,
    /// The ledger has the record, but it cannot be read; the store counts why.
    RecordUnreadable,
}

/// An entry with its message.
#[derive(Debug)]
pub(super) struct Ready {
    /// What the session is told.
    pub(super) candidate: Candidate<OutboxKey>,
    /// What the client is given.
    pub(super) message: Publish,
}

/// The store and the pictures as the session sees them.
#[derive(Clone)]
pub(super) struct Source {
    store: Store,
    pictures: PictureFolder,
    topics: Topics,
}

impl Source {
    /// Of these.
    pub(super) fn new(store: Store, pictures: PictureFolder, topics: Topics) -> Self {
        Self { store, pictures, topics }
    }

    /// First entry of `lane` after `after`.
    ///
    /// # Errors
    /// Those of the store.
    pub(super) fn next(
        &self,
        lane: usize,
        after: Option<OutboxKey>,
    ) -> Result<Option<OutboxEntry>, StoreError> {
        let entries = self.store.outbox_next(after.or_else(|| before_lane(lane)), 1)?;
        let mut entries = entries.into_iter();
        Ok(entries.next().filter(|entry| lane_of(entry) == lane))
    }

    /// This very entry, unless it is gone.
    ///
    /// # Errors
    /// Those of the store.
    pub(super) fn again(&self, key: OutboxKey) -> Result<Option<OutboxEntry>, StoreError> {
        let entries = self.store.outbox_next(before(key), 1)?;
        Ok(entries.into_iter().find(|entry| entry.key == key))
    }

    /// Last key of `lane`.
    ///
    /// # Errors
    /// Those of the store.
    pub(super) fn last(&self, lane: usize) -> Result<Option<OutboxKey>, StoreError> {
        Lane::ALL.get(lane).map_or(Ok(None), |lane| self.store.outbox_last(*lane))
    }

    /// How much waits and since when. What cannot be read is counted elsewhere and left out.
    pub(super) fn backlog(&self) -> Backlog {
        let status = self.store.status();
        let firsts = (0..LANES).filter_map(|lane| self.next(lane, None).ok().flatten());
        let sealed = firsts.filter_map(|entry| self.store.sealed(entry.key.seq).ok().flatten());
        Backlog {
            first: status.outbox_first.entries,
            second: status.outbox_second.entries,
            pictures: status.outbox_pictures.entries,
            oldest: sealed.map(|record| record.sealed_at).min(),
        }
    }

    /// Its message, when it fits into `limit` bytes.
    ///
    /// # Errors
    /// [`Unfit`].
    pub(super) async fn ready(&self, entry: OutboxEntry, limit: usize) -> Result<Ready, Unfit> {
        let lane = lane_of(&entry);
        let (message, seq) = match entry.what {
            OutboxItem::Record { seq, channel } => (self.record(seq, channel)?, Some(seq)),
            OutboxItem::Picture { record_id, picture } => {
                (self.picture(&record_id, &picture, limit).await?, None)
            }
        };
        let candidate =
            Candidate { key: entry.key, lane, seq, bytes: payload::packet_bytes(&message) };
        Ok(Ready { candidate, message })
    }

    fn record(&self, seq: u64, channel: Channel) -> Result<Publish, Unfit> {
        let sealed = match self.store.sealed(seq) {
            Ok(sealed) => sealed.ok_or(Unfit::RecordMissing)?,
            Err(_) => return Err(Unfit::RecordUnreadable),
        };
        let topic = self.topics.record(channel);
        Ok(payload::record(topic, &sealed.id, sealed.payload()))
    }

    async fn picture(
        &self,
        record: &str,
        picture: &PictureRef,
        limit: usize,
    ) -> Result<Publish, Unfit> {
        let small = usize::try_from(picture.bytes).is_ok_and(|bytes| bytes <= limit);
        if picture.bytes > payload::MAX_PICTURE || !small {
            return Err(Unfit::Oversize);
        }
        let path = self.pictures.path(&picture.sha256);
        let path = path.map_err(|_| Unfit::PictureMissing)?;
        let jpeg = tokio::fs::read(path).await;
        let jpeg = jpeg.map_err(|_| Unfit::PictureMissing)?;
        if hex::encode(Sha256::digest(&jpeg)) != picture.sha256 {
            return Err(Unfit::PictureDamaged);
        }
        let topic = self.topics.picture(record, &picture.name);
        Ok(payload::picture(topic, record, picture, Bytes::from(jpeg)))
    }
}

/// Lane of an entry, as the session counts them.
pub(super) fn lane_of(entry: &OutboxEntry) -> usize {
    entry.key.lane as usize
}

/// The last possible key of the lane before; `None` for the first lane.
fn before_lane(lane: usize) -> Option<OutboxKey> {
    Some(OutboxKey { lane: *Lane::ALL.get(lane.checked_sub(1)?)?, seq: u64::MAX, item: u16::MAX })
}

/// The greatest key below this one; `None` for the very first.
fn before(key: OutboxKey) -> Option<OutboxKey> {
    if let Some(item) = key.item.checked_sub(1) {
        return Some(OutboxKey { item, ..key });
    }
    match key.seq.checked_sub(1) {
        Some(seq) => Some(OutboxKey { seq, item: u16::MAX, ..key }),
        None => before_lane(key.lane as usize),
    }
}
