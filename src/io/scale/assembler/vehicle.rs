//! The events of one vehicle, as they came.

use firmware_protocol::{Axle, Event, Flags, VehicleBegin, VehicleEnd};

use super::super::status::VehicleCounts;

/// Axles kept of one vehicle. The longest special transports in the reference data have fewer
/// than twenty; one byte counts up to 255 on the wire, and a run-away counter must not fill the
/// memory.
pub(super) const MAX_AXLES: usize = 64;

/// A vehicle that has begun.
#[derive(Debug)]
pub(super) struct Vehicle {
    pub(super) begin: Option<VehicleBegin>,
    pub(super) axles: Vec<Axle>,
    pub(super) end: Option<VehicleEnd>,
    pub(super) excess: bool,
    /// A begin came and was left out, because it contradicts the end.
    pub(super) contradicted: bool,
    pub(super) raw: Vec<u8>,
    first_sequence: u32,
    last_sequence: u32,
    last_us: u64,
}

impl Vehicle {
    pub(super) fn new(sequence: u32) -> Self {
        Self {
            begin: None,
            axles: Vec::new(),
            end: None,
            excess: false,
            contradicted: false,
            raw: Vec::new(),
            first_sequence: sequence,
            last_sequence: sequence,
            last_us: 0,
        }
    }

    pub(super) fn take(
        &mut self,
        sequence: u32,
        event: &Event,
        raw: &[u8],
        counts: &mut VehicleCounts,
    ) {
        self.last_sequence = sequence;
        self.last_us = self.last_us.max(super::instant(event));
        match event {
            Event::VehicleBegin(_) if self.begin.is_some() => {
                counts.repeated_begins += 1;
                return;
            }
            Event::VehicleBegin(begin) => self.begin = Some(*begin),
            Event::Axle(_) if self.axles.len() == MAX_AXLES => {
                counts.excess_axles += 1;
                self.excess = true;
                return;
            }
            Event::Axle(axle) => self.axles.push(*axle),
            Event::VehicleEnd(end) => self.end = Some(*end),
            Event::ControllerStatus(_) | Event::AuditEvent(_) => return,
        }
        self.raw.push(u8::try_from(raw.len()).unwrap_or(u8::MAX));
        self.raw.extend_from_slice(raw);
    }

    pub(super) fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    pub(super) fn first_sequence(&self) -> u32 {
        self.first_sequence
    }

    pub(super) fn last_sequence(&self) -> u32 {
        self.last_sequence
    }

    /// Its latest instant, microseconds of the controller's clock.
    pub(super) fn last_us(&self) -> u64 {
        self.last_us
    }

    /// When its first axle came, by the controller's clock.
    pub(super) fn began_us(&self) -> u64 {
        let first_axle = self.axles.iter().map(|axle| axle.at_us).min();
        let begin = self.begin.map(|begin| begin.at_us);
        begin.or(first_axle).unwrap_or(self.last_us)
    }

    /// When it ended, by the controller's clock; its latest instant when the end is missing.
    pub(super) fn ended_us(&self) -> u64 {
        self.end.map_or(self.last_us, |end| end.at_us)
    }

    /// Every remark on it and its axles.
    pub(super) fn remarks(&self) -> Flags {
        let on_vehicle = self.end.map_or(Flags::NONE, |end| end.flags);
        self.axles.iter().fold(on_vehicle, |all, axle| all.union(axle.flags))
    }
}
