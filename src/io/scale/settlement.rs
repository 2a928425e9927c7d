//! What is settled: which inputs go to the store with which cursor, and what may be acknowledged.
//!
//! In: inputs with the sequence of their last event, and how far events are complete. Out: one
//! offer at a time, repeated until it is taken. An event counts as acknowledged only after the
//! cursor that covers it is durable; an input that is not a passage waits until everything before
//! it is complete, so that after a crash it is offered once and not twice.

use std::collections::{BTreeMap, VecDeque};

use crate::io::intake::{KnownScale, LinkCursor};
use crate::pipeline::Arrival;

/// Inputs that may wait for the store before events are refused: at one vehicle a second, four
/// minutes of a store that stands still.
const MAX_WAITING: usize = 256;

/// Inputs that may wait for vehicles that are open. Our choice: a vehicle that stands on the scale
/// for its whole time-out hears a hundred audit events a second, and a megabyte.
const MAX_DEFERRED: usize = 4_096;

/// How far behind the last known event of a vehicle whose end is missing others of it may come: a
/// thousand axles.
const STRAGGLERS: u32 = 4_096;

/// An input and what it settles.
#[derive(Debug)]
struct Waiting {
    arrival: Arrival,
    /// The vehicle of the present boot that is stored with it, and its newest event.
    vehicle: Option<(u32, u32)>,
}

#[derive(Debug)]
struct InFlight {
    arrivals: Vec<Arrival>,
    cursor: LinkCursor,
    vehicles: Vec<(u32, u32)>,
    /// Of a start of the controller that is over; its number may be that of the present one.
    is_stale: bool,
}

/// The offers of one controller.
#[derive(Debug, Default)]
pub(super) struct Settlement {
    /// `None` before the first contact.
    boot_id: Option<u32>,
    /// How often in a row the controller has started with it beside the first time.
    repeats: u32,
    acknowledged: u32,
    /// Vehicles in the store with events beyond `acknowledged`: newest event of each.
    stored: BTreeMap<u32, u32>,
    bad_sensors: Vec<[u8; 4]>,
    ready: VecDeque<Waiting>,
    deferred: VecDeque<(u32, Arrival)>,
    in_flight: Option<InFlight>,
}

impl Settlement {
    /// Continues behind what the store holds.
    pub(super) fn new(cursor: Option<&LinkCursor>) -> Self {
        let boot_id = cursor.map(|cursor| cursor.boot_id);
        let cursor = cursor.cloned().unwrap_or_default();
        Self {
            boot_id,
            repeats: cursor.repeats,
            acknowledged: cursor.acknowledged,
            stored: cursor.stored_vehicles.iter().map(|vehicle| (*vehicle, u32::MAX)).collect(),
            bad_sensors: cursor.bad_sensors,
            ..Self::default()
        }
    }

    /// A vehicle that is complete.
    pub(super) fn add_passage(&mut self, arrival: Arrival, vehicle: u32, last_sequence: u32) {
        let vehicle = Some((vehicle, last_sequence));
        self.ready.push_back(Waiting { arrival, vehicle });
    }

    /// A vehicle that was given up: what may still come of it makes no second one, not even after
    /// a restart of ours.
    pub(super) fn add_given_up(&mut self, arrival: Arrival, vehicle: u32, last_sequence: u32) {
        self.add_passage(arrival, vehicle, last_sequence.saturating_add(STRAGGLERS));
    }

    /// Something else, told by the event `sequence`.
    pub(super) fn add_other(&mut self, arrival: Arrival, sequence: u32) {
        self.deferred.push_back((sequence, arrival));
    }

    /// What the controller says of its sensors, to be known after a restart of ours.
    pub(super) fn sensors_are(&mut self, bad: Vec<[u8; 4]>) {
        self.bad_sensors = bad;
    }

    /// How often in a row the controller has started with its boot id beside the first time.
    pub(super) fn repeats(&self) -> u32 {
        self.repeats
    }

    /// The controller has started anew, as a rule with another boot id: nothing waits for events of the
    /// old start any more.
    pub(super) fn restart(&mut self, boot_id: u32) {
        let others = self.deferred.drain(..).map(|(_, arrival)| Waiting { arrival, vehicle: None });
        for waiting in &mut self.ready {
            waiting.vehicle = None;
        }
        if let Some(offer) = &mut self.in_flight {
            offer.is_stale = true;
        }
        self.ready.extend(others);
        let is_repeated = self.boot_id.replace(boot_id) == Some(boot_id);
        self.repeats = if is_repeated { self.repeats.wrapping_add(1) } else { 0 };
        self.acknowledged = 0;
        self.stored.clear();
    }

    /// The newest event of the vehicles restored from the store is at most `newest`, unless they
    /// were given up.
    pub(super) fn bound_restored(&mut self, newest: u32) {
        let most = newest.saturating_add(STRAGGLERS);
        for last in self.stored.values_mut() {
            *last = (*last).min(most);
        }
    }

    /// Whether the store has this vehicle of the present boot.
    pub(super) fn is_stored(&self, vehicle: u32) -> bool {
        self.stored.contains_key(&vehicle)
    }

    /// Whether so much waits for the store that no more events should be taken. What waits for an
    /// open vehicle is not meant: its end has to be taken.
    pub(super) fn is_full(&self) -> bool {
        self.to_store() >= MAX_WAITING
    }

    /// Whether so much waits for open vehicles that the oldest should be given up.
    pub(super) fn is_held_up(&self) -> bool {
        self.deferred.len() >= MAX_DEFERRED
    }

    /// Inputs that are not durable yet.
    pub(super) fn waiting(&self) -> usize {
        self.to_store() + self.deferred.len()
    }

    fn to_store(&self) -> usize {
        let in_flight = self.in_flight.as_ref().map_or(0, |offer| offer.arrivals.len());
        self.ready.len() + in_flight
    }

    /// The next offer, when none is under way: everything before `complete` (inclusive) belongs to
    /// no open vehicle. `scale` measured the last event received.
    pub(super) fn offer(
        &mut self,
        complete: u32,
        scale: &KnownScale,
    ) -> Option<(Vec<Arrival>, LinkCursor)> {
        while self.deferred.front().is_some_and(|(sequence, _)| *sequence <= complete) {
            let next = self.deferred.pop_front();
            self.ready.extend(next.map(|(_, arrival)| Waiting { arrival, vehicle: None }));
        }
        if self.in_flight.is_some() {
            return None;
        }
        if self.ready.is_empty() && complete <= self.acknowledged {
            return None;
        }
        let (arrivals, vehicles): (Vec<_>, Vec<_>) =
            self.ready.drain(..).map(|waiting| (waiting.arrival, waiting.vehicle)).unzip();
        let vehicles: Vec<(u32, u32)> = vehicles.into_iter().flatten().collect();
        let mut stored_vehicles: Vec<u32> = self
            .stored
            .iter()
            .map(|(vehicle, last)| (*vehicle, *last))
            .chain(vehicles.iter().copied())
            .filter(|(_, last)| *last > complete)
            .map(|(vehicle, _)| vehicle)
            .collect();
        stored_vehicles.sort_unstable();
        stored_vehicles.dedup();
        self.in_flight = Some(InFlight {
            arrivals,
            vehicles,
            is_stale: false,
            cursor: LinkCursor {
                boot_id: self.boot_id.unwrap_or_default(),
                repeats: self.repeats,
                acknowledged: complete.max(self.acknowledged),
                stored_vehicles,
                bad_sensors: self.bad_sensors.clone(),
                scale: scale.clone(),
            },
        });
        self.repeat()
    }

    /// The offer that is under way, again.
    pub(super) fn repeat(&self) -> Option<(Vec<Arrival>, LinkCursor)> {
        self.in_flight.as_ref().map(|offer| (offer.arrivals.clone(), offer.cursor.clone()))
    }

    /// The offer under way is durable. Returns what may be acknowledged to the controller: boot
    /// id and sequence.
    pub(super) fn accepted(&mut self) -> Option<(u32, u32)> {
        let offer = self.in_flight.take()?;
        if offer.is_stale {
            return None;
        }
        self.acknowledged = offer.cursor.acknowledged;
        self.stored.extend(offer.vehicles);
        let acknowledged = self.acknowledged;
        self.stored.retain(|_, last| *last > acknowledged);
        Some((self.boot_id?, acknowledged))
    }
}

#[cfg(test)]
mod tests;
