//! A camera door on a free port with its store's side in the test's hand.

#![allow(dead_code, unused_imports)] // each test file uses its part of the vocabulary
#![allow(clippy::unwrap_used)] // the vocabulary of tests, where a failure is the test's

mod bodies;
pub(crate) mod gat;
pub(crate) mod judged;
pub(crate) mod pulled;

pub(crate) use bodies::{anpr_xml, head};

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use wimd::clock::Clock;
use wimd::config::camera::{CameraConfig, CameraDoorConfig, Dialect};
use wimd::io::camera::status::CameraStatus;
use wimd::io::camera::{CameraDoor, CameraDoorStatus};
use wimd::io::intake::{Refusal, channel};
use wimd::io::pictures::PictureFolder;
use wimd::pipeline::Input;
use wimd::pipeline::plate::{CameraRole, PlateRead};
use wimd::sim::camera::{SimBody, SimLink};

/// Longest wait for what must come; only a failure waits so long.
const PATIENCE: Duration = Duration::from_secs(40);

pub(crate) const TOKEN: &str = "front-1-token";
pub(crate) const NEUTRAL_TOKEN: &str = "bridge-1-token";

pub(crate) fn path(token: &str) -> String {
    format!("/camera/{token}/anpr")
}

fn camera(name: &str, token: &str, dialect: Dialect) -> CameraConfig {
    CameraConfig {
        distance_mm: 25_000,
        ..CameraConfig::new(name, token, dialect, CameraRole::Front)
    }
}

pub(crate) const DAHUA_TOKEN: &str = "dahua-1-token";
pub(crate) const DEVICE_ID: &str = "36020000001190000001";
pub(crate) const PASSWORD: &str = "open sesame";

/// A file with a password that nobody else may read.
pub(crate) fn password_file(dir: &TempDir, password: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let file = dir.path().join("password");
    std::fs::write(&file, format!("{password}\n")).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    file
}

/// The default configuration with a camera of every dialect; the one of GA/T 1400 registers with
/// the password in this folder.
pub(crate) fn every_dialect(dir: &TempDir) -> (CameraDoorConfig, Vec<CameraConfig>) {
    let file = password_file(dir, PASSWORD);
    let (door, mut cameras) = configuration();
    cameras.push(camera("dahua-1", DAHUA_TOKEN, Dialect::Dahua));
    cameras.push(CameraConfig {
        device_id: Some(DEVICE_ID.into()),
        password_file: Some(file),
        compass_with_traffic: Some(3),
        ..camera("gat-1", "gat-1-token", Dialect::Gat1400)
    });
    (door, cameras)
}

/// The default configuration on a free port, with the ISAPI camera and the bridge.
pub(crate) fn configuration() -> (CameraDoorConfig, Vec<CameraConfig>) {
    let door = CameraDoorConfig {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        ..CameraDoorConfig::default()
    };
    let cameras = vec![
        camera("front-1", TOKEN, Dialect::Isapi),
        camera("bridge-1", NEUTRAL_TOKEN, Dialect::Neutral),
    ];
    (door, cameras)
}

/// An open door.
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    pub(crate) clock: Clock,
    pub(crate) dir: TempDir,
    stop: CancellationToken,
    status: watch::Receiver<CameraDoorStatus>,
    taken: watch::Receiver<Vec<PlateRead>>,
    told: watch::Receiver<Vec<Input>>,
    /// What the store answers; nothing at all when `None`.
    answer: Arc<Mutex<Option<Result<(), Refusal>>>>,
    running: tokio::task::JoinHandle<()>,
    /// Ends when nothing can offer any more.
    store: tokio::task::JoinHandle<()>,
}

impl Site {
    pub(crate) async fn open() -> Self {
        let (door, cameras) = configuration();
        Self::open_with(door, cameras).await
    }

    pub(crate) async fn open_with(door: CameraDoorConfig, cameras: Vec<CameraConfig>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let pictures = PictureFolder::open(dir.path(), 1 << 30).unwrap();
        let (intake, mut offers) = channel(64);
        let clock = Clock::system();
        let door = CameraDoor::bind(&door, cameras, clock, intake, pictures).await.unwrap();
        let (address, status) = (door.local_addr(), door.status());
        let answer = Arc::new(Mutex::new(Some(Ok(()))));
        let (keeper, taken) = watch::channel(Vec::new());
        let (teller, told) = watch::channel(Vec::new());
        let said = Arc::clone(&answer);
        let store = tokio::spawn(async move {
            let mut unanswered = Vec::new();
            while let Some(offer) = offers.recv().await {
                let answer = *said.lock().unwrap();
                let Some(answer) = answer else {
                    unanswered.push(offer);
                    continue;
                };
                if answer.is_ok() {
                    let inputs = offer.arrivals.into_iter().map(|arrival| arrival.input);
                    for input in inputs {
                        match input {
                            Input::PlateRead(read) => keeper.send_modify(|kept| kept.push(*read)),
                            other => teller.send_modify(|kept| kept.push(other)),
                        }
                    }
                }
                let _ = offer.done.send(answer);
            }
        });
        let stop = CancellationToken::new();
        let running = tokio::spawn(door.run(stop.clone()));
        Self { address, clock, dir, stop, status, taken, told, answer, running, store }
    }

    /// What the store answers from now on.
    pub(crate) fn store_answers(&self, answer: Result<(), Refusal>) {
        *self.answer.lock().unwrap() = Some(answer);
    }

    /// The store hangs from now on.
    pub(crate) fn store_hangs(&self) {
        *self.answer.lock().unwrap() = None;
    }

    /// Everything that became durable, in order.
    pub(crate) fn taken(&self) -> Vec<PlateRead> {
        self.taken.borrow().clone()
    }

    /// Everything else that became durable, such as alarms and gaps, in order.
    pub(crate) fn told(&self) -> Vec<Input> {
        self.told.borrow().clone()
    }

    /// Waits until so many events are durable.
    pub(crate) async fn until_taken(&self, number: usize) {
        let mut taken = self.taken.clone();
        let waiting = taken.wait_for(|taken| taken.len() >= number);
        let came = tokio::time::timeout(PATIENCE, waiting).await.is_ok();
        assert!(came, "{number} events never came: {:#?}", self.status());
    }

    /// Waits until so many of the others are durable.
    pub(crate) async fn until_told(&self, number: usize) {
        let mut told = self.told.clone();
        let waiting = told.wait_for(|told| told.len() >= number);
        let came = tokio::time::timeout(PATIENCE, waiting).await.is_ok();
        assert!(came, "{number} were never told: {:#?}", self.told());
    }

    pub(crate) fn how_many_taken(&self) -> usize {
        self.taken.borrow().len()
    }

    /// What became durable after the first so many.
    pub(crate) fn taken_after(&self, count: usize) -> Vec<PlateRead> {
        self.taken.borrow()[count..].to_vec()
    }

    pub(crate) fn status(&self) -> CameraDoorStatus {
        self.status.borrow().clone()
    }

    pub(crate) fn front(&self) -> CameraStatus {
        self.status().cameras["front-1"].clone()
    }

    /// Waits until the status is as wanted.
    pub(crate) async fn until(&self, wanted: impl FnMut(&CameraDoorStatus) -> bool) {
        let mut status = self.status.clone();
        let waiting = status.wait_for(wanted);
        let found = tokio::time::timeout(PATIENCE, waiting).await.is_ok();
        assert!(found, "the status never came: {:#?}", self.status());
    }

    pub(crate) fn link(&self) -> SimLink {
        SimLink::new(self.address, &path(TOKEN))
    }

    /// Posts once and gives the status of the answer.
    pub(crate) async fn post(
        &self,
        token: &str,
        content_type: &str,
        body: impl Into<Bytes>,
    ) -> u16 {
        let body = SimBody { content_type: content_type.into(), bytes: body.into() };
        let mut link = SimLink::new(self.address, &path(token));
        link.post(&body).await.unwrap().status.as_u16()
    }

    pub(crate) async fn post_xml(&self, xml: &str) -> u16 {
        self.post(TOKEN, "text/xml", xml.to_owned()).await
    }

    /// Writes bytes to a connection of its own and gives all that comes back until its end.
    pub(crate) async fn raw(&self, pieces: &[&[u8]]) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        for piece in pieces {
            if stream.write_all(piece).await.is_err() {
                break;
            }
        }
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Whether nothing but the folders for pictures is on the disk.
    pub(crate) fn has_no_pictures(&self) -> bool {
        files_in(self.dir.path().into()).is_empty()
    }

    /// Where the pictures are.
    pub(crate) fn pictures(&self) -> Vec<PathBuf> {
        files_in(self.dir.path().into())
    }

    /// Stops the door and gives everything that became durable.
    pub(crate) async fn close(mut self) -> Vec<PlateRead> {
        self.stop().await;
        self.taken()
    }

    /// Stops the door; nothing of it may be left that could offer something.
    pub(crate) async fn stop(&mut self) {
        self.stop.cancel();
        let ended = tokio::time::timeout(PATIENCE, async {
            (&mut self.running).await.unwrap();
            (&mut self.store).await.unwrap();
        });
        assert!(ended.await.is_ok(), "it never ended: {:#?}", self.status());
    }
}

fn files_in(dir: PathBuf) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let (folders, mut files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    files.extend(folders.into_iter().flat_map(files_in));
    files
}

/// The door is open, and an event goes through within a second.
pub(crate) async fn is_open(site: &Site, uuid: &str) {
    let xml = anpr_xml("赣E12345", uuid, site.clock.now());
    let mut posted = None;
    // a machine that stood still for a second is not the door's fault, three times in a row it is
    for _ in 0..3 {
        posted = tokio::time::timeout(Duration::from_secs(1), site.post_xml(&xml)).await.ok();
        if posted.is_some() {
            break;
        }
    }
    assert_eq!(posted, Some(200), "within a second");
    let last = site.taken().pop().and_then(|read| read.source_id);
    assert_eq!(last.as_deref(), Some(uuid));
}
