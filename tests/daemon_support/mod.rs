//! A site of one lane and one neutral camera, in a folder of its own; beside it a simulated one at
//! work, and a terminal.

pub(crate) mod simulated;
pub(crate) mod terminal;

use std::fs;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use tempfile::TempDir;
use wimd::io::store::Signer;

pub(crate) const TOKEN: &str = "neutral-camera-token";

/// How long anything awaited may take; far beyond what a loaded machine needs.
const DEADLINE: Duration = Duration::from_secs(60);

pub(crate) struct Site {
    pub(crate) dir: TempDir,
}

impl Site {
    /// With these further keys of `[store]` and `[pairing]`.
    pub(crate) fn new(store: &str, pairing: &str) -> Self {
        let dir = TempDir::new().expect("a folder");
        let text = format!(
            r#"
site = {{ id = "test" }}
uplink = {{ broker = "mqtt://127.0.0.1:1" }}
store = {{ dir = "state", {store} }}
pairing = {{ {pairing} }}
status = {{ socket = "status.sock" }}
camera_door = {{ listen = "127.0.0.1:0", max_requests_per_s = 10000 }}
scale = [{{ name = "s", port = "/dev/ttyABSENT" }}]
lane = [{{ number = 1, scale = "s" }}]
camera = [{{ name = "front", token = "{TOKEN}", dialect = "neutral", role = "front", lane = 1,
             distance_mm = 3000, allow = ["127.0.0.1/32"] }}]
"#
        );
        let site = Self { dir };
        fs::write(site.config_file(), text).expect("writable");
        let signer = Signer::generate().expect("random bytes");
        signer.save(&site.path("signing.key")).expect("writable");
        site
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn config_file(&self) -> PathBuf {
        self.path("wimd.toml")
    }
}

/// Waits for what is awaited, which never comes when this program is wrong.
pub(crate) async fn in_time<T>(what: &str, awaited: impl Future<Output = T>) -> T {
    let waited = tokio::time::timeout(DEADLINE, awaited).await;
    waited.unwrap_or_else(|_| panic!("never came: {what}"))
}

/// A process that ends with the test, however that ends: a runtime waits for whoever still reads what
/// the process prints. It is held by its own handle, since numbers are given again.
pub(crate) struct Leash(OwnedFd);

impl Leash {
    pub(crate) fn of(child: &Child) -> Self {
        let pid = Pid::from_child(child);
        Self(pidfd_open(pid, PidfdFlags::empty()).expect("it was just started"))
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        let _ended_already = pidfd_send_signal(&self.0, Signal::KILL).is_err();
    }
}

/// Whether a file is there.
pub(crate) fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}
