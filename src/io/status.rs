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
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use thiserror::Error;
use tokio::io::AsyncReadExt;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, watch};
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

type Counts = watch::Sender<StatusSocketCounts>;

/// Reads the counts of a socket that runs.
#[derive(Clone, Debug)]
pub struct StatusSocketWatch(watch::Receiver<StatusSocketCounts>);

impl StatusSocketWatch {
    /// The counts now.
    pub fn counts(&self) -> StatusSocketCounts {
        *self.0.borrow()
    }
}

/// A bound control socket; the file goes when it is dropped.
#[derive(Debug)]
pub struct StatusSocket {
    listener: UnixListener,
    path: PathBuf,
    permits: Arc<Semaphore>,
    timeout: Duration,
    counts: Counts,
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
            counts: watch::Sender::default(),
        })
    }

    /// A handle that reads its counts.
    pub fn watch(&self) -> StatusSocketWatch {
        StatusSocketWatch(self.counts.subscribe())
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
                    self.counts.send_modify(|counts| counts.accept_errors += 1);
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn serve(&self, client: UnixStream, answers: &Answers, stop: &CancellationToken) {
        let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() else {
            self.counts.send_modify(|counts| counts.refused += 1);
            return;
        };
        let (timeout, counts) = (self.timeout, self.counts.clone());
        let (answers, stop) = (Arc::clone(answers), stop.clone());
        tokio::spawn(async move {
            let ended = converse(client, timeout, &answers, &stop).await;
            counts.send_modify(|counts| match ended {
                Ended::Served => counts.served += 1,
                Ended::Failed => counts.failed += 1,
                Ended::Malformed => counts.malformed += 1,
            });
            drop(permit);
        });
    }
}

/// How the talk with a client ended.
enum Ended {
    Served,
    Failed,
    Malformed,
}

async fn converse(
    mut client: UnixStream,
    timeout: Duration,
    answers: &Answers,
    stop: &CancellationToken,
) -> Ended {
    let Ok(Ok(line)) = tokio::time::timeout(timeout, hear(&mut client)).await else {
        return Ended::Failed;
    };
    let Some(request) = Request::parse(&line) else { return Ended::Malformed };
    let Ok(client) = client.into_std() else { return Ended::Failed };
    let (answers, stop) = (Arc::clone(answers), stop.clone());
    let writing =
        tokio::task::spawn_blocking(move || write(&client, timeout, answers(request), &stop));
    match writing.await {
        Ok(Ok(())) => Ended::Served,
        Ok(Err(_)) | Err(_) => Ended::Failed,
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

fn is_socket(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket())
}

#[cfg(test)]
mod tests;
