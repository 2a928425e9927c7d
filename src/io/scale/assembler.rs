//! Events of one controller to passages, one per vehicle number.
//!
//! In: events in order, each once, with the raw frame that carried it. Out: a [`Passage`] when a
//! vehicle ends or is given up, with every inconsistency named by a flag and the raw frames
//! beside it. Vehicles of several lanes interleave. It never judges a load and knows no link.

mod build;
mod faults;
pub(super) mod rebuild;
#[cfg(test)]
mod tests;
mod vehicle;

use std::collections::{BTreeMap, BTreeSet};

use firmware_protocol::{ControllerStatus, Event, EventHeader, Sensor, SensorHealth, SensorKind};

use super::status::VehicleCounts;
use super::time_map::TimeMap;
use crate::clock::Timestamp;
use crate::config::ScaleConfig;
use crate::pipeline::passage::{Passage, ScaleIdentity};
use crate::units::Micros;
use vehicle::Vehicle;

/// Vehicles on the scale at once: 32 lanes (the configuration's most) with two each. A
/// controller that opens more is faulty; the oldest is then closed.
const MAX_OPEN: usize = 64;

/// Closed vehicles remembered, so that a straggler makes no second passage.
const MAX_CLOSED: usize = 1_024;

/// What closing a vehicle needs to know beside its events.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings<'a> {
    /// When the frame was received.
    pub(super) received_at: Timestamp,
    /// The controller's clock.
    pub(super) time: &'a TimeMap,
    /// Who the scale is, once known.
    pub(super) scale: Option<&'a ScaleIdentity>,
}

/// A closed vehicle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Closed {
    /// The passage.
    pub(super) passage: Passage,
    /// Its frames, each with one byte of length before header, payload and checksum.
    pub(super) raw: Vec<u8>,
    /// Sequence of its newest event.
    pub(super) last_sequence: u32,
}

/// The vehicles of one controller that have begun and not ended.
#[derive(Debug)]
pub(super) struct Assembler {
    address: u8,
    boot_id: u32,
    /// How often in a row the controller has started with it beside the first time.
    repeats: u32,
    config: ScaleConfig,
    open: BTreeMap<u32, Vehicle>,
    closed: BTreeSet<u32>,
    sensors: Vec<Sensor>,
    counts: VehicleCounts,
}

impl Assembler {
    pub(super) fn new(address: u8, config: ScaleConfig) -> Self {
        Self {
            address,
            boot_id: 0,
            repeats: 0,
            config,
            open: BTreeMap::new(),
            closed: BTreeSet::new(),
            sensors: Vec::new(),
            counts: VehicleCounts::default(),
        }
    }

    /// Takes the next event; returns the vehicles that it closes. An audit event closes none.
    pub(super) fn take(
        &mut self,
        header: EventHeader,
        event: &Event,
        raw: &[u8],
        around: Surroundings<'_>,
    ) -> Vec<Closed> {
        self.boot_id = header.boot_id;
        let at_us = instant(event);
        let mut closed = self.expire(at_us, around);
        if let Event::ControllerStatus(status) = event {
            self.learn_sensors(status);
        }
        let Some(number) = vehicle_number(event) else {
            return closed;
        };
        if self.closed.contains(&number) {
            self.counts.late_events += 1;
            return closed;
        }
        if !self.open.contains_key(&number) && self.open.len() == MAX_OPEN {
            closed.extend(self.give_up_oldest(around));
        }
        let vehicle = self.open.entry(number).or_insert_with(|| Vehicle::new(header.sequence));
        vehicle.take(header.sequence, event, raw, &mut self.counts);
        if vehicle.has_ended() {
            closed.extend(self.close(number, around));
        }
        closed
    }

    /// Closes the vehicles whose last event is longer ago than the time-out, now that everything
    /// up to the controller's `clock_us` has been received.
    pub(super) fn expire(&mut self, clock_us: u64, around: Surroundings<'_>) -> Vec<Closed> {
        let Micros(patience) = self.config.vehicle_timeout();
        let patience = u64::try_from(patience).unwrap_or(0);
        let given_up = self
            .open
            .iter()
            .filter(|(_, vehicle)| clock_us.saturating_sub(vehicle.last_us()) > patience)
            .map(|(number, _)| *number)
            .collect();
        self.give_up(given_up, around)
    }

    /// The controller has started anew: nothing that is open can end any more.
    pub(super) fn restart(&mut self, around: Surroundings<'_>) -> Vec<Closed> {
        let closed = self.give_up(self.open.keys().copied().collect(), around);
        self.closed.clear();
        closed
    }

    /// The controller has started so often in a row with its boot id beside the first time.
    pub(super) fn set_repeats(&mut self, times: u32) {
        self.repeats = times;
    }

    /// Sequence of the oldest event of an open vehicle.
    pub(super) fn oldest_open(&self) -> Option<u32> {
        self.open.values().map(Vehicle::first_sequence).min()
    }

    pub(super) fn open_vehicles(&self) -> usize {
        self.open.len()
    }

    pub(super) fn counts(&self) -> &VehicleCounts {
        &self.counts
    }

    pub(super) fn count_duplicate(&mut self) {
        self.counts.duplicate_vehicle_events += 1;
    }

    /// The sensors that are not good, as the controller had said before we started.
    pub(super) fn recall_sensors(&mut self, bad: &[[u8; 4]]) {
        self.sensors = bad.iter().copied().map(Sensor::from_codes).collect();
    }

    /// The sensors that are not good, as the controller last said.
    pub(super) fn faulty_sensors(&self) -> impl Iterator<Item = &Sensor> {
        self.sensors.iter()
    }

    fn learn_sensors(&mut self, status: &ControllerStatus) {
        self.sensors = status
            .sensors
            .iter()
            .filter(|sensor| {
                !matches!(sensor.health, SensorHealth::Good | SensorHealth::NotMeasured)
            })
            .collect();
    }

    /// Whether a sensor that the weight depends on is not good in the controller's `lane`. Values of tyre
    /// and temperature sensors then come as not measured, and a code that is not known is not known to
    /// be a fault (PROTOCOL.md section 10).
    fn is_faulty(&self, lane: u8) -> bool {
        self.sensors.iter().any(|sensor| {
            (sensor.lane == lane || sensor.lane == 0)
                && matches!(
                    sensor.kind,
                    SensorKind::Load | SensorKind::Loop | SensorKind::Separator
                )
                && !matches!(sensor.health, SensorHealth::Other(_))
        })
    }

    /// Closes the open vehicle that began first.
    pub(super) fn give_up_oldest(&mut self, around: Surroundings<'_>) -> Vec<Closed> {
        let oldest = self
            .open
            .iter()
            .min_by_key(|(_, vehicle)| vehicle.first_sequence())
            .map(|(number, _)| *number);
        self.give_up(oldest.into_iter().collect(), around)
    }

    fn give_up(&mut self, numbers: Vec<u32>, around: Surroundings<'_>) -> Vec<Closed> {
        self.counts.ends_missing += numbers.len() as u64;
        numbers.into_iter().filter_map(|number| self.close(number, around)).collect()
    }

    fn close(&mut self, number: u32, around: Surroundings<'_>) -> Option<Closed> {
        let vehicle = self.open.remove(&number)?;
        self.closed.insert(number);
        if self.closed.len() > MAX_CLOSED {
            self.closed.pop_first();
        }
        let closed = self.build(number, vehicle, around);
        self.counts.passages += 1;
        self.counts.flagged += u64::from(!closed.passage.flags.is_empty());
        Some(closed)
    }
}

/// Number of the vehicle that an event belongs to.
pub(super) fn vehicle_number(event: &Event) -> Option<u32> {
    match event {
        Event::VehicleBegin(begin) => Some(begin.vehicle),
        Event::Axle(axle) => Some(axle.vehicle),
        Event::VehicleEnd(end) => Some(end.vehicle),
        Event::ControllerStatus(_) | Event::AuditEvent(_) => None,
    }
}

fn instant(event: &Event) -> u64 {
    match event {
        Event::VehicleBegin(begin) => begin.at_us,
        Event::Axle(axle) => axle.at_us,
        Event::VehicleEnd(end) => end.at_us,
        Event::ControllerStatus(status) => status.at_us,
        Event::AuditEvent(audit) => audit.at_us,
    }
}
