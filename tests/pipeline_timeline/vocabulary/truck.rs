//! Vehicles on the scale.

use super::{FRONT_MM, REAR_MM, START, at};
use wimd::clock::{SystemClockState, Timestamp};
use wimd::pipeline::Input;
use wimd::pipeline::passage::{
    Axle, Direction, Passage, PassageSource, QualityFlag, TimeMapping, Tyres,
};
use wimd::units::{DeciKmh, Kilograms, Lane, Micros, Millimetres};

/// From the nose to the first axle, and from the last axle to the tail, millimetres.
const NOSE_MM: i32 = 1_150;
const TAIL_MM: i32 = 1_700;

/// A vehicle on the scale.
#[derive(Clone, Debug)]
pub(crate) struct Truck {
    pub(crate) passage: Passage,
    pub(crate) arrives: i64,
}

/// A three-axle truck in lane 1 at 60 km/h.
pub(crate) fn truck(vehicle: u32) -> Truck {
    let source = PassageSource { controller: 1, boot_id: 7, vehicle };
    let passage = Passage {
        speed_dkmh: Some(DeciKmh(600)),
        time: TimeMapping {
            error_us: Some(Micros(500)),
            system: SystemClockState {
                synchronised: Some(true),
                max_error_us: Some(500),
                step_us: 0,
            },
        },
        ..Passage::unmeasured(source, Lane(1), START)
    };
    Truck { passage, arrives: 0 }.axles(&[(7_000, 0), (9_500, 3_600), (9_500, 1_350)])
}

impl Truck {
    /// Loads in kilograms with the spacing to the axle before, millimetres.
    pub(crate) fn axles(mut self, axles: &[(u32, u32)]) -> Self {
        self.passage.axles = axles
            .iter()
            .map(|(load, spacing)| Axle {
                at: START,
                load_kg: Some(Kilograms(*load)),
                left_kg: Some(Kilograms(load / 2)),
                right_kg: Some(Kilograms(load - load / 2)),
                spacing_mm: (*spacing > 0).then_some(Millimetres(*spacing)),
                speed_dkmh: self.passage.speed_dkmh,
                tyres: Tyres::Unknown,
            })
            .collect();
        self.at(0)
    }

    /// First axle on the scale; the passage is received 100 ms after the last.
    pub(crate) fn at(mut self, millis: i64) -> Self {
        let mut travelled = 0;
        let speed = self.passage.speed_dkmh.unwrap_or(DeciKmh(600));
        for axle in &mut self.passage.axles {
            travelled += axle.spacing_mm.map_or(0, |spacing| spacing.0);
            let span = speed.time_for(Millimetres(travelled)).expect("it moves");
            axle.at = at(millis) + span;
        }
        self.passage.began_at = at(millis);
        self.passage.ended_at = self.passage.axles.last().map_or(at(millis), |axle| axle.at);
        self.arrives = self.passage.ended_at.since(START).0 / 1_000 + 100;
        self
    }

    pub(crate) fn speed(mut self, kmh: u16) -> Self {
        self.passage.speed_dkmh = Some(DeciKmh(kmh * 10));
        for axle in &mut self.passage.axles {
            axle.speed_dkmh = self.passage.speed_dkmh;
        }
        let began = self.passage.began_at.since(START).0 / 1_000;
        self.at(began)
    }

    pub(crate) fn lane(mut self, lane: u8) -> Self {
        self.passage.lane = Lane(lane);
        self
    }

    pub(crate) fn flag(mut self, flag: QualityFlag) -> Self {
        self.passage.flags.push(flag);
        self
    }

    pub(crate) fn trigger(mut self, id: u32) -> Self {
        self.passage.trigger_id = Some(id);
        self
    }

    /// The controller's time is known no better than that, and this far off.
    pub(crate) fn time_off(mut self, millis: i64) -> Self {
        let error = Micros::from_millis(millis.abs());
        self.passage.time.error_us = Some(error);
        let shift = Micros::from_millis(millis);
        for axle in &mut self.passage.axles {
            axle.at = axle.at + shift;
        }
        self.passage.began_at = self.passage.began_at + shift;
        self.passage.ended_at = self.passage.ended_at + shift;
        self
    }

    pub(crate) fn wrong_way(mut self) -> Self {
        self.passage.direction = Direction::AgainstTraffic;
        self
    }

    /// All of the load on one side.
    pub(crate) fn left_wheels_only(mut self) -> Self {
        for axle in &mut self.passage.axles {
            axle.left_kg = axle.load_kg;
            axle.right_kg = Some(Kilograms(0));
        }
        self
    }

    pub(crate) fn received(mut self, millis: i64) -> Self {
        self.arrives = millis;
        self
    }

    /// When its nose reaches the front camera, milliseconds.
    pub(crate) fn at_front(&self) -> i64 {
        self.at_camera(self.passage.began_at, FRONT_MM - NOSE_MM)
    }

    /// When its tail reaches the rear camera, milliseconds.
    pub(crate) fn at_rear(&self) -> i64 {
        let tail = self.passage.axles.last().map_or(self.passage.ended_at, |axle| axle.at);
        self.at_camera(tail, REAR_MM + TAIL_MM)
    }

    fn at_camera(&self, from: Timestamp, distance_mm: i32) -> i64 {
        let speed = self.passage.speed_dkmh.unwrap_or(DeciKmh(600));
        let travel = speed.time_for(Millimetres(distance_mm.unsigned_abs())).expect("it moves");
        let travel = if self.passage.direction == Direction::AgainstTraffic {
            Micros(-travel.0)
        } else {
            travel
        };
        (from + travel).since(START).0 / 1_000
    }
}

impl From<Truck> for Input {
    fn from(truck: Truck) -> Self {
        let mut passage = truck.passage;
        passage.received_at = at(truck.arrives);
        Self::Passage(Box::new(passage))
    }
}
