//! What was found when a store was opened, and the alarms about it.

use std::fmt;
use std::path::PathBuf;

use crate::clock::Timestamp;
use crate::pipeline::record::Alarm;
use crate::pipeline::{Arrival, Input};

use super::chain::Head;
use super::mark::Mark;
use super::roll::Roll;
use super::state::State;

/// What was found when the store was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Whether the store was made new.
    pub fresh: bool,
    /// Inputs that wait for the pipeline.
    pub pending: u64,
    /// Last sealed record.
    pub head: Head,
    /// Files that could not be used, and where they are now.
    pub moved_aside: Option<MovedAside>,
    /// The database was older than the store had come, as after damage or a copy put back.
    pub lost: Option<Lost>,
    /// Entries that are not there although the database itself counts them, as after damage in the
    /// middle of its files.
    pub missing: Option<Missing>,
    /// Sealed records of a commit of which the database has only a part: first and last sequence. They
    /// are taken up, and sent once more.
    pub unfinished: Option<(u64, u64)>,
    /// The library had panicked in the run before; every entry was read before going on.
    pub panicked: Option<String>,
}

/// Files that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedAside {
    /// Where they are now.
    pub to: PathBuf,
    /// Why.
    pub reason: String,
}

/// What was committed and is not there any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Commits.
    pub commits: u64,
    /// Sealed records that are not in the ledger: first and last sequence.
    pub records: Option<(u64, u64)>,
    /// Numbers of inputs that were given in those commits: first and last. Some may have been
    /// sealed before.
    pub inputs: Option<(u64, u64)>,
}

impl Lost {
    pub(super) fn between(state: &State, mark: &Mark) -> Self {
        let span = |from: u64, to: u64| (from <= to).then_some((from, to));
        Self {
            commits: mark.commits.saturating_sub(state.commits),
            records: span(state.head.seq + 1, mark.head.seq),
            inputs: span(state.next_input, mark.next_input.saturating_sub(1)),
        }
    }
}

/// Entries that a database counts and does not have, at least so many: what is there in the place of
/// others is not told from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Inputs that had been taken.
    pub inputs: u64,
    /// Sealed records; not looked for at each opening, see [`super::Store::inspect`].
    pub records: u64,
    /// Entries that waited for the platform.
    pub unsent: u64,
}

impl Missing {
    pub(super) fn between(there: &State, counted: &State) -> Option<Self> {
        let others = |of: fn(&Roll) -> u64| {
            let rolls = there.roll.as_ref().zip(counted.roll.as_ref());
            u64::from(rolls.is_some_and(|(there, counted)| of(there) != of(counted)))
        };
        let fewer = |counted: u64, there: u64| counted.saturating_sub(there);
        let unsent = fewer(counted.outbox_entries(), there.outbox_entries());
        let missing = Self {
            inputs: fewer(counted.inbox.entries, there.inbox.entries)
                .max(others(|roll| roll.inbox)),
            records: fewer(counted.ledger.entries, there.ledger.entries),
            unsent: unsent.max(others(|roll| roll.outbox)),
        };
        (missing != Self { inputs: 0, records: 0, unsent: 0 }).then_some(missing)
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { inputs, records, unsent } = self;
        write!(
            f,
            "the database is damaged: at least {inputs} inputs, {records} sealed records and \
             {unsent} entries for the platform are not there, though its figures count them; the \
             reconciliations tell the platform what it should have"
        )
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the last {} commits are not in the database", self.commits)?;
        if let Some((first, last)) = self.records {
            write!(f, ", with records {first} to {last}")?;
        }
        if let Some((first, last)) = self.inputs {
            write!(f, ", with inputs {first} to {last}")?;
        }
        Ok(())
    }
}

impl Recovery {
    /// The alarm about a store in which there never was anything, while there is nothing in it.
    /// That is right on the first day of a site; on any other its store was removed.
    pub fn first_input(&self, now: Timestamp) -> Option<Arrival> {
        let text = "the store is new and its sequences begin with 1; unless this is the first day \
                    of the site, the store that was there has been removed";
        let empty = self.moved_aside.is_none() && self.head.seq == 0 && self.pending == 0;
        empty.then(|| alarm("store_new", text.to_owned(), now))
    }

    /// One alarm for each thing that a person must know.
    pub(super) fn alarms(&self, now: Timestamp) -> Vec<Arrival> {
        let mut alarms = Vec::new();
        if let Some(MovedAside { to, reason }) = &self.moved_aside {
            let to = to.file_name().unwrap_or_default().to_string_lossy();
            let seq = self.head.seq;
            let text = format!(
                "the store could not be used ({reason}); its files are kept as {to}, and the \
                 chain goes on after sequence {seq}"
            );
            alarms.push(alarm("store_moved_aside", text, now));
        }
        if let Some(lost) = self.lost {
            alarms.push(alarm("store_lost_commits", lost.to_string(), now));
        }
        if let Some((first, last)) = self.unfinished {
            let text = format!(
                "the database ends in the midst of a commit; its records {first} to {last} are \
                 taken up and sent once more"
            );
            alarms.push(alarm("store_lost_commits", text, now));
        }
        if let Some(missing) = self.missing {
            alarms.push(alarm("store_entries_missing", missing.to_string(), now));
        }
        if let Some(message) = &self.panicked {
            let text = format!("the database library had panicked ({message}); all was read again");
            alarms.push(alarm("store_panicked", text, now));
        }
        alarms
    }
}

pub(super) fn alarm(name: &str, text: String, now: Timestamp) -> Arrival {
    Arrival {
        received_at: now,
        input: Input::Alarm(Alarm { name: name.to_owned(), lane: None, text }),
        raw: Vec::new(),
    }
}

/// An error with its causes on one line.
pub(super) fn chain_text(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
