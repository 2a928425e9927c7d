//! Controller to host: its clock at the arrival of the question and at the answer.

use super::Payload;
use crate::wire::{Reader, Writer};

/// Answer to [`super::TimeRequest`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeReply {
    /// As in the request.
    pub request: u32,
    /// Boot id of the clock.
    pub boot_id: u32,
    /// When the last byte of the request had arrived, in microseconds since the start.
    pub received_us: u64,
    /// When the first byte of this answer was handed to the line, on the same clock.
    pub sent_us: u64,
}

impl Payload for TimeReply {
    const KIND: u8 = 0x86;
    const LEN: usize = 24;

    fn write(&self, to: &mut Writer) {
        to.u32(self.request);
        to.u32(self.boot_id);
        to.u64(self.received_us);
        to.u64(self.sent_us);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            request: from.u32()?,
            boot_id: from.u32()?,
            received_us: from.u64()?,
            sent_us: from.u64()?,
        })
    }
}
