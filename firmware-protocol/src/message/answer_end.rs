//! Controller to host: that was all, and this is how my store stands.

use super::Payload;
use crate::wire::{Reader, Writer};

/// Last frame of the answer to a [`super::Poll`], and the answer to a [`super::Rewind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerEnd {
    /// Boot id of the controller.
    pub boot_id: u32,
    /// Oldest event that it still holds; `newest + 1` when it holds none.
    pub oldest: u32,
    /// Newest event; 0 when there was none since its start.
    pub newest: u32,
    /// Events since its start that it dropped unacknowledged because its store was full.
    pub overflowed: u32,
    /// Events in this answer.
    pub sent: u8,
}

impl Payload for AnswerEnd {
    const KIND: u8 = 0x83;
    const LEN: usize = 17;

    fn write(&self, to: &mut Writer) {
        to.u32(self.boot_id);
        to.u32(self.oldest);
        to.u32(self.newest);
        to.u32(self.overflowed);
        to.u8(self.sent);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            boot_id: from.u32()?,
            oldest: from.u32()?,
            newest: from.u32()?,
            overflowed: from.u32()?,
            sent: from.u8()?,
        })
    }
}
