//! Why bytes of a line are not part of a frame, and how many.

/// Why a run of bytes between two delimiters is dropped.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    Noise,
    BadCrc,
    Oversize,
    UnknownVersion,
    UnknownMessage,
    Malformed,
}

/// Dropped bytes by cause, delimiters not included. Each count stays at its highest value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DropCounts {
    /// Not stuffed as any encoder would, or shorter than the shortest frame.
    pub noise: u64,
    /// A frame whose checksum is wrong.
    pub bad_crc: u64,
    /// Longer than the longest frame.
    pub oversize: u64,
    /// A good frame of a version outside [`crate::MIN_VERSION`] to [`crate::VERSION`].
    pub unknown_version: u64,
    /// A good frame of a kind that this version does not know.
    pub unknown_message: u64,
    /// A good frame whose payload is too short or contradicts itself.
    pub malformed: u64,
}

impl DropCounts {
    pub(crate) const NONE: Self = Self {
        noise: 0,
        bad_crc: 0,
        oversize: 0,
        unknown_version: 0,
        unknown_message: 0,
        malformed: 0,
    };

    pub(crate) fn add(&mut self, fault: Fault, bytes: u64) {
        let count = match fault {
            Fault::Noise => &mut self.noise,
            Fault::BadCrc => &mut self.bad_crc,
            Fault::Oversize => &mut self.oversize,
            Fault::UnknownVersion => &mut self.unknown_version,
            Fault::UnknownMessage => &mut self.unknown_message,
            Fault::Malformed => &mut self.malformed,
        };
        *count = count.saturating_add(bytes);
    }

    /// All of them.
    pub const fn total(&self) -> u64 {
        self.noise
            .saturating_add(self.bad_crc)
            .saturating_add(self.oversize)
            .saturating_add(self.unknown_version)
            .saturating_add(self.unknown_message)
            .saturating_add(self.malformed)
    }
}
