//! One controller: its link, its vehicles and what the store is offered of them.
//!
//! In: its frames, and the store's answers. Out: offers and acknowledgements. Pure.

use firmware_protocol::{AuditEvent, Event, EventHeader, Message, Sensor};

use super::assembler::{Assembler, Closed, Surroundings, vehicle_number};
use super::link::{Heard, Link, LinkSettings};
use super::moment::Moment;
use super::names::{audit_kind, sensor_health, sensor_kind};
use super::settlement::Settlement;
use super::status::{ControllerReport, OfferCounts, SensorReport};
use crate::clock::Timestamp;
use crate::config::ScaleConfig;
use crate::io::intake::{CursorUpdate, LinkCursor};
use crate::pipeline::passage::QualityFlag;
use crate::pipeline::record::{Audit, Gap};
use crate::pipeline::{Arrival, Input};
use crate::units::{DeciCelsius, Millivolts};

/// One controller on a line.
#[derive(Debug)]
pub(super) struct Controller {
    address: u8,
    key: String,
    link: Link,
    assembler: Assembler,
    settlement: Settlement,
    offers: OfferCounts,
    last_frame_at: Option<Timestamp>,
    temperature_dc: Option<i16>,
    supply_mv: Option<u16>,
}

/// What to hand to the intake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToStore {
    /// The inputs, in order.
    pub arrivals: Vec<Arrival>,
    /// The cursor to store with them.
    pub cursor: CursorUpdate,
}

impl Controller {
    pub(super) fn new(
        address: u8,
        config: &ScaleConfig,
        settings: LinkSettings,
        cursor: Option<&LinkCursor>,
    ) -> Self {
        let mut assembler = Assembler::new(address, config.clone());
        assembler.set_repeats(cursor.map_or(0, |cursor| cursor.repeats));
        assembler.recall_sensors(cursor.map_or(&[], |cursor| &cursor.bad_sensors));
        Self {
            address,
            key: format!("{}/{address}", config.name),
            link: Link::new(settings, cursor),
            assembler,
            settlement: Settlement::new(cursor),
            offers: OfferCounts::default(),
            last_frame_at: None,
            temperature_dc: None,
            supply_mv: None,
        }
    }

    pub(super) fn address(&self) -> u8 {
        self.address
    }

    pub(super) fn link(&mut self) -> &mut Link {
        &mut self.link
    }

    /// A good frame of this controller.
    pub(super) fn hear(&mut self, now: Moment, message: &Message, raw: &[u8], answers: bool) {
        self.last_frame_at = Some(now.steady);
        for heard in self.link.hear(now, message, answers) {
            self.take(now, heard, raw);
        }
        self.link.hold_back(self.settlement.is_full());
    }

    /// An event of this controller came whole and cannot be read.
    pub(super) fn hear_unreadable(&mut self, now: Moment, header: EventHeader) {
        if let Some(gap) = self.link.unreadable(now, header) {
            self.take(now, gap, &[]);
        }
    }

    /// What to offer now, when nothing is under way.
    pub(super) fn offer(&mut self) -> Option<ToStore> {
        let complete = self.complete();
        let scale = self.link.known_scale();
        self.settlement
            .offer(complete, scale)
            .map(|(arrivals, cursor)| self.to_store(arrivals, cursor))
    }

    /// The last offer is durable.
    pub(super) fn accepted(&mut self, now: Moment) {
        self.offers.stored += 1;
        self.offers.refusing = false;
        if let Some((boot_id, acknowledged)) = self.settlement.accepted() {
            self.link.settle(now, boot_id, acknowledged);
        }
        self.link.hold_back(self.settlement.is_full());
    }

    /// The last offer was refused.
    pub(super) fn refused(&mut self) {
        self.offers.refused += 1;
        self.offers.refusing = true;
    }

    /// The refused offer again.
    pub(super) fn offer_again(&self) -> Option<ToStore> {
        self.settlement.repeat().map(|(arrivals, cursor)| self.to_store(arrivals, cursor))
    }

    pub(super) fn report(&self) -> ControllerReport {
        let (boot_id, received, acknowledged, newest) = self.link.progress();
        ControllerReport {
            address: self.address,
            state: self.link.state(),
            boot_id,
            received,
            acknowledged,
            newest,
            open_vehicles: self.assembler.open_vehicles(),
            waiting: self.settlement.waiting(),
            last_frame_at: self.last_frame_at,
            identity: self.link.identity().cloned(),
            time_error_us: self.link.time().latest_error(),
            temperature_dc: self.temperature_dc.map(DeciCelsius),
            supply_mv: self.supply_mv.map(Millivolts),
            faulty_sensors: self
                .assembler
                .faulty_sensors()
                .map(|sensor| SensorReport {
                    lane: sensor.lane,
                    kind: sensor_kind(sensor.kind),
                    number: sensor.number,
                    health: sensor_health(sensor.health),
                })
                .collect(),
            link: self.link.counts().clone(),
            vehicles: self.assembler.counts().clone(),
            offers: self.offers.clone(),
        }
    }

    /// The newest event up to which no vehicle is open.
    fn complete(&self) -> u32 {
        let (_, received, _, _) = self.link.progress();
        match self.assembler.oldest_open() {
            Some(first) => received.min(first.saturating_sub(1)),
            None => received,
        }
    }

    fn to_store(&self, arrivals: Vec<Arrival>, cursor: LinkCursor) -> ToStore {
        let controller = self.key.clone();
        ToStore { arrivals, cursor: CursorUpdate { controller, cursor } }
    }

    fn take(&mut self, now: Moment, heard: Heard, raw: &[u8]) {
        match heard {
            Heard::Event(header, event) => self.event(now, header, &event, raw),
            Heard::Gap { boot_id, first, last, reason } => {
                let gap = Gap {
                    controller: self.address,
                    boot_id,
                    first_sequence: first,
                    last_sequence: last,
                    reason: reason.to_owned(),
                };
                let arrival = plain(now, Input::Gap(gap));
                self.settlement.add_other(arrival, last.unwrap_or(first));
            }
            Heard::Restarted { boot_id } => {
                let (time, scale) = self.link.take_before();
                let closed = self.assembler.restart(Surroundings {
                    received_at: now.steady,
                    time: &time,
                    scale: scale.as_ref(),
                });
                self.add(now, closed);
                self.settlement.restart(boot_id);
                self.assembler.set_repeats(self.settlement.repeats());
            }
            Heard::Greeted { newest } => self.settlement.bound_restored(newest),
            Heard::Drained { clock_us } => {
                let closed = self.assembler.expire(clock_us, self.link.surroundings(now));
                self.add(now, closed);
            }
        }
    }

    fn event(&mut self, now: Moment, header: EventHeader, event: &Event, raw: &[u8]) {
        if vehicle_number(event).is_some_and(|vehicle| self.settlement.is_stored(vehicle)) {
            self.assembler.count_duplicate();
            return;
        }
        let around = self.link.surroundings(now);
        let closed = self.assembler.take(header, event, raw, around);
        self.add(now, closed);
        match event {
            Event::ControllerStatus(status) => {
                self.temperature_dc = status.temperature_dc;
                self.supply_mv = status.supply_mv;
                let bad = self.assembler.faulty_sensors().map(Sensor::codes).collect();
                self.settlement.sensors_are(bad);
            }
            Event::AuditEvent(audit) => {
                self.link.audited(now, audit);
                let arrival = plain(now, Input::Audit(self.audit(audit)));
                self.settlement.add_other(arrival, header.sequence);
                if self.settlement.is_held_up() {
                    let given_up = self.assembler.give_up_oldest(self.link.surroundings(now));
                    self.add(now, given_up);
                }
            }
            Event::VehicleBegin(_) | Event::Axle(_) | Event::VehicleEnd(_) => {}
        }
    }

    fn add(&mut self, now: Moment, closed: Vec<Closed>) {
        for vehicle in closed {
            let number = vehicle.passage.source.vehicle;
            let is_given_up = vehicle.passage.flags.contains(&QualityFlag::EndMissing);
            let arrival = Arrival {
                received_at: now.steady,
                input: Input::Passage(Box::new(vehicle.passage)),
                raw: vehicle.raw,
            };
            if is_given_up {
                self.settlement.add_given_up(arrival, number, vehicle.last_sequence);
            } else {
                self.settlement.add_passage(arrival, number, vehicle.last_sequence);
            }
        }
    }

    fn audit(&self, event: &AuditEvent) -> Audit {
        let subject = event.subject.map(|subject| format!(" {subject}"));
        let value = |value: Option<i32>| value.map_or_else(String::new, |value| value.to_string());
        Audit {
            source: format!("controller {}{}", self.address, subject.unwrap_or_default()),
            event: audit_kind(event.kind),
            before: value(event.before),
            after: value(event.after),
        }
    }
}

fn plain(now: Moment, input: Input) -> Arrival {
    Arrival { received_at: now.steady, input, raw: Vec::new() }
}
