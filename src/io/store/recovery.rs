//! Opens a store as it lies, and says what was found.
//!
//! Files that cannot be opened or read are moved aside, never deleted; the fresh store goes on
//! from the high-water mark, and its first input is an alarm that says why.

mod unfinished;
mod unusable;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::clock::{Clock, Timestamp};
use crate::io::pictures::NewestPicture;
use crate::pipeline::Arrival;

use super::chain::Head;
use super::claims::Claims;
use super::compact;
use super::error::StoreError;
use super::found::{Lost, Missing, MovedAside, Recovery, chain_text};
use super::journal;
use super::mark::Mark;
use super::panics::{self, Note};
use super::state::{State, last_record};
use super::trees::Trees;
use unusable::{Unusable, is_lock};

/// Folder of the database inside the store's directory.
const DATABASE_DIR: &str = "sled";

/// A longer queue is not counted at the opening, which has to be quick and small: reading a million
/// entries takes the daemon 18 MiB that it keeps (`cargo bench --bench daemon`, with and without).
const MOST_COUNTED: u64 = 100_000;

/// sled's own lock may outlive a database that was just closed in this process, by the time its
/// last background job takes.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);

/// An open database with what to go on from.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) trees: Trees,
    pub(super) state: State,
    pub(super) recovery: Recovery,
    pub(super) alarms: Vec<Arrival>,
}

/// The database's own directory.
pub(super) fn database_dir(dir: &Path) -> PathBuf {
    dir.join(DATABASE_DIR)
}

/// Opens the database, or moves it aside and makes a fresh one.
pub(super) fn open(
    dir: &Path,
    newest: &NewestPicture,
    clock: &Clock,
) -> Result<Opened, StoreError> {
    let now = clock.now();
    compact::remove_leftover(dir).map_err(StoreError::directory("clear", dir))?;
    let mark = Mark::read(dir);
    let claims = Claims::before_opening(dir);
    let opened = match open_guarded(dir, mark, panics::note(dir)) {
        Ok(opened) => opened,
        Err(Unusable::InTheWay(error)) => return Err(error),
        Err(Unusable::Damaged(reason) | Unusable::Unread(reason)) => {
            replace(dir, mark, reason, now)?
        }
    };
    panics::forget(dir);
    let mut opened = Opened { alarms: opened.recovery.alarms(now), ..opened };
    if opened.recovery.fresh && mark.is_none() {
        opened.state.next_input = never_given(now);
    }
    opened.take_up_claims(claims, newest);
    Ok(opened)
}

/// Input numbers are part of record ids and must not come back, also when nothing is left that
/// tells which were given: milliseconds of the epoch are beyond them all.
fn never_given(now: Timestamp) -> u64 {
    u64::try_from(now.0 / 1_000).unwrap_or(1)
}

/// Opens the database again after a failed commit, or makes a fresh one where its files have been
/// removed meanwhile. Any other damage is an error here, unless it is a `lasting` one: the disk that
/// failed may be the reason.
pub(super) fn reopen(
    dir: &Path,
    mark: Mark,
    now: Timestamp,
    lasting: bool,
) -> Result<Opened, StoreError> {
    let opened = match open_guarded(dir, Some(mark), None) {
        Ok(opened) => opened,
        Err(Unusable::InTheWay(error)) => return Err(error),
        Err(Unusable::Damaged(reason)) if lasting || !is_there(dir) => {
            replace(dir, Some(mark), reason, now)?
        }
        Err(Unusable::Damaged(reason) | Unusable::Unread(reason)) => {
            return Err(damaged(dir, reason));
        }
    };
    let alarms = opened.recovery.alarms(now);
    Ok(Opened { alarms, ..opened })
}

/// Opens the database to read it; damage is an error.
pub(super) fn read(dir: &Path) -> Result<(Trees, State), StoreError> {
    let opening = |note: &Note| matches!(note, Note::WhileOpening(_));
    match open_guarded(dir, None, panics::note(dir).filter(opening)) {
        Ok(opened) => Ok((opened.trees, opened.state)),
        Err(Unusable::InTheWay(error)) => Err(error),
        Err(Unusable::Damaged(reason) | Unusable::Unread(reason)) => Err(damaged(dir, reason)),
    }
}

fn damaged(dir: &Path, reason: String) -> StoreError {
    let error = io::Error::new(io::ErrorKind::InvalidData, reason);
    StoreError::directory("open", database_dir(dir))(error)
}

/// Whether there is a database at all.
pub(super) fn is_there(dir: &Path) -> bool {
    database_dir(dir).join("db").exists()
}

/// Whether a database that is open has its files.
pub(super) fn is_whole(dir: &Path) -> bool {
    is_there(dir) && database_dir(dir).join(journal::FILE_NAME).exists()
}

fn open_guarded(dir: &Path, mark: Option<Mark>, note: Option<Note>) -> Result<Opened, Unusable> {
    if let Some(Note::WhileOpening(message)) = note {
        return Err(Unusable::Damaged(format!("the library panicked: {message}")));
    }
    let work = || load(dir, mark, note.is_some());
    let mut opened = panics::guarded(dir, work).unwrap_or_else(|message| {
        Err(Unusable::Damaged(format!("the library panicked: {message}")))
    })?;
    if let Some(Note::WhileRunning(message)) = note {
        opened.recovery.panicked = Some(message);
    }
    Ok(opened)
}

fn load(dir: &Path, mark: Option<Mark>, suspicious: bool) -> Result<Opened, Unusable> {
    if !is_there(dir) && mark.is_some_and(|mark| mark.commits > 0) {
        return Err(Unusable::Damaged("the database file is gone".to_owned()));
    }
    let trees = open_patiently(dir)?;
    let mark = mark.into_iter().chain(trees.beyond).max_by_key(|mark| mark.commits);
    let damaged = |error: StoreError| Unusable::reading(&error);
    let Some(mut stored) = State::load(&trees).map_err(damaged)? else {
        return match mark {
            Some(_) => Err(Unusable::Damaged("the database is empty".to_owned())),
            None => Ok(Opened::fresh(trees, State::starting(1, Head::default()))),
        };
    };
    let behind = mark.filter(|mark| mark.commits > stored.commits);
    let unfinished = unfinished::take_up(&trees, &mut stored).map_err(damaged)?;
    let last = last_record(&trees).map_err(damaged)?;
    if last.is_some_and(|last| last != stored.last) || (last.is_none() && stored.ledger.entries > 0)
    {
        return Err(Unusable::Damaged(
            "the ledger does not end where the store's state says".to_owned(),
        ));
    }
    let everything = suspicious || behind.is_some() || unfinished.is_some();
    let counted = match stored.inbox.entries + stored.outbox_entries() {
        _ if everything => stored.recount(&trees),
        waiting if waiting <= MOST_COUNTED => stored.recount_queues(&trees),
        // nobody looks whether all of it is there
        _ => Ok(State { claims: Claims::default(), ..stored }),
    };
    let mut state = counted.map_err(damaged)?;
    let mut recovery = Recovery {
        pending: state.inbox.entries,
        missing: Missing::between(&state, &stored),
        unfinished,
        ..Recovery::default()
    };
    if let Some(mark) = behind {
        recovery.lost = Some(Lost::between(&state, &mark));
        if mark.head.seq > state.head.seq {
            state.head = mark.head;
        }
        state.next_input = state.next_input.max(mark.next_input);
        state.commits = mark.commits;
    }
    recovery.head = state.head;
    let alarms = Vec::new();
    Ok(Opened { trees, state, recovery, alarms })
}

/// Opens the database that has just been put there.
pub(super) fn open_again(dir: &Path) -> Result<Trees, StoreError> {
    open_patiently(dir).map_err(|unusable| match unusable {
        Unusable::InTheWay(error) => error,
        Unusable::Damaged(reason) | Unusable::Unread(reason) => damaged(dir, reason),
    })
}

/// Returns when nothing in this process has the database in `database` open any more: its last
/// background job may outlive it.
pub(super) fn wait_until_closed(database: &Path) -> io::Result<()> {
    let file = fs::File::open(database.join("db"))?;
    let started = std::time::Instant::now();
    loop {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(()),
            Err(Errno::WOULDBLOCK) if started.elapsed() < LOCK_PATIENCE => {
                std::thread::sleep(Duration::from_millis(1));
            }
            Err(errno) => return Err(errno.into()),
        }
    }
}

fn open_patiently(dir: &Path) -> Result<Trees, Unusable> {
    let database = database_dir(dir);
    let started = std::time::Instant::now();
    loop {
        match Trees::open(&database) {
            Ok(trees) => return Ok(trees),
            Err(sled::Error::Io(error)) if is_lock(&error) && started.elapsed() < LOCK_PATIENCE => {
                std::thread::sleep(Duration::from_millis(10));
            }
            Err(error) => return Err(Unusable::opening(database, error)),
        }
    }
}

/// Moves the files aside and makes a fresh store that goes on from the mark.
fn replace(
    dir: &Path,
    mark: Option<Mark>,
    reason: String,
    now: Timestamp,
) -> Result<Opened, StoreError> {
    let from = database_dir(dir);
    let to = free_name(dir, now);
    match fs::rename(&from, &to) {
        Ok(()) => {}
        // nothing to move: the folder itself was gone
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(StoreError::directory("move aside", &from)(error)),
    }
    panics::forget(dir);
    let state = match mark {
        Some(mark) => State::starting(mark.next_input, mark.head),
        None => State::starting(never_given(now), Head::default()),
    };
    let trees = Trees::open(&from).map_err(|source| StoreError::Open { dir: from, source })?;
    let mut opened = Opened::fresh(trees, state);
    opened.recovery.moved_aside = Some(MovedAside { to, reason });
    Ok(opened)
}

fn free_name(dir: &Path, now: Timestamp) -> PathBuf {
    let stamp: String = now
        .to_string()
        .chars()
        .take_while(|&c| c != '.')
        .filter(char::is_ascii_alphanumeric)
        .collect();
    free_path(dir, &format!("{DATABASE_DIR}.aside-{stamp}"))
}

/// A path in `dir` with that name, numbered where there is one already.
pub(super) fn free_path(dir: &Path, name: &str) -> PathBuf {
    let mut path = dir.join(name);
    for n in 2.. {
        if !path.exists() {
            break;
        }
        path = dir.join(format!("{name}-{n}"));
    }
    path
}

impl Opened {
    fn fresh(trees: Trees, state: State) -> Self {
        let recovery = Recovery { fresh: true, head: state.head, ..Recovery::default() };
        Self { trees, state, recovery, alarms: Vec::new() }
    }
}
