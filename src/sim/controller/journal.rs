//! What became of each vehicle of a simulated controller.

use std::collections::BTreeMap;
use std::time::Instant;

/// One vehicle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Played {
    /// Boot id under which its end was recorded; `None` before that.
    pub boot_id: Option<u32>,
    /// When the last byte of its vehicle-end frame had first been written to the port.
    pub end_written: Option<Instant>,
    /// Whether the daemon has acknowledged it as durable.
    pub acknowledged: bool,
}

/// The vehicles by number.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    /// Every vehicle whose end has been recorded.
    pub vehicles: BTreeMap<u32, Played>,
    /// Events that were lost at a restart or an overflow.
    pub lost_events: u64,
    /// Good frames from the daemon that reached the controller.
    pub frames_heard: u64,
}

impl Journal {
    /// Vehicles that have been acknowledged.
    pub fn acknowledged(&self) -> usize {
        self.vehicles.values().filter(|played| played.acknowledged).count()
    }

    /// Vehicles whose end was recorded and not acknowledged yet.
    pub fn waiting(&self) -> usize {
        self.vehicles.values().filter(|it| it.boot_id.is_some() && !it.acknowledged).count()
    }
}
