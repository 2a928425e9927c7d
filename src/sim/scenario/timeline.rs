//! Everything of a site in the order in which it is received, and the truth about it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::dice::Dice;
use super::lane::Road;
use super::vehicle::{Incident, Vehicle};
use super::{Scenario, watch, weigh};
use crate::clock::Timestamp;
use crate::pipeline::Input;
use crate::pipeline::plate::CameraRole;
use crate::pipeline::{CameraPlacement, LaneParameters};
use crate::sim::score::Group;
use crate::units::{Lane, Micros};

/// When every scenario begins.
pub const START: Timestamp = Timestamp(1_795_406_400_000_000);
/// No camera sees a vehicle so long before it is weighed.
const EARLIEST: Micros = Micros::from_secs(90);

/// One thing after the other.
#[derive(Clone, Debug)]
pub enum Happening {
    /// Vehicles that belong together come; before anything is received of them.
    Vehicles(Group),
    /// Something is received.
    Received(Timestamp, Input),
}

/// A scenario that is being played; holds only what is on its way.
#[derive(Debug)]
pub struct Timeline {
    scenario: Scenario,
    roads: Vec<Road>,
    dice: Dice,
    left: u64,
    groups: u64,
    serial: u64,
    order: BinaryHeap<Reverse<(Timestamp, u64)>>,
    waiting: BTreeMap<u64, Input>,
}

impl Timeline {
    /// So many vehicles of the scenario.
    pub fn new(scenario: Scenario, vehicles: u64, seed: u64) -> Self {
        let roads = (1..=scenario.lanes).map(|lane| Road::new(seed, Lane(lane), START)).collect();
        Self {
            scenario,
            roads,
            dice: Dice::new(seed, 100),
            left: vehicles,
            groups: 0,
            serial: 0,
            order: BinaryHeap::new(),
            waiting: BTreeMap::new(),
        }
    }

    /// What the pipeline has to be told of the lanes.
    pub fn lanes(&self) -> Vec<LaneParameters> {
        let lane = |number| LaneParameters {
            lane: Lane(number),
            cameras: self
                .scenario
                .camera
                .iter()
                .map(|camera| CameraPlacement {
                    camera: watch::name(camera, Lane(number)),
                    role: camera.role,
                    distance_mm: camera.distance_mm,
                })
                .collect(),
            required_pictures: vec![CameraRole::Front],
            min_speed: None,
            max_speed: None,
        };
        (1..=self.scenario.lanes).map(lane).collect()
    }

    /// Puts the next vehicle of the emptiest lane on the road.
    fn drive(&mut self) -> Option<Group> {
        let road = self.roads.iter_mut().min_by_key(|road| (road.free, road.lane))?;
        let lane = road.lane;
        let mut vehicles = road.next(&self.scenario, self.groups);
        if let Incident::Straddling(beside) = vehicles.first()?.incident {
            self.make_room(&mut vehicles, lane, beside);
        }
        self.groups += 1;
        self.left = self.left.saturating_sub(u64::try_from(vehicles.len()).unwrap_or(1));
        let mut passages = weigh::weigh(&mut self.dice, &self.scenario, &vehicles);
        for passage in &mut passages {
            let road = self.roads.iter_mut().find(|road| road.lane == passage.lane)?;
            road.numbers += 1;
            passage.source.vehicle = road.numbers;
        }
        let mut reads = Vec::new();
        for vehicle in &vehicles {
            for camera in &self.scenario.camera {
                reads.extend(watch::watch(&mut self.dice, camera, vehicle, START));
            }
        }
        let group = Group::new(&vehicles, &passages, &reads);
        for passage in passages {
            self.wait(passage.received_at, Input::Passage(Box::new(passage)));
        }
        for read in reads {
            self.wait(read.received_at, Input::PlateRead(Box::new(read)));
        }
        Some(group)
    }

    /// A vehicle astride waits for the lane beside it and then has that to itself.
    fn make_room(&mut self, vehicles: &mut [Vehicle], own: Lane, beside: Lane) {
        let free = self.roads.iter().find(|road| road.lane == beside).map(|road| road.free);
        for vehicle in &mut *vehicles {
            vehicle.began_at = vehicle.began_at.max(free.unwrap_or(vehicle.began_at));
        }
        for road in self.roads.iter_mut().filter(|road| road.lane == beside) {
            road.keep_behind(&self.scenario, vehicles);
        }
        for road in self.roads.iter_mut().filter(|road| [own, beside].contains(&road.lane)) {
            road.leave(&self.scenario, vehicles);
        }
    }

    fn wait(&mut self, at: Timestamp, input: Input) {
        self.order.push(Reverse((at, self.serial)));
        self.waiting.insert(self.serial, input);
        self.serial += 1;
    }
}

impl Iterator for Timeline {
    type Item = Happening;

    fn next(&mut self) -> Option<Happening> {
        let horizon = self.roads.iter().map(|road| road.free).min()?;
        let next = self.order.peek().map(|Reverse((at, _))| *at);
        let ripe = next.is_some_and(|at| at + EARLIEST < horizon);
        if self.left > 0 && !ripe {
            return self.drive().map(Happening::Vehicles);
        }
        let Reverse((at, serial)) = self.order.pop()?;
        self.waiting.remove(&serial).map(|input| Happening::Received(at, input))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline(file: &str, vehicles: u64) -> Timeline {
        let text = match file {
            "quiet" => include_str!("../../../fixtures/scenarios/quiet.toml"),
            "busy" => include_str!("../../../fixtures/scenarios/busy.toml"),
            "platoon" => include_str!("../../../fixtures/scenarios/platoon.toml"),
            _ => include_str!("../../../fixtures/scenarios/hostile.toml"),
        };
        Timeline::new(toml::from_str(text).expect("a scenario"), vehicles, 7)
    }

    fn received(file: &str, vehicles: u64) -> Vec<(Timestamp, Input)> {
        let received = |happening| match happening {
            Happening::Received(at, input) => Some((at, input)),
            Happening::Vehicles(_) => None,
        };
        timeline(file, vehicles).filter_map(received).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_traffic_in_order_of_receipt() {
        for file in ["quiet", "busy", "platoon", "hostile"] {
            let inputs = received(file, 300);
            assert_eq!(inputs, received(file, 300), "{file}");
            assert!(inputs.is_sorted_by_key(|(at, _)| *at), "{file}");
        }
    }

    /// Vehicles that follow within one second and within four, nose to nose, 1/100.
    fn close(file: &str) -> (usize, usize) {
        let mut lanes: BTreeMap<Lane, Vec<Timestamp>> = BTreeMap::new();
        for (_, input) in received(file, 20_000) {
            if let Input::Passage(passage) = input {
                lanes.entry(passage.lane).or_default().push(passage.began_at);
            }
        }
        let mut gaps = Vec::new();
        for began in lanes.values_mut() {
            began.sort_unstable();
            gaps.extend(began.windows(2).map(|pair| pair[1].since(pair[0]).0));
        }
        let share = |most: i64| gaps.iter().filter(|gap| **gap <= most).count() * 100 / gaps.len();
        (share(1_000_000), share(4_000_000))
    }

    /// scales.md 6.3: 2.4 and 9.5 per cent on the quiet lane, 12.8 and 34.2 on the busy one.
    #[test]
    fn the_roads_are_as_close_as_measured_ones() {
        assert_eq!(["quiet", "busy"].map(close), [(2, 9), (13, 34)]);
    }
}
