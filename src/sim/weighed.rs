//! A crossing as the sensors of one lane see it.

use firmware_protocol::{Direction, Flags, Tyres};

use super::controller::{SimAxle, SimVehicle};
use super::traffic::{Crossing, Incident};
use super::truck::TruckAxle;
use crate::pipeline::passage;
use crate::units::{DeciCelsius, Kilograms, Lane, Micros, Millimetres, MillimetresPerSecond2};

/// From the last axle to the end of the vehicle; our choice.
const REAR_OVERHANG: Millimetres = Millimetres(1_000);

/// What `lane` makes of the crossing: of a straddler, the left lane weighs the left wheels and
/// its neighbour the right ones.
pub fn vehicle(crossing: &Crossing, lane: Lane) -> SimVehicle {
    let truck = &crossing.truck;
    let straddling = crossing.incident == Incident::Straddling;
    let side = match (straddling, lane == crossing.lane) {
        (false, _) => Side::Both,
        (true, true) => Side::Left,
        (true, false) => Side::Right,
    };
    let spacings = std::iter::once(None).chain(truck.spacings.iter().copied().map(Some));
    let axles: Vec<SimAxle> = truck
        .axles
        .iter()
        .zip(crossing.axle_instants())
        .zip(spacings)
        .map(|((axle, at), spacing)| SimAxle {
            at,
            load: Some(side.load(axle)),
            left: (side != Side::Right).then_some(axle.left),
            right: (side != Side::Left).then_some(axle.right),
            spacing,
            speed: Some(truck.speed),
            tyres: tyres(axle.tyres),
            flags: Flags::NONE,
        })
        .collect();
    SimVehicle {
        lane,
        direction: match crossing.incident {
            Incident::WrongWay => Direction::AgainstTraffic,
            Incident::None | Incident::Straddling => Direction::WithTraffic,
        },
        began_at: crossing.began_at,
        ended_at: crossing.ended_at() + truck.speed.time_for(REAR_OVERHANG).unwrap_or(Micros(0)),
        gross: Some(Kilograms(truck.axles.iter().map(|axle| side.load(axle).0).sum())),
        axles,
        length: Some(truck.length),
        speed: Some(truck.speed),
        acceleration: Some(MillimetresPerSecond2(0)),
        temperature: Some(DeciCelsius(215)),
        flags: if straddling { Flags::STRADDLING } else { Flags::NONE },
        trigger_id: None,
        groups: None,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Both,
    Left,
    Right,
}

impl Side {
    fn load(self, axle: &TruckAxle) -> Kilograms {
        match self {
            Self::Both => axle.load(),
            Self::Left => axle.left,
            Self::Right => axle.right,
        }
    }
}

fn tyres(tyres: passage::Tyres) -> Tyres {
    match tyres {
        passage::Tyres::Single => Tyres::Single,
        passage::Tyres::Dual => Tyres::Dual,
        passage::Tyres::Unknown => Tyres::NotMeasured,
    }
}
