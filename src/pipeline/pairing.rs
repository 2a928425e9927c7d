//! Whose vehicle a passage was: plates paired to passages, in order, per lane and camera role.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::plate::{CameraRole, PlateRead};
use crate::units::Micros;

/// How a pairing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PairingOutcome {
    /// One plate belongs to the passage.
    Paired,
    /// More than one assignment is plausible; never enforceable.
    Ambiguous,
    /// No plate came for it.
    Unpaired,
}

/// A camera event chosen for the passage.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Chosen {
    /// The event.
    pub plate_read: PlateRead,
    /// Cost of this assignment; lower is better (prices in the module's documentation).
    pub cost: u32,
    /// Observed minus expected instant.
    pub residual_us: Option<Micros>,
    /// Cost of the next best event, when there was one.
    pub runner_up_cost: Option<u32>,
    /// Plate of the next best event.
    pub runner_up_plate: Option<String>,
}

/// The result for one camera role.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct RolePairing {
    /// Which camera role.
    pub role: CameraRole,
    /// How it ended.
    pub outcome: PairingOutcome,
    /// The event, unless unpaired.
    pub chosen: Option<Chosen>,
    /// Why, in short names.
    pub reasons: Vec<String>,
}

/// The pairing of one passage.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Pairing {
    /// The whole: the best role's outcome; ambiguous if any role is.
    pub outcome: PairingOutcome,
    /// Text of the plate that names the vehicle, when one was read.
    pub plate: Option<String>,
    /// One entry for each role that the lane's cameras have.
    pub roles: Vec<RolePairing>,
}
