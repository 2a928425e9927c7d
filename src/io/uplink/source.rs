//! Reads what waits in the store and makes it into messages.
//!
//! In: a lane and a cursor. Out: an entry with its message, or the reason why it cannot be
//! published. It changes nothing in the store.

use std::io;

use bytes::Bytes;
use rumqttc::v5::mqttbytes::v5::Publish;
use sha2::{Digest as _, Sha256};

use super::payload;
use super::session::{Candidate, LANES};
use super::status::Backlog;
use super::topics::Topics;
use crate::io::pictures::PictureFolder;
use crate::io::store::{AsideReason, Lane, OutboxEntry, OutboxItem, OutboxKey, Store, StoreError};
use crate::pipeline::plate::{ColourSystem, PictureRef};
use crate::pipeline::record::{Channel, Record};

/// Why an entry is not published.
#[derive(Debug)]
pub(super) enum Unfit {
    /// It cannot be published as it is: set it aside.
    Aside {
        /// What was to be sent.
        what: OutboxItem,
        /// Why.
        reason: AsideReason,
        /// Bytes of the packet, at least; 0 when the size is not the reason.
        packet_bytes: u64,
    },
    /// The store or the disk does not answer just now: try again later.
    NotNow(String),
}

/// Room for the topic and the properties of a picture, more than they ever take.
const PICTURE_OVERHEAD: u64 = 4_096;

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
    colours: Option<ColourSystem>,
}

impl Source {
    /// Of these.
    pub(super) fn new(store: Store, pictures: PictureFolder, topics: Topics) -> Self {
        Self { store, pictures, topics, colours: None }
    }

    /// Tells the colours of plates in this code system, too.
    #[must_use]
    pub(super) fn with_colours(self, colours: Option<ColourSystem>) -> Self {
        Self { colours, ..self }
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
        let (key, lane) = (entry.key, lane_of(&entry));
        let (message, seq) = match &entry.what {
            OutboxItem::Record { seq, channel } => (self.record(*seq, *channel), Some(*seq)),
            OutboxItem::Picture { record_id, picture } => {
                (self.picture(record_id, picture, limit).await, None)
            }
        };
        let what = entry.what;
        let message = message.map_err(|obstacle| match obstacle {
            Obstacle::Lasting(reason, packet_bytes) => Unfit::Aside { what, reason, packet_bytes },
            Obstacle::Passing(text) => Unfit::NotNow(text),
        })?;
        let candidate = Candidate { key, lane, seq, bytes: payload::packet_bytes(&message) };
        Ok(Ready { candidate, message })
    }

    fn record(&self, seq: u64, channel: Channel) -> Result<Publish, Obstacle> {
        let sealed = match self.store.sealed(seq) {
            Ok(sealed) => sealed.ok_or(Obstacle::Lasting(AsideReason::RecordMissing, 0))?,
            Err(StoreError::Decode { .. }) => {
                return Err(Obstacle::Lasting(AsideReason::RecordUnreadable, 0));
            }
            Err(error) => return Err(Obstacle::Passing(error.to_string())),
        };
        let topic = self.topics.record(channel);
        let message = payload::record(topic, &sealed.id, sealed.payload());
        Ok(match self.colours {
            Some(system) => coloured(message, system, &sealed.record_json),
            None => message,
        })
    }

    async fn picture(
        &self,
        record: &str,
        picture: &PictureRef,
        limit: usize,
    ) -> Result<Publish, Obstacle> {
        let lasting = |reason| Obstacle::Lasting(reason, 0);
        let small = usize::try_from(picture.bytes).is_ok_and(|bytes| bytes <= limit);
        if picture.bytes > payload::MAX_PICTURE || !small {
            let bytes = picture.bytes + PICTURE_OVERHEAD;
            return Err(Obstacle::Lasting(AsideReason::Oversize, bytes));
        }
        let path = self.pictures.path(&picture.sha256);
        let path = path.map_err(|_| lasting(AsideReason::PictureMissing))?;
        let jpeg = tokio::fs::read(path).await.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => lasting(AsideReason::PictureMissing),
            _ => Obstacle::Passing(error.to_string()),
        })?;
        if hex::encode(Sha256::digest(&jpeg)) != picture.sha256 {
            return Err(lasting(AsideReason::PictureDamaged));
        }
        let topic = self.topics.picture(record, &picture.name);
        Ok(payload::picture(topic, record, picture, Bytes::from(jpeg)))
    }
}

/// What is in the way of a message.
enum Obstacle {
    Lasting(AsideReason, u64),
    Passing(String),
}

/// Lane of an entry, as the session counts them.
pub(super) fn lane_of(entry: &OutboxEntry) -> usize {
    entry.key.lane as usize
}

/// The last possible key of the lane before; `None` for the first lane.
/// With the code of the plate's colour. A record that an older version wrote and that cannot be read
/// as one of ours goes without it.
fn coloured(message: Publish, system: ColourSystem, record: &[u8]) -> Publish {
    let record: Option<Record> = serde_json::from_slice(record).ok();
    match record.as_ref().and_then(Record::plate) {
        Some(plate) => payload::with_colour(message, system, plate),
        None => message,
    }
}

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
