//! Host to controller, push mode: send from here.

use super::Payload;
use crate::wire::{Reader, Writer};

/// Starts the flow of events after a hello, and goes back after a gap. Answered with an
/// [`super::AnswerEnd`], behind which the events follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rewind {
    /// Boot id that the numbers belong to; for another one only the answer is sent.
    pub boot_id: u32,
    /// Every event up to this one is durable at the host and may be dropped; 0 for none.
    pub acknowledged: u32,
    /// First event wanted.
    pub next: u32,
}

impl Payload for Rewind {
    const KIND: u8 = 0x05;
    const LEN: usize = 12;

    fn write(&self, to: &mut Writer) {
        to.u32(self.boot_id);
        to.u32(self.acknowledged);
        to.u32(self.next);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self { boot_id: from.u32()?, acknowledged: from.u32()?, next: from.u32()? })
    }
}
