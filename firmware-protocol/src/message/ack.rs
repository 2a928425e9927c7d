//! Host to controller, push mode: so far I have come.

use super::Payload;
use crate::wire::{Reader, Writer};

/// Two cumulative numbers. `acknowledged` lets the controller drop, `received` only keeps it
/// from sending again: a vehicle still on the scale holds back the first but not the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ack {
    /// Boot id that the two numbers belong to; for another one the message is ignored.
    pub boot_id: u32,
    /// Every event up to this one is durable at the host and may be dropped; 0 for none.
    pub acknowledged: u32,
    /// Every event up to this one has arrived in order; at least `acknowledged`.
    pub received: u32,
}

impl Payload for Ack {
    const KIND: u8 = 0x04;
    const LEN: usize = 12;

    fn write(&self, to: &mut Writer) {
        to.u32(self.boot_id);
        to.u32(self.acknowledged);
        to.u32(self.received);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self { boot_id: from.u32()?, acknowledged: from.u32()?, received: from.u32()? })
    }
}
