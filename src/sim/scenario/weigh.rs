//! What the scale makes of the vehicles.

use super::dice::Dice;
use super::vehicle::{Incident, Vehicle};
use super::{Scale, Scenario};
use crate::clock::SystemClockState;
use crate::pipeline::passage::{
    Axle, Direction, Passage, PassageSource, QualityFlag, ScaleIdentity, TimeMapping,
};
use crate::units::{DeciKmh, Kilograms, Lane, Micros, Millimetres, MillimetresPerSecond2};

/// Spread of a measured distance between axles, millimetres; our choice.
const SPACING_ERROR: i64 = 12;
/// Spread of the measured length.
const LENGTH_ERROR: i64 = 250;
/// Spread of the measured acceleration, mm/s².
const ACCELERATION_ERROR: i64 = 80;
/// Bound of the error of the scale's time; it is off by less.
const TIME_BOUND: Micros = Micros(300);
/// Share of the load that a lifted axle keeps, 1/10 000.
const LIFTED: i64 = 1_000;

/// One axle with its place behind the first of the passage.
struct Reading {
    place: i64,
    axle: Axle,
}

/// Every passage that the controller reports of these vehicles: one vehicle, or two nose to tail.
pub(super) fn weigh(dice: &mut Dice, scenario: &Scenario, vehicles: &[Vehicle]) -> Vec<Passage> {
    let Some(first) = vehicles.first() else {
        return Vec::new();
    };
    let scale = &scenario.scale;
    let mut readings = Vec::new();
    for vehicle in vehicles {
        let behind = distance(first, vehicle);
        readings.extend(axles(dice, scale, vehicle, behind));
    }
    let named = dice.chance(scale.flags);
    let flag = |flag: QualityFlag| if named { vec![flag] } else { Vec::new() };
    let mut report = |readings: &[Reading], lane: Lane, flags: Vec<QualityFlag>| {
        passage(dice, scale, first, (readings, lane, flags))
    };
    match first.incident {
        Incident::MissedPassage | Incident::EmergencyLane => Vec::new(),
        Incident::Straddling(beside) => {
            // the left half is weighed in the lane further left, on its right sensors
            let (left, right) = halves(&readings, first.lane < beside);
            let flags = flag(QualityFlag::Straddling);
            vec![report(&left, first.lane, flags.clone()), report(&right, beside, flags)]
        }
        Incident::Split => {
            let cut = widest_gap(&readings);
            let (one, other) = readings.split_at(cut);
            vec![report(one, first.lane, Vec::new()), report(other, first.lane, Vec::new())]
        }
        Incident::ReversingOff if named => {
            let on = (readings.len() / 2).max(1);
            let mut passage = report(&readings[..on], first.lane, vec![QualityFlag::StopAndGo]);
            passage.direction = Direction::Unknown;
            passage.length_mm = None;
            vec![passage]
        }
        Incident::ReversingOff => Vec::new(),
        Incident::Tailgating => {
            vec![report(&readings, first.lane, flag(QualityFlag::Tailgating))]
        }
        Incident::StopAndGo => vec![report(&readings, first.lane, flag(QualityFlag::StopAndGo))],
        Incident::SDriving => vec![report(&readings, first.lane, flag(QualityFlag::SDriving))],
        _ => vec![report(&readings, first.lane, Vec::new())],
    }
}

/// First axle to first axle, millimetres.
fn distance(first: &Vehicle, other: &Vehicle) -> i64 {
    let span = other.began_at.since(first.began_at).0;
    // between vehicles that follow at one speed
    i64::try_from(i128::from(span) * i128::from(first.motion.speed) / 1_000_000).unwrap_or(0)
}

fn axles(dice: &mut Dice, scale: &Scale, vehicle: &Vehicle, behind: i64) -> Vec<Reading> {
    let lifted = (vehicle.incident == Incident::LiftedAxle)
        .then(|| vehicle.truck.axles.len().saturating_sub(1));
    let mut readings = Vec::new();
    for (number, (axle, place)) in vehicle.truck.axles.iter().zip(vehicle.axle_places()).enumerate()
    {
        let share = if lifted == Some(number) { LIFTED } else { 10_000 };
        let mut side = |load: Kilograms| {
            let load = dice.about(i64::from(load.0) * share / 10_000, scale.load_error);
            Kilograms(u32::try_from(load).unwrap_or(0))
        };
        let (left, right) = (side(axle.left), side(axle.right));
        let at = vehicle.began_at + vehicle.motion.time_at(place);
        let speed = dice.about(vehicle.motion.speed_at(place) * 36 / 1_000, scale.speed_error);
        readings.push(Reading {
            place: place + behind,
            axle: Axle {
                at: at + Micros(dice.normal(scale.time_error_us)),
                load_kg: Some(Kilograms(left.0 + right.0)),
                left_kg: Some(left),
                right_kg: Some(right),
                spacing_mm: None,
                speed_dkmh: u16::try_from(speed).ok().filter(|speed| *speed > 0).map(DeciKmh),
                tyres: axle.tyres,
            },
        });
    }
    readings
}

/// What each of two lanes weighs of a vehicle astride; the other side of each plate is empty.
fn halves(readings: &[Reading], own_is_left: bool) -> (Vec<Reading>, Vec<Reading>) {
    let half = |own: bool| {
        let wheels = |reading: &Reading| {
            let Axle { left_kg, right_kg, .. } = &reading.axle;
            let load = if own == own_is_left { *left_kg } else { *right_kg };
            let (left_kg, right_kg) = match own == own_is_left {
                true => (Some(Kilograms(0)), load),
                false => (load, Some(Kilograms(0))),
            };
            let axle = Axle { load_kg: load, left_kg, right_kg, ..reading.axle.clone() };
            Reading { place: reading.place, axle }
        };
        readings.iter().map(wheels).collect()
    };
    (half(true), half(false))
}

/// The axle behind the widest gap.
fn widest_gap(readings: &[Reading]) -> usize {
    let gap = |place: &usize| readings[*place].place - readings[*place - 1].place;
    (1..readings.len()).max_by_key(gap).unwrap_or(0)
}

fn passage(
    dice: &mut Dice,
    scale: &Scale,
    vehicle: &Vehicle,
    (readings, lane, flags): (&[Reading], Lane, Vec<QualityFlag>),
) -> Passage {
    let mut axles: Vec<Axle> = readings.iter().map(|reading| reading.axle.clone()).collect();
    for number in 1..axles.len() {
        let gap = readings[number].place - readings[number - 1].place + dice.normal(SPACING_ERROR);
        axles[number].spacing_mm = u32::try_from(gap).ok().map(Millimetres);
    }
    let began_at = axles.first().map_or(vehicle.began_at, |axle| axle.at);
    let last = axles.last().map_or(began_at, |axle| axle.at);
    let bumpers = vehicle.front_overhang + vehicle.rear_overhang;
    let span =
        readings.last().map_or(0, |last| last.place) - readings.first().map_or(0, |r| r.place);
    let gross: u32 = axles.iter().filter_map(|axle| axle.load_kg).map(|load| load.0).sum();
    let ended_at = last + Micros::from_millis(60);
    let wait = dice.between(scale.delay_ms, scale.delay_ms * 3);
    let acceleration = vehicle.motion.acceleration + dice.normal(ACCELERATION_ERROR);
    let wrong_way = vehicle.incident == Incident::WrongWay;
    Passage {
        source: PassageSource { controller: lane.0, boot_id: 7, vehicle: 0 },
        lane,
        direction: if wrong_way { Direction::AgainstTraffic } else { Direction::WithTraffic },
        began_at,
        ended_at,
        received_at: ended_at + Micros::from_millis(wait),
        reported_gross_kg: Some(Kilograms(gross)),
        length_mm: u32::try_from(span + bumpers + dice.normal(LENGTH_ERROR)).ok().map(Millimetres),
        speed_dkmh: mean_speed(&axles),
        acceleration_mmps2: i16::try_from(acceleration).ok().map(MillimetresPerSecond2),
        axles,
        temperature_dc: None,
        device_groups: None,
        trigger_id: None,
        flags,
        scale: Some(certified()),
        time: mapping(),
        raw_sha256: String::new(),
    }
}

fn mean_speed(axles: &[Axle]) -> Option<DeciKmh> {
    let speeds: Vec<u32> =
        axles.iter().filter_map(|axle| axle.speed_dkmh).map(|speed| speed.0.into()).collect();
    let count = u32::try_from(speeds.len()).ok()?;
    let mean = speeds.iter().sum::<u32>().checked_div(count)?;
    u16::try_from(mean).ok().filter(|mean| *mean > 0).map(DeciKmh)
}

fn certified() -> ScaleIdentity {
    ScaleIdentity {
        model: "SIM-WIM".to_owned(),
        certificate: "SIM-CERT".to_owned(),
        certificate_expiry: Some(20_991_231),
        ..ScaleIdentity::default()
    }
}

fn mapping() -> TimeMapping {
    TimeMapping {
        error_us: Some(TIME_BOUND),
        system: SystemClockState { synchronised: Some(true), max_error_us: Some(500), step_us: 0 },
    }
}
