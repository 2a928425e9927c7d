//! Which software and which parameters make the records: the hashes that stand in each of them.

use std::fs::File;
use std::io;
use std::path::Path;

use serde::Serialize;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::config::camera::{CameraDirection, Dialect, LaneMapping};
use crate::config::{
    CameraConfig, Config, ControllerLane, GroupingConfig, LaneConfig, LimitsConfig, PairingConfig,
    RecorderConfig, ScaleConfig, SiteConfig,
};
use crate::pipeline::grouping::CodeScheme;
use crate::pipeline::plate::CameraRole;
use crate::pipeline::record::Provenance;

/// The running binary, also after an upgrade has replaced its file.
const OWN_BINARY: &str = "/proc/self/exe";

/// Why the provenance is not known; no record may be made without it.
#[derive(Debug, Error)]
pub enum ProvenanceError {
    /// The binary cannot be read.
    #[error("cannot read the running binary {OWN_BINARY}")]
    Binary(#[source] io::Error),
    /// The parameters have no canonical form.
    #[error("cannot write the parameters as canonical JSON")]
    Parameters(#[source] serde_json::Error),
}

/// What decides about a record beside the software. Everything else in the configuration decides
/// how data moves, not what it says.
#[derive(Serialize)]
struct LegallyRelevant<'a> {
    site: &'a SiteConfig,
    limits: &'a LimitsConfig,
    /// Id and SHA-256 of each limit table in use, by id.
    tables: &'a [(String, String)],
    grouping: &'a GroupingConfig,
    pairing: &'a PairingConfig,
    scales: Vec<Weighing<'a>>,
    lanes: &'a [LaneConfig],
    cameras: Vec<Placement<'a>>,
    recorders: Vec<Filming<'a>>,
}

/// A line to controllers, without how it is reached.
#[derive(Serialize)]
struct Weighing<'a> {
    name: &'a str,
    addresses: &'a [u8],
    lanes: &'a [ControllerLane],
    group_codes: Option<CodeScheme>,
    vehicle_timeout_s: u32,
}

impl<'a> Weighing<'a> {
    fn of(scale: &'a ScaleConfig) -> Self {
        Self {
            name: &scale.name,
            addresses: &scale.addresses,
            lanes: &scale.lanes,
            group_codes: scale.group_codes,
            vehicle_timeout_s: scale.vehicle_timeout_s,
        }
    }
}

/// A camera, without how it is reached.
#[derive(Serialize)]
struct Placement<'a> {
    name: &'a str,
    dialect: Dialect,
    role: CameraRole,
    lane: Option<u8>,
    lanes: &'a [LaneMapping],
    distance_mm: i32,
    with_traffic_direction: CameraDirection,
    compass_with_traffic: Option<u8>,
    target_is_trigger: bool,
}

impl<'a> Placement<'a> {
    fn of(camera: &'a CameraConfig) -> Self {
        Self {
            name: &camera.name,
            dialect: camera.dialect,
            role: camera.role,
            lane: camera.lane,
            lanes: &camera.lanes,
            distance_mm: camera.distance_mm,
            with_traffic_direction: camera.with_traffic_direction,
            compass_with_traffic: camera.compass_with_traffic,
            target_is_trigger: camera.target_is_trigger,
        }
    }
}

/// A recorder, without where its films are.
#[derive(Serialize)]
struct Filming<'a> {
    name: &'a str,
    lanes: &'a [u8],
    before_s: u32,
    after_s: u32,
}

impl<'a> Filming<'a> {
    fn of(recorder: &'a RecorderConfig) -> Self {
        let RecorderConfig { name, lanes, url: _, before_s, after_s } = recorder;
        Self { name, lanes, before_s: *before_s, after_s: *after_s }
    }
}

/// Hashes the running binary, the parameters and the limit tables.
///
/// # Errors
/// When the binary cannot be read.
pub fn provenance(
    config: &Config,
    tables: &[(String, String)],
) -> Result<Provenance, ProvenanceError> {
    let relevant = LegallyRelevant {
        site: &config.site,
        limits: &config.limits,
        tables,
        grouping: &config.grouping,
        pairing: &config.pairing,
        scales: config.scale.iter().map(Weighing::of).collect(),
        lanes: &config.lane,
        cameras: config.camera.iter().map(Placement::of).collect(),
        recorders: config.recorder.iter().map(Filming::of).collect(),
    };
    let canonical =
        serde_json_canonicalizer::to_vec(&relevant).map_err(ProvenanceError::Parameters)?;
    let sha256 = file_sha256(Path::new(OWN_BINARY)).map_err(ProvenanceError::Binary)?;
    Ok(Provenance {
        software: env!("CARGO_PKG_VERSION").into(),
        software_sha256: sha256.into(),
        parameters_sha256: hex::encode(Sha256::digest(&canonical)).into(),
    })
}

fn file_sha256(path: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    io::copy(&mut File::open(path)?, &mut hasher)?;
    Ok(hex::encode(hasher.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made_by(text: &str) -> Provenance {
        let loaded = crate::config::load::parse(text, Path::new("wimd.toml"));
        let config = loaded.expect("no mistakes").config;
        provenance(&config, &[]).expect("the test binary can be read")
    }

    fn hash_of(text: &str) -> String {
        made_by(text).parameters_sha256.to_string()
    }

    const LEAST: &str = r#"
site = { id = "a" }
uplink = { broker = "mqtt://127.0.0.1:1883" }
scale = [{ name = "s", port = "/dev/ttyS0" }]
lane = [{ number = 1, scale = "s" }]
"#;

    /// The hash of the least configuration with this in it.
    fn hash(text: &str) -> String {
        hash_of(&format!("{LEAST}{text}"))
    }

    #[test]
    fn what_decides_about_a_record_changes_the_hash() {
        for change in [
            "limits = { deduction_permyriad = 500 }",
            "limits = { axle_group_case_beyond_permyriad = 800 }",
            "limits = { suspension = \"unknown_is_air\" }",
            "grouping = { same_group_mm = 1800 }",
        ] {
            assert_ne!(hash(change), hash(""), "{change}");
        }
    }

    /// The configuration with this scale and camera, and a second lane.
    fn equipped(scale: &str, camera: &str, rest: &str) -> String {
        let text = format!(
            r#"
site = {{ id = "a" }}
uplink = {{ broker = "mqtt://127.0.0.1:1883" }}
scale = [{{ name = "s", port = "/dev/ttyS0", {scale} }}]
lane = [{{ number = 1, scale = "s" }}, {{ number = 2, scale = "s" }}]
camera = [{{ name = "c", token = "token-of-c", role = "front", distance_mm = 25000, {camera} }}]
{rest}
"#
        );
        hash_of(&text)
    }

    #[test]
    fn where_a_vehicle_and_its_plate_are_found_changes_the_hash() {
        let straight = "lanes = [{ device = 1, site = 1 }, { device = 2, site = 2 }]";
        let crossed = "lanes = [{ device = 2, site = 1 }, { device = 1, site = 2 }]";
        let film =
            "recorder = [{ name = \"r\", lanes = [1], url = \"http://r/{start_utc}{end_utc}\" }]";
        let hashes = [
            equipped("", straight, ""),
            equipped("", crossed, ""),
            equipped("", "lane = 1", ""),
            equipped("", "lane = 1, with_traffic_direction = \"reverse\"", ""),
            equipped("", "lane = 1, target_is_trigger = true", ""),
            equipped("", "lane = 1, dialect = \"dahua\"", ""),
            equipped("", "lane = 1, dialect = \"gat1400\"", ""),
            equipped("", "lane = 1, dialect = \"gat1400\", compass_with_traffic = 3", ""),
            equipped(straight, "lane = 1", ""),
            equipped(crossed, "lane = 1", ""),
            equipped("vehicle_timeout_s = 31", "lane = 1", ""),
            equipped("", "lane = 1", film),
        ];
        let different: std::collections::BTreeSet<&String> = hashes.iter().collect();
        assert_eq!(different.len(), hashes.len(), "{hashes:#?}");
    }

    #[test]
    fn how_data_moves_does_not_change_the_hash() {
        assert_eq!(hash("status = { max_clients = 3 }"), hash(""));
    }

    #[test]
    fn the_running_binary_has_a_hash() {
        assert_eq!(made_by(LEAST).software_sha256.len(), 64);
    }
}
