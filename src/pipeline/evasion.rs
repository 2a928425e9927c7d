//! Signs that a driver dodged the scale: each with the figures that led to it.
//!
//! In: a passage, its assessment and its pairing, or a lone camera event. Out: signs, each naming
//! its sources. It never alters a measurement and never merges two of them; a missing event alone
//! is no sign of anything.

pub(super) mod around;
mod driving;
pub(super) mod halves;
pub(super) mod signs;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Kinds of evasion (law.md section 13).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EvasionKind {
    /// 跨道: wheels on two lanes.
    Straddling,
    /// 逆行: against the lane's direction.
    WrongWay,
    /// 首尾相连: nose to tail.
    Tailgating,
    /// 遮挡: plate covered.
    CoveredPlate,
    /// 无牌: no plate.
    AbsentPlate,
    /// 压线: over the solid line.
    SolidLine,
    /// Stop-and-go, hard braking or accelerating on the scale.
    SpeedGames,
    /// S 形
    SDriving,
    /// 液压顶: an axle of a group carries far less than its neighbours.
    LiftedAxle,
    /// 应急车道: in the emergency lane, seen by a camera and not weighed.
    EmergencyLane,
}

/// One sign.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct EvasionSign {
    /// What.
    pub kind: EvasionKind,
    /// Figures and sources that led to it, as plain text.
    pub reasons: Vec<String>,
    /// Ids of the other records concerned, such as the second half of a straddle.
    pub related: Vec<String>,
}
