//! Invented traffic: who crosses which lane when, what the cameras make of it, and what is true.

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::archetype::{ARCHETYPES, Archetype, SIX_AXLE_ARTICULATED};
use super::truck::{Loading, Truck, invent};
use crate::clock::Timestamp;
use crate::pipeline::plate::CameraRole;
use crate::units::{Lane, Micros, Millimetres};

/// Lanes of the invented site.
pub const LANES: [Lane; 2] = [Lane(1), Lane(2)];

/// From the scale to the front cameras; typical of gantries behind the scale (scales.md 6.3).
pub const FRONT_CAMERA_DISTANCE: Millimetres = Millimetres(25_000);

/// From the scale to the rear camera.
pub const REAR_CAMERA_DISTANCE: Millimetres = Millimetres(12_000);

/// From the nose to the first axle; the rest of the length is behind the last. Our choice.
const FRONT_OVERHANG: Millimetres = Millimetres(1_200);

/// What is unusual about a crossing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Incident {
    /// Nothing.
    None,
    /// Wheels on two lanes: each lane weighs a half and flags it.
    Straddling,
    /// Against the direction of the lane.
    WrongWay,
}

/// What a camera does with a vehicle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sight {
    /// Reads the plate.
    Read,
    /// Sees a vehicle without plate.
    NoPlate,
    /// Sends nothing.
    Missed,
    /// Reads the plate, but the event arrives much later, marked as sent again.
    Retransmitted,
}

/// What one camera role sees of a crossing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Which camera role.
    pub role: CameraRole,
    /// What becomes of it.
    pub sight: Sight,
    /// When the picture is taken.
    pub captured_at: Timestamp,
    /// How long after that the camera begins to send.
    pub delay: Micros,
}

/// One vehicle crossing the scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// Number within the traffic, from 0.
    pub number: usize,
    /// The vehicle.
    pub truck: Truck,
    /// Its lane; the left one of a straddle.
    pub lane: Lane,
    /// What is unusual.
    pub incident: Incident,
    /// First axle on the scale.
    pub began_at: Timestamp,
    /// What the cameras see.
    pub views: Vec<View>,
}

impl Crossing {
    /// When each axle crosses.
    pub fn axle_instants(&self) -> Vec<Timestamp> {
        let mut travelled = Millimetres(0);
        let mut instants = vec![self.began_at];
        for spacing in &self.truck.spacings {
            travelled.0 += spacing.0;
            instants.push(self.began_at + self.travel(travelled));
        }
        instants
    }

    /// When its last axle has crossed.
    pub fn ended_at(&self) -> Timestamp {
        self.began_at + self.travel(self.truck.wheelbase())
    }

    fn travel(&self, distance: Millimetres) -> Micros {
        self.truck.speed.time_for(distance).unwrap_or(Micros(0))
    }
}

/// Invents the traffic of `vehicles` vehicles that begins a moment after `start`.
///
/// Each configuration occurs once before any occurs twice; from 12 vehicles on there are one
/// straddler, one wrong-way driver and at least one 百吨王.
pub fn invent_traffic(seed: u64, vehicles: usize, start: Timestamp) -> Vec<Crossing> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let first = start + Micros::from_millis(500);
    let mut free = LANES.map(|_| Free { scale: first, camera: first });
    let mut kinds = Vec::new();
    let mut crossings = Vec::with_capacity(vehicles);
    for number in 0..vehicles {
        if kinds.is_empty() {
            kinds = ARCHETYPES.to_vec();
            kinds.shuffle(&mut rng);
        }
        let kind = kinds.pop().unwrap_or(ARCHETYPES[0]);
        let (incident, truck) = cast(&mut rng, number, vehicles, kind);
        let lane =
            if free[0].scale <= free[1].scale || incident == Incident::Straddling { 0 } else { 1 };
        let crossing = cross(&mut rng, number, (incident, truck), (lane, &mut free));
        crossings.push(crossing);
    }
    crossings
}

fn cast(
    rng: &mut ChaCha8Rng,
    number: usize,
    vehicles: usize,
    kind: Archetype,
) -> (Incident, Truck) {
    if vehicles >= 12 && number == vehicles / 2 {
        let kind = ARCHETYPES[SIX_AXLE_ARTICULATED];
        return (Incident::None, invent(rng, kind, Loading::HundredTonnes));
    }
    let incident = match number {
        n if vehicles >= 12 && n == vehicles / 3 => Incident::Straddling,
        n if vehicles >= 12 && n == vehicles * 2 / 3 => Incident::WrongWay,
        _ => Incident::None,
    };
    (incident, invent(rng, kind, Loading::Any))
}

/// From when on a lane is empty.
#[derive(Clone, Copy)]
struct Free {
    /// At the scale.
    scale: Timestamp,
    /// At the farthest camera.
    camera: Timestamp,
}

impl Free {
    /// When both are.
    fn both(self, other: Self) -> Self {
        Self { scale: self.scale.max(other.scale), camera: self.camera.max(other.camera) }
    }

    /// The same so much later.
    fn later(self, by: Micros) -> Self {
        Self { scale: self.scale + by, camera: self.camera + by }
    }
}

/// Headways between 0.9 and 5 s from tail to nose: the busy lane of scales.md 6.3 without its
/// tailgaters. Nobody drives through the vehicle before: whoever is faster comes so much later
/// that he is behind it at the farthest camera too. Whoever disturbs both lanes has them to
/// himself for two seconds.
fn cross(
    rng: &mut ChaCha8Rng,
    number: usize,
    (incident, truck): (Incident, Truck),
    (lane, free): (usize, &mut [Free; 2]),
) -> Crossing {
    let alone = incident != Incident::None;
    let road = if alone { free[0].both(free[1]).later(Micros::from_secs(2)) } else { free[lane] };
    let drawn = road.scale + Micros::from_millis(rng.random_range(0..400));
    let mut crossing =
        Crossing { number, truck, lane: LANES[lane], incident, began_at: drawn, views: Vec::new() };
    let travel = crossing.travel(FRONT_CAMERA_DISTANCE);
    let until = if incident == Incident::WrongWay { travel } else { Micros(-travel.0) };
    crossing.began_at = drawn.max(road.camera + until);
    crossing.views = views(rng, &crossing);
    let headway = Micros::from_millis(rng.random_range(900..5_000));
    let scale = crossing.ended_at() + headway;
    let clear = Free { scale, camera: scale + travel };
    if alone {
        *free = [clear.later(Micros::from_secs(2)); 2];
    } else {
        free[lane] = clear;
    }
    crossing
}

fn views(rng: &mut ChaCha8Rng, crossing: &Crossing) -> Vec<View> {
    let alone = crossing.incident != Incident::None;
    let plateless = !alone && rng.random_ratio(1, 30);
    [CameraRole::Front, CameraRole::Rear]
        .into_iter()
        .map(|role| {
            let sight = match (plateless, rng.random_range(0..100)) {
                (true, _) => Sight::NoPlate,
                (false, 0..2) if !alone => Sight::Missed,
                (false, 2..4) if !alone => Sight::Retransmitted,
                (false, _) => Sight::Read,
            };
            let late = rng.random_ratio(1, 40);
            let delay = if late { 1_500 } else { rng.random_range(120..400) };
            View {
                role,
                sight,
                captured_at: captured_at(crossing, role),
                delay: Micros::from_millis(delay),
            }
        })
        .collect()
}

/// The front camera fires when the nose reaches it, the rear camera when the tail has passed it.
/// A wrong-way driver has passed both before the scale.
pub(super) fn captured_at(crossing: &Crossing, role: CameraRole) -> Timestamp {
    let truck = &crossing.truck;
    let behind = truck.length.0.saturating_sub(truck.wheelbase().0 + FRONT_OVERHANG.0);
    let rear = REAR_CAMERA_DISTANCE.0 + behind;
    let front = FRONT_CAMERA_DISTANCE.0 - FRONT_OVERHANG.0;
    let distance = Millimetres(if role == CameraRole::Rear { rear } else { front });
    let travel = crossing.travel(distance);
    if crossing.incident == Incident::WrongWay {
        return crossing.began_at + Micros(-travel.0);
    }
    match role {
        CameraRole::Rear => crossing.ended_at() + travel,
        CameraRole::Front | CameraRole::Side => crossing.began_at + travel,
    }
}

#[cfg(test)]
mod tests;
