//! One vehicle on its way, and what is unusual about it.

use super::motion::Motion;
use crate::clock::Timestamp;
use crate::sim::truck::Truck;
use crate::units::Lane;

/// What is unusual about a vehicle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incident {
    /// Nothing.
    None,
    /// Wheels on its own lane and this one.
    Straddling(Lane),
    /// In this lane after the scale.
    LaneChange(Lane),
    /// The next vehicle follows nose to tail and is weighed with it.
    Tailgating,
    /// Weighed as two.
    Split,
    /// Stops on the scale.
    StopAndGo,
    /// Drives on and off again, and comes a second time as another vehicle.
    ReversingOff,
    /// Against the traffic.
    WrongWay,
    /// Winds over the scale.
    SDriving,
    /// Its plates are covered.
    CoveredPlate,
    /// It has no plates.
    AbsentPlate,
    /// The controller misses it.
    MissedPassage,
    /// An axle is lifted on the scale.
    LiftedAxle,
    /// Over the solid line.
    SolidLine,
    /// In the emergency lane, past the scale.
    EmergencyLane,
}

/// One vehicle on its way.
#[derive(Clone, Debug)]
pub struct Vehicle {
    /// Of the vehicles that belong together, such as two nose to tail: counts from 0.
    pub group: u64,
    /// Its lane at the scale.
    pub lane: Lane,
    /// What it is.
    pub truck: Truck,
    /// A passenger car.
    pub(super) car: bool,
    /// What is unusual.
    pub incident: Incident,
    /// First axle on the scale.
    pub began_at: Timestamp,
    /// From the nose to the first axle, millimetres.
    pub(super) front_overhang: i64,
    /// From the last axle to the tail, millimetres.
    pub(super) rear_overhang: i64,
    pub(super) motion: Motion,
}

impl Vehicle {
    /// When the nose is so far behind the scale.
    pub(super) fn nose_at(&self, distance: i64) -> Timestamp {
        self.began_at + self.motion.time_at(distance - self.front_overhang)
    }

    /// When the tail is so far behind the scale.
    pub(super) fn tail_at(&self, distance: i64) -> Timestamp {
        self.began_at + self.motion.time_at(distance + self.wheelbase() + self.rear_overhang)
    }

    pub(super) fn wheelbase(&self) -> i64 {
        self.truck.wheelbase().0.into()
    }

    /// Distance of each axle behind the first, millimetres.
    pub(super) fn axle_places(&self) -> Vec<i64> {
        let mut place = 0;
        let behind = self.truck.spacings.iter().map(|spacing| {
            place += i64::from(spacing.0);
            place
        });
        std::iter::once(0).chain(behind).collect()
    }
}
