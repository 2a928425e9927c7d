//! The wire between an axle-load controller and the roadside PC: frames, messages, and the
//! controller's side of the link. `PROTOCOL.md` beside this crate is the specification.
//!
//! In come bytes in any chunks, out come whole [`Frame`]s whose checksum was right; every other
//! byte is counted by cause. Nothing here allocates, asks a clock, or panics on what it is sent.
#![no_std]
#![forbid(unsafe_code)]

mod checksum;
mod cobs;
mod code;
mod decoder;
pub mod device;
mod drops;
mod flags;
mod frame;
mod message;
mod text;
pub mod timing;
mod wire;

pub use checksum::crc32c;
pub use decoder::{Decoder, Frames, Received};
pub use drops::DropCounts;
pub use flags::Flags;
pub use frame::{EncodeError, Frame, encode};
pub use message::{
    Ack, AnswerEnd, AuditEvent, AuditKind, Axle, AxlesChecksum, ControllerStatus, Direction, Event,
    EventHeader, GroupCodes, Hello, Identity, Message, Mode, Poll, Rewind, Sensor, SensorHealth,
    SensorKind, Sensors, TimeReply, TimeRequest, Tyres, VehicleBegin, VehicleEnd, Welcome,
};
pub use text::{Text, TextTooLong};

/// Version of the messages that this crate writes.
pub const VERSION: u8 = 1;
/// Oldest version that this crate reads.
pub const MIN_VERSION: u8 = 1;

/// Lowest address of a controller on a line.
pub const MIN_ADDRESS: u8 = 1;
/// Highest address of a controller on a line: the range of Modbus, which technicians know.
pub const MAX_ADDRESS: u8 = 247;

/// Longest header, payload and checksum together, in bytes. At 253 COBS never needs a second
/// full block, so that stuffing always costs exactly one byte.
pub const MAX_BODY: usize = 253;
/// Version, address, kind, exchange.
pub const HEADER_LEN: usize = 4;
/// CRC-32C, little-endian.
pub const CHECKSUM_LEN: usize = 4;
/// Longest payload in bytes.
pub const MAX_PAYLOAD: usize = MAX_BODY - HEADER_LEN - CHECKSUM_LEN;
/// Longest frame on the wire in bytes: a delimiter, one byte of stuffing, the body, a delimiter.
/// A buffer of this size always suffices for [`encode`].
pub const MAX_ENCODED: usize = MAX_BODY + 3;
