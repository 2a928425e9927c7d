//! What drives there: configurations and loads.

use super::dice::Dice;
use super::{Failures, Scenario};
use crate::sim::archetype::{ARCHETYPES, Archetype};
use crate::sim::truck::{Loading, Truck, invent};
use crate::units::{DeciKmh, Lane};

use super::vehicle::Incident;

/// Shares of trucks by their number of axles, 1/10 000: on Chinese trunk roads two-axle and
/// six-axle trucks are most of all (no public per-vehicle data was found, scales.md section 11);
/// our choice.
const BY_AXLES: [(usize, u32); 6] =
    [(2, 3_200), (3, 900), (4, 1_200), (5, 600), (6, 4_000), (7, 100)];

/// A passenger car; it has no limit of its own and falls under that of two axles.
const CAR: Archetype = Archetype {
    split: "1+1",
    spacings: &[2_700],
    tyres: "ss",
    limit_kg: 18_000,
    tare_kg: 1_300,
    trailer: false,
};

/// A truck or car with its load.
pub(super) fn draw(dice: &mut Dice, scenario: &Scenario) -> (Truck, bool) {
    let car = dice.chance(scenario.traffic.cars);
    let kind = if car { CAR } else { archetype(dice) };
    let per_cent = |dice: &mut Dice, of: u32, low: i64, high: i64| {
        let share = dice.between(low * 100, high * 100);
        u32::try_from(i64::from(of) * share / 10_000).unwrap_or(of)
    };
    // a third runs empty; an overload is 2 to 80 per cent, our choice
    let gross = if car {
        per_cent(dice, kind.tare_kg, 90, 170)
    } else if dice.chance(scenario.traffic.overloaded) {
        per_cent(dice, kind.limit_kg, 102, 180)
    } else if dice.chance(3_300) {
        per_cent(dice, kind.tare_kg, 100, 115)
    } else {
        per_cent(dice, kind.limit_kg, 55, 99)
    };
    let mut truck = invent(&mut dice.0, kind, Loading::Gross(gross));
    truck.speed = DeciKmh(u16::try_from(dice.quantile(&scenario.traffic.speeds)).unwrap_or(600));
    (truck, car)
}

fn archetype(dice: &mut Dice) -> Archetype {
    let mut rest = u32::try_from(dice.between(0, 9_999)).unwrap_or(0);
    let axles = BY_AXLES
        .iter()
        .find(|(_, share)| {
            let found = rest < *share;
            rest = rest.saturating_sub(*share);
            found
        })
        .map_or(6, |(axles, _)| *axles);
    let suitable: Vec<Archetype> =
        ARCHETYPES.iter().filter(|kind| kind.tyres.len() == axles).copied().collect();
    *dice.pick(&suitable)
}

/// At most one thing that is unusual.
pub(super) fn incident(dice: &mut Dice, failures: &Failures, lane: Lane, lanes: u8) -> Incident {
    let beside = match lane.0 {
        _ if lanes < 2 => None,
        first if first < lanes => Some(Lane(first + 1)),
        last => Some(Lane(last - 1)),
    };
    let table = [
        (failures.straddling, beside.map(Incident::Straddling)),
        (failures.lane_change, beside.map(Incident::LaneChange)),
        (failures.tailgating, Some(Incident::Tailgating)),
        (failures.split, Some(Incident::Split)),
        (failures.stop_and_go, Some(Incident::StopAndGo)),
        (failures.reversing_off, Some(Incident::ReversingOff)),
        (failures.wrong_way, Some(Incident::WrongWay)),
        (failures.s_driving, Some(Incident::SDriving)),
        (failures.covered_plate, Some(Incident::CoveredPlate)),
        (failures.absent_plate, Some(Incident::AbsentPlate)),
        (failures.missed_passage, Some(Incident::MissedPassage)),
        (failures.lifted_axle, Some(Incident::LiftedAxle)),
        (failures.solid_line, Some(Incident::SolidLine)),
        (failures.emergency_lane, Some(Incident::EmergencyLane)),
    ];
    let mut rest = u32::try_from(dice.between(0, 9_999)).unwrap_or(0);
    for (share, incident) in table {
        if rest < share {
            return incident.unwrap_or(Incident::None);
        }
        rest -= share;
    }
    Incident::None
}
