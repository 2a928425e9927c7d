//! Where the cable is plugged in: a pty behind a link, or a TCP listener.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

use super::SimError;
use super::pty::Master;

/// While nobody has the port open, it is looked at this often.
const NOBODY_PAUSE: Duration = Duration::from_millis(2);

/// Longest wait for room to write. A line without listener loses its bytes.
const WRITE_PATIENCE: Duration = Duration::from_millis(200);

/// A pty with the name of its other end.
#[derive(Debug)]
pub(super) struct Line {
    master: Master,
    path: PathBuf,
}

/// The port of a simulated controller.
#[derive(Debug)]
pub(super) enum Socket {
    Pty { link: PathBuf, line: Option<Line>, baud: Option<u32> },
    Tcp { address: SocketAddr, listener: Option<TcpListener>, stream: Option<TcpStream> },
}

impl Socket {
    pub(super) fn pty(link: PathBuf, baud: Option<u32>) -> Result<Self, SimError> {
        let mut socket = Self::Pty { link, line: None, baud };
        socket.plug()?;
        Ok(socket)
    }

    /// Port 0 takes a free port and keeps it.
    pub(super) fn tcp(address: SocketAddr) -> Result<Self, SimError> {
        let listener = listen(address)?;
        let bound = listener.local_addr();
        Ok(Self::Tcp {
            address: bound.map_err(|source| SimError::Listen { address, source })?,
            listener: Some(listener),
            stream: None,
        })
    }

    /// As the daemon's configuration names it.
    pub(super) fn port(&self) -> String {
        match self {
            Self::Pty { link, .. } => link.display().to_string(),
            Self::Tcp { address, .. } => format!("tcp://{address}"),
        }
    }

    /// Makes the port appear.
    pub(super) fn plug(&mut self) -> Result<(), SimError> {
        match self {
            Self::Pty { link, line, baud } => {
                let (master, path) = Master::open(*baud).map_err(SimError::Pty)?;
                let failed = |source| SimError::Link { path: link.clone(), source };
                let beside = link.with_extension("new");
                std::os::unix::fs::symlink(&path, &beside).map_err(failed)?;
                std::fs::rename(&beside, &*link).map_err(failed)?;
                *line = Some(Line { master, path });
            }
            Self::Tcp { address, listener, .. } => *listener = Some(listen(*address)?),
        }
        Ok(())
    }

    /// Makes the port disappear.
    pub(super) fn unplug(&mut self) {
        match self {
            Self::Pty { link, line, .. } => {
                // Another controller may have put its own line there meanwhile; as long as this
                // one is open, no other has its name.
                let own = line.as_ref().map(|line| line.path.as_path());
                if own.is_some() && own == std::fs::read_link(&*link).ok().as_deref() {
                    let _ = std::fs::remove_file(link);
                }
                *line = None;
            }
            Self::Tcp { listener, stream, .. } => {
                *stream = None;
                *listener = None;
            }
        }
    }

    /// The next bytes. Waits while nobody is there; cancel-safe.
    pub(super) async fn read(&mut self, buffer: &mut [u8]) -> usize {
        loop {
            match self.try_read(buffer).await {
                Some(length) => return length,
                None => sleep(NOBODY_PAUSE).await,
            }
        }
    }

    async fn try_read(&mut self, buffer: &mut [u8]) -> Option<usize> {
        match self {
            Self::Pty { line: None, .. } | Self::Tcp { listener: None, .. } => {
                std::future::pending().await
            }
            Self::Pty { line: Some(line), .. } => line.master.read(buffer).await,
            Self::Tcp { listener: Some(listener), stream, .. } => match stream {
                None => {
                    let (accepted, _) = listener.accept().await.ok()?;
                    // Only the latency would suffer.
                    let _ = accepted.set_nodelay(true);
                    *stream = Some(accepted);
                    None
                }
                Some(connected) => match connected.read(buffer).await {
                    Ok(length) if length > 0 => Some(length),
                    _ => {
                        *stream = None;
                        None
                    }
                },
            },
        }
    }

    /// Writes, or loses the bytes as a line without listener does. Returns whether they went out.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> bool {
        let written: io::Result<()> = match self {
            Self::Pty { line: Some(line), .. } => patiently(line.master.write_all(bytes)).await,
            Self::Tcp { stream: Some(stream), .. } => patiently(stream.write_all(bytes)).await,
            Self::Pty { .. } | Self::Tcp { .. } => return false,
        };
        written.is_ok()
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.unplug();
    }
}

fn listen(address: SocketAddr) -> Result<TcpListener, SimError> {
    let listener = std::net::TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        TcpListener::from_std(listener)
    });
    listener.map_err(|source| SimError::Listen { address, source })
}

async fn patiently(write: impl Future<Output = io::Result<()>>) -> io::Result<()> {
    timeout(WRITE_PATIENCE, write).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}
