//! What is known of the site, from its daemon or its ports: the last snapshot, the last vehicle of
//! each lane, the last records.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;

use serde_json::Value;
use thiserror::Error;

use super::port::Port;
use crate::command::ledger_source::Source;
use crate::command::value::Part;
use crate::io::status::{ReadError, read};
use crate::pipeline::record::{Body, Record};

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
    pub(super) records: Vec<Record>,
    /// Older new ones that are not among them.
    pub(super) skipped: u64,
}

/// Where the site is seen.
#[derive(Debug)]
enum View {
    /// The daemon tells.
    Daemon,
    /// There is none; its ports are listened to.
    Port(Box<Port>),
}

/// Everything that the screen shows.
#[derive(Debug)]
pub(super) struct Site {
    socket: PathBuf,
    view: View,
    snapshot: Value,
    trouble: Option<String>,
    last: BTreeMap<u8, Record>,
    recent: VecDeque<Record>,
    seen: Option<u64>,
}

impl Site {
    /// As the daemon behind `socket` tells it.
    pub(super) fn new(socket: PathBuf) -> Self {
        Self {
            socket,
            view: View::Daemon,
            snapshot: Value::Null,
            trouble: None,
            last: BTreeMap::new(),
            recent: VecDeque::new(),
            seen: None,
        }
    }

    /// As it is seen at `port`, until a daemon listens on `socket`.
    pub(super) fn at_port(socket: PathBuf, port: Port) -> Self {
        Self { view: View::Port(Box::new(port)), ..Self::new(socket) }
    }

    /// Whether it is seen at the ports themselves, because no daemon runs.
    pub(super) fn is_at_port(&self) -> bool {
        matches!(self.view, View::Port(_))
    }

    /// That it is seen at the ports themselves, with what is wrong with one; `None` with a daemon.
    pub(super) fn without_daemon(&self) -> Option<String> {
        if !self.is_at_port() {
            return None;
        }
        let absent = self.state().parts("/scales").find(|scale| scale.is("/state", "absent"));
        Some(match absent {
            Some(scale) => {
                let (name, why) = (scale.text("/name"), scale.text("/last_error"));
                format!("the daemon is down, and scale {name} cannot be listened to: {why}")
            }
            None => "the daemon is down: from the port itself; nothing is kept and nothing \
                     acknowledged"
                .to_owned(),
        })
    }

    /// Looks again; what is known stays when the daemon does not answer.
    pub(super) fn look(&mut self) -> Result<NewRecords, LookError> {
        if let Some(news) = self.at_the_port() {
            return Ok(news);
        }
        let news = self.ask();
        self.trouble = news.as_ref().err().map(ToString::to_string);
        news
    }

    /// What the ports tell; `None` when a daemon does.
    fn at_the_port(&mut self) -> Option<NewRecords> {
        let View::Port(port) = &mut self.view else {
            return None;
        };
        if let Some(news) = port.news() {
            self.snapshot = port.snapshot();
            for record in &news.records {
                self.note(record.clone());
            }
            return Some(news);
        }
        // The daemon weighs the same vehicles again, and keeps them.
        *self = Self::new(std::mem::take(&mut self.socket));
        None
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
                    Ok(sealed) => records.push(sealed.record),
                    Err(error) => unreadable = Some(error.0),
                }
                Ok(())
            });
            if let Some(text) = unreadable.or_else(|| taken.err().map(|failure| failure.text())) {
                return Err(LookError::Record(text));
            }
        }
        self.seen = Some(head);
        for record in &records {
            self.note(record.clone());
        }
        Ok(NewRecords { records, skipped })
    }

    /// Takes up a record.
    pub(super) fn note(&mut self, record: Record) {
        if let Body::Passage(passage) = &record.body {
            self.last.insert(passage.passage.lane.0, record.clone());
        }
        if self.recent.len() == KEPT {
            self.recent.pop_front();
        }
        self.recent.push_back(record);
    }

    /// Each lane of the configuration with its last vehicle.
    pub(super) fn lanes(&self) -> impl Iterator<Item = (u8, Option<&Record>)> {
        let configured = self.state().parts("/pipeline/pipeline/lanes");
        let numbers = configured.filter_map(|lane| u8::try_from(lane.count("/lane")).ok());
        numbers.map(|number| (number, self.last.get(&number)))
    }

    /// The last records, the newest first.
    pub(super) fn recent(&self) -> impl Iterator<Item = &Record> {
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

    /// As after a look at the ports.
    pub(super) fn seen_at_port(snapshot: Value) -> Self {
        Self { snapshot, ..Self::at_port(PathBuf::new(), Port::silent()) }
    }

    pub(super) fn troubled(mut self, text: &str) -> Self {
        self.trouble = Some(text.to_owned());
        self
    }
}
