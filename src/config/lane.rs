//! `[[lane]]`: one lane of the road and what is expected of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::pipeline::assess::{AccuracyClass, Stage};
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
    /// Greatest mean acceleration or braking that the scale is approved for, mm/s²; beyond it, and
    /// where the scale does not tell it, no record is enforceable. Absent: not checked by us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10_000))]
    pub max_acceleration_mmps2: Option<i16>,
    /// Accuracy class for the mass of the whole vehicle by the verification certificate (JJG 907,
    /// OIML R134). Absent: no guard band, so that no verdict is `uncertain`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy_class: Option<AccuracyClass>,
    /// Which permissible error of that class counts. Default: `in_service`, twice the one at
    /// verification and the more favourable to the vehicle.
    #[serde(default = "default_accuracy_stage")]
    pub accuracy_stage: Stage,
    /// Scale interval d by the certificate, kilograms; gives the least permissible error. Absent:
    /// none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000))]
    pub scale_interval_kg: Option<u32>,
    /// Number of the verification certificate. Absent: what the scale itself tells counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub certificate_number: Option<String>,
    /// Who issued it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 128))]
    pub certificate_institution: Option<String>,
    /// Its last day, `yyyy-mm-dd`; after it no record is enforceable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date"))]
    pub certificate_expiry: Option<String>,
    /// Calibration factor set in the scale, per-myriad, for the record: the scale has applied it,
    /// and it is never applied here. Absent: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 5_000, max = 20_000))]
    pub calibration_factor_permyriad: Option<u32>,
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
            max_acceleration_mmps2: None,
            accuracy_class: None,
            accuracy_stage: default_accuracy_stage(),
            scale_interval_kg: None,
            certificate_number: None,
            certificate_institution: None,
            certificate_expiry: None,
            calibration_factor_permyriad: None,
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

fn default_accuracy_stage() -> Stage {
    Stage::InService
}
