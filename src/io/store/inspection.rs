//! Looks whether the ledger holds what the store's own figures count.
//!
//! sled leaves out the rest of a segment whose middle is damaged, and does not say so: pages that
//! had their last word there are older than they should be. The queues are counted at each opening,
//! unless they are very long; the ledger always is, so it is read while the store is open.

use crate::clock::Timestamp;

use super::batch::{Batch, Draft, Step};
use super::error::StoreError;
use super::status::Usage;
use super::trees::{TreeName, key_number, number_key};
use super::writer::Request;
use super::{Origin, Store, prepare};

/// Sequences that are looked at between two looks at whether the store is still open.
const STRETCH: usize = 4_096;

/// Spans of missing sequences that an alarm names.
const MOST_NAMED: usize = 8;

/// What an inspection has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inspection {
    /// So many records, as counted.
    Whole(u64),
    /// So many are missing; an alarm tells it, and the figures are right again.
    Missing(u64),
    /// Somebody else keeps the ledger as it is, or it was pruned meanwhile: to be asked again.
    InUse,
}

/// What the ledger holds.
#[derive(Debug, Default)]
struct Found {
    usage: Usage,
    /// Last sequence that was looked at.
    last: u64,
    /// First and last sequences between those that are there.
    holes: Vec<(u64, u64)>,
    /// Sequences in all holes.
    absent: u64,
}

impl Found {
    fn note_up_to(&mut self, seq: u64) {
        if seq > self.last + 1 {
            self.absent += seq - self.last - 1;
            if self.holes.len() < MOST_NAMED {
                self.holes.push((self.last + 1, seq - 1));
            }
        }
        self.last = seq;
    }

    /// What is missing, in words; where retention has made holes too, nobody knows here which of
    /// them are damage.
    fn told(&self, missing: u64) -> String {
        let span = |(first, last): &(u64, u64)| match first == last {
            true => first.to_string(),
            false => format!("{first} to {last}"),
        };
        let spans: Vec<String> = self.holes.iter().map(span).collect();
        let which = match self.absent {
            absent if absent == missing && self.holes.len() < MOST_NAMED => spans.join(", "),
            absent if absent == missing => format!("{} and others", spans.join(", ")),
            _ => "which ones `wimd ledger export` and `wimd verify` tell".to_owned(),
        };
        format!("{missing} sealed records are not in the database, which is damaged: {which}")
    }
}

impl Store {
    /// Counts the ledger, and seals an alarm about what is missing.
    ///
    /// # Errors
    /// Those of reading, and [`StoreError::Write`] when the alarm could not be sealed.
    pub async fn inspect(&self, origin: &Origin, now: Timestamp) -> Result<Inspection, StoreError> {
        let Some(_prunes_again) = self.shared.pause_pruning() else {
            return Ok(Inspection::InUse);
        };
        let before = self.status();
        let reader = self.clone();
        let (first, head) = (before.anchor.seq + 1, before.head.seq);
        let found = tokio::task::spawn_blocking(move || reader.count_ledger(first, head)).await;
        let found = found.unwrap_or(Err(StoreError::Closed))?;
        if self.status().counts.pruned != before.counts.pruned {
            return Ok(Inspection::InUse);
        }
        let missing = Usage {
            entries: before.ledger.entries.saturating_sub(found.usage.entries),
            bytes: before.ledger.bytes.saturating_sub(found.usage.bytes),
        };
        if missing.entries == 0 {
            return Ok(Inspection::Whole(found.usage.entries));
        }
        let text = found.told(missing.entries);
        tracing::error!(missing = missing.entries, "{text}");
        let subject = format!("{}-{head}-{}", origin.site.id, now.0);
        let alarm = origin.alarm(&subject, now, "ledger_damaged", text);
        let alarm = prepare::own(alarm)?;
        self.ask(|reply| Request::Missing { missing, alarm, reply }).await?;
        Ok(Inspection::Missing(missing.entries))
    }

    fn count_ledger(&self, first: u64, head: u64) -> Result<Found, StoreError> {
        let mut found = Found { last: first.saturating_sub(1), ..Found::default() };
        // asked anew for each stretch, so that a store that closes is not held up
        for from in (first..=head).step_by(STRETCH) {
            let to = head.min(from + STRETCH as u64 - 1);
            let trees = self.shared.trees()?;
            for entry in trees.get(TreeName::Ledger).range(number_key(from)..=number_key(to)) {
                let (key, value) = entry.map_err(StoreError::read(TreeName::Ledger))?;
                found.usage.add(key.len() + value.len());
                found.note_up_to(key_number(&key).unwrap_or(found.last));
            }
        }
        found.note_up_to(head + 1);
        Ok(found)
    }
}

impl Batch<'_> {
    /// Makes the figures right again.
    pub(super) fn correct(&mut self, missing: Usage, alarm: Box<Draft>) -> Step {
        let ledger = &mut self.state.ledger;
        ledger.entries = ledger.entries.saturating_sub(missing.entries);
        ledger.bytes = ledger.bytes.saturating_sub(missing.bytes);
        self.counts.missing_records += missing.entries;
        Step::Seal(alarm)
    }
}
