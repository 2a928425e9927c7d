//! The invented site with a real broker and a subscriber, and a daemon that comes and goes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::Instant;
use wimd::clock::Clock;
use wimd::config::Config;
use wimd::io::status;
use wimd::io::store::{PublicKey, Signer};
use wimd::sim::controller::{Journal, SimControllerOptions};
use wimd::sim::mosquitto::Mosquitto;
use wimd::sim::plan::SITE;
use wimd::sim::platform::{self, Access};
use wimd::sim::site::{SimPort, SimSite};
use wimd::sim::traffic::invent_traffic;
use wimd::units::Micros;

use crate::fault_table::{FaultTable, Toll};
use crate::oracle::{self, Id, Platform};
use crate::proxy::Proxy;
use crate::whole_site::{self, Daemon, Pace, Said};

/// What is awaited and has not come by then will not come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// Vehicles of which the last must come within that time.
const STEP: usize = 500;

/// Everything at once.
pub(crate) struct Site {
    pub(crate) sim: SimSite,
    pub(crate) platform: Platform,
    /// How often something was made to happen.
    pub(crate) news: i32,
    pub(crate) config: Config,
    /// From the daemon to the broker.
    pub(crate) line: Proxy,
    subscriber: platform::Platform,
    pub(crate) daemon: Option<Daemon>,
    path: PathBuf,
    /// The daemon's binary.
    binary: PathBuf,
    /// The key that the platform was given on the first day.
    pub(crate) trusted: PublicKey,
    pace: Pace,
    pub(crate) table: FaultTable,
    /// The fault under which each id was acknowledged.
    pub(crate) acknowledged: BTreeMap<Id, String>,
    _broker: Mosquitto,
    dir: TempDir,
    _alone: MutexGuard<'static, ()>,
}

/// The harnesses follow each other: the controller plays its vehicles by the clock, and two sites
/// at twenty times the speed of the road would each take the other for a slow machine.
static ALONE: Mutex<()> = Mutex::const_new(());

impl Site {
    /// A site whose first vehicle is a moment away; its daemon does not run yet. `None` without
    /// mosquitto.
    pub(crate) async fn new(
        (vehicles, seed): (usize, u64),
        speed_up: u32,
        adjust: impl FnOnce(&mut Config),
    ) -> Option<Self> {
        let alone = ALONE.lock().await;
        let broker = whole_site::mosquitto()?;
        let dir = TempDir::new().expect("a directory");
        let line = Proxy::before(&broker.url).await;
        let mut config = whole_site::config(dir.path(), &line.url, speed_up);
        adjust(&mut config);
        let path = whole_site::write(&config, dir.path());
        let binary = whole_site::binary_in(dir.path());
        let trusted = Signer::load(&config.store.key_file).expect("the key");
        let subscriber = platform::Platform::connect_with(Access {
            url: broker.url.clone(),
            site: SITE.into(),
            login: None,
            filter: None,
            receipts: true,
        });
        let subscriber = subscriber.await.expect("the platform subscribes");
        let anchor = Clock::wall();
        let clock = Clock::scaled(anchor, speed_up);
        let start = clock.now() + Micros::from_secs(i64::from(speed_up));
        let traffic = invent_traffic(seed, vehicles, start);
        let port = SimPort::Pty(PathBuf::from(&config.scale[0].port));
        let sim = SimSite::start(traffic, clock, port, SimControllerOptions::new(7));
        let sim = sim.expect("the site starts");
        sim.connect_cameras(config.camera_door.listen);
        Some(Self {
            platform: Platform::of(&sim),
            news: 0,
            sim,
            config,
            line,
            subscriber,
            daemon: None,
            path,
            binary,
            trusted: trusted.public_key(),
            pace: (anchor, speed_up),
            table: FaultTable::default(),
            acknowledged: BTreeMap::new(),
            _broker: broker,
            dir,
            _alone: alone,
        })
    }

    /// The next daemon is started with a clock that is so many seconds ahead of the one before, as
    /// after a power cut on a board whose battery is empty.
    pub(crate) fn step_clock(&mut self, seconds: i64) {
        let (anchor, speed_up) = self.pace;
        let back = Micros::from_secs(-seconds).0 / i64::from(speed_up - 1);
        self.pace = (anchor + Micros(back), speed_up);
    }

    /// A technician edits the configuration; the next daemon reads it.
    pub(crate) fn reconfigure(&mut self, edit: impl FnOnce(&mut Config)) {
        edit(&mut self.config);
        whole_site::write(&self.config, self.dir.path());
    }

    pub(crate) fn start_daemon(&mut self) {
        assert!(self.daemon.is_none(), "one runs already");
        self.daemon = Some(Daemon::start_by(Command::new(&self.binary), &self.path, self.pace));
    }

    /// SIGKILL; what the daemon had said.
    pub(crate) fn kill_daemon(&mut self) -> Said {
        let mut daemon = self.daemon.take().expect("a daemon runs");
        let alive = daemon.is_alive();
        let said = daemon.kill();
        assert!(alive, "it ended by itself: {:#?}", said.complaints);
        said
    }

    /// The daemon was killed: what was acknowledged since the fault before is put down to this one.
    pub(crate) fn was_killed(&mut self, kind: &str, said: &Said) {
        self.table.add(kind, &Toll { times: 1, ..said.toll() });
        self.note_acknowledged(kind);
    }

    /// A fault is over that the daemon has outlived.
    pub(crate) fn was_outlived(&mut self, kind: &str) {
        let said = self.said();
        self.table.add(kind, &Toll { times: 1, worst_reopen: None, ..said.toll() });
        self.note_acknowledged(kind);
    }

    /// A fault from which no store need be left: the daemon has started all the same.
    pub(crate) fn was_outlived_anew(&mut self, kind: &str) {
        let worst_reopen = self.said().store_opened;
        let opened = u64::from(worst_reopen.is_some());
        self.table.add(kind, &Toll { times: 1, opened, worst_reopen, ..Toll::default() });
        self.note_acknowledged(kind);
    }

    /// What the daemon has said, which is alive.
    fn said(&mut self) -> Said {
        let daemon = self.daemon.as_mut().expect("a daemon runs");
        assert!(daemon.is_alive(), "it ended: {:#?}", daemon.kill().complaints);
        daemon.listen().borrow().clone()
    }

    pub(crate) fn note_acknowledged(&mut self, kind: &str) {
        let lost = self.sim.controller.journal().borrow().lost_events;
        assert_eq!(
            lost, 0,
            "events fell out of the controller's memory, which nobody emptied: {kind}"
        );
        while let Ok(message) = self.subscriber.received.try_recv() {
            self.platform.take(&message);
        }
        for id in oracle::acknowledged(&mut self.sim) {
            self.acknowledged.entry(id).or_insert_with(|| kind.to_owned());
        }
    }

    /// Waits until the daemon has told that its store is open.
    pub(crate) async fn until_store_opened(&mut self) {
        let mut said = self.daemon.as_ref().expect("a daemon runs").listen();
        let opened = said.wait_for(|said| said.store_opened.is_some());
        let opened = tokio::time::timeout(PATIENCE, opened).await.is_ok_and(|it| it.is_ok());
        assert!(opened, "the store is not opened: {}", self.autopsy());
    }

    /// Waits until the controller's journal is as wanted.
    pub(crate) async fn until_journal(&mut self, what: &str, reached: impl Fn(&Journal) -> bool) {
        let mut journal = self.sim.controller.journal();
        let waited = tokio::time::timeout(PATIENCE, journal.wait_for(reached)).await;
        match waited {
            Ok(outcome) => drop(outcome.expect("the controller lives")),
            Err(_) => panic!("{what} did not come: {}", self.autopsy()),
        }
    }

    /// Waits until so many vehicles have passed, and the daemon has almost all of those.
    pub(crate) async fn until_vehicles(&mut self, count: usize, most_waiting: usize) {
        let passed = self.sim.controller.journal().borrow().vehicles.len();
        let ahead = (passed..count).step_by(STEP).skip(1).chain([count]);
        for count in ahead {
            self.until_journal("the next vehicles", |played| {
                played.vehicles.len() >= count && played.acknowledged() + most_waiting > count
            })
            .await;
        }
    }

    /// Asks the daemon, each time that the controller hears of it or records something, until what
    /// it tells of itself is as wanted.
    pub(crate) async fn until_status(
        &mut self,
        what: &str,
        mut reached: impl FnMut(&mut Self) -> bool,
    ) {
        let mut journal = self.sim.controller.journal();
        let deadline = Instant::now() + PATIENCE;
        while !reached(self) {
            let moved = tokio::time::timeout_at(deadline, journal.changed()).await;
            match moved {
                Ok(outcome) => outcome.expect("the controller lives"),
                Err(_) => panic!("{what} did not come: {}", self.autopsy()),
            }
        }
    }

    /// Whether the platform came to that in time; what did not come, the comparison tells.
    pub(crate) async fn until_platform(
        &mut self,
        mut reached: impl FnMut(&Platform) -> bool,
    ) -> bool {
        let all = async {
            while !reached(&self.platform) {
                let message = self.subscriber.received.recv().await.expect("the platform lives");
                self.platform.take(&message);
            }
        };
        tokio::time::timeout(PATIENCE, all).await.is_ok()
    }

    /// What the daemon tells of itself.
    pub(crate) fn status(&mut self) -> serde_json::Value {
        let bytes = status::read(&self.config.status.socket);
        let said = self.said();
        let bytes = bytes.unwrap_or_else(|error| panic!("{error}: {:#?}", said.complaints));
        serde_json::from_slice(&bytes).expect("JSON")
    }

    /// Resident memory of the daemon.
    pub(crate) fn resident_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid()));
        let status = status.expect("the daemon runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let figure = line.and_then(|line| line.trim().strip_suffix(" kB"));
        figure.and_then(|figure| figure.parse().ok()).expect("a figure in kB")
    }

    /// What the daemon has read and written since its start, bytes: files, pipes and sockets.
    pub(crate) fn bytes_moved(&self) -> u64 {
        let told = fs::read_to_string(format!("/proc/{}/io", self.pid())).expect("the daemon runs");
        let fields = told.lines().filter_map(|line| line.split_once(": "));
        let moved = fields.filter(|(name, _)| ["rchar", "wchar"].contains(name));
        moved.map(|(_, bytes)| bytes.parse::<u64>().expect("a count")).sum()
    }

    /// Waits until it has read and written that much.
    pub(crate) async fn until_bytes_moved(&mut self, bytes: u64) {
        let deadline = Instant::now() + PATIENCE;
        while self.bytes_moved() < bytes {
            assert!(Instant::now() < deadline, "nothing moves: {:#?}", self.said().complaints);
            tokio::task::yield_now().await;
        }
    }

    /// How large the daemon's binary is, bytes.
    pub(crate) fn binary_size(&self) -> u64 {
        fs::metadata(&self.binary).expect("it is there").len()
    }

    /// The daemon's process.
    pub(crate) fn pid(&self) -> u32 {
        self.daemon.as_ref().expect("a daemon runs").pid()
    }

    /// The store's folder.
    pub(crate) fn store_dir(&self) -> &Path {
        &self.config.store.dir
    }
}
