//! What the pipeline has taken in, decided and discarded, by name, for `status`.

use schemars::JsonSchema;
use serde::Serialize;

use super::drift::DriftStatus;
use super::plate::CameraRole;
use crate::clock::Timestamp;
use crate::units::{Lane, Micros};

/// Everything taken in, sealed, dropped or decided since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counts {
    /// Passages taken in.
    pub passages: u64,
    /// Camera events taken in.
    pub plate_reads: u64,
    /// Gaps, audit events and alarms taken in.
    pub notices: u64,
    /// Records sealed, of every kind.
    pub records: u64,
    /// Passages sealed as paired.
    pub paired: u64,
    /// Passages sealed as ambiguous.
    pub ambiguous: u64,
    /// Passages sealed as unpaired.
    pub unpaired: u64,
    /// Passages sealed as enforceable.
    pub enforceable: u64,
    /// Passages sealed with signs of evasion.
    pub evasion: u64,
    /// Camera and role pairings decided before the window closed.
    pub decided_early: u64,
    /// Camera and role pairings decided when the window closed.
    pub decided_at_close: u64,
    /// Pairings decided by the trigger id.
    pub decided_by_trigger: u64,
    /// Camera events sealed alone because no passage matched.
    pub supplements_no_passage: u64,
    /// Camera events sealed alone because they came late.
    pub supplements_late: u64,
    /// Camera events sealed alone because they repeat one that a record has.
    pub supplements_repeated: u64,
    /// Camera events dropped because they were there already.
    pub duplicate_plate_reads: u64,
    /// Camera events in whose place a fuller one of the same id stands.
    pub superseded_plate_reads: u64,
    /// Passages dropped because they were there already.
    pub duplicate_passages: u64,
    /// Camera events of a camera that looks at no lane.
    pub unplaced_plate_reads: u64,
    /// Passages of a lane that is not configured.
    pub unknown_lane_passages: u64,
    /// Windows closed early because too many passages were open.
    pub crowded_passages: u64,
    /// Windows closed early because too many camera events were open.
    pub crowded_plate_reads: u64,
    /// Times that a camera's clock was found to have stepped and was learnt anew.
    pub clock_restarts: u64,
    /// Straddles found by two halves side by side.
    pub straddles_joined: u64,
}

/// One camera as it looks at one lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SightStatus {
    /// The camera.
    pub camera: String,
    /// What it sees of the vehicle.
    pub role: CameraRole,
    /// Whether its clock has been learnt.
    pub learnt: bool,
    /// Its stamps minus the expected instants; `None` until learnt or without usable stamps.
    pub offset_us: Option<Micros>,
    /// What that offset gains in a second of our time, parts per billion; `None` until pairings over
    /// half an hour tell.
    pub drift_ppb: Option<i64>,
    /// Receipt minus the expected instants; `None` until learnt.
    pub latency_us: Option<Micros>,
    /// Spread of the residuals (standard deviation by the median) used for its costs.
    pub spread_us: Micros,
    /// When an event of it was last received.
    pub last_event: Option<Timestamp>,
    /// Events now waiting for a passage.
    pub open: usize,
}

/// One lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LaneStatus {
    /// Its number.
    pub lane: Lane,
    /// When its last vehicle was weighed.
    pub last_passage: Option<Timestamp>,
    /// Vehicles now waiting for plates.
    pub open: usize,
    /// Vehicles sealed as paired.
    pub paired: u64,
    /// Vehicles sealed as ambiguous.
    pub ambiguous: u64,
    /// Vehicles sealed as unpaired.
    pub unpaired: u64,
    /// Whether its scale still weighs as after the calibration.
    pub drift: DriftStatus,
    /// Its cameras.
    pub cameras: Vec<SightStatus>,
}

/// The pipeline as `status` shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PipelineStatus {
    /// Totals.
    pub counts: Counts,
    /// Calibrations that were ever applied to this site: goes up by one with each, never down.
    pub calibrations: u64,
    /// Each lane, in order of number.
    pub lanes: Vec<LaneStatus>,
}
