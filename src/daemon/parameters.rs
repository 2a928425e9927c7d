//! From the configuration to what the parts below are told: the pipeline's parameters with the
//! limit tables, and the store's options.

mod law;

pub use law::{profile, profile_of, tables};

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::provenance::{ProvenanceError, provenance};
use crate::config::limits::TableProblems;
use crate::config::{
    CameraConfig, Config, LaneConfig, PairingConfig, RecorderConfig, SendPictures,
};
use crate::io::pictures::NewestPicture;
use crate::io::store;
use crate::pipeline::record::ClipSource;
use crate::pipeline::{CameraPlacement, LaneParameters, Parameters, pairing};
use crate::units::{Lane, Micros};

/// Folder of the pictures inside the store's.
pub(super) const PICTURES: &str = "evidence";

/// Why the pipeline cannot be told what to do.
#[derive(Debug, Error)]
pub enum ParametersError {
    /// A limit table cannot be read.
    #[error("cannot read the limit table {}", path.display())]
    Table {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Limit tables or their schedule have mistakes.
    #[error("the limit tables have mistakes:\n{0}")]
    Tables(TableProblems),
    /// The records would not know who made them.
    #[error("the provenance of the records is unknown")]
    Provenance(#[from] ProvenanceError),
}

/// Everything the pipeline is told.
///
/// # Errors
/// Limit tables that cannot be read or have mistakes; an unreadable binary.
pub fn of_pipeline(config: &Config) -> Result<Parameters, ParametersError> {
    let assessment = profile(config)?;
    let tables = assessment.tables();
    let tables: Vec<(String, String)> = tables
        .iter()
        .map(|table| (table.head().id.to_string(), table.head().sha256.to_string()))
        .collect();
    Ok(Parameters {
        site: config.site.site(),
        provenance: provenance(config, &tables)?,
        lanes: lanes(config),
        assessment,
        pairing: windows(&config.pairing),
        clips: config.recorder.iter().map(clips).collect(),
    })
}

/// What is expected in each lane.
pub fn lanes(config: &Config) -> Vec<LaneParameters> {
    config.lane.iter().map(|lane| placed(lane, &config.camera)).collect()
}

fn placed(lane: &LaneConfig, cameras: &[CameraConfig]) -> LaneParameters {
    let serving = cameras.iter().filter(|camera| camera.served_lanes().contains(&lane.lane()));
    LaneParameters {
        lane: lane.lane(),
        cameras: serving
            .map(|camera| CameraPlacement {
                camera: camera.name.clone(),
                role: camera.role,
                distance_mm: camera.distance_mm,
            })
            .collect(),
        required_pictures: lane.required_pictures.clone(),
        min_speed: lane.min_speed(),
        max_speed: lane.max_speed(),
    }
}

fn clips(recorder: &RecorderConfig) -> ClipSource {
    ClipSource {
        recorder: recorder.name.clone(),
        lanes: recorder.lanes.iter().copied().map(Lane).collect(),
        template: recorder.url.clone(),
        before: Micros::from_secs(recorder.before_s.into()),
        after: Micros::from_secs(recorder.after_s.into()),
    }
}

fn windows(section: &PairingConfig) -> pairing::Parameters {
    pairing::Parameters {
        window: Micros::from_millis(section.window_ms.into()),
        event_window: Micros::from_millis(section.event_window_ms.into()),
        half_window: Micros::from_millis(section.half_window_ms.into()),
        ..pairing::Parameters::default()
    }
}

/// Where the store is and what it may use.
pub fn of_store(config: &Config) -> store::StoreOptions {
    let section = &config.store;
    store::StoreOptions {
        dir: section.dir.clone(),
        bounds: store::Bounds {
            inbox_entries: section.max_inbox,
            inbox_bytes: section.max_inbox_bytes,
            outbox_entries: section.max_outbox,
            outbox_bytes: section.max_outbox_bytes,
            outbox_days: section.max_outbox_days,
            ledger_entries: section.max_ledger,
            ledger_bytes: section.max_ledger_bytes,
            ledger_days: section.max_ledger_days,
            min_free_bytes: section.min_free_bytes,
            ..store::Bounds::default()
        },
        send_pictures: match section.send_pictures {
            SendPictures::Violations => store::SendPictures::Violations,
            SendPictures::All => store::SendPictures::All,
            SendPictures::OnRequest => store::SendPictures::OnRequest,
        },
        origin: store::Origin { site: config.site.site(), ..store::Origin::default() },
        newest_picture: NewestPicture::of(&section.dir.join(PICTURES)),
    }
}
