//! Words of the tests: vectors, frames, and messages as JSON.
#![allow(dead_code, reason = "each test file uses its own part")]

pub(crate) mod controller;
pub(crate) mod describe;
pub(crate) mod strategies;
pub(crate) mod vectors;

use firmware_protocol::{Decoder, Frame, MAX_ENCODED, Message, TimeRequest, encode};

/// The bytes of a frame.
pub(crate) fn bytes_of(frame: &Frame) -> Vec<u8> {
    let mut buffer = [0; MAX_ENCODED];
    let length = encode(frame, &mut buffer).expect("the frame is one that can be written");
    buffer[..length].to_vec()
}

/// A frame that no test makes by accident.
pub(crate) fn marker() -> Frame {
    Frame {
        address: 201,
        exchange: 99,
        message: Message::TimeRequest(TimeRequest { request: 0x600D_F00D }),
    }
}

/// What a fresh decoder makes of `bytes`.
pub(crate) fn decoded(bytes: &[u8]) -> Vec<Frame> {
    Decoder::new().push(bytes).collect()
}
