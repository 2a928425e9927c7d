//! The real binary as a process on an invented site, and a real broker beside it.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use wimd::clock::Timestamp;
use wimd::config::{Config, Confirm};
use wimd::io::store::Signer;
use wimd::sim::broker::free_port;
use wimd::sim::mosquitto::{Mosquitto, MosquittoError, Setup};
use wimd::sim::plan;

/// The instant at which the clock was the system's, and how many times faster it runs.
pub(crate) type Pace = (Timestamp, u32);

/// mosquitto with a memory; `None` where it is not installed, which CI does not allow.
pub(crate) fn mosquitto() -> Option<Mosquitto> {
    match Mosquitto::start(&Setup { persistence: true, ..Setup::default() }) {
        Ok(broker) => Some(broker),
        Err(MosquittoError::Absent) if std::env::var_os("CI").is_none() => {
            eprintln!("skipped: mosquitto is not installed");
            None
        }
        Err(error) => panic!("mosquitto: {error}"),
    }
}

/// The invented site's configuration, with a camera door whose port stays the same and a key.
pub(crate) fn config(dir: &Path, broker: &str, speed_up: u32) -> Config {
    let mut config = plan::config(dir, broker, speed_up);
    config.camera_door.listen = free_port().expect("a free port");
    config.uplink.confirm = Confirm::Receipt;
    let key = Signer::generate().expect("a key");
    key.save(&config.store.key_file).expect("the key is saved");
    config
}

/// Puts it where the daemon reads it.
pub(crate) fn write(config: &Config, dir: &Path) -> PathBuf {
    let path = dir.join("wimd.toml");
    let text = toml::to_string(config).expect("the configuration is written");
    std::fs::write(&path, text).expect("the configuration is written");
    path
}

/// The daemon's binary under a name of its own, so that all daemons of a run are the same one,
/// whatever is built meanwhile.
pub(crate) fn binary_in(dir: &Path) -> PathBuf {
    let built = env!("CARGO_BIN_EXE_wimd");
    let own = dir.join("wimd");
    if std::fs::hard_link(built, &own).is_err() {
        std::fs::copy(built, &own).expect("the binary is copied");
    }
    own
}

/// What a daemon has said so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    /// From its start until its store was open.
    pub(crate) store_opened: Option<Duration>,
    /// Its warnings and errors.
    pub(crate) complaints: Vec<String>,
}

impl Said {
    fn hear(&mut self, line: String, after: Duration) {
        if line.contains(" INFO ") {
            if line.contains("store opened") {
                self.store_opened = Some(after);
            }
        } else {
            self.complaints.push(line);
        }
    }
}

/// The daemon's own process; killed when dropped.
#[derive(Debug)]
pub(crate) struct Daemon {
    child: Child,
    said: watch::Receiver<Said>,
    reader: Option<JoinHandle<()>>,
}

impl Daemon {
    /// `wimd run` with the configuration at that path.
    pub(crate) fn start(config: &Path, pace: Pace) -> Self {
        Self::start_by(Command::new(env!("CARGO_BIN_EXE_wimd")), config, pace)
    }

    /// The same by another program that runs it.
    pub(crate) fn start_by(mut command: Command, config: &Path, (anchor, speed_up): Pace) -> Self {
        command.arg("run").arg("--config").arg(config);
        if speed_up > 1 {
            command.args(["--speed-up", &speed_up.to_string(), "--anchor", &anchor.to_string()]);
        }
        command.env("WIMD_LOG", "info,sled=warn,rumqttc=warn");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let began = Instant::now();
        let mut child = command.spawn().expect("the daemon starts");
        let lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let (sender, said) = watch::channel(Said::default());
        let reader = std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                sender.send_modify(|said| said.hear(line, began.elapsed()));
            }
        });
        Self { child, said, reader: Some(reader) }
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it says from now on.
    pub(crate) fn listen(&self) -> watch::Receiver<Said> {
        self.said.clone()
    }

    /// Whether it runs.
    pub(crate) fn is_alive(&mut self) -> bool {
        self.child.try_wait().expect("it can be asked for").is_none()
    }

    /// SIGKILL; what it had said.
    pub(crate) fn kill(&mut self) -> Said {
        self.child.kill().expect("the daemon can be killed");
        self.child.wait().expect("the daemon has ended");
        if let Some(reader) = self.reader.take() {
            reader.join().expect("its last words are heard");
        }
        self.said.borrow().clone()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.kill();
    }
}
