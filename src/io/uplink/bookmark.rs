//! How far the picture under way has come, kept over a restart in a file beside the store.
//!
//! In: what the broker has of it, after each piece. Out: what the run before had noted. Behind the
//! broker it costs a repetition; and it is believed for the very same picture only.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::source::Source;
use crate::io::hint::{self, HintFile};
use crate::io::store::{Lane, OutboxItem, OutboxKey};

const FILE_NAME: &str = "half-sent";

/// A picture of the outbox and how much of it has arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    seq: u64,
    item: u16,
    sha256: String,
    /// Bytes, from the first on.
    arrived: u64,
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
}

impl Bookmark {
    /// Opens or makes it in the store's directory.
    pub(super) fn open(dir: &Path) -> Self {
        let path = dir.join(FILE_NAME);
        let place = hint::read(&path);
        let file = HintFile::open(&path);
        let file = file.inspect_err(untold).ok();
        Self { file, place }
    }

    /// The picture of which the run before had sent so many bytes, when it still waits.
    pub(super) fn half_sent(&self, source: &Source) -> Option<(OutboxKey, u64)> {
        let place = self.place.as_ref()?;
        let same =
            |(sha256, bytes): &(String, u64)| *sha256 == place.sha256 && place.arrived < *bytes;
        picture(source, place.key()).filter(same).map(|_| (place.key(), place.arrived))
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
        let place = Place { seq: key.seq, item: key.item, sha256, arrived };
        if let Some(file) = &self.file
            && let Err(error) = file.write(&place)
        {
            untold(&error);
        }
        self.place = Some(place);
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
