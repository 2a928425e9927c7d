//! From the configuration to what the parts below are told: the pipeline's parameters with the
//! limit tables, and the store's options.

use std::fs;
use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::provenance::{ProvenanceError, provenance};
use crate::config::limits::{self, ScheduleEntry, TableProblems};
use crate::config::{CameraConfig, Config, LaneConfig, LimitsConfig, PairingConfig, SendPictures};
use crate::io::store;
use crate::pipeline::assess::{LaneLaw, Profile, Tolerance, ToleranceKind};
use crate::pipeline::limits::{Day, LimitTable, Schedule, Tables};
use crate::pipeline::{CameraPlacement, LaneParameters, Parameters, pairing};
use crate::units::{DeciKmh, Micros, PerMyriad};

/// Speeds for a lane whose scale is approved up to or from one speed only.
const ANY_SPEED: (DeciKmh, DeciKmh) = (DeciKmh(0), DeciKmh(u16::MAX));

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
        lanes: config.lane.iter().map(|lane| placed(lane, &config.camera)).collect(),
        assessment,
        pairing: windows(&config.pairing),
    })
}

/// The legally relevant profile: tables, tolerance, what is known of each lane's scale.
///
/// # Errors
/// Limit tables that cannot be read or have mistakes.
pub fn profile(config: &Config) -> Result<Profile, ParametersError> {
    let section = &config.limits;
    let standard = limits::standard_profile();
    let mut profile = if section.tables.is_empty() && section.schedule.is_empty() {
        standard
    } else {
        let tables = tables(section)?;
        let regime = regime(section, &tables)?;
        Profile::new(regime, standard.comparison, standard.axle)
    };
    if section.deduction_permyriad > 0 {
        let part = u32::from(section.deduction_permyriad);
        profile.tolerance = Tolerance {
            id: format!("deduct-{part}").as_str().into(),
            kind: ToleranceKind::Deduct(PerMyriad(part)),
        };
    }
    profile.lanes = config.lane.iter().map(law_of_lane).collect();
    Ok(profile)
}

fn tables(section: &LimitsConfig) -> Result<Tables, ParametersError> {
    let mut tables: Vec<LimitTable> = Vec::new();
    for (file, text) in limits::STANDARD {
        tables.push(limits::read(file, text).map_err(ParametersError::Tables)?);
    }
    for path in &section.tables {
        let text = fs::read_to_string(path)
            .map_err(|source| ParametersError::Table { path: path.clone(), source })?;
        let name = path.display().to_string();
        tables.push(limits::read(&name, &text).map_err(ParametersError::Tables)?);
    }
    Ok(Tables::new(tables))
}

fn regime(section: &LimitsConfig, tables: &Tables) -> Result<Schedule, ParametersError> {
    let mut entries: Vec<ScheduleEntry> = section
        .schedule
        .iter()
        .map(|term| ScheduleEntry {
            from: term.from.parse::<Day>().ok(),
            ..ScheduleEntry::whole(&term.table)
        })
        .collect();
    if entries.is_empty() {
        entries.push(ScheduleEntry::whole(limits::STANDARD_REGIME));
    }
    limits::schedule(tables, "limits.schedule", &entries).map_err(ParametersError::Tables)
}

fn law_of_lane(lane: &LaneConfig) -> LaneLaw {
    let (least, most) = ANY_SPEED;
    let speed = match (lane.min_speed(), lane.max_speed()) {
        (None, None) => None,
        (from, to) => Some((from.unwrap_or(least), to.unwrap_or(most))),
    };
    LaneLaw { lane: lane.lane(), speed, ..LaneLaw::default() }
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
            ledger_entries: section.max_ledger,
            ledger_bytes: section.max_ledger_bytes,
            ledger_days: section.max_ledger_days,
            min_free_bytes: section.min_free_bytes,
        },
        send_pictures: match section.send_pictures {
            SendPictures::Violations => store::SendPictures::Violations,
            SendPictures::All => store::SendPictures::All,
            SendPictures::OnRequest => store::SendPictures::OnRequest,
        },
    }
}
