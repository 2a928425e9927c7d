//! The control socket: a Unix socket that answers one question of each client and closes.
//!
//! The question is one short line ([`Request`]), the answer lines of JSON. Every question only
//! reads: whoever may open the file (mode 0660) may see state and records, and nobody can change
//! them here. Clients beyond the permit count are closed at once, slow ones after a time-out,
//! questions that make no sense get no answer; all are counted.

mod client;
mod door;
pub mod metrics;
mod request;

pub use client::{Lines, ReadError, ask, read};
pub use door::MetricsDoor;
pub use request::{LONGEST_REQUEST, Request};

use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use thiserror::Error;
use tokio::io::AsyncReadExt;
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
    /// The metrics cannot be served.
    #[error("cannot serve the metrics on {address}")]
    Metrics {
        /// Their address.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// What happened to clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StatusSocketCounts {
    /// Clients that got a whole answer.
    pub served: u64,
    /// Clients closed at once, because too many were there.
    pub refused: u64,
    /// Clients that went away or did not read in time.
    pub failed: u64,
    /// Clients whose question made no sense.
    pub malformed: u64,
    /// Failed accepts.
    pub accept_errors: u64,
}

/// The answer to a question, piece by piece; made and written on a thread that may block.
pub type Answer = Box<dyn Iterator<Item = Vec<u8>> + Send>;

/// What makes answers.
pub type Answers = Arc<dyn Fn(Request) -> Answer + Send + Sync>;

#[derive(Debug, Default)]
struct Counters {
    served: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    malformed: AtomicU64,
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
            malformed: read(&self.0.malformed),
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

    /// Serves `answers` until `stop`.
    pub async fn run(self, answers: Answers, stop: CancellationToken) {
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((client, _)) => self.serve(client, &answers, &stop),
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a client of the control socket");
                    count(&self.watch.0.accept_errors);
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn serve(&self, mut client: UnixStream, answers: &Answers, stop: &CancellationToken) {
        let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() else {
            count(&self.watch.0.refused);
            return;
        };
        let (timeout, watch) = (self.timeout, self.watch.clone());
        let (answers, stop) = (Arc::clone(answers), stop.clone());
        tokio::spawn(async move {
            let heard = tokio::time::timeout(timeout, hear(&mut client)).await;
            let request = match heard {
                Ok(Ok(line)) => Request::parse(&line),
                Ok(Err(_)) | Err(_) => return count(&watch.0.failed),
            };
            let Some(request) = request else { return count(&watch.0.malformed) };
            let written = client.into_std().map(|client| {
                tokio::task::spawn_blocking(move || {
                    let _permit = permit;
                    write(&client, timeout, answers(request), &stop)
                })
            });
            match written {
                Ok(writing) => match writing.await {
                    Ok(Ok(())) => count(&watch.0.served),
                    Ok(Err(_)) | Err(_) => count(&watch.0.failed),
                },
                Err(_) => count(&watch.0.failed),
            }
        });
    }
}

/// The question: everything up to the end of the line or of what the client sends.
async fn hear(client: &mut UnixStream) -> io::Result<Vec<u8>> {
    let mut line = Vec::with_capacity(LONGEST_REQUEST);
    let mut buffer = [0; LONGEST_REQUEST];
    while line.len() <= LONGEST_REQUEST && !line.contains(&b'\n') {
        match client.read(&mut buffer).await? {
            0 => break,
            length => line.extend_from_slice(&buffer[..length]),
        }
    }
    Ok(line)
}

/// Writes the pieces; each may take `timeout`, and an order to stop ends it between two.
fn write(
    mut client: &StdUnixStream,
    timeout: Duration,
    answer: Answer,
    stop: &CancellationToken,
) -> io::Result<()> {
    client.set_nonblocking(false)?;
    client.set_write_timeout(Some(timeout))?;
    for piece in answer {
        if stop.is_cancelled() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        client.write_all(&piece)?;
    }
    Ok(())
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
