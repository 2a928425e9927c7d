//! Reads what waits in the store and makes it into messages.
//!
//! In: a lane and a cursor. Out: an entry with its message, or the reason why it cannot be
//! published. It changes nothing in the store.

use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::path::Path;

use bytes::Bytes;
use rumqttc::v5::mqttbytes::v5::Publish;
use sha2::{Digest as _, Sha256};

use super::payload;
use super::session::{Candidate, LANES, Piece};
use super::status::Backlog;
use super::topics::Topics;
use crate::io::pictures::PictureFolder;
use crate::io::store::{
    AsideReason, Lane, OutboxEntry, OutboxItem, OutboxKey, Store, StoreError, StoreStatus,
};
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

/// What is cut out of a picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    /// Largest packet that the broker takes, bytes.
    pub(super) packet: usize,
    /// First byte of the picture.
    pub(super) from: u64,
    /// Most bytes of it.
    pub(super) most: usize,
    /// Whether its digest was found right before.
    pub(super) verified: bool,
}

/// Least bytes of a picture in a packet: a broker that takes smaller ones takes no pictures.
const LEAST_PIECE: usize = 1_024;

/// Bytes that the packet's own length takes more when it has content (MQTT 5, 1.5.5), and the digits
/// of the piece's length.
const MORE_WITH_CONTENT: usize = 8;

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
        next_of(&self.store, lane, after)
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

    /// Whether the file of a picture is there.
    pub(super) fn has(&self, picture: &PictureRef) -> bool {
        self.pictures.path(&picture.sha256).is_ok_and(|path| path.exists())
    }

    /// Its message; of a picture the piece that `cut` asks for.
    ///
    /// # Errors
    /// [`Unfit`].
    pub(super) async fn ready(&self, entry: OutboxEntry, cut: Cut) -> Result<Ready, Unfit> {
        let (key, lane) = (entry.key, lane_of(&entry));
        let made = match &entry.what {
            OutboxItem::Record { seq, channel } => {
                self.record(*seq, *channel).map(|message| (message, None))
            }
            OutboxItem::Picture { record_id, picture } => {
                let made = self.piece(record_id, picture, cut).await;
                made.map(|(message, piece)| (message, Some(piece)))
            }
        };
        let what = entry.what;
        let (message, piece) = made.map_err(|obstacle| match obstacle {
            Obstacle::Lasting(reason, packet_bytes) => {
                Unfit::Aside { what: what.clone(), reason, packet_bytes }
            }
            Obstacle::Passing(text) => Unfit::NotNow(text),
        })?;
        let seq = match what {
            OutboxItem::Record { seq, .. } => Some(seq),
            OutboxItem::Picture { .. } => None,
        };
        let bytes = payload::packet_bytes(&message);
        Ok(Ready { candidate: Candidate { key, lane, seq, bytes, piece }, message })
    }

    fn record(&self, seq: u64, channel: Channel) -> Result<Publish, Obstacle> {
        let sealed = match self.store.sealed(seq) {
            Ok(sealed) => sealed.ok_or(Obstacle::Lasting(AsideReason::RecordMissing, 0))?,
            Err(error) if error.is_damage() => {
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

    async fn piece(
        &self,
        record: &str,
        picture: &PictureRef,
        cut: Cut,
    ) -> Result<(Publish, Piece), Obstacle> {
        if picture.bytes > payload::MAX_PICTURE {
            return Err(Obstacle::Lasting(AsideReason::Oversize, picture.bytes));
        }
        let topic = self.topics.picture(record, &picture.name);
        let message =
            |offset, bytes| payload::picture(topic.clone(), record, picture, offset, bytes);
        // the longest figures that a piece can have
        let empty = payload::packet_bytes(&message(payload::MAX_PICTURE, Bytes::new()));
        let overhead = empty + MORE_WITH_CONTENT;
        let left = picture.bytes.saturating_sub(cut.from);
        let room = cut.packet.saturating_sub(overhead);
        if room < LEAST_PIECE && (room as u64) < left {
            let needed = (overhead + LEAST_PIECE) as u64;
            return Err(Obstacle::Lasting(AsideReason::Oversize, needed));
        }
        let length = left.min(cut.most.min(room) as u64);
        let piece = Piece { offset: cut.from, length, total: picture.bytes };
        let bytes = self.bytes_of(picture, piece, cut.verified).await?;
        Ok((message(piece.offset, bytes), piece))
    }

    /// The bytes of a piece; the digest of the whole picture is looked at unless it was before.
    async fn bytes_of(
        &self,
        picture: &PictureRef,
        piece: Piece,
        verified: bool,
    ) -> Result<Bytes, Obstacle> {
        let path = self.pictures.path(&picture.sha256);
        let path = path.map_err(|_| Obstacle::Lasting(AsideReason::PictureMissing, 0))?;
        let digest = (!verified).then(|| picture.sha256.clone());
        let read = tokio::task::spawn_blocking(move || cut_out(&path, piece, digest.as_deref()));
        let read = read.await.map_err(|error| Obstacle::Passing(error.to_string()))?;
        read.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Obstacle::Lasting(AsideReason::PictureMissing, 0),
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                Obstacle::Lasting(AsideReason::PictureDamaged, 0)
            }
            _ => Obstacle::Passing(error.to_string()),
        })
    }
}

/// Reads a piece, after the whole file when its digest is asked for.
fn cut_out(path: &Path, piece: Piece, digest: Option<&str>) -> io::Result<Bytes> {
    let mut file = File::open(path)?;
    if let Some(expected) = digest {
        let mut hasher = Sha256::new();
        io::copy(&mut file, &mut hasher)?;
        if hex::encode(hasher.finalize()) != expected {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
    file.seek(io::SeekFrom::Start(piece.offset))?;
    let mut bytes = vec![0; usize::try_from(piece.length).unwrap_or(usize::MAX)];
    file.read_exact(&mut bytes)?;
    Ok(bytes.into())
}

/// What is in the way of a message.
enum Obstacle {
    Lasting(AsideReason, u64),
    Passing(String),
}

/// How much waits by what this store has just told, and since when. What cannot be read is counted
/// elsewhere and left out.
pub fn backlog(store: &Store, status: &StoreStatus) -> Backlog {
    let firsts = (0..LANES).filter_map(|lane| next_of(store, lane, None).ok().flatten());
    let sealed = firsts.filter_map(|entry| store.sealed(entry.key.seq).ok().flatten());
    Backlog {
        first: status.outbox_first.entries,
        second: status.outbox_second.entries,
        pictures: status.outbox_pictures.entries,
        oldest: sealed.map(|record| record.sealed_at).min(),
    }
}

/// First entry of `lane` after `after`.
fn next_of(
    store: &Store,
    lane: usize,
    after: Option<OutboxKey>,
) -> Result<Option<OutboxEntry>, StoreError> {
    let entries = store.outbox_next(after.or_else(|| before_lane(lane)), 1)?;
    Ok(entries.into_iter().next().filter(|entry| lane_of(entry) == lane))
}

/// Lane of an entry, as the session counts them.
pub(super) fn lane_of(entry: &OutboxEntry) -> usize {
    entry.key.lane as usize
}

/// With the code of the plate's colour. A record that an older version wrote and that cannot be read
/// as one of ours goes without it.
fn coloured(message: Publish, system: ColourSystem, record: &[u8]) -> Publish {
    let record: Option<Record> = serde_json::from_slice(record).ok();
    match record.as_ref().and_then(Record::plate) {
        Some(plate) => payload::with_colour(message, system, plate),
        None => message,
    }
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
