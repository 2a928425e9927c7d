//! `[[lane]]`: one lane of the road and what is expected of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::pipeline::plate::CameraRole;
use crate::units::{DeciKmh, Lane};

/// `[[lane]]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LaneConfig {
    /// 1 is leftmost in the direction of travel.
    #[schemars(range(min = 1, max = 32))]
    pub number: u8,
    /// `name` of the `[[scale]]` that weighs it.
    pub scale: String,
    /// Lowest speed that the scale is approved for, km/h; below it no record is enforceable.
    /// Absent: not checked by us (the controller's own flag still counts).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 200))]
    pub min_speed_kmh: Option<u16>,
    /// Highest speed that the scale is approved for, km/h. Absent: not checked by us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 200))]
    pub max_speed_kmh: Option<u16>,
    /// Camera roles whose picture a complete record must hold. Default: none.
    #[serde(default)]
    pub required_pictures: Vec<CameraRole>,
}

impl LaneConfig {
    /// A lane with every optional key at its default.
    pub fn new(number: u8, scale: impl Into<String>) -> Self {
        Self {
            number,
            scale: scale.into(),
            min_speed_kmh: None,
            max_speed_kmh: None,
            required_pictures: Vec::new(),
        }
    }

    /// Its number with the unit's type.
    pub fn lane(&self) -> Lane {
        Lane(self.number)
    }

    /// [`LaneConfig::min_speed_kmh`] in the pipeline's unit.
    pub fn min_speed(&self) -> Option<DeciKmh> {
        self.min_speed_kmh.map(|kmh| DeciKmh(kmh.saturating_mul(10)))
    }

    /// [`LaneConfig::max_speed_kmh`] in the pipeline's unit.
    pub fn max_speed(&self) -> Option<DeciKmh> {
        self.max_speed_kmh.map(|kmh| DeciKmh(kmh.saturating_mul(10)))
    }
}
