//! The one thread that writes: takes the requests that wait, makes one commit of them, and
//! answers when it is on the disk.
//!
//! Requests that arrive while a commit syncs share the next one. After a failed commit nothing
//! is known about the disk: the database is closed and opened again before the next.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{self, error::TryRecvError};

use crate::clock::{Clock, Timestamp};
use crate::pipeline::Arrival;
use crate::units::Micros;

use super::aside;
use super::batch::{self, Batch, Draft, Sealing};
use super::durable::Files;
use super::error::{Bound, StoreError, WriteError};
use super::lock::DirLock;
use super::mark::MarkFile;
use super::recovery::{self, Opened};
use super::retention::Room;
use super::shared::Shared;
use super::state::State;
use super::status::StoreCounts;
use super::trees::{TreeName, Trees};
use super::{Proof, Recovery, Signer, Store, StoreOptions, inbox, panics};

mod applier;
mod commit;
mod company;
mod exchange;
mod full;
mod key;
mod reconcile;
mod request;
mod settle;

use applier::Applier;
use company::Company;
pub(super) use request::{Reply, Request};
use request::{answer, refuse_all};

/// While the database is shut, requests are looked for this often between two attempts to open it. Our
/// choice: no longer than a slow disk takes.
const SHUT_PAUSE: Duration = Duration::from_millis(20);

/// Answers a caller once the fate of the commit is known, which is all that it sealed.
type Finish = Box<dyn FnOnce(Result<&[Proof], StoreError>)>;

/// Everything the thread owns.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) shared: Arc<Shared>,
    pub(super) options: StoreOptions,
    pub(super) sealing: Sealing,
    pub(super) clock: Clock,
    pub(super) disk: Disk,
    pub(super) state: State,
    pub(super) counts: StoreCounts,
    pub(super) recent: HashMap<String, Proof>,
    pub(super) mark: MarkFile,
    pub(super) company: Company,
    applier: Applier,
    pub(super) room: Room,
    /// When the database was first tried to be opened again, while it is shut.
    pub(super) shut_since: Option<Timestamp>,
    /// Found when the database was opened again, and not told yet.
    pub(super) untold: Vec<Arrival>,
    /// Before this time another failure of the disk is counted and not told by an alarm.
    pub(super) next_alarm: Timestamp,
    /// While a bound is reached.
    pub(super) fullness: Option<full::Fullness>,
    /// Before this time another bound is not told by an alarm.
    pub(super) next_full_alarm: Timestamp,
}

/// The database as the thread sees it.
#[derive(Debug)]
pub(super) enum Disk {
    Open(Trees, Box<Files>),
    /// A commit failed; not opened again before that time.
    Failed {
        cause: Arc<WriteError>,
        not_before: Timestamp,
    },
}

impl Writer {
    /// A commit that begins where the last one has ended.
    fn batch<'a>(&self, trees: &'a Trees) -> Batch<'a> {
        self.batch_on(trees, self.state, self.counts.clone())
    }

    /// One that begins with these figures.
    fn batch_on<'a>(&self, trees: &'a Trees, mut state: State, counts: StoreCounts) -> Batch<'a> {
        state.claims.pictures_until(self.options.newest_picture.brought_at());
        Batch::new(trees, state, counts, self.clock.now(), self.options.bounds.quarantine_bytes)
    }

    /// Runs until the last handle is gone or the store is closed.
    pub(super) fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let mut closing = None;
        while closing.is_none()
            && let Some(first) = self.next(&mut requests)
        {
            let waiting = self.company.gather(first, &mut requests);
            let began = Instant::now();
            closing = self.serve(waiting);
            self.company.took(began);
        }
        requests.close();
        self.sync_database();
        self.shared.close();
        drop(self);
        if let Some(reply) = closing {
            let _gone = reply.send(Ok(()));
        }
    }

    /// The next request; `None` when there will be none. A database that is shut is opened again also
    /// when nobody asks: what it has for the platform waits.
    fn next(&mut self, requests: &mut mpsc::Receiver<Request>) -> Option<Request> {
        while matches!(self.disk, Disk::Failed { .. }) {
            match requests.try_recv() {
                Ok(request) => return Some(request),
                Err(TryRecvError::Disconnected) => return None,
                Err(TryRecvError::Empty) => thread::sleep(SHUT_PAUSE),
            }
            if self.ready().is_ok() {
                self.publish();
            }
        }
        requests.blocking_recv()
    }

    fn serve(&mut self, mut waiting: Vec<Request>) -> Option<Reply<()>> {
        let is_own = |request: &mut Request| {
            use Request::{ChangeKey, Exchange, Unapplied};
            matches!(request, Exchange { .. } | ChangeKey { .. } | Unapplied)
        };
        let own: Vec<Request> = waiting.extract_if(.., is_own).collect();
        let closing = match self.ready() {
            Ok(trees) if !waiting.is_empty() => self.commit(&trees, waiting),
            Ok(_) => None,
            Err(error) => {
                self.publish();
                refuse_all(waiting, &error)
            }
        };
        own.into_iter().for_each(|request| self.serve_alone(request));
        closing
    }

    /// What shares no commit with anything.
    fn serve_alone(&mut self, request: Request) {
        match request {
            Request::Exchange { copy, reply } => {
                let exchanged = self.exchange(copy);
                self.publish();
                answer(reply, exchanged);
            }
            Request::ChangeKey { next, records, reply } => {
                let changed = self.change_key(next, records);
                self.publish();
                answer(reply, changed);
            }
            other => drop(refuse_all(vec![other], &StoreError::Closed)),
        }
    }

    /// The open database; opened again if need be and due.
    fn ready(&mut self) -> Result<Trees, StoreError> {
        match &self.disk {
            // the open file would go on taking writes that nobody can ever read
            Disk::Open(..) if !recovery::is_whole(&self.options.dir) => {
                Err(self.fail(WriteError::Removed))
            }
            Disk::Open(trees, _) => match trees.progress.failure() {
                None => Ok(trees.clone()),
                Some(cause) => Err(self.fail(cause)),
            },
            Disk::Failed { cause, not_before } if self.clock.now() < *not_before => {
                Err(StoreError::Write(Arc::clone(cause)))
            }
            Disk::Failed { .. } => self.reopen(),
        }
    }

    /// [`Self::ready`], with all that is durable.
    fn whole(&mut self) -> Result<Trees, StoreError> {
        if let Disk::Open(trees, _) = &self.disk {
            trees.progress.wait();
        }
        self.ready()
    }

    /// Shows the figures of the last commit, and wakes whoever waits for more to send.
    fn publish(&self) {
        self.publish_figures();
        self.shared.wake();
    }

    fn publish_figures(&self) {
        let failed = matches!(self.disk, Disk::Failed { .. });
        let full = self.reached_bound(&self.state);
        self.shared.publish(&self.state, &self.counts, full, failed);
    }

    fn reached_bound(&self, state: &State) -> Option<Bound> {
        self.options.bounds.reached(state, self.shared.free_bytes())
    }
}

/// Starts the thread on an opened database, with the alarms of the opening as its first inputs.
pub(super) fn start(
    options: &StoreOptions,
    signer: Signer,
    clock: Clock,
    lock: DirLock,
    opened: Opened,
) -> Result<(Store, Recovery), StoreError> {
    let Opened { trees, state, mut recovery, alarms } = opened;
    let dir = &options.dir;
    let files = Files::open(&recovery::database_dir(dir), &trees)
        .map_err(|error| StoreError::Write(error.into()))?;
    let mark = MarkFile::open(dir).map_err(StoreError::directory("open the mark in", dir))?;
    let cursors = inbox::cursors(&trees)?;
    let shared = Arc::new(Shared::new(
        dir,
        signer.public_key(),
        (trees.clone(), lock),
        &state,
        cursors.entries,
    ));
    let asides = aside::all(&trees)?;
    let undecodable = [cursors.undecodable, asides.undecodable].concat();
    let counts = StoreCounts {
        aside: asides.entries.len() as u64,
        quarantine_bytes: batch::quarantine::bytes(&trees)?,
        ..StoreCounts::of(recovery.missing)
    };
    let (requests, waiting) = mpsc::channel(super::QUEUE);
    let applier = Applier::start(&shared, requests.downgrade())
        .map_err(StoreError::directory("start the writer of", dir))?;
    let mut writer = Writer {
        shared: Arc::clone(&shared),
        options: options.clone(),
        sealing: Sealing { signer, send: options.send_pictures },
        clock,
        disk: Disk::Open(trees.clone(), files),
        state,
        counts,
        recent: HashMap::new(),
        mark,
        company: Company::default(),
        applier,
        room: Room::default(),
        shut_since: None,
        untold: Vec::new(),
        next_alarm: Timestamp(i64::MIN),
        fullness: None,
        next_full_alarm: Timestamp(i64::MIN),
    };
    writer.first_commit(&trees, &alarms, undecodable, recovery.unfinished)?;
    drop(trees);
    recovery.pending = writer.state.inbox.entries;
    panics::watch(dir);
    let thread = thread::Builder::new().name("store-writer".to_owned());
    thread
        .spawn(move || writer.run(waiting))
        .map_err(StoreError::directory("start the writer of", dir))?;
    Ok((Store { requests, shared }, recovery))
}
