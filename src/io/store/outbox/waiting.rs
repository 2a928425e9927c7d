//! What waits for the platform, as people and programs read it.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::pipeline::record::Channel;

use super::super::aside::{Aside, AsideReason};
use super::super::{Store, StoreReader};
use super::{Lane, OutboxEntry, OutboxItem, OutboxKey, StoreError};

/// One entry of the outbox, or one that was taken out of it because it cannot be published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// `first`, `second` or `pictures`: the order of leaving.
    pub lane: &'static str,
    /// Sequence of its record.
    pub seq: u64,
    /// Channel that the record goes to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// Name of the picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// Why it cannot be published; it waits for a broker that takes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_aside: Option<AsideReason>,
    /// When it was set aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

impl Waiting {
    fn new(key: OutboxKey, what: OutboxItem) -> Self {
        let (channel, picture) = match what {
            OutboxItem::Record { channel, .. } => (Some(channel), None),
            OutboxItem::Picture { picture, .. } => (None, Some(picture.name)),
        };
        let lane = match key.lane {
            Lane::First => "first",
            Lane::Second => "second",
            Lane::Last => "pictures",
        };
        Self { lane, seq: key.seq, channel, picture, set_aside: None, since: None }
    }

    fn all(entries: Vec<OutboxEntry>, asides: Vec<(OutboxKey, Aside)>) -> Vec<Self> {
        let entries = entries.into_iter().map(|entry| Self::new(entry.key, entry.what));
        let asides = asides.into_iter().map(|(key, aside)| {
            let (reason, at) = (aside.reason, aside.at);
            Self { set_aside: Some(reason), since: Some(at), ..Self::new(key, aside.what) }
        });
        asides.chain(entries).collect()
    }
}

impl Store {
    /// Everything that is set aside, then the first `limit` entries in the order of leaving.
    ///
    /// # Errors
    /// [`StoreError::Read`] and [`StoreError::Closed`].
    pub fn waiting(&self, limit: usize) -> Result<Vec<Waiting>, StoreError> {
        Ok(Waiting::all(self.outbox_next(None, limit)?, self.asides()?))
    }
}

impl StoreReader {
    /// Everything that is set aside, then the first `limit` entries in the order of leaving.
    ///
    /// # Errors
    /// [`StoreError::Read`].
    pub fn waiting(&self, limit: usize) -> Result<Vec<Waiting>, StoreError> {
        Ok(Waiting::all(self.outbox(limit)?, self.asides()?))
    }
}
