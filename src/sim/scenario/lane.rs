//! The vehicles of one lane, one behind the other.

use super::Scenario;
use super::dice::Dice;
use super::mix;
use super::motion::Motion;
use super::vehicle::{Incident, Vehicle};
use crate::clock::Timestamp;
use crate::units::{DeciKmh, Lane, Micros};

/// Behind the last camera a vehicle may be forgotten.
const BEHIND: i64 = 10_000;
/// From tail to nose of two vehicles that the controller takes for one, millimetres; our choice.
const NOSE_TO_TAIL: (i64, i64) = (800, 3_000);
/// How long a lane stays empty before and after somebody who drives against it.
const EMPTY: Micros = Micros::from_secs(5);

/// One lane.
#[derive(Clone, Debug)]
pub(super) struct Road {
    pub(super) lane: Lane,
    dice: Dice,
    leader: Option<Vehicle>,
    /// Nobody's first axle crosses the scale before.
    pub(super) free: Timestamp,
    /// Number of the next vehicle of the controller.
    pub(super) numbers: u32,
}

impl Road {
    pub(super) fn new(seed: u64, lane: Lane, start: Timestamp) -> Self {
        let dice = Dice::new(seed, u64::from(lane.0));
        Self { lane, dice, leader: None, free: start, numbers: 0 }
    }

    /// The next vehicle, or two that drive nose to tail.
    pub(super) fn next(&mut self, scenario: &Scenario, group: u64) -> Vec<Vehicle> {
        let headway = self.dice.quantile(&scenario.traffic.headways);
        let mut vehicle = self.invent(scenario, group);
        let incident = mix::incident(&mut self.dice, &scenario.failures, self.lane, scenario.lanes);
        vehicle.incident = incident;
        if incident == Incident::StopAndGo {
            self.stop(&mut vehicle);
        }
        if incident == Incident::LiftedAxle && !has_group_at_the_end(&vehicle) {
            vehicle.incident = Incident::None;
        }
        let after = self.leader.as_ref().map_or(self.free, |leader| leader.nose_at(0));
        vehicle.began_at = (after + Micros::from_millis(headway)).max(self.free);
        self.follow(scenario, &mut vehicle);
        if incident == Incident::WrongWay {
            vehicle.began_at = vehicle.began_at + EMPTY + EMPTY;
        }
        let mut vehicles = vec![vehicle];
        if incident == Incident::Tailgating {
            let second = self.tailgater(scenario, &vehicles[0]);
            vehicles.push(second);
        }
        self.leave(scenario, &vehicles);
        vehicles
    }

    fn invent(&mut self, scenario: &Scenario, group: u64) -> Vehicle {
        let dice = &mut self.dice;
        let (truck, car) = mix::draw(dice, scenario);
        let speed = i64::from(truck.speed.0) * 1_000 / 36;
        let most = scenario.traffic.acceleration_mmps2;
        let acceleration = if dice.chance(5_000) { dice.between(-most, most) } else { 0 };
        let front_overhang = if car { 850 } else { dice.between(800, 1_500) };
        let rear_overhang = if car { 900 } else { dice.between(900, 2_500) };
        Vehicle {
            group,
            lane: self.lane,
            truck,
            car,
            incident: Incident::None,
            began_at: self.free,
            front_overhang,
            rear_overhang,
            motion: Motion::new(speed, acceleration),
        }
    }

    /// Comes at 5 to 15 km/h and stands still with some of its axles over the scale.
    fn stop(&mut self, vehicle: &mut Vehicle) {
        let speed = self.dice.between(1_400, 4_200);
        let place = self.dice.between(100, vehicle.wheelbase().max(200) - 50);
        let pause = Micros::from_millis(self.dice.between(800, 5_000));
        vehicle.motion = Motion { speed, acceleration: 0, stop: Some((place, pause)) };
        vehicle.truck.speed = DeciKmh(u16::try_from(speed * 36 / 1_000).unwrap_or(100));
    }

    /// Nobody drives through the vehicle before: whoever would, takes on its speed and keeps the
    /// least gap.
    fn follow(&self, scenario: &Scenario, vehicle: &mut Vehicle) {
        let Some(leader) = &self.leader else {
            return;
        };
        let gap = Micros::from_millis(scenario.traffic.least_gap_ms);
        let places = [-far(scenario), 0, far(scenario)];
        let lacking = |vehicle: &Vehicle| {
            let lack = |place| (leader.tail_at(place) + gap).since(vehicle.nose_at(place));
            places.iter().map(|place| lack(*place)).max().unwrap_or(Micros(0))
        };
        if lacking(vehicle).0 > 0 && leader.motion.stop.is_none() && vehicle.motion.stop.is_none() {
            vehicle.motion = leader.motion;
            vehicle.truck.speed = leader.truck.speed;
        }
        let lack = lacking(vehicle);
        if lack.0 > 0 {
            vehicle.began_at = vehicle.began_at + lack;
        }
    }

    /// Vehicles of another lane that use this one too drive through nobody here.
    pub(super) fn keep_behind(&self, scenario: &Scenario, vehicles: &mut [Vehicle]) {
        for vehicle in vehicles {
            self.follow(scenario, vehicle);
        }
    }

    fn tailgater(&mut self, scenario: &Scenario, first: &Vehicle) -> Vehicle {
        let mut second = self.invent(scenario, first.group);
        let gap = self.dice.between(NOSE_TO_TAIL.0, NOSE_TO_TAIL.1);
        second.incident = Incident::Tailgating;
        second.motion = first.motion;
        second.truck.speed = first.truck.speed;
        second.began_at = first.tail_at(gap + second.front_overhang);
        second
    }

    /// These vehicles are in this lane, or astride it, as its last.
    pub(super) fn leave(&mut self, scenario: &Scenario, vehicles: &[Vehicle]) {
        let Some(last) = vehicles.last() else {
            return;
        };
        let gap = Micros::from_millis(scenario.traffic.least_gap_ms);
        self.free = last.tail_at(0) + gap;
        if last.incident == Incident::WrongWay {
            self.free = last.tail_at(far(scenario)) + EMPTY + EMPTY;
        }
        self.leader = Some(last.clone()).filter(|last| last.incident != Incident::WrongWay);
    }
}

/// Only an axle of a group can be lifted without the vehicle falling over.
fn has_group_at_the_end(vehicle: &Vehicle) -> bool {
    vehicle.truck.spacings.last().is_some_and(|gap| gap.0 < 2_000)
}

/// Where the last camera is, and a little further.
pub(super) fn far(scenario: &Scenario) -> i64 {
    let distances = scenario.camera.iter().map(|camera| i64::from(camera.distance_mm).abs());
    distances.max().unwrap_or(0) + BEHIND
}
