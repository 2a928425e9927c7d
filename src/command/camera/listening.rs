//! The camera door with nothing behind it: looks at events, keeps none, has them sent again.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use tempfile::TempDir;
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::io::camera::status::{PullFailure, PullState};
use crate::io::camera::{CameraDoor, CameraDoorError, CameraDoorStatus};
use crate::io::intake::{Offer, Refusal, channel};
use crate::io::pictures::{PictureError, PictureFolder};
use crate::pipeline::Input;
use crate::pipeline::plate::PlateRead;

use super::Tested;

/// Room for the pictures of a test, bytes; they go with it. Our choice: some hundred events.
const PICTURES: u64 = 256 << 20;
/// Events that wait to be looked at.
const WAITING: usize = 16;

/// Cannot listen.
#[derive(Debug, Error)]
pub(super) enum ListeningError {
    /// The door.
    #[error(transparent)]
    Door(#[from] CameraDoorError),
    /// The folder for the time of the test.
    #[error("cannot make a folder for the pictures of the test")]
    Folder(#[source] std::io::Error),
    /// The pictures in it.
    #[error(transparent)]
    Pictures(#[from] PictureError),
}

/// What came.
#[derive(Debug)]
pub(super) struct Heard {
    /// The fullest event of each camera by its name.
    pub(super) reads: BTreeMap<String, PlateRead>,
    /// Pixels across and down of each picture, by its digest.
    pub(super) sizes: BTreeMap<String, (u16, u16)>,
    /// What the door counted.
    pub(super) door: CameraDoorStatus,
}

/// An open door.
#[derive(Debug)]
pub(super) struct Listening {
    address: SocketAddr,
    offers: mpsc::Receiver<Offer>,
    status: watch::Receiver<CameraDoorStatus>,
    reads: BTreeMap<String, PlateRead>,
    expected: usize,
    stop: CancellationToken,
    running: JoinHandle<()>,
    folder: PictureFolder,
    _pictures: TempDir,
}

impl Listening {
    pub(super) async fn open(tested: &Tested) -> Result<Self, ListeningError> {
        let folder = TempDir::with_prefix("wimd-camera-test-").map_err(ListeningError::Folder)?;
        let pictures = PictureFolder::open(folder.path(), PICTURES)?;
        let (intake, offers) = channel(WAITING);
        let (door, cameras) = (&tested.door, tested.cameras.clone());
        let expected = cameras.len();
        let door =
            CameraDoor::bind(door, cameras, Clock::system(), intake, pictures.clone()).await?;
        let (address, status) = (door.local_addr(), door.status());
        let stop = CancellationToken::new();
        let running = tokio::spawn(door.run(stop.clone()));
        let reads = BTreeMap::new();
        Ok(Self {
            address,
            offers,
            status,
            reads,
            expected,
            stop,
            running,
            folder: pictures,
            _pictures: folder,
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next event that tells more than those before it; `None` when every camera has sent a
    /// whole one or the time is over.
    pub(super) async fn next(&mut self, until: Instant) -> Option<PlateRead> {
        let whole = |read: &&PlateRead| !read.more_follows;
        while self.reads.values().filter(whole).count() < self.expected {
            let offer = tokio::select! {
                offer = timeout_at(until, self.offers.recv()) => offer.ok()??,
                () = refused(&mut self.status, &self.reads) => return None,
            };
            // The event belongs to the daemon: the camera keeps it, as while the daemon stops.
            let _gone = offer.done.send(Err(Refusal::Test)).is_err();
            let mut reads = offer.arrivals.into_iter().filter_map(|arrival| match arrival.input {
                Input::PlateRead(read) => Some(*read),
                _ => None,
            });
            let fuller = reads.next_back().filter(|read| {
                let known = self.reads.get(&read.camera);
                known.is_none_or(|known| known.more_follows && !read.more_follows)
            });
            if let Some(read) = fuller {
                self.reads.insert(read.camera.clone(), read.clone());
                return Some(read);
            }
        }
        None
    }

    /// Ends the requests in progress.
    pub(super) async fn close(mut self) -> Heard {
        self.stop.cancel();
        self.offers.close();
        let _ended = self.running.await.is_ok();
        let door = self.status.borrow().clone();
        let pictures = self.reads.values().flat_map(|read| &read.pictures);
        let size = |sha256: &str| super::jpeg::size(&self.folder.path(sha256).ok()?);
        let sizes = pictures.filter_map(|p| Some((p.sha256.clone(), size(&p.sha256)?))).collect();
        Heard { reads: self.reads, sizes, door }
    }
}

/// Waits until every camera that is still waited for refuses our account or shows a certificate that
/// is not taken: more time would not help.
async fn refused(
    status: &mut watch::Receiver<CameraDoorStatus>,
    reads: &BTreeMap<String, PlateRead>,
) {
    let hopeless = |status: &CameraDoorStatus| {
        status.cameras.iter().filter(|(name, _)| !reads.contains_key(*name)).all(|(_, camera)| {
            camera.pull.as_ref().is_some_and(|pull| {
                let distrusted = pull.last_failure_kind == Some(PullFailure::Certificate);
                pull.state == PullState::Refused || distrusted
            })
        })
    };
    if status.wait_for(hopeless).await.is_err() {
        std::future::pending::<()>().await;
    }
}
