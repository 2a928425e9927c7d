//! A place on disk, a fast clock, a simulated controller's port and the door's far end.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use wimd::clock::Clock;
use wimd::config::{LinkMode, ScaleConfig};
use wimd::io::intake::{self, CursorUpdate, LinkCursor, Offer};
use wimd::io::scale::ScalePort;
use wimd::io::scale::status::ScaleStatus;
use wimd::pipeline::passage::Passage;
use wimd::pipeline::record::Audit;
use wimd::pipeline::{Arrival, Input};
use wimd::sim::controller::{SimController, SimControllerOptions, SimVehicle};
use wimd::units::{DeciKmh, Kilograms, Lane, Micros, Millimetres};

pub(crate) const BOOT: u32 = 0xB007_0001;
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// A place on disk, a fast clock and the door's far end.
pub(crate) struct Site {
    pub(crate) directory: TempDir,
    pub(crate) clock: Clock,
    pub(crate) offers: mpsc::Receiver<Offer>,
    pub(crate) intake: intake::Intake,
    pub(crate) stored: Stored,
}

/// What a store would hold.
#[derive(Default)]
pub(crate) struct Stored {
    pub(crate) passages: Vec<Passage>,
    pub(crate) audits: Vec<Audit>,
    pub(crate) gaps: usize,
    pub(crate) cursor: HashMap<String, LinkCursor>,
}

/// A running door.
pub(crate) struct Door {
    pub(crate) status: watch::Receiver<ScaleStatus>,
    pub(crate) stop: CancellationToken,
    pub(crate) task: JoinHandle<()>,
}

impl Site {
    pub(crate) fn new() -> Self {
        let (intake, offers) = intake::channel(16);
        Self {
            directory: TempDir::new().expect("a temporary directory"),
            clock: Clock::scaled(Clock::wall(), 20),
            offers,
            intake,
            stored: Stored::default(),
        }
    }

    pub(crate) fn link(&self) -> PathBuf {
        self.directory.path().join("ttyScale")
    }

    pub(crate) fn pty_controller(&self) -> SimController {
        SimController::spawn_pty(SimControllerOptions::new(BOOT), self.clock, self.link())
            .expect("a pty")
    }

    pub(crate) fn config(&self, mode: LinkMode) -> ScaleConfig {
        let mut config = ScaleConfig::new("scale-1", self.link().display().to_string());
        config.mode = mode;
        config
    }

    pub(crate) fn open(&self, config: &ScaleConfig) -> Door {
        let port =
            ScalePort::new(config, self.clock, self.intake.clone(), &self.stored.cursor, None)
                .expect("a port that can be");
        let stop = CancellationToken::new();
        Door { status: port.status(), task: tokio::spawn(port.run(stop.clone())), stop }
    }

    /// A six-axle truck in `lane`, `after` milliseconds of site time from now.
    pub(crate) fn truck(&self, lane: u8, after: i64) -> SimVehicle {
        let loads = [6_400, 8_100, 8_000, 7_600, 7_500, 7_550].map(Kilograms);
        let spacings = [3_300, 1_350, 6_900, 1_310, 1_310].map(Millimetres);
        SimVehicle::driving(
            Lane(lane),
            self.clock.now() + Micros::from_millis(after),
            DeciKmh(620),
            (&loads, &spacings),
        )
    }

    /// Takes one offer as a store does: all of it and the cursor, or nothing.
    pub(crate) async fn take_offer(&mut self) {
        let offer = timeout(DEADLINE, self.offers.recv())
            .await
            .expect("an offer before the deadline")
            .expect("an open intake");
        self.stored.take(offer.arrivals, offer.cursor);
        // The door may have been stopped meanwhile; it then asks again.
        let _ = offer.done.send(Ok(()));
    }

    pub(crate) async fn take_until(&mut self, passages: usize) {
        while self.stored.passages.len() < passages {
            self.take_offer().await;
        }
    }

    /// Stores whatever comes until `reached` holds of the door's status.
    pub(crate) async fn serve_until(
        &mut self,
        door: &Door,
        reached: impl Fn(&ScaleStatus) -> bool,
    ) {
        let mut status = door.status.clone();
        let mut awaited = std::pin::pin!(timeout(DEADLINE, status.wait_for(reached)));
        loop {
            tokio::select! {
                done = &mut awaited => {
                    if let Err(elapsed) = done {
                        panic!("{elapsed} before the state: {:#?}", *door.status.borrow());
                    }
                    return;
                }
                Some(offer) = self.offers.recv() => {
                    self.stored.take(offer.arrivals, offer.cursor);
                    let _ = offer.done.send(Ok(()));
                }
            }
        }
    }
}

impl Stored {
    pub(crate) fn take(&mut self, arrivals: Vec<Arrival>, cursor: Option<CursorUpdate>) {
        for arrival in arrivals {
            match arrival.input {
                Input::Passage(passage) => self.passages.push(*passage),
                Input::Audit(audit) => self.audits.push(audit),
                Input::Gap(_) => self.gaps += 1,
                other => panic!("not from a scale: {other:?}"),
            }
        }
        if let Some(update) = cursor {
            self.cursor.insert(update.controller, update.cursor);
        }
    }

    pub(crate) fn vehicles(&self) -> Vec<u32> {
        let mut vehicles: Vec<u32> =
            self.passages.iter().map(|passage| passage.source.vehicle).collect();
        vehicles.sort_unstable();
        vehicles
    }
}

impl Door {
    pub(crate) async fn close(self) {
        self.stop.cancel();
        timeout(DEADLINE, self.task).await.expect("an end before the deadline").expect("no panic");
    }

    pub(crate) async fn until(&self, reached: impl Fn(&ScaleStatus) -> bool) {
        let mut status = self.status.clone();
        timeout(DEADLINE, status.wait_for(reached))
            .await
            .expect("the state before the deadline")
            .expect("a running door");
    }
}

/// The measurement of a truck as it should arrive, without what only the daemon knows.
pub(crate) fn assert_is(passage: &Passage, truck: &SimVehicle) {
    let loads: Vec<_> = passage.axles.iter().map(|axle| axle.load_kg).collect();
    let expected: Vec<_> = truck.axles.iter().map(|axle| axle.load).collect();
    assert_eq!(loads, expected);
    assert_eq!(passage.lane, truck.lane);
    assert_eq!(passage.reported_gross_kg, truck.gross);
    assert_eq!(passage.flags, Vec::new());
    let error = passage.time.error_us.expect("a mapped clock");
    let off = passage.began_at.since(truck.began_at).0.abs();
    assert!(off <= error.0 + 1, "{off} µs off, {error} claimed");
}
