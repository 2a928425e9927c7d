//! The seam between the doors and the store: an offer is answered only when it is durable.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};

use crate::pipeline::Arrival;
use crate::pipeline::passage::ScaleIdentity;

/// How far a controller's events are settled; stored in the same commit as the passages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkCursor {
    /// Boot id of the controller.
    pub boot_id: u32,
    /// Every event up to and including this sequence is settled.
    pub acknowledged: u32,
    /// Vehicles beyond it that are already in the store, ascending.
    pub stored_vehicles: Vec<u32>,
    /// Sensors that are not good as the controller last said, each with its four bytes on the wire:
    /// lane, kind, number, health. It says so once a minute.
    #[serde(default)]
    pub bad_sensors: Vec<[u8; 4]>,
    /// Which scale measured the last event received.
    #[serde(default)]
    pub scale: KnownScale,
    /// How often in a row the controller has started with that boot id beside the first time.
    #[serde(default)]
    pub repeats: u32,
}

/// What is known of the scale that measures a controller's next event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum KnownScale {
    /// Nothing was ever heard of it: its first answer is believed for what the controller holds.
    #[default]
    Never,
    /// It is this one, unless the event tells of a change.
    Present(ScaleIdentity),
    /// It was this one before the controller started anew.
    BeforeRestart(ScaleIdentity),
    /// It has changed, with these counts afterwards, and its identity is not known yet.
    Changed(ChangeCounts),
}

/// Calibrations and changes of the configuration so far; `None` where the controller does not count
/// them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeCounts {
    /// Calibrations.
    pub calibration: Option<u64>,
    /// Changes of the configuration.
    pub configuration: Option<u64>,
}

/// A controller's cursor with its name: the port's name in the configuration and the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CursorUpdate {
    /// Key, such as `scale-1/7`.
    pub controller: String,
    /// New value.
    pub cursor: LinkCursor,
}

/// Why an offer was not taken. The sender keeps its data and tries again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The disk or a bound of the store is full.
    #[error("the store is full")]
    Full,
    /// The store cannot write.
    #[error("the store cannot write")]
    Failed,
    /// The daemon is stopping.
    #[error("the daemon is stopping")]
    Stopping,
    /// There is no daemon: a technician looks at what comes.
    #[error("a camera test is running, which keeps nothing: send it again")]
    Test,
}

/// What a door hands over.
#[derive(Debug)]
pub struct Offer {
    /// The inputs; all or none become durable.
    pub arrivals: Vec<Arrival>,
    /// Cursor to store with them.
    pub cursor: Option<CursorUpdate>,
    /// Answered after the commit is synced.
    pub done: oneshot::Sender<Result<(), Refusal>>,
}

/// A door's handle.
#[derive(Clone, Debug)]
pub struct Intake(mpsc::Sender<Offer>);

/// A handle for the doors and the receiving end for the daemon.
pub fn channel(capacity: usize) -> (Intake, mpsc::Receiver<Offer>) {
    let (sender, receiver) = mpsc::channel(capacity);
    (Intake(sender), receiver)
}

impl Intake {
    /// Hands inputs over and waits until they are durable.
    ///
    /// # Errors
    /// A [`Refusal`] when they are not; nothing may then be acknowledged to the sender.
    pub async fn accept(
        &self,
        arrivals: Vec<Arrival>,
        cursor: Option<CursorUpdate>,
    ) -> Result<(), Refusal> {
        let (done, answer) = oneshot::channel();
        let offer = Offer { arrivals, cursor, done };
        self.0.send(offer).await.map_err(|_| Refusal::Stopping)?;
        answer.await.unwrap_or(Err(Refusal::Stopping))
    }
}
