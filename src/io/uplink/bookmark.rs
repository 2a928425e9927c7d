//! How far the picture under way has come, kept over a restart in a file beside the store.
//!
//! In: what the broker has of it, after each piece. Out: what the run before had noted. Behind the
//! broker it costs a repetition; and it is believed for the very same picture and platform only.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::source::Source;
use crate::io::hint::{self, HintFile};
use crate::io::store::{Lane, OutboxItem, OutboxKey};

const FILE_NAME: &str = "half-sent";

/// Letters of a platform's digest: enough to tell the few of a site's life apart.
const PLATFORM: usize = 16;

/// A picture of the outbox and how much of it has arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    seq: u64,
    item: u16,
    sha256: String,
    /// Bytes, from the first on.
    arrived: u64,
    /// Digest of who has them.
    platform: String,
}

impl Place {
    fn key(&self) -> OutboxKey {
        OutboxKey { lane: Lane::Last, seq: self.seq, item: self.item }
    }
}

/// The file.
#[derive(Debug)]
pub(super) struct Bookmark {
    /// `None` when it cannot be opened: then a restart begins the picture again.
    file: Option<HintFile>,
    place: Option<Place>,
    platform: String,
}

impl Bookmark {
    /// Opens or makes it in the store's directory, for what goes to that broker as that site's.
    pub(super) fn open(dir: &Path, broker: &str, site: &str) -> Self {
        let path = dir.join(FILE_NAME);
        let place = hint::read(&path);
        let file = HintFile::open(&path);
        let file = file.inspect_err(untold).ok();
        let mut platform = hex::encode(Sha256::digest(format!("{broker} {site}")));
        platform.truncate(PLATFORM);
        Self { file, place, platform }
    }

    /// The picture of which the run before had sent so many bytes, when it still waits.
    pub(super) fn half_sent(&mut self, source: &Source) -> Option<(OutboxKey, u64)> {
        let place = self.place.take().filter(|place| place.platform == self.platform)?;
        let (sha256, bytes) = picture(source, place.key())?;
        if sha256 != place.sha256 || place.arrived >= bytes {
            return None;
        }
        let found = (place.key(), place.arrived);
        self.place = Some(place);
        Some(found)
    }

    /// Notes that the broker has all of a picture, which may be asked for again.
    pub(super) fn finish(&mut self, key: OutboxKey) {
        let Some(mut place) = self.place.take_if(|place| place.key() == key) else {
            return;
        };
        place.arrived = u64::MAX;
        self.write(&place);
    }

    /// Notes that the broker has so many bytes of a picture.
    pub(super) fn note(&mut self, source: &Source, key: OutboxKey, arrived: u64) {
        let known = self.place.take().filter(|place| place.key() == key);
        let sha256 = match known {
            Some(place) => Some(place.sha256),
            None => picture(source, key).map(|(sha256, _)| sha256),
        };
        let Some(sha256) = sha256 else {
            return;
        };
        let platform = self.platform.clone();
        let place = Place { seq: key.seq, item: key.item, sha256, arrived, platform };
        self.write(&place);
        self.place = Some(place);
    }

    fn write(&self, place: &Place) {
        if let Some(file) = &self.file
            && let Err(error) = file.write(place)
        {
            untold(&error);
        }
    }
}

/// Digest and bytes of a picture that waits.
fn picture(source: &Source, key: OutboxKey) -> Option<(String, u64)> {
    match source.again(key).ok().flatten()?.what {
        OutboxItem::Picture { picture, .. } => Some((picture.sha256, picture.bytes)),
        OutboxItem::Record { .. } => None,
    }
}

fn untold(error: &io::Error) {
    tracing::debug!(%error, "a restart will begin the half-sent picture again");
}
