//! What the door, its connections and their requests share: cameras, places, counts.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::digest::Nonces;
use super::directory::{Directory, allowed};
use super::limits::{Guess, Guesses};
use super::peers::Peers;
use super::refused::Refused;
use super::status::{CameraDoorStatus, CameraStatus, DoorCounts, Strangeness, Stranger};
use crate::clock::Clock;
use crate::config::camera::CameraDoorConfig;
use crate::io::intake::Intake;
use crate::io::pictures::PictureFolder;

/// What requests share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: CameraDoorConfig,
    pub(super) cameras: Directory,
    pub(super) clock: Clock,
    pub(super) intake: Intake,
    pub(super) pictures: PictureFolder,
    pub(super) tasks: TaskTracker,
    /// The door has stopped and waits for the tasks no longer: one that stayed would keep the intake
    /// open.
    pub(super) given_up: CancellationToken,
    pub(super) guesses: Mutex<Guesses>,
    pub(super) nonces: Mutex<Nonces>,
    pub(super) peers: Mutex<Peers>,
    pub(super) status: watch::Sender<CameraDoorStatus>,
}

/// A connection's place among those that are allowed at the same time.
pub(super) struct Place {
    pub(super) shared: Arc<Shared>,
    address: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.peers().leave(self.address);
        self.shared.status.send_modify(|status| status.connections -= 1);
    }
}

impl Shared {
    /// A place for a connection from this address; counts why there is none.
    pub(super) fn place(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        if !allowed(&self.config.allow, address) {
            self.note_stranger(Strangeness::Address, address);
            return None;
        }
        if !self.peers().enter(address, self.config.max_connections) {
            self.note_door(|counts| counts.connections_surplus += 1);
            return None;
        }
        self.status.send_modify(|status| {
            status.connections += 1;
            status.totals.connections += 1;
        });
        Some(Place { shared: Arc::clone(self), address })
    }

    pub(super) fn peers(&self) -> MutexGuard<'_, Peers> {
        self.peers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a wrong token or password of this address, and counts it when it is one too many.
    pub(super) fn wrong_guess(&self, address: IpAddr) -> Guess {
        let mut guesses = self.guesses.lock().unwrap_or_else(PoisonError::into_inner);
        let guess = guesses.wrong(address, Instant::now());
        drop(guesses);
        self.note_door(|counts| counts.guesses_refused += u64::from(guess == Guess::Surplus));
        guess
    }

    pub(super) fn nonces(&self) -> MutexGuard<'_, Nonces> {
        self.nonces.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn read_timeout(&self) -> Duration {
        Duration::from_millis(self.config.read_timeout_ms.into())
    }

    pub(super) fn note_door(&self, change: impl FnOnce(&mut DoorCounts)) {
        self.status.send_modify(|status| change(&mut status.totals));
    }

    /// Counts somebody who is no camera of ours, and remembers who it was.
    pub(super) fn note_stranger(&self, strangeness: Strangeness, address: IpAddr) {
        let stranger = Stranger { address, at: self.clock.now() };
        self.status.send_modify(|status| {
            *match strangeness {
                Strangeness::Address => &mut status.totals.connections_refused,
                Strangeness::Path => &mut status.totals.unknown_paths,
                Strangeness::Token => &mut status.totals.unknown_tokens,
            } += 1;
            status.strangers.insert(strangeness, stranger);
        });
    }

    pub(super) fn note(&self, index: usize, change: impl FnOnce(&mut CameraStatus)) {
        let Some(camera) = self.cameras.get(index) else {
            return;
        };
        self.status.send_modify(|status| {
            if let Some(camera) = status.cameras.get_mut(&camera.config.name) {
                change(camera);
            }
        });
    }

    /// Counts a refusal and logs it, unless the one before had the same cause, or the camera has
    /// filled its share of the log.
    pub(super) fn refuse(&self, index: usize, refused: &Refused) {
        self.note(index, |status| {
            status.refusals.count(refused);
            status.last_refusal = Some(refused.chain());
        });
        let Some(camera) = self.cameras.get(index) else {
            return;
        };
        let cause = std::mem::discriminant(refused);
        let mut memory = camera.memory();
        let new = memory.complaint.replace(cause) != Some(cause);
        if new && memory.lines.take(Instant::now()) {
            drop(memory);
            let (camera, reason) = (&camera.config.name, refused.chain());
            tracing::warn!(camera, ?reason, "a camera's request is refused");
        }
    }

    /// Notes that a request was acknowledged.
    pub(super) fn relieved(&self, index: usize) {
        let Some(camera) = self.cameras.get(index) else {
            return;
        };
        let mut memory = camera.memory();
        if memory.complaint.take().is_some() && memory.lines.take(Instant::now()) {
            drop(memory);
            tracing::info!(camera = camera.config.name, "a camera's requests are taken again");
        }
    }
}
