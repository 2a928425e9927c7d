//! The state of all parts at one moment: what `wimd status` prints, and the health on the status
//! topic.

use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::watch;

use super::pipeline_task::PipelineTaskStatus;
use crate::clock::{Clock, SystemClockState, Timestamp};
use crate::io::camera::CameraDoorStatus;
use crate::io::pictures::{PictureCounts, PictureFolder};
use crate::io::recorder::{Recording, RecordingCounts};
use crate::io::scale::ScaleStatus;
use crate::io::status::{Answer, Request, StatusSocketCounts, StatusSocketWatch, metrics};
use crate::io::store::{Store, StoreError, StoreStatus};
use crate::io::uplink::{self, status::UplinkStatus};
use crate::pipeline::record::{Provenance, Site};

/// Everything the daemon tells of itself.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Snapshot {
    /// When it was taken.
    pub at: Timestamp,
    /// When the daemon started.
    pub started_at: Timestamp,
    /// Where it stands.
    pub site: Site,
    /// Which software and parameters make the records.
    pub provenance: Provenance,
    /// What the kernel says of the system clock.
    pub system_clock: SystemClockState,
    /// Each line to scale controllers, in the order of the configuration.
    pub scales: Vec<ScaleStatus>,
    /// The camera door with its cameras.
    pub camera_door: CameraDoorStatus,
    /// Offers of the doors, and the pipeline.
    pub pipeline: PipelineTaskStatus,
    /// Inbox, ledger and outbox.
    pub store: StoreStatus,
    /// The folder of pictures.
    pub pictures: PictureCounts,
    /// The connection to the broker.
    pub uplink: UplinkStatus,
    /// What was recorded for `wimd replay`; `None` when it is switched off.
    pub recording: Option<RecordingCounts>,
    /// Clients of the control socket.
    pub status_socket: StatusSocketCounts,
}

/// Where the parts show themselves.
#[derive(Clone, Debug)]
pub struct Sources {
    /// When the daemon started.
    pub started_at: Timestamp,
    /// Its clock.
    pub clock: Clock,
    /// Where it stands.
    pub site: Site,
    /// Which software and parameters.
    pub provenance: Provenance,
    /// Lines to scale controllers.
    pub scales: Vec<watch::Receiver<ScaleStatus>>,
    /// The camera door.
    pub camera_door: watch::Receiver<CameraDoorStatus>,
    /// The task that owns the pipeline.
    pub pipeline: watch::Receiver<PipelineTaskStatus>,
    /// The store.
    pub store: Store,
    /// The folder of pictures.
    pub pictures: PictureFolder,
    /// The uplink.
    pub uplink: watch::Receiver<UplinkStatus>,
    /// The control socket.
    pub status_socket: StatusSocketWatch,
    /// What is recorded.
    pub recording: Option<Recording>,
}

impl Sources {
    /// The state now. What it tells of recorded lines is in their files, for whoever copies them.
    pub fn snapshot(&self) -> Snapshot {
        if let Some(recording) = &self.recording {
            recording.flush();
        }
        let store = self.store.status();
        let backlog = uplink::backlog(&self.store, &store);
        Snapshot {
            at: self.clock.now(),
            started_at: self.started_at,
            site: self.site.clone(),
            provenance: self.provenance.clone(),
            system_clock: self.clock.system_state(),
            scales: self.scales.iter().map(|scale| scale.borrow().clone()).collect(),
            camera_door: self.camera_door.borrow().clone(),
            pipeline: self.pipeline.borrow().clone(),
            store,
            pictures: self.pictures.counts(),
            uplink: UplinkStatus { backlog, ..self.uplink.borrow().clone() },
            recording: self.recording.as_ref().map(Recording::counts),
            status_socket: self.status_socket.counts(),
        }
    }

    /// The same as one line of JSON.
    pub fn json(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(&self.snapshot()).unwrap_or_else(|error| {
            // A map with a key that is no text is the only way to fail, and there is none.
            format!("{{\"error\":{:?}}}", error.to_string()).into_bytes()
        });
        bytes.push(b'\n');
        bytes
    }

    /// The same as a tree of JSON.
    pub fn value(&self) -> serde_json::Value {
        serde_json::to_value(self.snapshot()).unwrap_or_default()
    }

    /// The state as Prometheus text.
    pub fn metrics(&self) -> String {
        metrics::render(&self.value())
    }

    /// The answer to a question of the control socket.
    pub fn answer(&self, request: Request) -> Answer {
        match request {
            Request::Status => Box::new(std::iter::once(self.json())),
            Request::Records { from, to } => match self.store.export(from, to) {
                Ok(records) => Box::new(records.map(|record| line(record.map(|r| r.payload())))),
                Err(error) => Box::new(std::iter::once(line(Err(error)))),
            },
            Request::Outbox { most } => {
                let listing = self.store.outbox_listing(most).map(|listing| {
                    // plain figures and words always have a JSON form
                    serde_json::to_vec(&listing).unwrap_or_default().into()
                });
                Box::new(std::iter::once(line(listing)))
            }
            Request::Delivery { seq } => {
                let delivery = self.store.delivery(seq);
                let delivery = delivery.map(|told| serde_json::to_vec(&told).unwrap_or_default());
                Box::new(std::iter::once(line(delivery.map(Into::into))))
            }
        }
    }

    /// The state in one line, for the service manager.
    pub fn line(&self) -> String {
        let (task, store) = (self.pipeline.borrow(), self.store.status());
        let waiting = store.outbox_first.entries + store.outbox_second.entries;
        format!(
            "{} passages, {} records, {waiting} to send, uplink {}",
            task.pipeline.counts.passages,
            task.pipeline.counts.records,
            format!("{:?}", self.uplink.borrow().state).to_lowercase(),
        )
    }
}

/// An answer as one line; what cannot be read says why in its place.
fn line(payload: Result<bytes::Bytes, StoreError>) -> Vec<u8> {
    let mut line = match payload {
        Ok(payload) => payload.to_vec(),
        Err(error) => serde_json::json!({ "error": error.to_string() }).to_string().into_bytes(),
    };
    line.push(b'\n');
    line
}
