//! Records for the commands that read them: from the daemon that runs, from the store while it
//! does not, or from a file of published records.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::Failure;
use super::file::cannot;
use super::place::{another_users, is_another_users, not_opened};
use super::refusal::{refusal, tell_of_damage};
use crate::config::Config;
use crate::config::load::load;
use crate::io::status::{ReadError, Request, ask, read};
use crate::io::store::chain::verify::is_sealed_record;
use crate::io::store::{Delivery, Proof, StoreReader};
use crate::pipeline::record::Record;

/// Records that are asked for at a time, so that each answer is short.
pub(super) const WINDOW: u64 = 500;

/// A record with its proof, and the line that it came as.
#[derive(Clone, Debug)]
pub(super) struct Sealed {
    /// The record.
    pub(super) record: Record,
    /// Its place in the chain.
    pub(super) proof: Proof,
    /// As published.
    pub(super) line: String,
}

#[derive(Deserialize)]
struct Published {
    record: Record,
    proof: Proof,
}

/// The record as it was published.
#[derive(Deserialize)]
struct AsPublished<'a> {
    #[serde(borrow)]
    record: &'a RawValue,
}

impl Sealed {
    /// Whether the record is the one that was sealed in that place; whose signature it is is not looked
    /// at.
    pub(super) fn is_as_sealed(&self) -> bool {
        let published: Result<AsPublished<'_>, _> = serde_json::from_str(&self.line);
        published.is_ok_and(|published| is_sealed_record(&self.proof, published.record.get()))
    }
}

/// Where records come from.
pub(super) enum Source {
    /// A daemon that runs.
    Daemon(PathBuf),
    /// The store itself; the daemon does not run.
    Store(Box<StoreReader>),
    /// A file with a published record in each line.
    File(PathBuf),
}

/// One line that is no record, with why.
pub(super) struct Unreadable(pub(super) String);

impl Source {
    /// The file, when one is named; else whatever the configuration leads to.
    pub(super) fn open(file: Option<&Path>, config: &Path) -> Result<Self, Failure> {
        if let Some(file) = file {
            return Ok(Self::File(file.to_owned()));
        }
        let config = load(config).map_err(refusal)?.config;
        let socket = config.status.socket.clone();
        match read(&socket) {
            Ok(_) => Ok(Self::Daemon(socket)),
            Err(ReadError::Down { .. }) => open_store(&config),
            Err(error) => Err(Failure::from(error).advice("sudo, or join the group wimd")),
        }
    }

    /// What it is, for people.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Daemon(_) => "the running daemon".to_owned(),
            Self::Store(_) => "the store; the daemon does not run".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// The newest sequence; `None` for a file, which is read as it lies.
    pub(super) fn head(&self) -> Result<Option<u64>, Failure> {
        match self {
            Self::Daemon(socket) => {
                let snapshot: Value = serde_json::from_slice(&read(socket)?)?;
                Ok(Some(snapshot["store"]["head"]["seq"].as_u64().unwrap_or(0)))
            }
            Self::Store(store) => Ok(Some(store.head().seq)),
            Self::File(_) => Ok(None),
        }
    }

    /// What of this record has not reached the platform; `None` where nobody knows.
    pub(super) fn delivery(&self, seq: u64) -> Result<Option<Delivery>, Failure> {
        match self {
            Self::Daemon(socket) => {
                let line = ask(socket, Request::Delivery { seq })?.next().transpose()?;
                // a daemon of another version has no such answer
                Ok(line.and_then(|line| serde_json::from_slice(&line).ok()))
            }
            Self::Store(store) => Ok(Some(store.delivery(seq)?)),
            Self::File(_) => Ok(None),
        }
    }

    /// Hands over each record from `from` to `to`, both included, in order.
    pub(super) fn each(
        &self,
        from: u64,
        to: u64,
        mut take: impl FnMut(Result<Sealed, Unreadable>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        match self {
            Self::Daemon(socket) => {
                for line in ask(socket, Request::Records { from, to })? {
                    take(parse(&line?))?;
                }
            }
            Self::Store(store) => {
                for record in store.export(from, to) {
                    take(match record {
                        Ok(record) => parse(&record.payload()),
                        Err(error) => Err(Unreadable(error.to_string())),
                    })?;
                }
            }
            Self::File(path) => {
                for line in
                    BufReader::new(File::open(path).map_err(cannot("read", path))?).split(b'\n')
                {
                    let line = line.map_err(cannot("read", path))?;
                    if !line.trim_ascii().is_empty() {
                        take(parse(&line))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Hands over every record in order, window by window.
    pub(super) fn all(
        &self,
        mut take: impl FnMut(Result<Sealed, Unreadable>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let Some(head) = self.head()? else {
            return self.each(0, u64::MAX, take);
        };
        let mut from = 1;
        while from <= head {
            let to = from.saturating_add(WINDOW - 1).min(head);
            self.each(from, to, &mut take)?;
            from = to + 1;
        }
        Ok(())
    }
}

fn parse(line: &[u8]) -> Result<Sealed, Unreadable> {
    let text = String::from_utf8_lossy(line).trim_end().to_owned();
    let published: Published = serde_json::from_str(&text).map_err(|error| {
        let start: String = text.chars().take(60).collect();
        Unreadable(format!("{error}: {start}"))
    })?;
    Ok(Sealed { record: published.record, proof: published.proof, line: text })
}

/// Opens it to read, and as its owner only: files made by another user would lock the daemon out.
fn open_store(config: &Config) -> Result<Source, Failure> {
    let dir = &config.store.dir;
    let found = fs::metadata(dir).map_err(cannot("open the store in", dir));
    found.map_err(|failure| {
        failure.advice(
            "the daemon makes it at its first start; store.dir of the configuration names it",
        )
    })?;
    if is_another_users(dir) {
        return Err(another_users(dir));
    }
    tell_of_damage();
    let reader = StoreReader::open(dir).map_err(not_opened)?;
    Ok(Source::Store(Box::new(reader)))
}
