//! A simulated site: a controller and cameras that play invented traffic faster than real time, and
//! a configuration for the daemon, which a test starts when it wants.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;
use wimd::clock::{Clock, Timestamp};
use wimd::config::Config;
use wimd::daemon::Running;
use wimd::io::store::Signer;
use wimd::sim::broker::free_port;
use wimd::sim::controller::SimControllerOptions;
use wimd::sim::plan;
use wimd::sim::site::{SimPort, SimSite};
use wimd::sim::traffic::invent_traffic;
use wimd::units::Micros;

use super::in_time;

const SPEED_UP: u32 = 20;

pub(crate) struct Simulated {
    pub(crate) dir: TempDir,
    pub(crate) config: Config,
    pub(crate) clock: Clock,
    pub(crate) traffic: SimSite,
    anchor: Timestamp,
}

impl Simulated {
    /// No broker is reached. The first of so many vehicles comes in a second.
    pub(crate) fn new(vehicles: usize) -> Self {
        Self::with(vehicles, |_| {})
    }

    /// The same with a change to the configuration.
    pub(crate) fn with(vehicles: usize, change: impl FnOnce(&mut Config)) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let mut config = plan::config(dir.path(), "mqtt://127.0.0.1:1", SPEED_UP);
        config.camera_door.listen = free_port().expect("a free port");
        change(&mut config);
        Signer::generate().expect("a key").save(&config.store.key_file).expect("saved");
        let text = toml::to_string(&config).expect("written");
        std::fs::write(dir.path().join("wimd.toml"), text).expect("writable");
        let anchor = Clock::wall();
        let clock = Clock::scaled(anchor, SPEED_UP);
        let start = clock.now() + Micros::from_secs(i64::from(SPEED_UP));
        let port = SimPort::Pty(config.scale[0].port.clone().into());
        let traffic = invent_traffic(5, vehicles, start);
        let site = SimSite::start(traffic, clock, port, SimControllerOptions::new(7));
        Self { dir, config, clock, anchor, traffic: site.expect("a site") }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The daemon, and its cameras.
    pub(crate) async fn daemon(&self) -> Running {
        let daemon = wimd::daemon::start_unwatched(self.config.clone(), self.clock).await;
        let daemon = daemon.expect("it starts");
        self.traffic.connect_cameras(daemon.camera_address());
        daemon
    }

    /// The same, once every vehicle has its record.
    pub(crate) async fn daemon_at_work(&self) -> Running {
        let daemon = self.daemon().await;
        self.all_weighed(&daemon).await;
        daemon
    }

    /// Waits until every vehicle has its record.
    pub(crate) async fn all_weighed(&self, daemon: &Running) {
        let expected = u64::try_from(self.weighings()).expect("few");
        let sealed = daemon.until(|now| {
            let counts = &now.pipeline.pipeline.counts;
            counts.paired + counts.ambiguous + counts.unpaired >= expected
        });
        in_time("every vehicle's record", sealed).await;
    }

    /// How many vehicles come over the scale.
    pub(crate) fn weighings(&self) -> usize {
        self.traffic.truth.weighings().len()
    }

    /// A command on this site with its clock.
    pub(crate) fn wimd(&self, command: &str) -> Command {
        let mut wimd = Command::new(env!("CARGO_BIN_EXE_wimd"));
        wimd.arg(command).arg("--config").arg(self.path("wimd.toml"));
        wimd.args(["--speed-up", &SPEED_UP.to_string(), "--anchor", &self.anchor.to_string()]);
        wimd
    }
}
