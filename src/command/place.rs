//! Where records and the outbox are read: from the daemon while it runs, else from its files. And
//! where the daemon is, unless the command line says so: by its configuration.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::Args;
use serde_json::Value;

use super::refusal::{DAMAGED, io_kind, note, refusal, tell_of_damage, unreachable};
use super::{Exit, Failure};
use crate::config::Config;
use crate::config::load::{DEFAULT_PATH, load};
use crate::config::status::DEFAULT_SOCKET;
use crate::io::status::{ReadError, Request, ask, read};
use crate::io::store::{OutboxListing, StoreError, StoreReader};

/// Where a daemon keeps its state unless told otherwise.
const DEFAULT_STATE: &str = "/var/lib/wimd";

/// Where to read.
#[derive(Debug, Args)]
pub(in crate::command) struct Place {
    /// Folder of the store, read when no daemon runs on it; that of the configuration, else
    /// /var/lib/wimd.
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Control socket of the daemon; that of the configuration, else /run/wimd/status.sock. Without
    /// --state the daemon behind it is asked, wherever its store is.
    #[arg(long, value_name = "PATH")]
    socket: Option<PathBuf>,
    /// Configuration file of the daemon, which names both [default: /etc/wimd/wimd.toml].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// The control socket: the one that was named, that of the configuration, or the usual one.
pub(in crate::command) fn socket(
    named: Option<&Path>,
    config: Option<&Path>,
) -> Result<PathBuf, Failure> {
    if let Some(socket) = named {
        return Ok(socket.to_owned());
    }
    let configured = configuration(config)?.map(|config| config.status.socket);
    Ok(configured.unwrap_or_else(|| DEFAULT_SOCKET.into()))
}

/// The configuration, which only has to be there when it was named.
fn configuration(named: Option<&Path>) -> Result<Option<Config>, Failure> {
    match load(named.unwrap_or(Path::new(DEFAULT_PATH))) {
        Ok(loaded) => Ok(Some(loaded.config)),
        Err(error) if named.is_some() => Err(refusal(error)),
        Err(_) => Ok(None),
    }
}

/// An open source of records.
pub(in crate::command) trait Records {
    /// Sequence of the newest.
    fn head(&self) -> Result<u64, Failure>;

    /// Published form of the records from `from` to `to`, without line ends.
    fn range(&self, from: u64, to: u64) -> Result<Lines, Failure>;

    /// What waits for the platform: of each queue so many entries.
    fn outbox(&self, most: usize) -> Result<OutboxListing, Failure>;
}

/// Records, one at a time.
pub(in crate::command) type Lines = Box<dyn Iterator<Item = Result<Vec<u8>, Failure>>>;

impl Place {
    /// Opens the files, or finds the daemon that holds them; says on standard error which.
    pub(in crate::command) fn open(&self) -> Result<Box<dyn Records>, Failure> {
        if let (Some(socket), None) = (&self.socket, &self.state) {
            read(socket).map_err(silent)?;
            note(&format!("from the daemon on {}", socket.display()));
            return Ok(Box::new(Daemon(socket.clone())));
        }
        let configured = match (&self.state, &self.socket) {
            (Some(_), Some(_)) => None,
            _ => configuration(self.config.as_deref())?,
        };
        let (dir, listens) =
            configured.map(|config| (config.store.dir, config.status.socket)).unzip();
        let state = self.state.clone().or(dir).unwrap_or_else(|| DEFAULT_STATE.into());
        let socket = self.socket.clone().or(listens).unwrap_or_else(|| DEFAULT_SOCKET.into());
        let dir = state.display();
        if is_another_users(&state) {
            // files that we made there would lock the daemon out
            read(&socket).map_err(|error| match error {
                ReadError::Down { .. } => another_users(&state),
                error => unreachable(error),
            })?;
            note(&format!("from the daemon on {}", socket.display()));
            return Ok(Box::new(Daemon(socket)));
        }
        tell_of_damage();
        match StoreReader::open(&state) {
            Ok(reader) => {
                note(&format!("from the files in {dir} (no daemon runs on them)"));
                Ok(Box::new(reader))
            }
            Err(StoreError::Held { holder, .. }) => {
                let path = socket.display();
                note(&format!("from the daemon on {path} ({holder} holds {dir})"));
                Ok(Box::new(Daemon(socket)))
            }
            Err(error) => Err(not_opened(error)),
        }
    }
}

/// Why a store is not read, and what to do.
pub(in crate::command) fn not_opened(error: StoreError) -> Failure {
    let advice = match io_kind(&error) {
        Some(io::ErrorKind::InvalidData) => DAMAGED,
        _ => {
            "name the folder with --state (store.dir of the configuration); sudo, when it may not be read"
        }
    };
    Failure::from(error).advice(advice)
}

/// Whether the folder is there and belongs to somebody else.
pub(in crate::command) fn is_another_users(dir: &Path) -> bool {
    let owner = fs::metadata(dir).map(|found| found.uid());
    owner.is_ok_and(|owner| owner != rustix::process::geteuid().as_raw())
}

/// Nobody else than its owner opens a store that no daemon holds.
pub(in crate::command) fn another_users(dir: &Path) -> Failure {
    let text = format!("the daemon does not run, and {} is another user's", dir.display());
    Failure::new(Exit::Failed, text)
        .advice("start the daemon, or run this as its user: sudo -u wimd wimd …")
}

impl Records for StoreReader {
    fn head(&self) -> Result<u64, Failure> {
        Ok(StoreReader::head(self).seq)
    }

    fn range(&self, from: u64, to: u64) -> Result<Lines, Failure> {
        let records = self.export(from, to);
        Ok(Box::new(records.map(|record| Ok(record?.payload().to_vec()))))
    }

    fn outbox(&self, most: usize) -> Result<OutboxListing, Failure> {
        Ok(self.outbox_listing(most)?)
    }
}

/// The daemon behind a control socket.
struct Daemon(PathBuf);

impl Records for Daemon {
    fn head(&self) -> Result<u64, Failure> {
        let snapshot: Value = serde_json::from_slice(&read(&self.0).map_err(unanswered)?)?;
        let head = snapshot.pointer("/store/head/seq").and_then(Value::as_u64);
        head.ok_or_else(|| Failure::new(Exit::Failed, "the daemon tells no head of its ledger"))
    }

    fn range(&self, from: u64, to: u64) -> Result<Lines, Failure> {
        let lines = ask(&self.0, Request::Records { from, to }).map_err(unanswered)?;
        Ok(Box::new(lines.map(|line| whole(line.map_err(unanswered)?))))
    }

    fn outbox(&self, most: usize) -> Result<OutboxListing, Failure> {
        let mut lines = ask(&self.0, Request::Outbox { most }).map_err(unanswered)?;
        let silent = || Failure::new(Exit::Failed, "the daemon does not tell its outbox");
        let line = whole(lines.next().ok_or_else(silent)?.map_err(unanswered)?)?;
        Ok(serde_json::from_slice(&line)?)
    }
}

/// A line of the daemon's answer, which may be a word about its own trouble.
fn whole(mut line: Vec<u8>) -> Result<Vec<u8>, Failure> {
    if line.pop() != Some(b'\n') {
        return Err(Failure::new(
            Exit::Failed,
            "the daemon's answer ended in the middle of a record",
        ));
    }
    if line.starts_with(br#"{"error":"#) {
        let text = String::from_utf8_lossy(&line).into_owned();
        return Err(Failure::new(
            Exit::Failed,
            format!("the daemon cannot read its ledger: {text}"),
        ));
    }
    Ok(line)
}

/// Somebody holds the store and does not answer.
fn unanswered(error: ReadError) -> Failure {
    match error {
        ReadError::Down { .. } => Failure::from(error)
            .advice("name its socket with --socket (status.socket of the configuration)"),
        _ => unreachable(error),
    }
}

/// The daemon that was asked for by its socket does not answer.
fn silent(error: ReadError) -> Failure {
    match error {
        ReadError::Down { .. } => Failure::from(error).advice(
            "the daemon is down: --state DIR reads its files (store.dir of the configuration)",
        ),
        _ => unreachable(error),
    }
}
