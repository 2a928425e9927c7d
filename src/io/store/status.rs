//! What the store tells about itself.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::chain::Head;
use super::error::Bound;
use super::found::Missing;
use crate::pipeline::DropReason;

/// Entries and their bytes (keys and values, before sled's own overhead).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Usage {
    /// Entries.
    pub entries: u64,
    /// Bytes.
    pub bytes: u64,
}

impl Usage {
    pub(super) fn add(&mut self, bytes: usize) {
        self.entries += 1;
        self.bytes += bytes as u64;
    }

    pub(super) fn subtract(&mut self, bytes: usize) {
        self.entries = self.entries.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes as u64);
    }
}

/// Counted since the store was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StoreCounts {
    /// Commits; those that arrive together share one sync.
    pub commits: u64,
    /// Syncs of the disk.
    pub syncs: u64,
    /// Inputs taken.
    pub accepted: u64,
    /// Records sealed.
    pub sealed: u64,
    /// Inputs dropped by the pipeline, by reason.
    pub dropped: BTreeMap<DropReason, u64>,
    /// Seals that were skipped, because none of their inputs was there any more or the record
    /// had been sealed by a commit that seemed to have failed.
    pub already_sealed: u64,
    /// Inputs that a seal or a drop named and that were not there.
    pub missing_inputs: u64,
    /// Offers refused at a bound, by bound.
    pub refused: BTreeMap<Bound, u64>,
    /// Outbox entries removed after delivery.
    pub delivered: u64,
    /// Removals of outbox entries that were not there.
    pub missing_outbox_entries: u64,
    /// Commits that failed.
    pub failed_commits: u64,
    /// Times that the database was opened again after a failed commit.
    pub reopened: u64,
    /// Inputs of failed commits that were found in the inbox and removed, since their senders
    /// still have them.
    pub unacknowledged_inputs_removed: u64,
    /// Entries that could not be decoded: in the quarantine tree while it has room.
    pub quarantined: u64,
    /// Bytes of the quarantine tree now.
    pub quarantine_bytes: u64,
    /// Pieces for which the quarantine tree had no room: they are gone.
    pub quarantine_discarded: u64,
    /// Records without a stored form: in the quarantine tree with their inputs while it has room,
    /// and told by an alarm.
    pub unsealable: u64,
    /// Outbox entries that could not be published and were set aside.
    pub set_aside: u64,
    /// Of them, put back into the outbox.
    pub released: u64,
    /// Entries that were put into the outbox once more because the platform asked.
    pub sent_again: u64,
    /// Entries that are set aside now, whenever that was.
    pub aside: u64,
    /// Records that cannot be read: in the last inspection, and each time that one was asked for
    /// and could not be decoded. They stay where they are.
    pub unreadable_records: u64,
    /// Records that the store's figures counted and that are not in a damaged database any more.
    pub missing_records: u64,
    /// Records that an inspection has found and that the store's figures did not count.
    pub uncounted_records: u64,
    /// Inputs of which the same is true.
    pub missing_accepted: u64,
    /// Entries for the platform of which the same is true.
    pub missing_unsent: u64,
    /// Records removed by retention.
    pub pruned: u64,
    /// Entries that waited for the platform and went by retention.
    pub unsent_evicted: u64,
    /// Times that nothing could be removed by retention, because something could not be read.
    pub failed_retentions: u64,
    /// Times that the database was copied into a fresh one, to give space back.
    pub compactions: u64,
    /// High-water marks that could not be written.
    pub unwritten_marks: u64,
}

impl StoreCounts {
    /// With what was missing when the store was opened.
    pub(super) fn of(missing: Option<Missing>) -> Self {
        let mut counts = Self::default();
        counts.note(missing);
        counts
    }

    pub(super) fn note(&mut self, missing: Option<Missing>) {
        if let Some(Missing { inputs, records, unsent }) = missing {
            self.missing_accepted += inputs;
            self.missing_records += records;
            self.missing_unsent += unsent;
        }
    }
}

impl StoreStatus {
    /// Entries that wait for the platform, of all lanes.
    pub fn outbox_entries(&self) -> u64 {
        [self.outbox_first, self.outbox_second, self.outbox_pictures]
            .iter()
            .map(|lane| lane.entries)
            .sum()
    }
}

/// State of the store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StoreStatus {
    /// Last sealed record.
    pub head: Head,
    /// Last record that retention has removed; the chain of what is kept starts after it.
    pub anchor: Head,
    /// Inputs that wait for the pipeline.
    pub inbox: Usage,
    /// Sealed records.
    pub ledger: Usage,
    /// Violations, evasions and alarms that wait for the platform.
    pub outbox_first: Usage,
    /// Other records that wait.
    pub outbox_second: Usage,
    /// Pictures that wait.
    pub outbox_pictures: Usage,
    /// Bound that is reached now; the doors refuse while it is.
    pub full: Option<Bound>,
    /// Whether the last commit failed; the doors refuse while it is so.
    pub failed: bool,
    /// Counts since the start.
    pub counts: StoreCounts,
}
