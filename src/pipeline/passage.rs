//! A passage: the axles of one vehicle as the scale controller measured them, before any
//! judgement. Made by `io/scale`, durable in the inbox, consumed by the pipeline.
//!
//! The types here and in [`super::plate`] are stored with bincode: no tagged, flattened or
//! skipped fields.

pub(super) mod memory;
pub(super) mod pace;
pub(super) mod size;

mod counter;
mod unmeasured;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::{SystemClockState, Timestamp};
use crate::units::{
    DeciCelsius, DeciKmh, Kilograms, Lane, Micros, Millimetres, MillimetresPerSecond2,
};

/// Which vehicle of which controller: unique for ever, the key of exactly-once.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct PassageSource {
    /// Address on the line, 1 to 247.
    pub controller: u8,
    /// Random number that the controller draws at each start. Where it draws the same one again, we count
    /// it up by one for each time: the vehicles of two starts are not the same.
    pub boot_id: u32,
    /// Vehicle number since that start.
    pub vehicle: u32,
}

/// Direction of travel relative to the lane's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// As the lane is meant to be driven.
    WithTraffic,
    /// Against it: 逆行.
    AgainstTraffic,
    /// Not measured.
    #[default]
    Unknown,
}

/// Tyres on each side of an axle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tyres {
    /// One tyre each side.
    Single,
    /// Two tyres each side.
    Dual,
    /// Not measured; never counts against the vehicle.
    #[default]
    Unknown,
}

/// One axle, front to rear.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Axle {
    /// When its centre crossed the scale.
    pub at: Timestamp,
    /// Load of the whole axle; `None` when it was not measured.
    pub load_kg: Option<Kilograms>,
    /// Load of the left wheels in the direction of travel.
    pub left_kg: Option<Kilograms>,
    /// Load of the right wheels.
    pub right_kg: Option<Kilograms>,
    /// Distance to the axle before it; `None` on the first axle or when not measured.
    pub spacing_mm: Option<Millimetres>,
    /// Speed of this axle.
    pub speed_dkmh: Option<DeciKmh>,
    /// Tyres each side.
    pub tyres: Tyres,
}

/// What the controller or the assembler found wrong with a measurement, by name.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum QualityFlag {
    /// The controller reports stop-and-go on the scale.
    StopAndGo,
    /// The controller reports braking on the scale.
    Braking,
    /// The controller reports accelerating on the scale.
    Accelerating,
    /// The controller reports an S-shaped path.
    SDriving,
    /// The controller reports wheels on the seam of two lanes.
    Straddling,
    /// The controller reports wheels beside the scale.
    OffScale,
    /// The controller could not separate this vehicle from its neighbour.
    Tailgating,
    /// A sensor of the lane was faulty.
    SensorFault,
    /// Speed outside the controller's approved range.
    SpeedOutOfRange,
    /// The controller's own total differs from the sum of the axles.
    GrossDisagrees,
    /// Fewer axles arrived than the vehicle end announced.
    MissingAxle,
    /// More axles arrived than the vehicle end announced.
    SurplusAxle,
    /// The CRC over the axles differs from the one in the vehicle end.
    AxleCrcMismatch,
    /// Axles or an end arrived, but no begin.
    BeginMissing,
    /// The vehicle end never came; closed by time-out.
    EndMissing,
    /// The instants of the axles do not increase.
    AxlesOutOfOrder,
    /// Spacings are longer than the vehicle.
    LengthDisagrees,
    /// Controller time could not be mapped yet; instants are those of arrival.
    TimeUnmapped,
    /// The controller makes a remark that this version does not know.
    UnknownRemark,
    /// The begin that arrived is of another lane or direction than the end, and was left out.
    BeginContradicted,
    /// Nobody told the lane, or it is none of the configured ones.
    LaneUnmapped,
}

/// How controller time was turned into ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct TimeMapping {
    /// Half the round trip of the exchange in use: the bound of its error.
    pub error_us: Option<Micros>,
    /// The system clock when the passage was received.
    pub system: SystemClockState,
}

/// Axle-group codes as the device sent them, one per group, front to rear.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct DeviceGroups {
    /// The codes, whose meaning is the device's setting (scales.md section 5).
    pub codes: Vec<u8>,
}

/// Verification and configuration of the scale at the time of the passage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct ScaleIdentity {
    /// Maker's model.
    pub model: String,
    /// Serial number.
    pub serial: String,
    /// Software identification of the controller.
    pub software: String,
    /// Verification certificate number; empty when the controller holds none.
    pub certificate: String,
    /// Last day of the certificate as `yyyymmdd`; `None` when unknown.
    pub certificate_expiry: Option<u32>,
    /// Non-resettable calibration counter; `None` when the controller has none.
    #[serde(with = "counter")]
    #[schemars(with = "Option<u64>", required)]
    pub calibration_count: Option<u64>,
    /// Non-resettable configuration counter; `None` when the controller has none.
    #[serde(with = "counter")]
    #[schemars(with = "Option<u64>", required)]
    pub configuration_count: Option<u64>,
}

/// One vehicle over the scale.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Passage {
    /// Whose measurement it is.
    pub source: PassageSource,
    /// The lane it was weighed in.
    pub lane: Lane,
    /// Direction by the order of the sensors.
    pub direction: Direction,
    /// First axle on the scale.
    pub began_at: Timestamp,
    /// Vehicle end.
    pub ended_at: Timestamp,
    /// When its last frame was received here.
    pub received_at: Timestamp,
    /// Front to rear; may be empty when only the end arrived.
    pub axles: Vec<Axle>,
    /// The controller's own total.
    pub reported_gross_kg: Option<Kilograms>,
    /// Bumper to bumper.
    pub length_mm: Option<Millimetres>,
    /// Mean speed on the scale.
    pub speed_dkmh: Option<DeciKmh>,
    /// Mean acceleration on the scale.
    pub acceleration_mmps2: Option<MillimetresPerSecond2>,
    /// Road or scale temperature.
    pub temperature_dc: Option<DeciCelsius>,
    /// The controller's own grouping.
    pub device_groups: Option<DeviceGroups>,
    /// Number that the controller also sent in the camera trigger.
    pub trigger_id: Option<u32>,
    /// What is wrong with the measurement; sorted, without repeats.
    pub flags: Vec<QualityFlag>,
    /// The scale that measured it, when it has told who it is.
    pub scale: Option<ScaleIdentity>,
    /// How its instants were obtained.
    pub time: TimeMapping,
    /// SHA-256 of the raw frames that are kept beside the record, lower-case hex.
    pub raw_sha256: String,
}

impl Passage {
    /// Sum of the axle loads; `None` when there is no axle or one was not measured.
    pub fn gross(&self) -> Option<Kilograms> {
        if self.axles.is_empty() {
            return None;
        }
        self.axles.iter().try_fold(Kilograms(0), |sum, axle| {
            axle.load_kg.map(|load| Kilograms(sum.0.saturating_add(load.0)))
        })
    }
}
