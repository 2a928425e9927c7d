//! The control socket: a Unix socket that writes one JSON snapshot to each client and closes.
//!
//! It reads nothing, so there is nothing to parse and nothing to attack: whoever may open the
//! file (mode 0660) may see the state, and nobody can change it here. Clients beyond the permit
//! count are closed at once, slow ones after a time-out; both are counted.

mod client;

pub use client::{ReadError, read};

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use thiserror::Error;
use tokio::io::AsyncWriteExt;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::config::StatusConfig;

/// Owner and group may connect.
const MODE: u32 = 0o660;

/// Pause after a failed accept, so that a lack of file descriptors does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Why there is no control socket.
#[derive(Debug, Error)]
pub enum StatusError {
    /// Another daemon answers on it.
    #[error("another daemon already answers on {}", path.display())]
    InUse {
        /// Its path.
        path: PathBuf,
    },
    /// It could not be made.
    #[error("cannot make the control socket {}", path.display())]
    Bind {
        /// Its path.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// What happened to clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StatusSocketCounts {
    /// Clients that got a whole snapshot.
    pub served: u64,
    /// Clients closed at once, because too many were there.
    pub refused: u64,
    /// Clients that went away or did not read in time.
    pub failed: u64,
    /// Failed accepts.
    pub accept_errors: u64,
}

#[derive(Debug, Default)]
struct Counters {
    served: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    accept_errors: AtomicU64,
}

/// Reads the counts of a socket that runs.
#[derive(Clone, Debug, Default)]
pub struct StatusSocketWatch(Arc<Counters>);

impl StatusSocketWatch {
    /// The counts now.
    pub fn counts(&self) -> StatusSocketCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        StatusSocketCounts {
            served: read(&self.0.served),
            refused: read(&self.0.refused),
            failed: read(&self.0.failed),
            accept_errors: read(&self.0.accept_errors),
        }
    }
}

/// A bound control socket; the file goes when it is dropped.
#[derive(Debug)]
pub struct StatusSocket {
    listener: UnixListener,
    path: PathBuf,
    permits: Arc<Semaphore>,
    timeout: Duration,
    watch: StatusSocketWatch,
}

impl StatusSocket {
    /// Binds it. A file that a dead daemon left behind is replaced.
    ///
    /// # Errors
    /// When a daemon answers on it, or the path cannot be used.
    pub fn bind(config: &StatusConfig) -> Result<Self, StatusError> {
        let path = config.socket.clone();
        let failed = |source| StatusError::Bind { path: config.socket.clone(), source };
        if is_socket(&path) {
            if StdUnixStream::connect(&path).is_ok() {
                return Err(StatusError::InUse { path });
            }
            fs::remove_file(&path).map_err(failed)?;
        }
        let listener = UnixListener::bind(&path).map_err(failed)?;
        fs::set_permissions(&path, Permissions::from_mode(MODE)).map_err(failed)?;
        let permits = usize::try_from(config.max_clients).unwrap_or(usize::MAX);
        Ok(Self {
            listener,
            path,
            permits: Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS))),
            timeout: Duration::from_millis(config.timeout_ms.into()),
            watch: StatusSocketWatch::default(),
        })
    }

    /// A handle that reads its counts.
    pub fn watch(&self) -> StatusSocketWatch {
        self.watch.clone()
    }

    /// Serves `snapshot` until `stop`.
    pub async fn run<F>(self, snapshot: F, stop: CancellationToken)
    where
        F: Fn() -> Vec<u8> + Send,
    {
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((client, _)) => self.serve(client, &snapshot),
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a client of the control socket");
                    count(&self.watch.0.accept_errors);
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn serve(&self, mut client: UnixStream, snapshot: &impl Fn() -> Vec<u8>) {
        let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() else {
            count(&self.watch.0.refused);
            return;
        };
        let (bytes, timeout) = (snapshot(), self.timeout);
        let watch = self.watch.clone();
        tokio::spawn(async move {
            let _permit = permit;
            let written = async {
                client.write_all(&bytes).await?;
                client.shutdown().await
            };
            match tokio::time::timeout(timeout, written).await {
                Ok(Ok(())) => count(&watch.0.served),
                Ok(Err(_)) | Err(_) => count(&watch.0.failed),
            }
        });
    }
}

impl Drop for StatusSocket {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::debug!(%error, path = %self.path.display(), "control socket already gone");
        }
    }
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

fn is_socket(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket())
}

#[cfg(test)]
mod tests;
