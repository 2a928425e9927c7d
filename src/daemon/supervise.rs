//! Watches over the tasks and stops them in order.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{Id, JoinSet};
use tokio_util::sync::CancellationToken;

use super::DaemonError;
use crate::clock::Clock;
use crate::io::store::Store;
use crate::io::uplink::status::{LinkState, UplinkStatus};
use crate::units::Micros;

/// How long the outbox may take to empty after the last record was sealed. Our choice: well
/// below the 90 s after which the service manager kills; what stays is sent at the next start.
const FLUSH: Duration = Duration::from_secs(5);

/// How often the outbox is looked at meanwhile.
const LOOK: Duration = Duration::from_millis(20);

/// How often it is looked whether the system clock was set. Our choice: a box without a battery for its
/// clock gets its time within the first minutes, and few vehicles pass until we see it.
const CLOCK_LOOK: Duration = Duration::from_secs(10);

/// Tasks that stop together.
#[derive(Debug)]
pub(super) struct Tasks {
    set: JoinSet<()>,
    names: Vec<(Id, String)>,
    stop: CancellationToken,
}

impl Tasks {
    pub(super) fn new() -> Self {
        Self { set: JoinSet::new(), names: Vec::new(), stop: CancellationToken::new() }
    }

    /// Starts a task; it is given its order to stop.
    pub(super) fn spawn<F>(
        &mut self,
        name: impl Into<String>,
        task: impl FnOnce(CancellationToken) -> F,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        let handle = self.set.spawn(task(self.stop.clone()));
        self.names.push((handle.id(), name.into()));
    }

    /// The name of the first task that ends; pending for ever when there is none.
    async fn ended(&mut self) -> String {
        let id = match self.set.join_next_with_id().await {
            Some(Ok((id, ()))) => id,
            Some(Err(error)) => error.id(),
            None => std::future::pending().await,
        };
        let named = self.names.iter().find(|(known, _)| *known == id);
        named.map_or_else(|| id.to_string(), |(_, name)| name.clone())
    }

    /// Orders them to stop and waits for all.
    async fn stop(&mut self) {
        self.stop.cancel();
        while self.set.join_next().await.is_some() {}
    }
}

/// All tasks, in the order in which they stop.
#[derive(Debug)]
pub(super) struct Supervisor {
    /// What brings inputs in. When it has ended, the intake is closed.
    pub(super) doors: Tasks,
    /// The pipeline, which closes the intake, should anything still hold it, and ends.
    pub(super) middle: Tasks,
    /// What sends and shows.
    pub(super) outer: Tasks,
    /// Closed at the end.
    pub(super) store: Store,
    /// Whether the uplink can send what is left.
    pub(super) uplink: watch::Receiver<UplinkStatus>,
    /// The time of all of them.
    pub(super) clock: Clock,
}

impl Supervisor {
    /// Waits for the order to stop or for a task that ends, then stops everything in order.
    pub(super) async fn run(mut self, stop: CancellationToken) -> Result<(), DaemonError> {
        let early = tokio::select! {
            () = stop.cancelled() => None,
            name = self.doors.ended() => Some(DaemonError::TaskEnded { name }),
            name = self.middle.ended() => Some(DaemonError::TaskEnded { name }),
            name = self.outer.ended() => Some(DaemonError::TaskEnded { name }),
            step = set(self.clock) => Some(DaemonError::ClockSet { step_ms: step.0 / 1_000 }),
        };
        if let Some(error) = &early {
            tracing::error!(error = error as &dyn std::error::Error, "stopping without an order");
        }
        super::watchdog::stopping();
        self.doors.stop().await;
        self.middle.stop().await;
        if early.is_none() {
            self.flush().await;
        }
        self.outer.stop().await;
        let closed = self.store.close().await;
        match early {
            Some(error) => Err(error),
            None => closed.map_err(DaemonError::Close),
        }
    }

    /// Waits for a bounded time until the uplink has sent what waits; not at all when it is not
    /// connected.
    async fn flush(&self) {
        let mut changes = self.store.outbox_changed();
        let connected = || self.uplink.borrow().state == LinkState::Connected;
        let emptied = async {
            while connected() && waits(&self.store) {
                // Deliveries are no change of this channel, so look again from time to time.
                tokio::select! {
                    _ = changes.changed() => {}
                    () = tokio::time::sleep(LOOK) => {}
                }
            }
        };
        if tokio::time::timeout(FLUSH, emptied).await.is_err() || waits(&self.store) {
            tracing::info!("the outbox is not empty; the rest is sent at the next start");
        }
    }
}

/// How far the system clock was set, once it is.
async fn set(clock: Clock) -> Micros {
    let mut looks = tokio::time::interval(CLOCK_LOOK);
    loop {
        looks.tick().await;
        if let Some(step) = clock.system_state().set_by() {
            return step;
        }
    }
}

fn waits(store: &Store) -> bool {
    let status = store.status();
    status.outbox_first.entries + status.outbox_second.entries > 0
}
