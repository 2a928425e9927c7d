//! The configuration: one TOML file, sections in the order of the data's way.
//!
//! In: the text of the file. Out: a [`Config`] without contradictions, or every mistake at once
//! with line, key and allowed values. Keys are `snake_case`, the names of the fields; the unit
//! stands at the end of the key. Unknown keys are refused. Relative paths are relative to the
//! file. It never falls back to a default when something is wrong.

pub mod advice;
pub mod camera;
pub mod contradictions;
pub mod document;
pub mod files;
pub mod formats;
pub mod grouping;
pub mod lane;
pub mod limits;
pub mod limits_section;
pub mod load;
pub mod pairing;
pub mod problem;
pub mod recorder;
pub mod scale;
pub mod shape;
pub mod site;
pub mod status;
pub mod store;
pub mod uplink;

pub use camera::{
    CameraConfig, CameraDirection, CameraDoorConfig, Dialect, LaneMapping, PullBy, StatusList,
};
pub use grouping::GroupingConfig;
pub use lane::LaneConfig;
pub use limits_section::{LimitsConfig, ScheduleTerm, SuspensionProfile};
pub use pairing::PairingConfig;
pub use recorder::RecorderConfig;
pub use scale::{ControllerLane, LinkMode, ScaleConfig, SerialFormat};
pub use site::SiteConfig;
pub use status::StatusConfig;
pub use store::{SendPictures, StoreConfig};
pub use uplink::{Confirm, UplinkConfig};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The whole file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where this box stands.
    pub site: SiteConfig,
    /// Limit tables and how they are applied.
    #[serde(default)]
    pub limits: LimitsConfig,
    /// Spacings that make axles a group.
    #[serde(default)]
    pub grouping: GroupingConfig,
    /// How plates find their passages.
    #[serde(default)]
    pub pairing: PairingConfig,
    /// Where records and pictures are kept.
    #[serde(default)]
    pub store: StoreConfig,
    /// The broker of the platform.
    pub uplink: UplinkConfig,
    /// The local control socket.
    #[serde(default)]
    pub status: StatusConfig,
    /// Where cameras deliver.
    #[serde(default)]
    pub camera_door: CameraDoorConfig,
    /// Lines to scale controllers, at least one.
    #[schemars(length(min = 1, max = 16))]
    pub scale: Vec<ScaleConfig>,
    /// Lanes, at least one.
    #[schemars(length(min = 1, max = 32))]
    pub lane: Vec<LaneConfig>,
    /// Cameras. Default: none.
    #[serde(default)]
    #[schemars(length(max = 64))]
    pub camera: Vec<CameraConfig>,
    /// Video recorders. Default: none.
    #[serde(default)]
    #[schemars(length(max = 16))]
    pub recorder: Vec<RecorderConfig>,
}
