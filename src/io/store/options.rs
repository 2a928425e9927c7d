//! How the store is set up.

use std::path::{Path, PathBuf};

use crate::io::pictures::NewestPicture;
use crate::pipeline::record::Channel;

use super::error::Bound;
use super::origin::Origin;
use super::prepare;
use super::state::State;
use super::status::Usage;

/// Whose pictures go to the platform by themselves; all others wait to be asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SendPictures {
    /// Those of records on the violation and evasion channels.
    #[default]
    Violations,
    /// Those of every record.
    All,
    /// None.
    OnRequest,
}

impl SendPictures {
    pub(super) fn applies_to(self, channels: &[Channel]) -> bool {
        match self {
            Self::Violations => channels
                .iter()
                .any(|channel| matches!(channel, Channel::Violation | Channel::Evasion)),
            Self::All => true,
            Self::OnRequest => false,
        }
    }
}

/// What the store may use.
///
/// Just before a bound of the ledger records go by value: delivered compliant traffic, then everything
/// else that is delivered, then compliant traffic that waits for the platform. Just before a bound of the
/// outbox compliant traffic is not sent any more, its pictures first. Each time the oldest goes first, and
/// a record tells of it. At a bound, when nothing was left that may go, and at the other bounds, no new
/// inputs are taken; what has been taken is still sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Inputs that wait for the pipeline.
    pub inbox_entries: u64,
    /// Their bytes.
    pub inbox_bytes: u64,
    /// Entries that wait for the platform.
    pub outbox_entries: u64,
    /// Their bytes.
    pub outbox_bytes: u64,
    /// Days that compliant traffic waits for the platform at most; as long as there is room when
    /// `None`.
    pub outbox_days: Option<u32>,
    /// Records kept in the ledger.
    pub ledger_entries: u64,
    /// Bytes of the ledger.
    pub ledger_bytes: u64,
    /// Days that a delivered record is kept at most; as long as there is room when `None`.
    pub ledger_days: Option<u32>,
    /// Bytes of what could not be read or sealed that are kept; what comes beyond is counted and
    /// gone.
    pub quarantine_bytes: u64,
    /// Free bytes of the file system below which nothing new is taken. Below half of it nothing
    /// is sealed either; what is left is for removals.
    pub min_free_bytes: u64,
}

impl Default for Bounds {
    /// Our choice: a busy site has 15 000 vehicles a day, so these are a week of inputs that the
    /// pipeline never saw, four months of outage and three years of records.
    fn default() -> Self {
        Self {
            inbox_entries: 100_000,
            inbox_bytes: 512 << 20,
            outbox_entries: 2_000_000,
            outbox_bytes: 512 << 20,
            outbox_days: None,
            ledger_entries: 20_000_000,
            ledger_bytes: 64 << 30,
            ledger_days: None,
            quarantine_bytes: 8 * prepare::MAX_RECORD_BYTES as u64,
            min_free_bytes: 256 << 20,
        }
    }
}

impl Bounds {
    /// The first bound that is reached.
    pub(super) fn reached(&self, state: &State, free_bytes: u64) -> Option<Bound> {
        let (inbox, ledger) = (&state.inbox, &state.ledger);
        let reached = [
            (Bound::Inbox, inbox.entries >= self.inbox_entries),
            (Bound::Inbox, inbox.bytes >= self.inbox_bytes),
            (Bound::Outbox, self.outbox_is_full(&state.outbox_usage())),
            (Bound::Ledger, self.ledger_is_full(ledger)),
            (Bound::Disk, free_bytes < self.min_free_bytes),
        ];
        let found = reached.into_iter().find(|(_, reached)| *reached);
        found.map(|(bound, _)| bound)
    }

    pub(super) fn ledger_is_full(&self, ledger: &Usage) -> bool {
        ledger.entries >= self.ledger_entries || ledger.bytes >= self.ledger_bytes
    }

    /// Room is made from then on: whoever brings something need not wait while it is searched for.
    pub(super) fn ledger_is_nearly_full(&self, ledger: &Usage) -> bool {
        ledger.entries >= nearly(self.ledger_entries) || ledger.bytes >= nearly(self.ledger_bytes)
    }

    /// Room is made until then, so that it is not made for each record anew.
    pub(super) fn ledger_has_room(&self, ledger: &Usage) -> bool {
        ledger.entries < a_little_below(self.ledger_entries)
            && ledger.bytes < a_little_below(self.ledger_bytes)
    }

    pub(super) fn outbox_is_full(&self, outbox: &Usage) -> bool {
        outbox.entries >= self.outbox_entries || outbox.bytes >= self.outbox_bytes
    }

    /// Room is made from then on.
    pub(super) fn outbox_is_nearly_full(&self, outbox: &Usage) -> bool {
        outbox.entries >= nearly(self.outbox_entries) || outbox.bytes >= nearly(self.outbox_bytes)
    }

    pub(super) fn outbox_has_room(&self, outbox: &Usage) -> bool {
        outbox.entries < a_little_below(self.outbox_entries)
            && outbox.bytes < a_little_below(self.outbox_bytes)
    }
}

/// But for one part in a hundred. Our choice: hours of traffic, in which all of a ledger is searched.
fn nearly(bound: u64) -> u64 {
    bound - bound / 100
}

/// Two parts in a hundred, and room for the record that tells of it. Our choice: hours of traffic.
fn a_little_below(bound: u64) -> u64 {
    bound - (bound / 50).max(1).min(bound)
}

/// Set-up of a store.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Its directory; made when absent.
    pub dir: PathBuf,
    /// What it may use.
    pub bounds: Bounds,
    /// Whose pictures are sent.
    pub send_pictures: SendPictures,
    /// Who tells of what had to go.
    pub origin: Origin,
    /// Of the pictures that its records name: a loss is never dated before the newest of them.
    pub newest_picture: NewestPicture,
}

impl StoreOptions {
    /// The defaults, in `dir`.
    pub fn at(dir: impl AsRef<Path>) -> Self {
        Self {
            dir: dir.as_ref().to_owned(),
            bounds: Bounds::default(),
            send_pictures: SendPictures::default(),
            origin: Origin::default(),
            newest_picture: NewestPicture::default(),
        }
    }
}
