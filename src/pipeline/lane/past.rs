//! Vehicles whose records are sealed: an event that its camera sends again an hour later is matched
//! against them, never against live traffic.
//!
//! In: sealed vehicles with what their cameras should have seen. Out: the record that a late event
//! belongs to, when that is beyond doubt. Bounded by number.

use std::collections::VecDeque;

use serde::{Deserialize, Deserializer, Serialize};

use super::LaneWindow;
use crate::clock::{Continuity, Timestamp};
use crate::pipeline::name::Name;
use crate::pipeline::pairing::Chosen;
use crate::pipeline::pairing::slot::Slot;
use crate::pipeline::plate::PlateRead;
use crate::pipeline::referent::Referent;
use crate::units::{Lane, Micros};

/// Vehicles remembered in each lane: three hours of a lane with a vehicle every five seconds.
const REMEMBERED: usize = 2_048;
/// A vehicle with the very plate of the event is its own within this span; further away it is the
/// same vehicle on another journey. Our choice.
const SAME_PLATE: Micros = Micros::from_secs(10);
/// A vehicle without an event of this camera gets one that is so near, when every other vehicle is
/// this much further away. Our choice.
const NEAR: Micros = Micros::from_millis(400);
const ALONE: Micros = Micros::from_millis(1_200);

/// One sealed vehicle. Stored with bincode, at first with the bare id of its record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::pipeline) struct PastVehicle<R = Referent> {
    pub(in crate::pipeline) lane: Lane,
    /// Its number among the vehicles of its lane.
    order: u64,
    pub(in crate::pipeline) record: R,
    plates: Vec<String>,
    /// For each camera of the lane when it should have seen the vehicle, and whether it has an
    /// event of it.
    seen: Vec<(Timestamp, bool)>,
}

impl PastVehicle {
    /// Its place among those remembered; the one that has the place after it is newer.
    pub(in crate::pipeline) fn slot(&self) -> u64 {
        self.order % REMEMBERED as u64
    }

    /// Reads the first form.
    pub(in crate::pipeline) fn by_id<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let PastVehicle { lane, order, record, plates, seen } =
            PastVehicle::<Name>::deserialize(from)?;
        Ok(Self { lane, order, record: Referent { id: record, seq: None }, plates, seen })
    }
}

/// The last sealed vehicles of one lane.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    vehicles: VecDeque<PastVehicle>,
    /// How many of the newest were not written down yet.
    unwritten: usize,
    /// How many wait for the sequence of their record, at most: some may be forgotten already.
    unsealed: usize,
}

impl Past {
    fn push(&mut self, vehicle: PastVehicle) {
        if self.vehicles.len() == REMEMBERED {
            self.vehicles.pop_front();
        }
        let place = self.vehicles.partition_point(|other| other.order < vehicle.order);
        self.vehicles.insert(place, vehicle);
    }

    /// The vehicles that this camera should have seen at about that instant, the nearest first.
    fn near(&self, sight: usize, at: Timestamp) -> Vec<(i64, &PastVehicle)> {
        let distance = |vehicle: &PastVehicle| {
            let (expected, _) = vehicle.seen.get(sight)?;
            Some(at.since(*expected).0.saturating_abs())
        };
        let mut near: Vec<(i64, &PastVehicle)> = self
            .vehicles
            .iter()
            .filter_map(|vehicle| Some((distance(vehicle)?, vehicle)))
            .filter(|(distance, _)| *distance <= SAME_PLATE.0)
            .collect();
        near.sort_by_key(|(distance, vehicle)| (*distance, vehicle.order));
        near
    }

    /// The vehicle with that plate.
    fn by_plate(near: &[(i64, &PastVehicle)], plate: &str) -> Option<Referent> {
        let own = |vehicle: &PastVehicle| vehicle.plates.iter().any(|other| other == plate);
        let found = near.iter().find(|(_, vehicle)| own(vehicle));
        found.map(|(_, vehicle)| vehicle.record.clone())
    }

    /// The only vehicle so near, if this camera has sent nothing else of it.
    fn by_instant(near: &[(i64, &PastVehicle)], sight: usize) -> Option<Referent> {
        let (first, vehicle) = near.first()?;
        let alone = near.get(1).is_none_or(|(next, _)| *next >= first + ALONE.0);
        let free = vehicle.seen.get(sight).is_some_and(|(_, has)| !has);
        (*first <= NEAR.0 && alone && free).then(|| vehicle.record.clone())
    }
}

fn chosen(slot: &Slot) -> Option<&Chosen> {
    slot.decided.as_ref()?.pairing.chosen.as_ref()
}

impl LaneWindow {
    /// Remembers a vehicle whose record is about to be sealed under that id.
    pub(in crate::pipeline) fn remember(&mut self, record: &str, slots: &[Slot]) {
        let texts = slots.iter().filter_map(|slot| chosen(slot)?.plate_read.plate.text.clone());
        let order = self.past.vehicles.back().map_or(0, |last| last.order + 1);
        self.past.push(PastVehicle {
            lane: self.parameters.lane,
            order,
            record: Referent::unsealed(record),
            plates: texts.collect(),
            seen: slots.iter().map(|slot| (slot.expected.at, chosen(slot).is_some())).collect(),
        });
        self.past.unwritten = (self.past.unwritten + 1).min(REMEMBERED);
        self.past.unsealed = (self.past.unsealed + 1).min(REMEMBERED);
    }

    /// The store tells the sequence of a record.
    pub(in crate::pipeline) fn seal_past(&mut self, record: &str, seq: u64) {
        if self.past.unsealed > 0 {
            let sealed = |vehicle: &mut PastVehicle| vehicle.record.seal(record, seq);
            let found = self.past.vehicles.iter_mut().rev().any(sealed);
            self.past.unsealed -= usize::from(found);
        }
    }

    /// Takes up a vehicle that was sealed before a restart.
    pub(in crate::pipeline) fn recall_past(&mut self, vehicle: PastVehicle) {
        self.past.push(vehicle);
    }

    /// Our own time is another from now on: where the vehicles were in it, or nothing.
    pub(in crate::pipeline) fn move_past(&mut self, continuity: Continuity) {
        for vehicle in &mut self.past.vehicles {
            match continuity {
                Continuity::Unbroken => {}
                Continuity::Moved(moved) => {
                    vehicle.seen.iter_mut().for_each(|(at, _)| *at = *at + moved);
                }
                Continuity::Lost => vehicle.seen.clear(),
            }
        }
        self.past.unwritten = self.past.vehicles.len();
    }

    /// The vehicles that were sealed since this was last asked.
    pub(in crate::pipeline) fn take_past(&mut self) -> impl Iterator<Item = PastVehicle> {
        let new = std::mem::take(&mut self.past.unwritten);
        let from = self.past.vehicles.len().saturating_sub(new);
        self.past.vehicles.range(from..).cloned()
    }

    /// The record that a late event of this camera belongs to. What was learnt of its clock before a
    /// long pause is good enough to look for its plate, no more.
    pub(in crate::pipeline) fn find_past(
        &self,
        sight: usize,
        read: &PlateRead,
    ) -> Option<Referent> {
        let stamp = read.stamp?.at;
        let clock = &self.sights.get(sight)?.clock;
        let at = clock.instant_of(stamp)?;
        let near = self.past.near(sight, at);
        let by_plate = read.plate.text.as_deref().and_then(|text| Past::by_plate(&near, text));
        by_plate.or_else(|| Past::by_instant(&near, sight).filter(|_| clock.is_learnt()))
    }
}
