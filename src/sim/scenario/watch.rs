//! What the cameras send about a vehicle.

use super::dice::Dice;
use super::vehicle::{Incident, Vehicle};
use super::{Camera, plates};
use crate::clock::Timestamp;
use crate::pipeline::passage::Direction;
use crate::pipeline::plate::{
    CameraRole, CameraStamp, LateReason, PictureKind, PictureRef, PlateRead, StampPrecision,
    ZoneBasis,
};
use crate::units::{DeciKmh, Lane, Micros};

/// A lane change is done when the vehicle is so far behind the scale; our choice.
const LANE_CHANGED_MM: i32 = 15_000;
/// Devices of one entry have clocks that differ by this.
const FROM_DEVICE_TO_DEVICE: Micros = Micros::from_millis(1_700);
/// From one event of a burst to the next.
const BURST: Micros = Micros::from_millis(40);
/// Of the vehicles that a camera names, those that it names wrongly, 1/10 000; our choice.
const MISNAMED: u32 = 1_000;
/// Of the wrong-way drivers those that a camera names, 1/10 000; our choice.
const WRONG_WAY_NAMED: u32 = 5_000;

/// Name of the device that serves the lane.
pub(in crate::sim) fn name(camera: &Camera, lane: Lane) -> String {
    let role = match camera.role {
        CameraRole::Front => "front",
        CameraRole::Rear => "rear",
        CameraRole::Side => "side",
    };
    format!("{role}-{}", device(camera, lane) + 1)
}

fn device(camera: &Camera, lane: Lane) -> u8 {
    lane.0.saturating_sub(1) / camera.lanes_each.max(1)
}

/// Everything that this entry's devices send about the vehicle.
pub(super) fn watch(
    dice: &mut Dice,
    camera: &Camera,
    vehicle: &Vehicle,
    start: Timestamp,
) -> Vec<PlateRead> {
    let mut reads = Vec::new();
    for lane in lanes(dice, camera, vehicle) {
        if dice.chance(camera.missed) {
            continue;
        }
        let first = picture(dice, camera, vehicle, (lane, start));
        let double = dice.chance(camera.double);
        let resent = dice.chance(camera.resent);
        if resent {
            let mut again = first.clone();
            again.received_at = again.received_at + Micros::from_millis(dice.between(300, 4_000));
            reads.push(again);
        }
        if double {
            let mut second = picture(dice, camera, vehicle, (lane, start));
            let later = Micros::from_millis(dice.between(150, 900));
            second.received_at = second.received_at + later;
            if let Some(stamp) = &mut second.stamp {
                stamp.at = stamp.at + later;
            }
            second.source_id = second.source_id.map(|id| id + "-again");
            reads.push(second);
        }
        reads.push(first);
    }
    reads
}

fn lanes(dice: &mut Dice, camera: &Camera, vehicle: &Vehicle) -> Vec<Lane> {
    match vehicle.incident {
        Incident::ReversingOff => Vec::new(),
        Incident::LaneChange(to) if camera.distance_mm > LANE_CHANGED_MM => vec![to],
        Incident::Straddling(beside) => match dice.between(0, 4) {
            0 | 1 => vec![vehicle.lane],
            2 | 3 => vec![beside],
            _ => vec![vehicle.lane, beside],
        },
        _ => vec![vehicle.lane],
    }
}

/// When the camera fires: heads at the nose, tails at the tail. Of somebody who drives against the
/// traffic a camera for heads sees the tail, after it has passed.
fn fires_at(camera: &Camera, vehicle: &Vehicle) -> Timestamp {
    let distance = i64::from(camera.distance_mm);
    match (vehicle.incident == Incident::WrongWay, camera.role) {
        (false, CameraRole::Rear) => vehicle.tail_at(distance),
        (false, _) => vehicle.nose_at(distance),
        (true, CameraRole::Front) => vehicle.tail_at(-distance),
        (true, _) => vehicle.nose_at(-distance),
    }
}

fn picture(
    dice: &mut Dice,
    camera: &Camera,
    vehicle: &Vehicle,
    (lane, start): (Lane, Timestamp),
) -> PlateRead {
    let name = name(camera, lane);
    let jitter = Micros(dice.normal(camera.jitter_ms * 1_000));
    let taken_at = fires_at(camera, vehicle) + jitter;
    let since = taken_at.since(start).0;
    let (received_at, late) = received(dice, camera, lane, (taken_at, since));
    let wrong_way = vehicle.incident == Incident::WrongWay;
    let speed = vehicle.motion.speed_at(i64::from(camera.distance_mm)) * 36 / 1_000;
    let told = dice.chance(5_000).then(|| dice.about(speed, 600));
    let offence = match vehicle.incident {
        Incident::SolidLine => Some("1345"),
        Incident::EmergencyLane if camera.role == CameraRole::Front => Some("17"),
        Incident::WrongWay if dice.chance(WRONG_WAY_NAMED) => Some("1301"),
        _ => None,
    };
    let id = format!("g{}-{name}-{}-{}", vehicle.group, lane.0, vehicle.truck.plate);
    PlateRead {
        camera: name,
        role: camera.role,
        lane: Some(lane),
        stamp: Some(stamp(camera, lane, (taken_at, since))),
        received_at,
        late,
        plate: plates::look(dice, camera, vehicle),
        further_plates: Vec::new(),
        direction: if wrong_way { Direction::AgainstTraffic } else { Direction::WithTraffic },
        speed_dkmh: told
            .and_then(|speed| u16::try_from(speed).ok())
            .filter(|speed| *speed > 0)
            .map(DeciKmh),
        vehicle_class: class(dice, camera, vehicle),
        vehicle_colours_raw: Vec::new(),
        offence_code: offence.map(str::to_owned),
        trigger_id: None,
        pictures: vec![PictureRef {
            kind: PictureKind::Scene,
            name: "scene.jpg".to_owned(),
            sha256: "0".repeat(64),
            bytes: 400_000,
        }],
        more_follows: false,
        source_id: Some(id),
    }
}

/// The camera's word for the vehicle, if it has one.
fn class(dice: &mut Dice, camera: &Camera, vehicle: &Vehicle) -> Option<String> {
    if camera.classed == 0 || !dice.chance(camera.classed) {
        return None;
    }
    let right = !dice.chance(MISNAMED);
    let word = if vehicle.car == right { "car" } else { "truck" };
    Some(word.to_owned())
}

fn stamp(camera: &Camera, lane: Lane, (taken_at, since): (Timestamp, i64)) -> CameraStamp {
    let device = i64::from(device(camera, lane));
    let steps = camera.steps.iter().filter(|(at, _)| at * 1_000_000 <= since);
    let stepped: i64 = steps.map(|(_, by)| by).sum();
    let off = (camera.offset_ms + stepped) * 1_000
        + device * FROM_DEVICE_TO_DEVICE.0
        + since / 1_000 * camera.drift_ppm / 1_000;
    let mut at = taken_at + Micros(off);
    let precision = if camera.whole_seconds {
        at.0 -= at.0.rem_euclid(1_000_000);
        StampPrecision::Second
    } else {
        at.0 -= at.0.rem_euclid(1_000);
        StampPrecision::Millisecond
    };
    CameraStamp { at, precision, zone: ZoneBasis::Explicit }
}

/// When it arrives, and whether it is marked as late.
fn received(
    dice: &mut Dice,
    camera: &Camera,
    lane: Lane,
    (taken_at, since): (Timestamp, i64),
) -> (Timestamp, Option<LateReason>) {
    let mut delay = camera.delay_ms + dice.normal(camera.delay_spread_ms).abs();
    if dice.chance(camera.held_up) {
        delay += dice.between(0, camera.held_up_ms);
    }
    let received_at = taken_at + Micros::from_millis(delay);
    let (every, lasts) = (camera.outage_every_s * 1_000_000, camera.outage_s * 1_000_000);
    if every > 0 {
        // the devices' lines are not down together
        let phase = (since + i64::from(device(camera, lane)) * every / 3).rem_euclid(every);
        let down_since = every - lasts;
        if phase >= down_since {
            let up = taken_at + Micros(every - phase);
            let behind = Micros(BURST.0 * ((phase - down_since) / 1_000_000));
            return (up + behind, Some(LateReason::Retransmitted));
        }
    }
    (received_at, None)
}
