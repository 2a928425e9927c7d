//! Builds the parts from the configuration, starts a task for each, watches over them and stops
//! them in order: doors, pipeline, outbox, uplink, control socket.
//!
//! A task that ends before the stop order ends the daemon, so that the service manager starts a
//! whole one; a lost port, camera or broker does not end a task. The clock, the configuration and
//! the stop order come from the caller, so that tests and the demonstration run the real daemon.

mod inspection;
pub mod journal;
pub mod parameters;
pub mod pipeline_task;
pub mod provenance;
pub mod reconciliation;
mod resume;
pub mod snapshot;
mod start;
mod supervise;
mod told;
pub mod watchdog;

use std::net::SocketAddr;
use std::path::PathBuf;

use thiserror::Error;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::Config;
use crate::io::camera::CameraDoorError;
use crate::io::pictures::PictureError;
use crate::io::scale::port::PortError;
use crate::io::status::StatusError;
use crate::io::store::{KeyError, StoreError};
use crate::io::uplink::options::OptionsError;
use parameters::ParametersError;
use snapshot::{Snapshot, Sources};
use watchdog::Watchdog;

/// Why the daemon could not start, by part.
#[derive(Debug, Error)]
pub enum StartError {
    /// Limit tables or provenance.
    #[error("cannot prepare the pipeline")]
    Parameters(#[from] ParametersError),
    /// The signing key.
    #[error("cannot load the signing key")]
    Key(#[from] KeyError),
    /// The store.
    #[error("cannot open the store")]
    Store(#[from] StoreError),
    /// The folder of pictures.
    #[error("cannot open the folder of pictures")]
    Pictures(#[from] PictureError),
    /// A line to scale controllers.
    #[error("cannot prepare the scale {name}")]
    Scale {
        /// Its name.
        name: String,
        /// Why.
        #[source]
        source: PortError,
    },
    /// The camera door.
    #[error("cannot open the camera door")]
    Camera(#[from] CameraDoorError),
    /// The uplink.
    #[error("cannot prepare the uplink")]
    Uplink(#[from] OptionsError),
    /// The control socket.
    #[error("cannot open the control socket")]
    Status(#[from] StatusError),
}

impl StartError {
    /// Whether only a change of the configuration or of the files that it names can cure it.
    pub fn is_configuration(&self) -> bool {
        match self {
            Self::Parameters(error) => !matches!(error, ParametersError::Provenance(_)),
            Self::Camera(error) => matches!(error, CameraDoorError::Secret(_)),
            Self::Key(_) | Self::Scale { .. } | Self::Uplink(_) => true,
            Self::Store(_) | Self::Pictures(_) | Self::Status(_) => false,
        }
    }
}

/// Why a daemon that ran has ended by itself.
#[derive(Debug, Error)]
pub enum DaemonError {
    /// A task ended before the stop order.
    #[error("the task {name} ended before the order to stop")]
    TaskEnded {
        /// Which.
        name: String,
    },
    /// The times of the records are wrong, and only a new start gives right ones.
    #[error(
        "the system clock was set by {step_ms} ms since the start: a new start takes the right time"
    )]
    ClockSet {
        /// System clock minus ours, milliseconds.
        step_ms: i64,
    },
    /// The store did not close.
    #[error("cannot close the store")]
    Close(#[source] StoreError),
}

/// What a daemon is made of.
#[derive(Debug)]
pub struct Parts {
    /// Its configuration, with absolute paths.
    pub config: Config,
    /// Its clock.
    pub clock: Clock,
    /// Who is told that the pipeline goes on.
    pub watchdog: Watchdog,
}

/// A daemon that runs.
#[derive(Debug)]
pub struct Running {
    camera_address: SocketAddr,
    metrics_address: Option<SocketAddr>,
    socket: PathBuf,
    sources: Sources,
    stop: CancellationToken,
    supervisor: JoinHandle<Result<(), DaemonError>>,
}

/// Builds and starts every part; the doors are open when it answers. It stops at `stop`.
///
/// # Errors
/// The first part that cannot start; nothing runs then.
pub async fn start(parts: Parts, stop: CancellationToken) -> Result<Running, StartError> {
    start::start(parts, stop).await
}

/// A daemon inside this process, for tests and the demonstration: nobody watches it.
///
/// # Errors
/// The first part that cannot start.
pub async fn start_unwatched(config: Config, clock: Clock) -> Result<Running, StartError> {
    let parts = Parts { config, clock, watchdog: Watchdog::unwatched() };
    start(parts, CancellationToken::new()).await
}

impl Running {
    /// Where cameras deliver, with the port that the system gave for port 0.
    pub fn camera_address(&self) -> SocketAddr {
        self.camera_address
    }

    /// Where the metrics are served, when they are.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics_address
    }

    /// Path of the control socket.
    pub fn socket(&self) -> &PathBuf {
        &self.socket
    }

    /// The state of all parts now.
    pub fn snapshot(&self) -> Snapshot {
        self.sources.snapshot()
    }

    /// Waits until the state is as wanted; it is looked at after each turn of the pipeline and
    /// each change of the outbox.
    pub async fn until(&self, mut reached: impl FnMut(&Snapshot) -> bool) {
        let mut pipeline = self.sources.pipeline.clone();
        let mut outbox = self.sources.store.outbox_changed();
        while !reached(&self.snapshot()) {
            let changed = tokio::select! {
                changed = pipeline.changed() => changed,
                changed = outbox.changed() => changed,
            };
            if changed.is_err() {
                return;
            }
        }
    }

    /// Gives the order to stop and waits until everything has ended and the store is closed.
    ///
    /// # Errors
    /// When a task had ended before, or the store does not close.
    pub async fn stop(self) -> Result<(), DaemonError> {
        self.stop.cancel();
        self.ended().await
    }

    /// Waits until it has ended, by the order to stop or by itself.
    ///
    /// # Errors
    /// When a task ended by itself, or the store does not close.
    pub async fn ended(self) -> Result<(), DaemonError> {
        let name = "supervisor".to_owned();
        let joined = self.supervisor.await;
        joined.unwrap_or(Err(DaemonError::TaskEnded { name }))
    }
}
