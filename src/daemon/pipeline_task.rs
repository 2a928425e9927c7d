//! The one task that owns the pipeline: offers of the doors in, commits of the store out.
//!
//! A turn is: one durable accept for every offer that waits, an answer to each door, the pipeline,
//! one commit of what it wants done. The watchdog is fed at the end of a turn and nowhere else,
//! so a writer that hangs starves it. A store that is full is no reason to starve: the doors are
//! refused, what the pipeline had decided is kept and offered to the store again.

use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::journal::Journal;
use super::resume::LeftBehind;
use super::told;
use super::watchdog::Watchdog;
use crate::clock::{Clock, Timestamp};
use crate::io::intake::{CursorUpdate, Offer, Refusal};
use crate::io::store::{Store, StoreError};
use crate::pipeline::{Action, Arrival, InputId, Known, Pipeline, PipelineStatus};
use schemars::JsonSchema;
use serde::Serialize;

/// Offers that share one commit, at most.
pub(super) const BATCH: usize = 256;

/// Pause before the store is asked again after it could not take the pipeline's output.
const RETRY: Duration = Duration::from_millis(500);

/// Least pause between two ticks, the granularity of the runtime's timers.
const LEAST_PAUSE: Duration = Duration::from_millis(1);

/// What passed through the task since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct IntakeCounts {
    /// Offers that the doors made.
    pub offers: u64,
    /// Inputs in them that became durable.
    pub accepted: u64,
    /// Offers refused because the store was full.
    pub refused_full: u64,
    /// Offers refused because the store could not write.
    pub refused_failed: u64,
    /// Inputs of the run before, fed again at the start.
    pub fed_again: u64,
    /// Commits of the pipeline's output that the store did not take at first.
    pub postponed_commits: u64,
    /// Actions that wait for the store now.
    pub waiting_actions: u64,
}

/// What the task shows of itself after each turn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PipelineTaskStatus {
    /// Offers and commits.
    pub intake: IntakeCounts,
    /// The pipeline's own totals and lanes.
    pub pipeline: PipelineStatus,
}

/// The task.
#[derive(Debug)]
pub struct PipelineTask {
    pub(super) pipeline: Pipeline,
    store: Store,
    pub(super) clock: Clock,
    offers: mpsc::Receiver<Offer>,
    /// Decided by the pipeline and not yet durable; empty unless the store refuses.
    pub(super) unsettled: Vec<Action>,
    /// Learnt meanwhile, to be stored with it.
    pub(super) learnt: Vec<Known>,
    /// Why it refuses, while it does.
    obstacle: Option<Refusal>,
    /// Why inputs are refused, as the log was told last; `None` while they are taken.
    complaint: Option<Refusal>,
    pub(super) counts: IntakeCounts,
    status: watch::Sender<PipelineTaskStatus>,
    pub(super) watchdog: Watchdog,
    pub(super) journal: Journal,
}

impl PipelineTask {
    /// A task that has not started, and where it shows itself.
    pub fn new(
        pipeline: Pipeline,
        store: Store,
        clock: Clock,
        offers: mpsc::Receiver<Offer>,
        watchdog: Watchdog,
    ) -> (Self, watch::Receiver<PipelineTaskStatus>) {
        let (status, watch) = watch::channel(PipelineTaskStatus::default());
        let task = Self {
            pipeline,
            store,
            clock,
            offers,
            unsettled: Vec::new(),
            learnt: Vec::new(),
            obstacle: None,
            complaint: None,
            counts: IntakeCounts::default(),
            status,
            watchdog,
            journal: Journal::default(),
        };
        (task, watch)
    }

    /// Writes down what goes into the pipeline.
    #[must_use]
    pub fn with_journal(mut self, journal: Journal) -> Self {
        self.journal = journal;
        self
    }

    /// Feeds what the run before left behind, then serves the doors until all of them are gone. The
    /// order to stop comes after their end: whatever still offers then is refused.
    /// Open windows stay in the inbox: the next start feeds them again.
    pub async fn run(mut self, left: LeftBehind, stop: CancellationToken) {
        self.resume(left).await;
        loop {
            let mut offers = Vec::new();
            let pause = self.pause();
            tokio::select! {
                received = self.offers.recv_many(&mut offers, BATCH) => {
                    if received == 0 {
                        break;
                    }
                }
                () = stop.cancelled(), if !self.offers.is_closed() => {
                    self.offers.close();
                    continue;
                }
                () = tokio::time::sleep(pause) => {}
            }
            self.turn(offers).await;
        }
        self.settle().await;
        self.show();
    }

    pub(super) async fn turn(&mut self, offers: Vec<Offer>) {
        self.settle().await;
        if !offers.is_empty() {
            self.take(offers).await;
        }
        for (id, arrival) in self.store.own_inputs() {
            self.handle(self.clock.now(), id, arrival).await;
        }
        let now = self.clock.now();
        self.journal.tick(now);
        let actions = self.pipeline.tick(now);
        self.unsettled.extend(actions);
        self.settle().await;
        self.show();
        self.watchdog.feed();
    }

    /// How long nothing has to be done unless a door offers something.
    fn pause(&self) -> Duration {
        if self.obstacle.is_some() {
            return RETRY;
        }
        let now = self.clock.now();
        let wake = self.pipeline.wake_at();
        let wake = wake.map_or(Duration::MAX, |at| self.clock.real(at - now));
        wake.max(LEAST_PAUSE).min(self.watchdog.period())
    }

    /// Makes the offers durable, answers the doors, and hands the inputs to the pipeline.
    async fn take(&mut self, offers: Vec<Offer>) {
        self.counts.offers += offers.len() as u64;
        if let Some(refusal) = self.obstacle {
            return self.refuse(offers, refusal);
        }
        let (arrivals, cursors) = contents(&offers);
        let ids = match self.store.accept(arrivals.clone(), cursors).await {
            Ok(ids) => ids,
            Err(error) => {
                self.complain(&error);
                return self.refuse(offers, refusal(&error));
            }
        };
        if self.complaint.take().is_some() {
            tracing::info!("inputs are taken again");
        }
        for offer in offers {
            // A door that has gone meanwhile needs no answer; its sender will repeat.
            let _gone = offer.done.send(Ok(())).is_err();
        }
        self.counts.accepted += ids.len() as u64;
        for (id, arrival) in ids.into_iter().zip(arrivals) {
            self.handle(self.clock.now(), id, arrival).await;
        }
    }

    pub(super) async fn handle(&mut self, now: Timestamp, id: InputId, arrival: Arrival) {
        if !self.unsettled.is_empty() && self.pipeline.awaits_sealing(&arrival) {
            self.settle().await;
        }
        self.journal.input(now, id, &arrival);
        let actions = self.pipeline.handle(now, id, arrival);
        self.unsettled.extend(actions);
    }

    /// Logs a refusal, unless the one before had the same cause: doors ask again and again, and the
    /// counts tell how often.
    fn complain(&mut self, error: &StoreError) {
        let cause = refusal(error);
        if self.complaint.replace(cause) != Some(cause) {
            tracing::warn!(error = error as &dyn std::error::Error, "inputs refused");
        }
    }

    fn refuse(&mut self, offers: Vec<Offer>, refusal: Refusal) {
        let count = offers.len() as u64;
        match refusal {
            Refusal::Full => self.counts.refused_full += count,
            Refusal::Failed | Refusal::Stopping | Refusal::Test => {
                self.counts.refused_failed += count
            }
        }
        for offer in offers {
            let _gone = offer.done.send(Err(refusal)).is_err();
        }
    }

    /// Gives the store what the pipeline wants done; keeps it when the store does not take it.
    pub(super) async fn settle(&mut self) {
        if self.unsettled.is_empty() && self.learnt.is_empty() {
            self.obstacle = None;
            return;
        }
        self.learnt.extend(self.pipeline.take_known());
        match self.store.commit_with(self.unsettled.clone(), &self.learnt).await {
            Ok(sealed) => {
                for (id, proof) in sealed {
                    self.journal.sealed(&id, proof.seq);
                    self.pipeline.sealed(&id, proof.seq);
                }
                told::tell(&self.unsettled);
                self.unsettled.clear();
                self.learnt.clear();
                self.obstacle = None;
            }
            Err(error) => {
                if self.obstacle.is_none() {
                    self.counts.postponed_commits += 1;
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        actions = self.unsettled.len(),
                        "the store does not take records; the doors are refused until it does"
                    );
                }
                self.obstacle = Some(refusal(&error));
            }
        }
    }

    pub(super) fn show(&mut self) {
        self.counts.waiting_actions = self.unsettled.len() as u64;
        let (intake, pipeline) = (self.counts, self.pipeline.status());
        self.status.send_replace(PipelineTaskStatus { intake, pipeline });
    }
}

/// Everything that the offers hold, in their order.
fn contents(offers: &[Offer]) -> (Vec<Arrival>, Vec<CursorUpdate>) {
    let arrivals = offers.iter().flat_map(|offer| offer.arrivals.clone());
    let cursors = offers.iter().filter_map(|offer| offer.cursor.clone());
    (arrivals.collect(), cursors.collect())
}

fn refusal(error: &StoreError) -> Refusal {
    if error.is_full() { Refusal::Full } else { Refusal::Failed }
}
