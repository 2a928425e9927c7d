//! `[[scale]]`: one line to one or several scale controllers.

use std::ops::RangeInclusive;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::pipeline::grouping::CodeScheme;
use crate::units::{Lane, Micros};

/// Who speaks first on the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkMode {
    /// Half duplex (RS-485, several controllers): we ask, they answer.
    #[default]
    Poll,
    /// Full duplex (RS-232, RS-422, TCP; one controller): it sends by itself.
    Push,
}

/// Data bits, parity and stop bits of a serial port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SerialFormat {
    /// Eight bits, no parity, one stop bit.
    #[default]
    #[serde(rename = "8N1")]
    EightNone1,
    /// Eight bits, even parity, one stop bit.
    #[serde(rename = "8E1")]
    EightEven1,
    /// Eight bits, odd parity, one stop bit.
    #[serde(rename = "8O1")]
    EightOdd1,
    /// Eight bits, no parity, two stop bits.
    #[serde(rename = "8N2")]
    EightNone2,
}

/// Numbers of a `[[lane]]`.
const LANES: RangeInclusive<u8> = 1..=32;

/// A lane number of one controller and ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ControllerLane {
    /// Address of the controller; required where the line has several, because each counts its
    /// lanes from 1. Default: the only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 247))]
    pub controller: Option<u8>,
    /// Lane number as the controller sends it.
    pub device: u8,
    /// `number` of a `[[lane]]`.
    #[schemars(range(min = 1, max = 32))]
    pub site: u8,
}

impl ControllerLane {
    fn is(&self, controller: u8, device: u8) -> bool {
        self.device == device && self.controller.is_none_or(|address| address == controller)
    }
}

/// `[[scale]]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScaleConfig {
    /// Unique name: letters, digits, `-`, `_`; part of the keys in the store, so keep it.
    #[schemars(extend("format" = "name"))]
    pub name: String,
    /// Path of a serial port, or `tcp://host:port` of a serial server.
    #[schemars(extend("format" = "scale-port"))]
    pub port: String,
    /// Bits per second of a serial port. Default: 115200.
    #[serde(default = "default_baud")]
    #[schemars(range(min = 1_200, max = 921_600))]
    pub baud: u32,
    /// Bits, parity, stop bits of a serial port. Default: `8N1`.
    #[serde(default)]
    pub format: SerialFormat,
    /// Default: `poll`.
    #[serde(default)]
    pub mode: LinkMode,
    /// Addresses of the controllers on this line, 1 to 247. Default: `[1]`.
    #[serde(default = "default_addresses")]
    #[schemars(length(min = 1, max = 32), inner(range(min = 1, max = 247)))]
    pub addresses: Vec<u8>,
    /// Controllers' lanes to ours. Default: empty, the numbers are the same; a line with several
    /// controllers must map them.
    #[serde(default)]
    pub lanes: Vec<ControllerLane>,
    /// How the axle-group codes of this line's controllers are to be read; they are then checked
    /// against the spacings. Absent: the codes are kept and not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_codes: Option<CodeScheme>,
    /// Pause between two polls of the same address when it had nothing to tell, milliseconds of
    /// real time. Default: 100 (`PROTOCOL.md` section 8; a vehicle waits seconds for its plates, and each
    /// question costs the processor two wake-ups).
    #[serde(default = "default_poll_interval_ms")]
    #[schemars(range(min = 1, max = 10_000))]
    pub poll_interval_ms: u32,
    /// How long an answer may take before the poll is repeated, milliseconds of real time, in
    /// addition to the time of the bytes on the line. Default: 100.
    #[serde(default = "default_answer_timeout_ms")]
    #[schemars(range(min = 5, max = 10_000))]
    pub answer_timeout_ms: u32,
    /// A vehicle whose end has not come this long after its last event is closed and flagged,
    /// seconds. Default: 30 (our choice: stop-and-go at walking pace over 25 m).
    #[serde(default = "default_vehicle_timeout_s")]
    #[schemars(range(min = 1, max = 3_600))]
    pub vehicle_timeout_s: u32,
    /// Pause between two time exchanges with a controller, seconds of real time. Default: 10.
    #[serde(default = "default_time_exchange_s")]
    #[schemars(range(min = 1, max = 3_600))]
    pub time_exchange_s: u32,
    /// Longest pause between two attempts to open a port that is gone, seconds of real time.
    /// Default: 5.
    #[serde(default = "default_reopen_max_s")]
    #[schemars(range(min = 1, max = 300))]
    pub reopen_max_s: u32,
}

impl ScaleConfig {
    /// A line with one controller at address 1 and every other key at its default.
    pub fn new(name: impl Into<String>, port: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            port: port.into(),
            baud: default_baud(),
            format: SerialFormat::default(),
            mode: LinkMode::default(),
            addresses: default_addresses(),
            lanes: Vec::new(),
            group_codes: None,
            poll_interval_ms: default_poll_interval_ms(),
            answer_timeout_ms: default_answer_timeout_ms(),
            vehicle_timeout_s: default_vehicle_timeout_s(),
            time_exchange_s: default_time_exchange_s(),
            reopen_max_s: default_reopen_max_s(),
        }
    }

    /// Our lane for the lane `device` of the controller at `address`: without mappings the same
    /// number, else only the ones listed. `None` when it is not mapped.
    pub fn site_lane(&self, address: u8, device: u8) -> Option<Lane> {
        if self.lanes.is_empty() {
            return LANES.contains(&device).then_some(Lane(device));
        }
        self.lanes.iter().find(|lane| lane.is(address, device)).map(|lane| Lane(lane.site))
    }

    /// `host:port` when the line is a TCP connection.
    pub fn tcp_address(&self) -> Option<&str> {
        self.port.strip_prefix("tcp://")
    }

    /// [`ScaleConfig::vehicle_timeout_s`] as a span of the steady clock.
    pub fn vehicle_timeout(&self) -> Micros {
        Micros::from_secs(self.vehicle_timeout_s.into())
    }
}

fn default_baud() -> u32 {
    115_200
}

fn default_addresses() -> Vec<u8> {
    vec![1]
}

fn default_poll_interval_ms() -> u32 {
    100
}

fn default_answer_timeout_ms() -> u32 {
    100
}

fn default_vehicle_timeout_s() -> u32 {
    30
}

fn default_time_exchange_s() -> u32 {
    10
}

fn default_reopen_max_s() -> u32 {
    5
}
