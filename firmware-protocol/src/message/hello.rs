//! Host to controller: who are you, and how shall we talk.

use super::Payload;
use crate::code::codes;
use crate::wire::{Reader, Writer};

codes! {
    /// Who may speak when.
    Mode {
        /// Half duplex: a controller speaks only when it is asked.
        Poll = 1,
        /// Full duplex: a controller sends events as they happen.
        Push = 2,
    }
}

/// Opens a link. Its layout and that of [`super::Welcome`] are the same in every version, and
/// both are always sent in frames of version 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hello {
    /// Oldest version that the host reads.
    pub min_version: u8,
    /// Newest version that the host reads.
    pub max_version: u8,
    /// How the host wants to talk.
    pub mode: Mode,
    /// Push mode: events that may be under way without being received; 0 counts as 1.
    pub window: u8,
    /// Push mode: without news for so long, the controller sends again, in milliseconds.
    pub resend_ms: u16,
}

impl Payload for Hello {
    const KIND: u8 = 0x01;
    const LEN: usize = 6;

    fn write(&self, to: &mut Writer) {
        to.u8(self.min_version);
        to.u8(self.max_version);
        to.u8(self.mode.code());
        to.u8(self.window);
        to.u16(self.resend_ms);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            min_version: from.u8()?,
            max_version: from.u8()?,
            mode: Mode::from_code(from.u8()?),
            window: from.u8()?,
            resend_ms: from.u16()?,
        })
    }
}
