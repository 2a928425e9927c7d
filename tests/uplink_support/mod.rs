//! Vocabulary of the uplink tests: a real store, a real broker, a platform that listens.
//!
//! Every scenario that the embedded broker (rumqttd) can play runs on it and on mosquitto; CI
//! insists on mosquitto, elsewhere its half is skipped with a notice when it is not installed.
//!
//! | scenarios | rumqttd | mosquitto | why not both |
//! |---|---|---|---|
//! | delivery, priority, pictures, state, will, receipts | yes | yes | |
//! | cuts, a silent line, a crash of the site, a poisonous record | yes | yes | |
//! | broker killed and restarted | no | yes | rumqttd lives in our process and cannot be stopped |
//! | nobody subscribes, forbidden topic | no | yes | rumqttd answers every publish with success |
//! | announced packet size and Receive Maximum | no | yes | its CONNACK has no properties |
//! | TLS, certificates, passwords | no | yes | built without TLS; takes any password |
//! | absent broker, wrong files | – | – | no broker takes part |

#![allow(dead_code, unused_imports, reason = "each test file uses its own part")]
#![allow(unreachable_pub, reason = "shared by several test crates")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

pub mod bodies;
pub mod ears;
pub mod grudging;
pub mod proxy;
pub mod vehicles;

pub use bodies::*;
pub use ears::*;
pub use vehicles::*;

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use wimd::clock::Clock;
use wimd::config::UplinkConfig;
use wimd::io::pictures::PictureFolder;
use wimd::io::store::{Origin, SendPictures, Signer, Store, StoreOptions};
use wimd::io::uplink::status::UplinkStatus;
use wimd::io::uplink::{Retry, Uplink};
use wimd::pipeline::plate::{PictureKind, PictureRef};
use wimd::pipeline::record::{Body, Provenance, RECORD_VERSION, Record, Site};
use wimd::pipeline::{Action, Seal};
use wimd::sim::broker::Broker;
use wimd::sim::mosquitto::{Mosquitto, MosquittoError, Setup};

/// Overall deadline of anything that is awaited; generous, since the machine may be busy.
pub const LIMIT: Duration = Duration::from_secs(60);

/// The site of all tests.
pub const SITE: &str = "s1";

/// The broker of one run of the suite.
pub enum AnyBroker {
    Embedded(Broker),
    Mosquitto(Box<Mosquitto>),
}

impl AnyBroker {
    pub fn url(&self) -> String {
        match self {
            Self::Embedded(broker) => broker.url.clone(),
            Self::Mosquitto(broker) => broker.url.clone(),
        }
    }
}

/// Runs each scenario against both brokers.
#[macro_export]
macro_rules! on_both_brokers {
    ($($scenario:ident),* $(,)?) => {
        mod on_the_embedded_broker {
            $(#[tokio::test]
            async fn $scenario() {
                if let Some(broker) = super::embedded() {
                    super::$scenario(broker).await;
                }
            })*
        }
        mod on_mosquitto {
            $(#[tokio::test]
            async fn $scenario() {
                if let Some(broker) = super::real() {
                    super::$scenario(broker).await;
                }
            })*
        }
    };
}

pub fn embedded() -> Option<AnyBroker> {
    Some(AnyBroker::Embedded(Broker::start().unwrap()))
}

pub fn real() -> Option<AnyBroker> {
    mosquitto(&Setup::default()).map(|broker| AnyBroker::Mosquitto(Box::new(broker)))
}

/// A real mosquitto, or `None` with a notice when it is not installed; CI insists on it.
pub fn mosquitto(setup: &Setup) -> Option<Mosquitto> {
    match Mosquitto::start(setup) {
        Err(MosquittoError::Absent) if std::env::var("CI").as_deref() != Ok("true") => {
            eprintln!("skipped: mosquitto is not installed");
            None
        }
        started => Some(started.unwrap()),
    }
}

/// A site's store, pictures and, once started, its uplink.
pub struct Rig {
    pub store: Store,
    pub config: UplinkConfig,
    pub retry: Retry,
    pub health: Option<watch::Receiver<serde_json::Value>>,
    folder: PictureFolder,
    _dir: tempfile::TempDir,
    clock: Clock,
    numbers: u64,
    running: Option<Running>,
}

struct Running {
    stop: CancellationToken,
    status: watch::Receiver<UplinkStatus>,
    task: JoinHandle<()>,
}

impl Rig {
    pub fn new(url: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::system();
        Self {
            store: open_store(dir.path(), clock),
            config: UplinkConfig::new(url),
            retry: Retry {
                refused: Duration::from_millis(200),
                unreceipted: Duration::from_millis(500),
            },
            health: None,
            folder: open_pictures(dir.path()),
            _dir: dir,
            clock,
            numbers: 0,
            running: None,
        }
    }

    pub fn pictures(&self) -> PictureFolder {
        self.folder.clone()
    }

    pub fn start(&mut self) {
        let mut uplink =
            Uplink::new(&self.config, origin(), self.store.clone(), self.pictures(), self.clock)
                .unwrap()
                .with_retry(self.retry);
        if let Some(health) = &self.health {
            let health = health.clone();
            uplink = uplink.with_health(Arc::new(move || health.borrow().clone()));
        }
        let stop = CancellationToken::new();
        let status = uplink.status();
        let task = tokio::spawn(uplink.run(stop.clone()));
        self.running = Some(Running { stop, status, task });
    }

    /// Stops it in order; the last status.
    pub async fn stop(&mut self) -> UplinkStatus {
        let running = self.running.take().unwrap();
        running.stop.cancel();
        tokio::time::timeout(LIMIT, running.task).await.unwrap().unwrap();
        running.status.borrow().clone()
    }

    /// Ends it as a crash would, without a word to the broker.
    pub async fn crash(&mut self) {
        let running = self.running.take().unwrap();
        running.task.abort();
        let _ = running.task.await;
    }

    pub fn status(&self) -> UplinkStatus {
        self.running.as_ref().unwrap().status.borrow().clone()
    }

    /// Waits until the status is as wanted.
    pub async fn until(&self, what: &str, wanted: impl Fn(&UplinkStatus) -> bool) -> UplinkStatus {
        self.until_within(LIMIT, what, wanted).await
    }

    pub async fn until_within(
        &self,
        limit: Duration,
        what: &str,
        wanted: impl Fn(&UplinkStatus) -> bool,
    ) -> UplinkStatus {
        let mut status = self.running.as_ref().unwrap().status.clone();
        let waited = tokio::time::timeout(limit, status.wait_for(|status| wanted(status))).await;
        match waited {
            Ok(Ok(status)) => status.clone(),
            _ => panic!("never {what}: {:#?}", self.status()),
        }
    }

    pub async fn until_drained(&self) -> UplinkStatus {
        let store = self.store.clone();
        self.until("drained", move |_| store.outbox_next(None, 1).unwrap().is_empty()).await
    }

    /// Ids of the records in the outbox, by their sequence.
    pub fn waiting(&self) -> usize {
        self.store.outbox_next(None, 1_000_000).unwrap().len()
    }

    pub async fn seal(&mut self, bodies: Vec<Body>) -> Vec<String> {
        let records: Vec<Record> = bodies.into_iter().map(|body| self.record(body)).collect();
        let ids = records.iter().map(|record| record.id.clone()).collect();
        let seal =
            |record| Action::Seal(Box::new(Seal { record, raw: Vec::new(), consumes: Vec::new() }));
        let actions = records.into_iter().map(seal).collect();
        self.store.commit(actions).await.unwrap();
        ids
    }

    fn record(&mut self, body: Body) -> Record {
        self.numbers += 1;
        Record {
            version: RECORD_VERSION,
            id: format!("{SITE}-test-{}", self.numbers),
            site: Site { id: SITE.into(), name: "G4 K1032".into() },
            occurred_at: self.clock.now(),
            body,
            provenance: Provenance::default(),
        }
    }

    /// Puts a picture into the folder.
    pub fn picture(&self, name: &str, bytes: &[u8]) -> PictureRef {
        let sha256 = hex::encode(Sha256::digest(bytes));
        let path = self.pictures().path(&sha256).unwrap();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        PictureRef {
            kind: PictureKind::Scene,
            name: name.into(),
            sha256,
            bytes: bytes.len() as u64,
        }
    }
}

pub fn origin() -> Origin {
    let site = Site { id: SITE.into(), name: "G4 K1032".into() };
    Origin { site, provenance: Provenance::default() }
}

fn open_store(dir: &std::path::Path, clock: Clock) -> Store {
    let options =
        StoreOptions { send_pictures: SendPictures::All, ..StoreOptions::at(dir.join("store")) };
    let signer = Signer::generate().unwrap();
    Store::open(&options, signer, clock).unwrap().0
}

fn open_pictures(dir: &std::path::Path) -> PictureFolder {
    PictureFolder::open(&dir.join("evidence"), 1 << 30).unwrap()
}
