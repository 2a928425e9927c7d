//! A real mosquitto as a child process with its own directory and port.
//!
//! It can be killed as a power cut would and started again on the same port, with or without its
//! memory. Nothing of the machine's own broker or configuration is touched.

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use thiserror::Error;

use super::broker::{await_listener, free_port};

/// How long it may take until it listens; a loaded machine is slow.
const START_LIMIT: Duration = Duration::from_secs(20);

/// Where packages put the binary; `/usr/sbin` is not on everybody's path.
const PLACES: [&str; 3] = ["mosquitto", "/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"];

/// Why there is no broker.
#[derive(Debug, Error)]
pub enum MosquittoError {
    /// The program is not installed.
    #[error("mosquitto is not installed")]
    Absent,
    /// A file, directory or port could not be had.
    #[error("cannot prepare {what} for mosquitto")]
    Prepare {
        /// Which.
        what: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The process could not be started or killed.
    #[error("cannot start or stop the mosquitto process")]
    Process(#[source] io::Error),
    /// It started and does not listen; its log tells why.
    #[error("mosquitto does not listen on {addr}: {log}")]
    Silent {
        /// Where it should.
        addr: SocketAddr,
        /// Its log.
        log: String,
    },
}

/// How the broker is set up.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// Whether it keeps its messages over a clean restart.
    pub persistence: bool,
    /// Lines for `mosquitto.conf` before the plain listener, for global settings.
    pub global: String,
    /// Lines after the plain loopback listener. `{dir}` stands for the broker's directory and
    /// `{tls_port}` for a second free port.
    pub listener: String,
    /// Files to put into that directory before the start: name and content.
    pub files: Vec<(String, Vec<u8>)>,
}

/// A running mosquitto; killed when dropped.
#[derive(Debug)]
pub struct Mosquitto {
    /// The plain listener, such as `mqtt://127.0.0.1:40123`.
    pub url: String,
    /// The plain listener's address.
    pub addr: SocketAddr,
    /// The address that `{tls_port}` stands for.
    pub tls_addr: SocketAddr,
    dir: tempfile::TempDir,
    binary: PathBuf,
    child: Option<Child>,
}

impl Mosquitto {
    /// Starts one and waits until it listens.
    ///
    /// # Errors
    /// [`MosquittoError`]: absent, no directory or port, or not listening in time.
    pub fn start(setup: &Setup) -> Result<Self, MosquittoError> {
        let binary = find().ok_or(MosquittoError::Absent)?;
        let prepare = |what| move |source| MosquittoError::Prepare { what, source };
        let dir = tempfile::tempdir().map_err(prepare("a directory"))?;
        let addr = free_port().map_err(prepare("a port"))?;
        let tls_addr = free_port().map_err(prepare("a port"))?;
        for (name, content) in &setup.files {
            std::fs::write(dir.path().join(name), content).map_err(prepare("a file"))?;
        }
        let text = configuration(setup, dir.path(), addr, tls_addr);
        std::fs::write(dir.path().join("mosquitto.conf"), text).map_err(prepare("a file"))?;
        let mut broker =
            Self { url: format!("mqtt://{addr}"), addr, tls_addr, dir, binary, child: None };
        broker.restart()?;
        Ok(broker)
    }

    /// SIGKILL, as a power cut would: nothing is written any more.
    ///
    /// # Errors
    /// When the process cannot be signalled.
    pub fn kill(&mut self) -> Result<(), MosquittoError> {
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        child.kill().map_err(MosquittoError::Process)?;
        child.wait().map_err(MosquittoError::Process)?;
        Ok(())
    }

    /// Starts it again (or for the first time) on the same port and waits until it listens.
    ///
    /// # Errors
    /// As [`Mosquitto::start`].
    pub fn restart(&mut self) -> Result<(), MosquittoError> {
        self.kill()?;
        let log = self.dir.path().join("log");
        let output = std::fs::File::create(&log).map_err(MosquittoError::Process)?;
        let child = Command::new(&self.binary)
            .arg("-c")
            .arg(self.dir.path().join("mosquitto.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(output)
            .spawn()
            .map_err(MosquittoError::Process)?;
        self.child = Some(child);
        await_listener(self.addr, START_LIMIT).map_err(|_| MosquittoError::Silent {
            addr: self.addr,
            log: std::fs::read_to_string(&log).unwrap_or_default(),
        })
    }

    /// Its directory.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn find() -> Option<PathBuf> {
    let starts = |place: &&&str| {
        Command::new(place).arg("-h").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
    };
    PLACES.iter().find(starts).map(PathBuf::from)
}

fn configuration(setup: &Setup, dir: &Path, addr: SocketAddr, tls_addr: SocketAddr) -> String {
    let dir = dir.display().to_string();
    let fill = |text: &str| {
        text.replace("{dir}", &dir).replace("{tls_port}", &tls_addr.port().to_string())
    };
    let mut text = String::new();
    // As root mosquitto changes to a user that cannot read our directory.
    if std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0) {
        text.push_str("user root\n");
    }
    let _ = writeln!(text, "per_listener_settings true");
    let _ = writeln!(text, "log_dest stderr");
    let _ = writeln!(text, "log_type error\nlog_type warning");
    // By default it acknowledges, and then drops, what is beyond a thousand for a subscriber that
    // is slower than the publisher; the shipped configuration keeps a backlog too. No bound at all
    // is none either: version 2.0.11 then ends the connection of whoever publishes what it may not.
    let _ = writeln!(text, "max_queued_messages 1000000");
    if setup.persistence {
        let _ = writeln!(text, "persistence true\npersistence_location {dir}/");
    }
    text.push_str(&fill(&setup.global));
    let _ = writeln!(text, "\nlistener {} {}", addr.port(), addr.ip());
    if !setup.listener.contains("allow_anonymous") {
        let _ = writeln!(text, "allow_anonymous true");
    }
    text.push_str(&fill(&setup.listener));
    text.push('\n');
    text
}
