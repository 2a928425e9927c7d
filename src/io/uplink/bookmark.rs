//! How far the picture under way has come, kept over a restart in a file beside the store.
//!
//! In: what the broker has of it, after each piece. Out: what the run before had noted. It is a
//! hint: written over, never synced. After a power cut it is behind the broker, never ahead, which
//! costs a repetition; and it is believed for the very same picture only.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::source::Source;
use crate::io::store::{Lane, OutboxItem, OutboxKey};

const FILE_NAME: &str = "half-sent";

/// Every place fills this many bytes, so that a shorter one leaves nothing of a longer one.
const PLACE_BYTES: usize = 256;

/// Letters of the check in front of it.
const CHECK: usize = 16;

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

    /// `None` when there is none or it is damaged.
    fn read(path: &Path) -> Option<Self> {
        let text = fs::read_to_string(path).ok()?;
        let (check, json) = text.trim_end().split_once(' ')?;
        (check == checksum(json)).then(|| serde_json::from_str(json).ok())?
    }

    fn line(&self) -> Option<Vec<u8>> {
        let json = serde_json::to_string(self).ok()?;
        let mut line = format!("{} {json}", checksum(&json)).into_bytes();
        (line.len() < PLACE_BYTES).then(|| {
            line.resize(PLACE_BYTES - 1, b' ');
            line.push(b'\n');
            line
        })
    }
}

fn checksum(json: &str) -> String {
    let mut check = hex::encode(Sha256::digest(json));
    check.truncate(CHECK);
    check
}

/// The file.
#[derive(Debug)]
pub(super) struct Bookmark {
    /// `None` when it cannot be opened: then a restart begins the picture again.
    file: Option<File>,
    place: Option<Place>,
}

impl Bookmark {
    /// Opens or makes it in the store's directory.
    pub(super) fn open(dir: &Path) -> Self {
        let path = dir.join(FILE_NAME);
        let place = Place::read(&path);
        let mut options = File::options();
        options.write(true).create(true).truncate(false);
        let file = options.open(&path);
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
        if let (Some(file), Some(line)) = (&self.file, place.line())
            && let Err(error) = file.write_all_at(&line, 0)
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
