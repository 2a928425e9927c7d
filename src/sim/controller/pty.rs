//! The controller's end of a pty.
//!
//! Once the last process has closed the other end, the system reports the line as hung up for as
//! long as it is watched, also after somebody has opened it again. So it is watched only while
//! somebody has it open, and asked now and then while nobody has.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use tokio::io::{AsyncWriteExt, Interest};
use tokio::net::unix::pipe::{Receiver, Sender};

/// The end that the simulated controller holds. It is not inherited by child processes, which
/// would keep a pulled cable plugged in.
#[derive(Debug)]
pub(super) struct Master {
    line: OwnedFd,
    /// While somebody has the other end open.
    watched: Option<Watched>,
    /// The only rate at which bytes are understood; any when absent.
    baud: Option<u32>,
}

/// Two handles of the line that the runtime watches. What it calls a pipe is any descriptor that
/// can be waited for.
#[derive(Debug)]
struct Watched {
    from: Receiver,
    to: Sender,
}

impl Master {
    /// A new line without listener, and the path of its other end.
    pub(super) fn open(baud: Option<u32>) -> io::Result<(Self, PathBuf)> {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let line = openpt(flags)?;
        grantpt(&line)?;
        unlockpt(&line)?;
        let path = ptsname(&line, Vec::new())?;
        let path = path.into_string().map_err(io::Error::other)?;
        // Only a line that was open once tells that nobody has it open.
        let peer = ioctl_tiocgptpeer(&line, flags)?;
        let mut settings = tcgetattr(&peer)?;
        settings.make_raw();
        tcsetattr(&peer, OptionalActions::Now, &settings)?;
        drop(peer);
        rustix::fs::fcntl_setfl(&line, OFlags::RDWR | OFlags::NONBLOCK)?;
        Ok((Self { line, watched: None, baud }, path.into()))
    }

    /// The next bytes; `None` when nobody has the other end open, or somebody has just opened it.
    /// Cancel-safe.
    pub(super) async fn read(&mut self, buffer: &mut [u8]) -> Option<usize> {
        let Some(watched) = &self.watched else {
            return self.ask(buffer);
        };
        if let Ok(length) = watched.read(buffer).await {
            return self.is_understood().then_some(length);
        }
        self.watched = None;
        None
    }

    /// Reads without waiting, and watches the line once somebody has it open.
    fn ask(&mut self, buffer: &mut [u8]) -> Option<usize> {
        let read = rustix::io::read(&self.line, buffer);
        if matches!(read, Ok(_) | Err(Errno::AGAIN)) {
            self.watched = Watched::new(&self.line).ok();
        }
        read.ok().filter(|length| *length > 0 && self.is_understood())
    }

    /// Whether the other end speaks at the rate of this one. A pty carries bytes at any rate; on a
    /// real line those of another rate are noise, or nothing.
    fn is_understood(&self) -> bool {
        self.baud.is_none_or(|baud| {
            tcgetattr(&self.line).is_ok_and(|settings| settings.output_speed() == baud)
        })
    }

    /// Writes everything to whoever listens.
    pub(super) async fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.watched {
            Some(watched) => watched.to.write_all(bytes).await,
            None => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}

impl Watched {
    fn new(line: &OwnedFd) -> io::Result<Self> {
        let handle = || line.try_clone().map(File::from);
        Ok(Self {
            from: Receiver::from_file_unchecked(handle()?)?,
            to: Sender::from_file_unchecked(handle()?)?,
        })
    }

    /// The next bytes, or an error once the other end was closed.
    async fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let hung_up = self.from.ready(Interest::READABLE).await?.is_read_closed();
            match self.from.try_read(buffer) {
                Ok(length) if length > 0 => return Ok(length),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && !hung_up => {}
                Err(error) => return Err(error),
                Ok(_) => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::io::Write;
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// The other end, opened as a process does; reading notes it.
    async fn listener(master: &mut Master, path: &PathBuf) -> File {
        let other = File::options().read(true).write(true).open(path).unwrap();
        assert_eq!(master.read(&mut [0; 8]).await, None);
        assert!(master.watched.is_some());
        other
    }

    #[tokio::test]
    async fn a_line_that_was_hung_up_and_opened_again_is_waited_for_without_going_round() {
        let (mut master, path) = Master::open(None).unwrap();
        drop(listener(&mut master, &path).await);
        assert_eq!(master.read(&mut [0; 8]).await, None);
        assert!(master.watched.is_none());
        let mut other = listener(&mut master, &path).await;
        let polls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&polls);
        let reading = tokio::spawn(async move {
            let mut buffer = [0; 8];
            let mut read = pin!(master.read(&mut buffer));
            poll_fn(|context| {
                counted.fetch_add(1, Ordering::Relaxed);
                read.as_mut().poll(context)
            })
            .await
        });
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        assert!(polls.load(Ordering::Relaxed) < 10, "{polls:?}");
        other.write_all(b"x").unwrap();
        assert_eq!(reading.await.unwrap(), Some(1));
    }
}
