//! When a camera should have seen a vehicle that the scale has weighed.

use crate::clock::Timestamp;
use crate::pipeline::parameters::CameraPlacement;
use crate::pipeline::passage::{Direction, Passage, QualityFlag, pace};
use crate::pipeline::plate::CameraRole;
use crate::units::{DeciKmh, Micros, Millimetres};

/// Longest travel between scale and camera that is believed: 42 m at walking pace.
const MAX_TRAVEL: Micros = Micros::from_secs(30);

/// Speed assumed when none was measured: median of trucks is 69 km/h on motorways
/// (scales.md 6.3), less on the roads we stand at; our choice.
const ASSUMED_SPEED: DeciKmh = DeciKmh(600);

/// Spread of instants that are those of arrival: a poll round and a resend. Our choice.
const ARRIVAL_SLACK: Micros = Micros::from_secs(1);

/// Largest error of the controller's time from which a camera's clock is learnt: what a good camera
/// jitters.
const MOST_TEACHING_ERROR: Micros = Micros::from_millis(150);

/// Acceleration of a truck from standstill, mm/s²; and how exactly at best that tells when it is
/// where. Our choice.
const GATHERING: i16 = 500;
const HALTED_SLACK: Micros = Micros::from_millis(600);

/// From the nose of a vehicle to its first axle, and from its last axle to its tail, millimetres,
/// with their spreads: cab-over trucks have 1.3 to 1.5 m in front, cars and bonneted trucks
/// 0.8 to 1.2 m; behind there are 0.9 to 2.5 m. What is known of the whole length tells the tail
/// better. Our choice.
const FRONT_OVERHANG: i64 = 1_150;
const FRONT_SPREAD: i64 = 200;
const REAR_OVERHANG: i64 = 1_700;
const REAR_SPREAD: i64 = 450;
const REAR_SPREAD_BY_LENGTH: i64 = 300;
/// No tail is longer behind the last axle, nor shorter; a length that says so is mismeasured.
const REAR_RANGE: std::ops::RangeInclusive<i64> = 300..=4_000;

/// The instant and how far it may be off beyond the camera's own spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pipeline) struct Expected {
    /// When.
    pub(in crate::pipeline) at: Timestamp,
    /// Additional spread.
    pub(in crate::pipeline) slack: Micros,
    /// Whether our own time is exact enough to judge a camera's clock by it.
    pub(in crate::pipeline) teaches: bool,
}

/// Head or tail at the scale, plus distance by speed. A vehicle against the traffic passes the
/// camera on the other side of its weighing.
pub(in crate::pipeline) fn expected(passage: &Passage, placement: &CameraPlacement) -> Expected {
    if let Some(expected) = after_a_halt(passage, placement) {
        return expected;
    }
    let with_traffic = passage.direction != Direction::AgainstTraffic;
    let reference = match placement.role {
        // a camera that looks at tails sees the head of a vehicle against the traffic
        CameraRole::Rear if with_traffic => {
            passage.axles.last().map_or(passage.ended_at, |axle| axle.at)
        }
        _ => passage.began_at,
    };
    let acceleration = passage.acceleration_mmps2.map_or(0, |a| i64::from(a.0));
    let tail = placement.role == CameraRole::Rear && with_traffic;
    let measured = measured_speed(passage);
    let speed = match measured {
        Some(mean) => speed_of_end(passage, mean, if tail { acceleration } else { -acceleration }),
        None => ASSUMED_SPEED,
    };
    let (way, uncertain) = way(passage, placement, with_traffic);
    // over a way that lies behind it the vehicle was as much slower as it gathers
    let along = if way < 0 { -acceleration } else { acceleration };
    let travel = travel(length(way.abs()), speed, along);
    let signed = if way < 0 { -travel.0 } else { travel.0 };
    let mut slack = travel.0 / if measured.is_some() { 50 } else { 3 };
    slack += speed.time_for(length(uncertain)).unwrap_or_default().0;
    let unmapped = passage.flags.contains(&QualityFlag::TimeUnmapped);
    let known = passage.time.error_us.filter(|_| !unmapped);
    let error = known.unwrap_or(ARRIVAL_SLACK);
    slack = slack.saturating_add(error.0.max(0));
    let teaches = error <= MOST_TEACHING_ERROR;
    Expected { at: reference + Micros(signed), slack: Micros(slack), teaches }
}

/// How far the axle that stands for the camera's end of the vehicle drives from the scale to where
/// the camera fires, millimetres, and the spread of that: the nose is there before the first axle,
/// the tail after the last.
fn way(passage: &Passage, placement: &CameraPlacement, with_traffic: bool) -> (i64, i64) {
    let distance = i64::from(placement.distance_mm);
    match (with_traffic, placement.role) {
        (true, CameraRole::Rear) => {
            let (overhang, spread) = rear_overhang(passage);
            (distance + overhang, spread)
        }
        (true, CameraRole::Front | CameraRole::Side) => (distance - FRONT_OVERHANG, FRONT_SPREAD),
        // which of its ends a camera takes for the front is not known
        (false, _) => (-distance, FRONT_OVERHANG),
    }
}

/// What the whole length leaves behind the last axle.
fn rear_overhang(passage: &Passage) -> (i64, i64) {
    let wheelbase: i64 =
        passage.axles.iter().filter_map(|axle| axle.spacing_mm).map(|gap| i64::from(gap.0)).sum();
    let behind = passage.length_mm.map(|length| i64::from(length.0) - wheelbase - FRONT_OVERHANG);
    match behind.filter(|behind| REAR_RANGE.contains(behind)) {
        Some(behind) => (behind, REAR_SPREAD_BY_LENGTH),
        None => (REAR_OVERHANG, REAR_SPREAD),
    }
}

fn length(millimetres: i64) -> Millimetres {
    Millimetres(u32::try_from(millimetres).unwrap_or(0))
}

/// A vehicle that halted on the scale and reaches the camera later: it goes on from its last axle
/// with the speed of that, give or take half of the time which that takes, because it gathers
/// speed again. `None` for everybody else, and when the last axle tells no speed.
fn after_a_halt(passage: &Passage, placement: &CameraPlacement) -> Option<Expected> {
    let ahead = placement.distance_mm > 0 && passage.direction == Direction::WithTraffic;
    if !ahead || !pace::is_unsteady(passage) {
        return None;
    }
    let last = passage.axles.last()?;
    let wheelbase: u32 =
        passage.axles.iter().filter_map(|axle| axle.spacing_mm).map(|spacing| spacing.0).sum();
    let distance = placement.distance_mm.unsigned_abs();
    let left = match placement.role {
        CameraRole::Rear => distance,
        CameraRole::Front | CameraRole::Side => distance.saturating_sub(wheelbase),
    };
    let speed = last.speed_dkmh.filter(|speed| speed.0 > 0)?;
    let travel = travel(Millimetres(left), speed, GATHERING.into());
    let slack = Micros((travel.0 / 2).max(HALTED_SLACK.0));
    Some(Expected { at: last.at + travel, slack, teaches: false })
}

/// Speed of the first or last axle of a vehicle that gathers `acceleration`, mm/s², towards it: the
/// mean is that of the middle of the weighing.
fn speed_of_end(passage: &Passage, mean: DeciKmh, acceleration: i64) -> DeciKmh {
    let ends = passage.axles.first().zip(passage.axles.last());
    let weighing = ends.map_or(0, |(first, last)| last.at.since(first.at).0.clamp(0, MAX_TRAVEL.0));
    // mm/s are 36/1000 of 0.1 km/h
    let gained = acceleration * (weighing / 2) / 1_000_000 * 36 / 1_000;
    let mean = i64::from(mean.0);
    let speed = (mean + gained).clamp(mean / 2, mean * 2).max(1);
    DeciKmh(u16::try_from(speed).unwrap_or(u16::MAX))
}

/// The vehicle's own speed, else that of its first axle that has one.
pub(in crate::pipeline) fn measured_speed(passage: &Passage) -> Option<DeciKmh> {
    passage
        .speed_dkmh
        .or_else(|| passage.axles.iter().find_map(|axle| axle.speed_dkmh))
        .filter(|speed| speed.0 > 0)
}

/// Distance by the mean of the speeds at both ends, when the acceleration goes on; that mean is
/// believed between half and twice the measured speed.
fn travel(distance: Millimetres, speed: DeciKmh, acceleration_mmps2: i64) -> Micros {
    let steady = speed.time_for(distance).unwrap_or(MAX_TRAVEL).0;
    let speed_mmps = (i64::from(speed.0) * 1_000 / 36).max(1);
    let gained = acceleration_mmps2 * steady.min(MAX_TRAVEL.0) / 2_000_000;
    let mean = (speed_mmps + gained).clamp(speed_mmps / 2, speed_mmps * 2).max(1);
    let micros = i64::from(distance.0).saturating_mul(1_000_000) / mean;
    Micros(micros.min(MAX_TRAVEL.0))
}
