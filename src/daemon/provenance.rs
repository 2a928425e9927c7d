//! Which software and which parameters make the records: the hashes that stand in each of them.

use std::fs::File;
use std::io;
use std::path::Path;

use serde::Serialize;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::config::{
    CameraConfig, Config, ControllerLane, GroupingConfig, LaneConfig, LimitsConfig, PairingConfig,
    ScaleConfig, SiteConfig,
};
use crate::pipeline::grouping::CodeScheme;
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
}

/// A line to controllers, without how it is reached.
#[derive(Serialize)]
struct Weighing<'a> {
    name: &'a str,
    lanes: &'a [ControllerLane],
    group_codes: Option<CodeScheme>,
}

impl<'a> Weighing<'a> {
    fn of(scale: &'a ScaleConfig) -> Self {
        Self { name: &scale.name, lanes: &scale.lanes, group_codes: scale.group_codes }
    }
}

/// A camera without its token.
#[derive(Serialize)]
struct Placement<'a> {
    name: &'a str,
    role: crate::pipeline::plate::CameraRole,
    lanes: Vec<crate::units::Lane>,
    distance_mm: i32,
    with_traffic_direction: crate::config::CameraDirection,
}

impl<'a> Placement<'a> {
    fn of(camera: &'a CameraConfig) -> Self {
        Self {
            name: &camera.name,
            role: camera.role,
            lanes: camera.served_lanes(),
            distance_mm: camera.distance_mm,
            with_traffic_direction: camera.with_traffic_direction,
        }
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

    fn config(text: &str) -> Config {
        let base = r#"
site = { id = "a" }
uplink = { broker = "mqtt://127.0.0.1:1883" }
scale = [{ name = "s", port = "/dev/ttyS0" }]
lane = [{ number = 1, scale = "s" }]
"#;
        let text = format!("{base}{text}");
        let loaded = crate::config::load::parse(&text, Path::new("wimd.toml"));
        loaded.expect("no mistakes").config
    }

    fn hash(text: &str) -> String {
        let made = provenance(&config(text), &[]).expect("the test binary can be read");
        made.parameters_sha256.to_string()
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

    #[test]
    fn how_data_moves_does_not_change_the_hash() {
        assert_eq!(hash("status = { max_clients = 3 }"), hash(""));
    }

    #[test]
    fn the_running_binary_has_a_hash() {
        let made = provenance(&config(""), &[]).expect("the test binary can be read");
        assert_eq!(made.software_sha256.len(), 64);
    }
}
