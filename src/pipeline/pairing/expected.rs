//! When a camera should have seen a vehicle that the scale has weighed.

use crate::clock::Timestamp;
use crate::pipeline::parameters::CameraPlacement;
use crate::pipeline::passage::{Direction, Passage, QualityFlag};
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
    let with_traffic = passage.direction != Direction::AgainstTraffic;
    let reference = match placement.role {
        // a camera that looks at tails sees the head of a vehicle against the traffic
        CameraRole::Rear if with_traffic => {
            passage.axles.last().map_or(passage.ended_at, |axle| axle.at)
        }
        _ => passage.began_at,
    };
    let distance = Millimetres(placement.distance_mm.unsigned_abs());
    let measured = measured_speed(passage);
    let travel = travel(
        distance,
        measured.unwrap_or(ASSUMED_SPEED),
        passage.acceleration_mmps2.map_or(0, |a| i64::from(a.0)),
    );
    let forward = placement.distance_mm >= 0;
    let signed = if forward == with_traffic { travel.0 } else { -travel.0 };
    let mut slack = travel.0 / if measured.is_some() { 50 } else { 3 };
    let unmapped = passage.flags.contains(&QualityFlag::TimeUnmapped);
    let error = if unmapped { ARRIVAL_SLACK } else { passage.time.error_us.unwrap_or_default() };
    slack += error.0.clamp(0, ARRIVAL_SLACK.0);
    let teaches = error <= MOST_TEACHING_ERROR;
    Expected { at: reference + Micros(signed), slack: Micros(slack), teaches }
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
