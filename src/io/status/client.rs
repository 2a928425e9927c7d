//! The other end: reads the snapshot of a daemon that runs.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

/// How long a daemon may take; it answers at once or hangs.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Longest snapshot; 32 lanes and 64 cameras make less than 200 KiB.
const LONGEST: u64 = 16 << 20;

/// Why there is no snapshot.
#[derive(Debug, Error)]
pub enum ReadError {
    /// No daemon listens there.
    #[error("no daemon listens on {}", path.display())]
    Down {
        /// Path of the socket.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// We may not open the socket.
    #[error("not allowed to open {}", path.display())]
    Forbidden {
        /// Path of the socket.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It listens and does not answer.
    #[error("the daemon on {} does not answer", path.display())]
    Silent {
        /// Path of the socket.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It closed the connection without a word: too many clients.
    #[error("the daemon on {} has too many clients", path.display())]
    Busy {
        /// Path of the socket.
        path: PathBuf,
    },
}

/// Reads one snapshot.
///
/// # Errors
/// When there is none, by cause.
pub fn read(path: &Path) -> Result<Vec<u8>, ReadError> {
    let path_of = || path.to_owned();
    let mut stream = UnixStream::connect(path).map_err(|source| match source.kind() {
        io::ErrorKind::PermissionDenied => ReadError::Forbidden { path: path_of(), source },
        _ => ReadError::Down { path: path_of(), source },
    })?;
    let silent = |source| ReadError::Silent { path: path_of(), source };
    stream.set_read_timeout(Some(TIMEOUT)).map_err(silent)?;
    let mut bytes = Vec::new();
    let read = stream.by_ref().take(LONGEST).read_to_end(&mut bytes);
    read.map_err(silent)?;
    if bytes.is_empty() {
        return Err(ReadError::Busy { path: path_of() });
    }
    Ok(bytes)
}
