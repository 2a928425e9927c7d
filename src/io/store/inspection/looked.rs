//! What the ledger holds, as far as it can be read, and how it is told.

use super::super::StoreStatus;
use super::super::status::Usage;

/// Spans of sequences of each kind that an alarm names.
const MOST_NAMED: usize = 8;

/// First and last sequence.
type Span = (u64, u64);

/// What was looked at, and the state of the store before.
#[derive(Debug)]
pub(in crate::io::store) struct Looked {
    /// Last record that was sealed before.
    pub(super) head: u64,
    /// Records that retention had removed before, since the start.
    pub(super) pruned: u64,
    /// Times that the database had been opened again before, since the start.
    pub(super) reopened: u64,
    /// Records that can be read.
    pub(super) there: Usage,
    /// Those that cannot.
    pub(super) unreadable: Vec<Span>,
    /// Last sequence that was looked at.
    pub(super) last: u64,
    /// The first of the spans between those, of which there is nothing.
    holes: Vec<Span>,
    /// Sequences in all of them.
    absent: u64,
}

impl Looked {
    /// At nothing yet.
    pub(super) fn before(first: u64, status: &StoreStatus) -> Self {
        Self {
            head: status.head.seq,
            pruned: status.counts.pruned,
            reopened: status.counts.reopened,
            there: Usage::default(),
            unreadable: Vec::new(),
            last: first - 1,
            holes: Vec::new(),
            absent: 0,
        }
    }

    pub(super) fn note_up_to(&mut self, seq: u64) {
        if seq > self.last + 1 {
            self.absent += seq - self.last - 1;
            // one more shows that there are others
            if self.holes.len() <= MOST_NAMED {
                self.holes.push((self.last + 1, seq - 1));
            }
        }
        self.last = seq;
    }

    pub(super) fn note_unreadable(&mut self, first: u64, last: u64) {
        self.note_up_to(first);
        self.last = last;
        match self.unreadable.last_mut() {
            Some(span) if span.1 + 1 == first => span.1 = last,
            _ => self.unreadable.push((first, last)),
        }
    }

    /// Sequences that cannot be read: so many records at most, since retention makes holes.
    pub(super) fn unreadable_sequences(&self) -> u64 {
        self.unreadable.iter().map(|(first, last)| last - first + 1).sum()
    }

    /// What is lost, in words; where retention has made holes too, nobody knows here which of them
    /// are damage.
    pub(super) fn told(&self, missing: u64, unreadable: u64) -> String {
        let mut parts = Vec::new();
        if missing > 0 {
            let which = match self.absent == missing {
                true => named(&self.holes),
                false => "which ones `wimd ledger export` and `wimd verify` tell".to_owned(),
            };
            parts.push(format!(
                "{missing} sealed records are not in the database, which is damaged: {which}"
            ));
        }
        if unreadable > 0 {
            let which = named(&self.unreadable);
            parts.push(format!(
                "{unreadable} sealed records cannot be read in the database, which is damaged: \
                 {which}"
            ));
        }
        parts.join("; ")
    }
}

fn named(spans: &[Span]) -> String {
    let span = |(first, last): &Span| match first == last {
        true => first.to_string(),
        false => format!("{first} to {last}"),
    };
    let text = spans.iter().take(MOST_NAMED).map(span).collect::<Vec<_>>().join(", ");
    if spans.len() <= MOST_NAMED { text } else { format!("{text} and others") }
}
