//! The other end: asks a daemon that runs.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use super::request::Request;

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

/// The lines of an answer, as they come.
#[derive(Debug)]
pub struct Lines {
    path: PathBuf,
    reader: BufReader<UnixStream>,
}

impl Iterator for Lines {
    type Item = Result<Vec<u8>, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut line = Vec::new();
        match self.reader.by_ref().take(LONGEST).read_until(b'\n', &mut line) {
            Ok(0) => None,
            Ok(_) => Some(Ok(line)),
            Err(source) => Some(Err(ReadError::Silent { path: self.path.clone(), source })),
        }
    }
}

/// Asks the daemon behind `path`.
///
/// # Errors
/// When it is not there, may not be asked or does not take the question.
pub fn ask(path: &Path, request: Request) -> Result<Lines, ReadError> {
    let path_of = || path.to_owned();
    let mut stream = UnixStream::connect(path).map_err(|source| match source.kind() {
        io::ErrorKind::PermissionDenied => ReadError::Forbidden { path: path_of(), source },
        _ => ReadError::Down { path: path_of(), source },
    })?;
    let silent = |source| ReadError::Silent { path: path_of(), source };
    stream.set_read_timeout(Some(TIMEOUT)).map_err(silent)?;
    // A daemon with too many clients closes without reading: its end then shows at the answer.
    let _closed = writeln!(stream, "{request}").is_err();
    Ok(Lines { path: path_of(), reader: BufReader::new(stream) })
}

/// Reads one snapshot.
///
/// # Errors
/// When there is none, by cause.
pub fn read(path: &Path) -> Result<Vec<u8>, ReadError> {
    match ask(path, Request::Status)?.next() {
        Some(line) => line,
        None => Err(ReadError::Busy { path: path.to_owned() }),
    }
}
