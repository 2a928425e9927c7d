//! The site seen at the ports of its scales while no daemon runs: vehicles are judged here and kept
//! nowhere, and the controllers hold every one of them for the daemon.
//!
//! The ports are let go as soon as a daemon listens on its control socket again, whatever the
//! screen does meanwhile: the daemon needs them.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::UnixStream;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};

use super::site::NewRecords;
use crate::clock::{Clock, Timestamp};
use crate::command::Failure;
use crate::command::refusal::tables;
use crate::command::tap::Tap;
use crate::config::Config;
use crate::daemon::parameters;
use crate::io::scale::ScaleStatus;
use crate::pipeline::record::Record;
use crate::pipeline::{Action, Arrival, InputId, Pipeline, PipelineStatus};

/// How often a daemon is looked for; its own back-off begins with less and tries again.
const LOOK_FOR_DAEMON: Duration = Duration::from_secs(1);

/// Records that wait for the screen, such as while it stands still; later ones are counted.
const WAITING: usize = 1_000;

/// Longest that the ports may take to be let go.
const RELEASE: Duration = Duration::from_secs(2);

/// Ports that are listened to.
#[derive(Debug)]
pub(super) struct Port {
    /// Runs the listener; `None` only while it ends.
    runtime: Option<Runtime>,
    clock: Clock,
    about: Value,
    scales: Vec<watch::Receiver<ScaleStatus>>,
    pipeline: watch::Receiver<PipelineStatus>,
    sealed: mpsc::Receiver<(u64, Record)>,
}

impl Port {
    /// Opens every line of the configuration, until a daemon listens on `socket`.
    pub(super) fn open(config: &Config, socket: PathBuf, clock: Clock) -> Result<Self, Failure> {
        // Nobody takes their pictures in: a vehicle is shown at once and without a plate.
        let config = Config { camera: Vec::new(), ..config.clone() };
        let parameters = parameters::of_pipeline(&config).map_err(|error| tables(error.into()))?;
        let about = json!({ "site": parameters.site, "provenance": parameters.provenance });
        let pipeline = Pipeline::new(parameters);
        let (status, shown) = watch::channel(pipeline.status());
        let (sender, sealed) = mpsc::channel(WAITING);
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let tap = {
            let _inside = runtime.enter();
            Tap::open(&config, clock, None)?
        };
        let scales = tap.scales();
        let judge = Judge { pipeline, clock, status, sealed: sender, inputs: 0, skipped: 0 };
        runtime.spawn(judge.run(tap, socket));
        Ok(Self { runtime: Some(runtime), clock, about, scales, pipeline: shown, sealed })
    }

    /// What came since the last call; `None` when a daemon has come and the ports are free.
    pub(super) fn news(&mut self) -> Option<NewRecords> {
        let mut news = NewRecords::default();
        loop {
            match self.sealed.try_recv() {
                Ok((skipped, record)) => {
                    news.skipped += skipped;
                    news.records.push(record);
                }
                Err(mpsc::error::TryRecvError::Empty) => return Some(news),
                Err(mpsc::error::TryRecvError::Disconnected) => return None,
            }
        }
    }

    /// What can be told of the site, in the form of the daemon's snapshot; parts that only a
    /// daemon has are absent.
    pub(super) fn snapshot(&self) -> Value {
        let scales: Vec<ScaleStatus> = self.scales.iter().map(|s| s.borrow().clone()).collect();
        json!({
            "at": self.clock.now(),
            "site": self.about["site"],
            "provenance": self.about["provenance"],
            "system_clock": self.clock.system_state(),
            "scales": scales,
            "pipeline": { "pipeline": *self.pipeline.borrow() },
        })
    }
}

#[cfg(test)]
impl Port {
    /// Nothing comes from it.
    pub(super) fn silent() -> Self {
        Self {
            runtime: None,
            clock: Clock::system(),
            about: Value::Null,
            scales: Vec::new(),
            pipeline: watch::channel(PipelineStatus::default()).1,
            sealed: mpsc::channel(1).1,
        }
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(RELEASE);
        }
    }
}

/// The pipeline, fed by the ports.
struct Judge {
    pipeline: Pipeline,
    clock: Clock,
    status: watch::Sender<PipelineStatus>,
    sealed: mpsc::Sender<(u64, Record)>,
    inputs: u64,
    /// Records since the last that was taken, for which there was no room.
    skipped: u64,
}

impl Judge {
    async fn run(mut self, mut tap: Tap, socket: PathBuf) {
        let mut look = tokio::time::interval(LOOK_FOR_DAEMON);
        loop {
            let wake = self.pause();
            tokio::select! {
                arrivals = tap.next() => match arrivals {
                    Some(arrivals) => self.take(arrivals),
                    None => break,
                },
                () = tokio::time::sleep(wake) => self.tick(self.clock.now()),
                _ = look.tick() => {
                    if UnixStream::connect(&socket).await.is_ok() {
                        break;
                    }
                }
            }
        }
        // first the ports, then the end of the records that tells of it
        tap.close().await;
    }

    fn take(&mut self, arrivals: Vec<Arrival>) {
        for arrival in arrivals {
            self.inputs += 1;
            let now = self.clock.now();
            let actions = self.pipeline.handle(now, InputId(self.inputs), arrival);
            self.show(actions);
        }
    }

    fn tick(&mut self, now: Timestamp) {
        let actions = self.pipeline.tick(now);
        self.show(actions);
    }

    fn show(&mut self, actions: Vec<Action>) {
        for action in actions {
            if let Action::Seal(seal) = action {
                match self.sealed.try_send((self.skipped, seal.record)) {
                    Ok(()) => self.skipped = 0,
                    Err(_) => self.skipped += 1,
                }
            }
        }
        self.status.send_replace(self.pipeline.status());
    }

    /// How long nothing has to be done unless something comes.
    fn pause(&self) -> Duration {
        let now = self.clock.now();
        let wake = self.pipeline.wake_at().map(|at| self.clock.real(at - now));
        wake.unwrap_or(LOOK_FOR_DAEMON).clamp(Duration::from_millis(1), LOOK_FOR_DAEMON)
    }
}
