//! What a controller dropped, ignored and sent again since its start.

/// Counters of a session; each stays at its highest value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events dropped unacknowledged because the store was full.
    pub overflowed: u32,
    /// Events sent again because no news of them came in time.
    pub resent: u32,
    /// Frames ignored because they came from a controller.
    pub from_controllers: u32,
    /// Frames ignored because they were for another address.
    pub other_address: u32,
    /// Questions and acknowledgements with another boot id.
    pub other_boot: u32,
    /// Acknowledgements of events that do not exist yet; ignored.
    pub impossible_ack: u32,
    /// Frames that could not be encoded; cannot happen, because [`super::Session::record`]
    /// encodes each event once, unless the identity holds a reserved value.
    pub unsendable: u32,
}
