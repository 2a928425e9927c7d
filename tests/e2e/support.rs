//! A whole site for a test: controller on a pty, cameras over HTTP, the real binary, a broker and
//! a subscriber that confirms what it has.

use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;
use wimd::clock::Clock;
use wimd::sim::broker::Broker;
use wimd::sim::controller::SimControllerOptions;
use wimd::sim::mosquitto::Mosquitto;
use wimd::sim::plan::SITE;
use wimd::sim::platform::{Access, Platform};
use wimd::sim::site::{SimPort, SimSite};
use wimd::sim::traffic::invent_traffic;
use wimd::sim::truth::{Score, channel_of};
use wimd::units::Micros;

use crate::whole_site::{Daemon, Pace, config, mosquitto, write};

/// How much faster than real time everything runs.
pub(crate) const FAST: u32 = 20;

/// A scenario that has not come to its end by then has failed.
const PATIENCE: Duration = Duration::from_secs(240);

/// The broker of a scenario.
pub(crate) enum AnyBroker {
    Embedded(Broker),
    Mosquitto(Box<Mosquitto>),
}

impl AnyBroker {
    /// mosquitto; `None` where it is not installed, which CI does not allow.
    pub(crate) fn mosquitto() -> Option<Self> {
        mosquitto().map(|broker| Self::Mosquitto(Box::new(broker)))
    }

    pub(crate) fn embedded() -> Self {
        Self::Embedded(Broker::start().expect("the embedded broker starts"))
    }

    fn url(&self) -> &str {
        match self {
            Self::Embedded(broker) => &broker.url,
            Self::Mosquitto(broker) => &broker.url,
        }
    }
}

/// Everything at once.
pub(crate) struct Scenario {
    pub(crate) site: SimSite,
    pub(crate) broker: AnyBroker,
    platform: Platform,
    daemon: Option<Daemon>,
    config: PathBuf,
    pace: Pace,
    _dir: TempDir,
}

impl Scenario {
    /// A daemon that runs and a site whose first vehicle is a moment away.
    pub(crate) async fn begin(
        (vehicles, seed): (usize, u64),
        speed_up: u32,
        broker: AnyBroker,
    ) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let config = config(dir.path(), broker.url(), speed_up);
        let path = write(&config, dir.path());
        let platform = Platform::connect_with(Access {
            url: broker.url().into(),
            site: SITE.into(),
            login: None,
            filter: None,
            receipts: true,
        })
        .await
        .expect("the platform subscribes");
        let anchor = Clock::wall();
        let clock = Clock::scaled(anchor, speed_up);
        let start = clock.now() + Micros::from_secs(i64::from(speed_up));
        let traffic = invent_traffic(seed, vehicles, start);
        let port = SimPort::Pty(PathBuf::from(&config.scale[0].port));
        let site = SimSite::start(traffic, clock, port, SimControllerOptions::new(7))
            .expect("the site starts");
        site.connect_cameras(config.camera_door.listen);
        let daemon = Some(Daemon::start(&path, (anchor, speed_up)));
        Self { site, broker, platform, daemon, config: path, pace: (anchor, speed_up), _dir: dir }
    }

    /// Kills the daemon and starts it again on the same state.
    pub(crate) fn kill_and_restart_the_daemon(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            daemon.kill();
        }
        self.daemon = Some(Daemon::start(&self.config, self.pace));
    }

    /// Kills mosquitto and starts it again.
    pub(crate) fn kill_and_restart_the_broker(&mut self) {
        let AnyBroker::Mosquitto(broker) = &mut self.broker else {
            panic!("the embedded broker cannot be killed");
        };
        broker.kill().expect("mosquitto can be killed");
        broker.restart().expect("mosquitto comes back");
    }

    /// Waits until this many weighings have a record at the platform, or all of them.
    pub(crate) async fn until_records(&mut self, count: usize) {
        let enough = |site: &SimSite| site.truth.score().records >= count;
        self.until("records", enough).await;
    }

    /// Waits until the platform has everything, and compares it with the truth.
    pub(crate) async fn expect_nothing_lost_or_wrong(mut self) {
        self.until("everything", |site| site.truth.is_complete()).await;
        let score = self.site.truth.score();
        let expected = Score {
            records: self.site.truth.weighings().len(),
            violations_received: score.violations_expected,
            lost: 0,
            wrong: 0,
            ..score
        };
        assert_eq!(score, expected, "mistakes: {:#?}", self.site.truth.mistakes());
        // a pairing is left open only while the clocks of the cameras are learnt
        let unsure = self.site.truth.unsure();
        assert!(unsure * 4 <= score.records, "{unsure} of {} left open", score.records);
    }

    async fn until(&mut self, what: &str, done: impl Fn(&SimSite) -> bool) {
        let all = async {
            while !done(&self.site) {
                let message = self.platform.received.recv().await.expect("the platform lives");
                if let Some(channel) = channel_of(&message.topic) {
                    self.site.truth.received(channel, &message.payload);
                }
            }
        };
        if tokio::time::timeout(PATIENCE, all).await.is_err() {
            let score = self.site.truth.score();
            panic!("{what} did not come: {score:?}, {:#?}", self.site.truth.mistakes());
        }
    }
}
