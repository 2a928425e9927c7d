//! Simulated cameras: plate events in, real ISAPI requests out, in every shape that real cameras
//! have been seen to send. Used by `demo`, `simulate` and the tests.
//!
//! A camera keeps an event until it has its 200, whatever happens to the daemon meanwhile, and
//! tells the real instants at which the last byte had left and the answer had come.

mod altered;
mod body;
mod dialect;
mod json;
mod link;
mod message;
mod oddity;
mod picture;
mod stream;
mod trial;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use thiserror::Error;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub use body::{Quirk, SimBody, isapi_body};
pub use dialect::SimDialect;
pub use link::{Answer, LinkError, SimLink};
pub use message::{Variant, isapi_json, isapi_xml};
pub use oddity::Oddity;
pub use picture::{SimPicture, large_scene, scene, variation};
pub use stream::{SimStream, StreamFault, StreamHandle, StreamSettings};
pub use trial::SimTrial;

use crate::clock::{Clock, Timestamp};
use crate::pipeline::plate::PlateColour;
use crate::units::DeciKmh;

/// First pause before an event is sent again; doubles up to [`LONGEST_PAUSE`]. Real cameras wait
/// longer; the tests want to see the recovery.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// What the camera makes of the plate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SimPlate {
    /// The text, without colour character.
    Read(String),
    /// `noPlate`
    Absent,
    /// `unknown`
    Unread,
}

/// One event of a simulated camera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimPlateEvent {
    /// When the picture was taken, in the steady domain.
    pub at: Timestamp,
    /// When the camera begins to send, in the steady domain; not before `at`.
    pub send_at: Timestamp,
    /// The plate.
    pub plate: SimPlate,
    /// Its colour.
    pub colour: PlateColour,
    /// The camera's own lane number.
    pub line: u8,
    /// Whether the vehicle drives `forward` as the camera sees it.
    pub forward: bool,
    /// 0 to 100.
    pub confidence: u8,
    /// UUID of the event; `None` as on old firmware.
    pub uuid: Option<String>,
    /// Marked as sent again after an outage.
    pub retransmission: bool,
    /// Announces a fuller message with the same UUID.
    pub more_follows: bool,
    /// Measured speed.
    pub speed: Option<DeciKmh>,
    /// Pictures, in order.
    pub pictures: Vec<SimPicture>,
    /// Names of pictures that it keeps and tells by an address.
    pub elsewhere: Vec<String>,
}

impl SimPlateEvent {
    /// A live event that is sent at once: read, yellow, lane 1, forward, without pictures.
    pub fn read(plate: &str, at: Timestamp) -> Self {
        Self {
            at,
            send_at: at,
            plate: SimPlate::Read(plate.to_owned()),
            colour: PlateColour::Yellow,
            line: 1,
            forward: true,
            confidence: 97,
            uuid: None,
            retransmission: false,
            more_follows: false,
            speed: None,
            pictures: Vec::new(),
            elsewhere: Vec::new(),
        }
    }
}

/// An event that was acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The event's number in the order of the list.
    pub number: usize,
    /// Real instant at which the last byte of the acknowledged request had been written.
    pub written_at: Instant,
    /// Real instant at which its 200 had come.
    pub acknowledged_at: Instant,
    /// Requests that were made, at least 1.
    pub attempts: u32,
}

/// The camera gave an event up.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SimCameraError {
    /// The stop order came first.
    #[error("stopped with event {0} not acknowledged")]
    Stopped(usize),
}

/// A camera that posts to one path.
#[derive(Debug)]
pub struct SimCamera {
    link: SimLink,
    variant: Variant,
    quirks: Vec<Quirk>,
}

impl SimCamera {
    /// Posts to `http://{address}{path}`, such as `/camera/token/anpr`.
    pub fn new(address: SocketAddr, path: &str) -> Self {
        Self { link: SimLink::new(address, path), variant: Variant::default(), quirks: Vec::new() }
    }

    /// Speaks this variant of the message.
    #[must_use]
    pub fn variant(mut self, variant: Variant) -> Self {
        self.variant = variant;
        self
    }

    /// Has these quirks.
    #[must_use]
    pub fn quirks(mut self, quirks: &[Quirk]) -> Self {
        self.quirks = quirks.to_vec();
        self
    }

    /// Sends the events in their order, each when its time has come, and reports each that is
    /// acknowledged. The events are expected in the order of their `send_at`.
    ///
    /// # Errors
    /// [`SimCameraError::Stopped`] when the stop order came before the last acknowledgement.
    pub async fn play(
        mut self,
        events: impl IntoIterator<Item = SimPlateEvent, IntoIter: Send> + Send,
        clock: Clock,
        delivered: mpsc::UnboundedSender<Delivered>,
        stop: CancellationToken,
    ) -> Result<(), SimCameraError> {
        for (number, event) in events.into_iter().enumerate() {
            let sent = async {
                tokio::time::sleep(clock.real(event.send_at - clock.now())).await;
                self.deliver(&event).await
            };
            let (written_at, acknowledged_at, attempts) = tokio::select! {
                () = stop.cancelled() => return Err(SimCameraError::Stopped(number)),
                sent = sent => sent,
            };
            // Nobody may be listening, which is not the camera's affair.
            let _ = delivered.send(Delivered { number, written_at, acknowledged_at, attempts });
        }
        Ok(())
    }

    /// Sends an event until it is acknowledged: when its last byte had been written, when the 200
    /// had come, and how many requests it took.
    pub async fn deliver(&mut self, event: &SimPlateEvent) -> (Instant, Instant, u32) {
        let body = isapi_body(event, self.variant, &self.quirks);
        let (mut attempts, mut pause) = (0, FIRST_PAUSE);
        loop {
            attempts += 1;
            if let Ok(answer) = self.link.post(&body).await
                && answer.status.is_success()
            {
                return (answer.written_at, answer.received_at, attempts);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}
