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
    /// Counted as it goes: whoever waits for a figure looks at it with each frame.
    acknowledged: usize,
    waiting: usize,
}

impl Journal {
    /// Vehicles that have been acknowledged.
    pub fn acknowledged(&self) -> usize {
        self.acknowledged
    }

    /// Vehicles whose end was recorded and not acknowledged yet.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// The end of a vehicle is recorded, perhaps once more under another boot id.
    pub(super) fn record(&mut self, vehicle: u32, boot_id: u32) {
        let played = self.vehicles.entry(vehicle).or_default();
        let is_first = played.boot_id.replace(boot_id).is_none();
        self.waiting += usize::from(is_first && !played.acknowledged);
    }

    /// The daemon has it.
    pub(super) fn acknowledge(&mut self, vehicle: u32) {
        let played = self.vehicles.entry(vehicle).or_default();
        if !std::mem::replace(&mut played.acknowledged, true) {
            self.acknowledged += 1;
            self.waiting -= usize::from(played.boot_id.is_some());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_vehicle_counts_once_however_often_it_is_recorded_and_acknowledged() {
        let mut journal = Journal::default();
        let figures = |journal: &Journal| (journal.acknowledged(), journal.waiting());
        journal.record(1, 7);
        journal.record(2, 7);
        journal.record(1, 8);
        assert_eq!(figures(&journal), (0, 2));
        journal.acknowledge(1);
        journal.acknowledge(1);
        journal.record(1, 9);
        assert_eq!(figures(&journal), (1, 1));
        journal.acknowledge(3);
        journal.record(3, 9);
        assert_eq!(figures(&journal), (2, 1));
    }
}
