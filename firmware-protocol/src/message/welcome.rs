//! Controller to host: the answer to a hello.

use super::{Mode, Payload};
use crate::wire::{Reader, Writer};

/// What was agreed, and what the controller holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Welcome {
    /// Oldest version that the controller reads.
    pub min_version: u8,
    /// Newest version that the controller reads.
    pub max_version: u8,
    /// Version of all further frames: the newest that both read; 0 when there is none.
    pub version: u8,
    /// How the controller will talk.
    pub mode: Mode,
    /// Random number drawn at the start of the controller; numbers its events and its clock.
    pub boot_id: u32,
    /// Oldest event that it still holds; `newest + 1` when it holds none.
    pub oldest: u32,
    /// Newest event; 0 when there was none since its start.
    pub newest: u32,
}

impl Payload for Welcome {
    const KIND: u8 = 0x81;
    const LEN: usize = 16;

    fn write(&self, to: &mut Writer) {
        to.u8(self.min_version);
        to.u8(self.max_version);
        to.u8(self.version);
        to.u8(self.mode.code());
        to.u32(self.boot_id);
        to.u32(self.oldest);
        to.u32(self.newest);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            min_version: from.u8()?,
            max_version: from.u8()?,
            version: from.u8()?,
            mode: Mode::from_code(from.u8()?),
            boot_id: from.u32()?,
            oldest: from.u32()?,
            newest: from.u32()?,
        })
    }
}
