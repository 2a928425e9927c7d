//! Host to controller: what does your clock say.

use super::Payload;
use crate::wire::{Reader, Writer};

/// Asks for a [`super::TimeReply`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeRequest {
    /// Chosen by the host and repeated in the answer.
    pub request: u32,
}

impl Payload for TimeRequest {
    const KIND: u8 = 0x06;
    const LEN: usize = 4;

    fn write(&self, to: &mut Writer) {
        to.u32(self.request);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self { request: from.u32()? })
    }
}
