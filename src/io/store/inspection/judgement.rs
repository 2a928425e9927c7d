//! What the writer makes of an inspection: it alone knows what the ledger should hold, and nothing
//! changes while it compares.

use crate::clock::Timestamp;

use super::super::batch::{Batch, Step};
use super::super::error::StoreError;
use super::super::ledger::Entries;
use super::super::state::State;
use super::super::status::Usage;
use super::super::{Origin, prepare};
use super::{Inspection, Looked};

/// The difference between what was found and what should be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// Records that are gone.
    pub(super) missing: u64,
    /// Records that cannot be read.
    pub(super) unreadable: u64,
    /// Records too many.
    pub(super) surplus: u64,
    /// What the figures have to be.
    pub(super) right: Usage,
}

impl Difference {
    pub(super) fn between(looked: &Looked, expected: Usage) -> Self {
        let there = looked.there;
        let short = Usage {
            entries: expected.entries.saturating_sub(there.entries),
            bytes: expected.bytes.saturating_sub(there.bytes),
        };
        let hidden = looked.unreadable_sequences();
        // they may be readable again tomorrow: their disk may have failed for a moment
        let kept = short.entries.min(hidden);
        let missing = short.entries - kept;
        // of those that are kept nobody knows how long they are
        let kept_bytes = short.bytes.saturating_mul(kept).checked_div(short.entries).unwrap_or(0);
        Self {
            missing,
            // figures that were too low say nothing of them
            unreadable: if short.entries == 0 { hidden } else { kept },
            surplus: there.entries.saturating_sub(expected.entries),
            right: Usage { entries: there.entries + kept, bytes: there.bytes + kept_bytes },
        }
    }

    fn inspection(&self) -> Inspection {
        match *self {
            Self { missing: 0, unreadable: 0, right, .. } => Inspection::Whole(right.entries),
            Self { missing, unreadable, .. } => Inspection::Damaged { missing, unreadable },
        }
    }
}

impl Batch<'_> {
    /// Compares it with the figures of what is `durable` and makes those right, in both directions.
    /// An alarm only about a loss, and about what cannot be read unless it `is_told`.
    pub(in crate::io::store) fn judge(
        &mut self,
        looked: &Looked,
        is_told: bool,
        (origin, at): &(Origin, Timestamp),
        durable: &State,
    ) -> Result<(Inspection, Option<Step>), StoreError> {
        let same = looked.pruned == self.counts.pruned && looked.reopened == self.counts.reopened;
        let sealed_since = same.then(|| self.sealed_after(looked.head, durable)).flatten();
        let Some(since) = sealed_since else { return Ok((Inspection::InUse, None)) };
        let expected = Usage {
            entries: durable.ledger.entries.saturating_sub(since.entries),
            bytes: durable.ledger.bytes.saturating_sub(since.bytes),
        };
        let difference = Difference::between(looked, expected);
        let Difference { missing, unreadable, surplus, right } = difference;
        let is_damaged = missing > 0 || unreadable > 0;
        if is_damaged {
            self.state.claims.lost();
        }
        if right != expected {
            // this commit may have sealed more by now
            let ledger = &mut self.state.ledger;
            ledger.entries = (ledger.entries + right.entries).saturating_sub(expected.entries);
            ledger.bytes = (ledger.bytes + right.bytes).saturating_sub(expected.bytes);
        }
        if is_damaged || right != expected {
            self.writes.extend(self.state.writes()?);
        }
        if surplus > 0 {
            tracing::warn!(surplus, "the ledger has more records than its figures counted");
        }
        self.counts.missing_records += missing;
        self.counts.uncounted_records += surplus;
        self.counts.unreadable_records = unreadable;
        let alarm = (missing > 0 || (unreadable > 0 && !is_told)).then(|| {
            let subject = format!("{}-{}-{}", origin.site.id, looked.head, at.0);
            let text = looked.told(missing, unreadable);
            prepare::own(origin.alarm(&subject, *at, "ledger_damaged", text)).map(Step::Seal)
        });
        Ok((difference.inspection(), alarm.transpose()?))
    }

    /// What is durable and came behind `head`; `None` when it cannot be read.
    fn sealed_after(&self, head: u64, durable: &State) -> Option<Usage> {
        let mut sealed = Usage::default();
        for entry in Entries::between(self.trees(), head + 1, durable.head.seq) {
            let (key, value) = entry.ok()?;
            sealed.add(key.len() + value.len());
        }
        Some(sealed)
    }
}
