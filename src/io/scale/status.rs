//! What `status` shows of a scale port: plain counters and states, nothing computed.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::pipeline::passage::ScaleIdentity;
use crate::units::{DeciCelsius, Micros, Millivolts};

/// How a port is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PortState {
    /// Not tried yet, or being tried.
    #[default]
    Opening,
    /// Open; nothing sensible has come through it yet.
    Open,
    /// Open, and frames of a controller come through it.
    Working,
    /// Gone; tried again with growing pauses.
    Absent,
}

/// One port and the controllers behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ScaleStatus {
    /// Name in the configuration.
    pub name: String,
    /// Port as configured.
    pub port: String,
    /// How it is.
    pub state: PortState,
    /// Why it is not open, in words, with causes.
    pub last_error: Option<String>,
    /// Counters of the port.
    pub counts: PortCounts,
    /// Counters of the line.
    pub line: LineCounts,
    /// Bytes dropped by cause.
    pub drops: DropStatus,
    /// The controllers, in the order of the configuration.
    pub controllers: Vec<ControllerReport>,
}

/// What happened to a port since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PortCounts {
    /// Successful openings.
    pub opened: u64,
    /// Failed attempts to open.
    pub open_failures: u64,
    /// Times the other end went away.
    pub unplugged: u64,
    /// Times reading or writing failed.
    pub io_errors: u64,
    /// Times a silent connection was given up.
    pub silences: u64,
    /// Bytes read.
    pub bytes_in: u64,
    /// Bytes written.
    pub bytes_out: u64,
}

/// What happened on a line since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LineCounts {
    /// Good frames.
    pub frames_in: u64,
    /// Frames sent.
    pub frames_out: u64,
    /// Our own frames heard again, as on a two-wire line with the receiver on.
    pub echoes: u64,
    /// Frames of controllers that are not configured.
    pub foreign_address: u64,
    /// Answers whose question had been given up.
    pub late_answers: u64,
    /// Bytes that began a frame when the port went away.
    pub cut_off_bytes: u64,
    /// Frames that could not be encoded; cannot happen.
    pub unsendable: u64,
}

/// Bytes dropped by the decoder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DropStatus {
    /// Not a frame at all.
    pub noise: u64,
    /// Frames with a wrong checksum.
    pub bad_crc: u64,
    /// Longer than any frame.
    pub oversize: u64,
    /// Good frames of a version that we do not speak.
    pub unknown_version: u64,
    /// Good frames of a kind that we do not know.
    pub unknown_message: u64,
    /// Good frames whose payload contradicts itself.
    pub malformed: u64,
}

impl DropStatus {
    /// The sum of what was before and what a decoder counted.
    pub(super) fn plus(&self, drops: &firmware_protocol::DropCounts) -> Self {
        Self {
            noise: self.noise.saturating_add(drops.noise),
            bad_crc: self.bad_crc.saturating_add(drops.bad_crc),
            oversize: self.oversize.saturating_add(drops.oversize),
            unknown_version: self.unknown_version.saturating_add(drops.unknown_version),
            unknown_message: self.unknown_message.saturating_add(drops.unknown_message),
            malformed: self.malformed.saturating_add(drops.malformed),
        }
    }
}

/// How the link to a controller is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// No answer yet, or none any more.
    #[default]
    Silent,
    /// It answers, but speaks no version that we speak.
    Incompatible,
    /// It answers.
    Answering,
}

/// One controller.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ControllerReport {
    /// Address on the line.
    pub address: u8,
    /// How its link is.
    pub state: LinkState,
    /// Its boot id, once known.
    pub boot_id: Option<u32>,
    /// Newest event received in order.
    pub received: u32,
    /// Newest event settled in the store.
    pub acknowledged: u32,
    /// Newest event that it has, as it last said.
    pub newest: u32,
    /// Vehicles on the scale now.
    pub open_vehicles: usize,
    /// Inputs that wait for the store.
    pub waiting: usize,
    /// When its last good frame came.
    pub last_frame_at: Option<Timestamp>,
    /// Who it is.
    pub identity: Option<ScaleIdentity>,
    /// Bound of the error of its instants now; `None` before the first exchange.
    pub time_error_us: Option<Micros>,
    /// Temperature inside.
    pub temperature_dc: Option<DeciCelsius>,
    /// Its supply.
    pub supply_mv: Option<Millivolts>,
    /// Its sensors that are not good.
    pub faulty_sensors: Vec<SensorReport>,
    /// Counters of its link.
    pub link: LinkCounts,
    /// Counters of its vehicles.
    pub vehicles: VehicleCounts,
    /// Counters of what was offered to the store.
    pub offers: OfferCounts,
}

/// A sensor that is not good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SensorReport {
    /// Lane as the controller counts it; 0 when it belongs to none.
    pub lane: u8,
    /// What it is for, such as `load`.
    pub kind: String,
    /// Number among those of its kind in the lane.
    pub number: u8,
    /// How it is, such as `faulty`.
    pub health: String,
}

/// What happened on the link to one controller since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LinkCounts {
    /// Good frames from it.
    pub frames: u64,
    /// Events received in order.
    pub events: u64,
    /// Events received again and dropped.
    pub duplicate_events: u64,
    /// Events that came before their predecessor and were dropped, to be sent again.
    pub out_of_order_events: u64,
    /// Times we told it from which event to push: at each greeting, and to go back after a gap.
    pub rewinds: u64,
    /// Events dropped because the store does not keep up; they will be sent again.
    pub held_back_events: u64,
    /// Events dropped because identity and clock have not been asked for yet; they will be sent
    /// again.
    pub early_events: u64,
    /// Spans of events that cannot be had any more.
    pub gaps: u64,
    /// Events in them, as far as known.
    pub missing_events: u64,
    /// Starts of the controller that we noticed.
    pub restarts: u64,
    /// Events and answers of another boot id than the one agreed on.
    pub other_boot: u64,
    /// Questions without answer in time.
    pub timeouts: u64,
    /// Answers with no version in common.
    pub incompatible: u64,
    /// Answers that name the scale as it was before a change that is known.
    pub outdated_identities: u64,
    /// Time exchanges that measure nothing.
    pub bad_time_exchanges: u64,
}

/// What happened to the vehicles of one controller since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VehicleCounts {
    /// Passages made.
    pub passages: u64,
    /// Passages with at least one flag.
    pub flagged: u64,
    /// Vehicles closed because their end never came.
    pub ends_missing: u64,
    /// Events of vehicles that the store has already, after a restart.
    pub duplicate_vehicle_events: u64,
    /// Events of vehicles that were closed before.
    pub late_events: u64,
    /// Begins for a vehicle that had begun.
    pub repeated_begins: u64,
    /// Begins that contradict the end in lane or direction, left out.
    pub contradicted_begins: u64,
    /// Axles beyond what a vehicle can have, left out.
    pub excess_axles: u64,
    /// Vehicles in a lane of the controller that the configuration does not map.
    pub unmapped_lanes: u64,
    /// Those lanes, as the controller counts them.
    pub unmapped_device_lanes: BTreeSet<u8>,
    /// Vehicles of which neither begin nor end came, so that nobody told their lane.
    pub untold_lanes: u64,
    /// Vehicles or axles with a remark that this version does not know.
    pub unknown_remarks: u64,
}

/// What happened to what was offered to the store since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OfferCounts {
    /// Offers that became durable.
    pub stored: u64,
    /// Offers refused; each is made again.
    pub refused: u64,
    /// Whether the last offer was refused.
    pub refusing: bool,
}
