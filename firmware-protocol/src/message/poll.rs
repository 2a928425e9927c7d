//! Host to controller: send me events.

use super::Payload;
use crate::wire::{Reader, Writer};

/// Asks for events. It says everything that the controller must know, so that a repeated poll
/// has the same answer and a lost one does no harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Poll {
    /// Boot id that the two numbers belong to; for another one the controller answers with
    /// nothing but an [`super::AnswerEnd`].
    pub boot_id: u32,
    /// Every event up to this one is durable at the host and may be dropped; 0 for none.
    pub acknowledged: u32,
    /// First event wanted.
    pub next: u32,
    /// Events at most; 0 asks for the [`super::AnswerEnd`] only.
    pub limit: u8,
}

impl Payload for Poll {
    const KIND: u8 = 0x03;
    const LEN: usize = 13;

    fn write(&self, to: &mut Writer) {
        to.u32(self.boot_id);
        to.u32(self.acknowledged);
        to.u32(self.next);
        to.u8(self.limit);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            boot_id: from.u32()?,
            acknowledged: from.u32()?,
            next: from.u32()?,
            limit: from.u8()?,
        })
    }
}
