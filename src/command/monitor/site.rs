//! What is known of the site: its last snapshot, the last vehicle of each lane, the last records.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;

use serde_json::Value;
use thiserror::Error;

use crate::command::ledger_source::{Sealed, Source};
use crate::command::value::Part;
use crate::io::status::{ReadError, read};
use crate::pipeline::record::Body;

/// Records that are kept to be shown: a tall screen.
const KEPT: usize = 100;

/// Most records of one look; after a longer pause those before are counted and left out.
const AT_ONCE: u64 = 200;

/// The site could not be looked at.
#[derive(Debug, Error)]
pub(super) enum LookError {
    /// The daemon does not answer.
    #[error(transparent)]
    Daemon(ReadError),
    /// Its answer is none.
    #[error("the answer of the daemon cannot be read")]
    Answer(#[from] serde_json::Error),
    /// A record cannot be read.
    #[error("a record of the daemon cannot be read: {0}")]
    Record(String),
}

/// What came since the last look.
#[derive(Debug, Default)]
pub(super) struct NewRecords {
    /// In order.
    pub(super) records: Vec<Sealed>,
    /// Older new ones that are not among them.
    pub(super) skipped: u64,
}

/// Everything that the screen shows.
#[derive(Debug)]
pub(super) struct Site {
    socket: PathBuf,
    snapshot: Value,
    trouble: Option<String>,
    last: BTreeMap<u8, Sealed>,
    recent: VecDeque<Sealed>,
    seen: Option<u64>,
}

impl Site {
    pub(super) fn new(socket: PathBuf) -> Self {
        Self {
            socket,
            snapshot: Value::Null,
            trouble: None,
            last: BTreeMap::new(),
            recent: VecDeque::new(),
            seen: None,
        }
    }

    /// Asks the daemon; what is known stays when it does not answer.
    pub(super) fn look(&mut self) -> Result<NewRecords, LookError> {
        let news = self.ask();
        self.trouble = news.as_ref().err().map(ToString::to_string);
        news
    }

    fn ask(&mut self) -> Result<NewRecords, LookError> {
        self.snapshot = serde_json::from_slice(&read(&self.socket)?)?;
        let head = Part::whole(&self.snapshot).count("/store/head/seq");
        // a daemon with another store counts anew
        let seen = self.seen.filter(|seen| *seen <= head);
        let oldest = head.saturating_sub(AT_ONCE);
        let from = seen.unwrap_or(oldest).max(oldest);
        let skipped = from - seen.unwrap_or(from);
        let mut records = Vec::new();
        if from < head {
            let socket = Source::Daemon(self.socket.clone());
            let mut unreadable = None;
            let taken = socket.each(from + 1, head, |line| {
                match line {
                    Ok(sealed) => records.push(sealed),
                    Err(error) => unreadable = Some(error.0),
                }
                Ok(())
            });
            if let Some(text) = unreadable.or_else(|| taken.err().map(|failure| failure.text())) {
                return Err(LookError::Record(text));
            }
        }
        self.seen = Some(head);
        for sealed in &records {
            self.note(sealed.clone());
        }
        Ok(NewRecords { records, skipped })
    }

    /// Takes up a record.
    pub(super) fn note(&mut self, sealed: Sealed) {
        if let Body::Passage(passage) = &sealed.record.body {
            self.last.insert(passage.passage.lane.0, sealed.clone());
        }
        if self.recent.len() == KEPT {
            self.recent.pop_front();
        }
        self.recent.push_back(sealed);
    }

    /// Each lane of the configuration with its last vehicle.
    pub(super) fn lanes(&self) -> impl Iterator<Item = (u8, Option<&Sealed>)> {
        let configured = self.state().parts("/pipeline/pipeline/lanes");
        let numbers = configured.filter_map(|lane| u8::try_from(lane.count("/lane")).ok());
        numbers.map(|number| (number, self.last.get(&number)))
    }

    /// The last records, the newest first.
    pub(super) fn recent(&self) -> impl Iterator<Item = &Sealed> {
        self.recent.iter().rev()
    }

    /// The last snapshot.
    pub(super) fn state(&self) -> Part<'_> {
        Part::whole(&self.snapshot)
    }

    /// Why the last look failed.
    pub(super) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }
}

#[cfg(test)]
impl Site {
    /// As after a look at this snapshot.
    pub(super) fn seen(snapshot: Value) -> Self {
        Self { snapshot, ..Self::new(PathBuf::new()) }
    }

    pub(super) fn troubled(mut self, text: &str) -> Self {
        self.trouble = Some(text.to_owned());
        self
    }
}
