//! How a vehicle moves: when its first axle is how far behind the scale.

use crate::units::Micros;

/// The speed is kept above this share of that on the scale, so that nobody turns round on the way.
const LEAST_SHARE: i64 = 2;
/// Over this distance on both sides of the scale, millimetres.
const COURSE: i64 = 90_000;

/// A movement along the lane; at zero the first axle crosses the scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Motion {
    /// Speed at the scale, mm/s.
    pub(super) speed: i64,
    /// Acceleration, mm/s².
    pub(super) acceleration: i64,
    /// Stands still when the first axle is here, for so long, and then starts from standstill.
    pub(super) stop: Option<(i64, Micros)>,
}

/// Acceleration of a loaded truck from standstill, mm/s²; our choice.
const START: i64 = 700;

impl Motion {
    /// With as much of the acceleration as keeps the vehicle going.
    pub(super) fn new(speed: i64, acceleration: i64) -> Self {
        let kept = speed / LEAST_SHARE;
        let most = (speed * speed - kept * kept) / (2 * COURSE);
        Self { speed, acceleration: acceleration.clamp(-most, most), stop: None }
    }

    /// When the first axle is so many millimetres behind the scale.
    pub(super) fn time_at(&self, distance: i64) -> Micros {
        match self.stop {
            Some((place, pause)) if distance > place => {
                let stopped = self.steady(place);
                let further = i128::from(distance - place);
                // s = a t² / 2, in mm and µs
                let squared = further * 2 * 1_000_000_000_000 / i128::from(START);
                let moving = i64::try_from(squared.isqrt()).unwrap_or(i64::MAX);
                Micros(stopped.0 + pause.0 + moving)
            }
            _ => self.steady(distance),
        }
    }

    /// Speed there, mm/s.
    pub(super) fn speed_at(&self, distance: i64) -> i64 {
        match self.stop {
            Some((place, _)) if distance >= place => (2 * START * (distance - place)).isqrt(),
            _ => (self.speed * self.speed + 2 * self.acceleration * distance).max(1).isqrt(),
        }
    }

    fn steady(&self, distance: i64) -> Micros {
        let speed = i128::from(self.speed) * 1_000;
        let gained = 2 * i128::from(self.acceleration) * i128::from(distance) * 1_000_000;
        let there = (speed * speed + gained).max(1).isqrt();
        let micros = 2 * i128::from(distance) * 1_000_000_000 / (speed + there).max(1);
        Micros(i64::try_from(micros).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_vehicle_needs_distance_by_speed() {
        assert_eq!(Motion::new(20_000, 0).time_at(25_000), Micros::from_millis(1_250));
        assert_eq!(Motion::new(20_000, 0).time_at(-25_000), Micros::from_millis(-1_250));
    }

    #[test]
    fn an_accelerating_vehicle_is_there_earlier() {
        let motion = Motion::new(20_000, 500);
        // 20 t + t²/4 = 25
        assert_eq!(motion.time_at(25_000).0 / 1_000, 1_231);
        assert_eq!(motion.speed_at(25_000), 20_615);
    }

    #[test]
    fn one_that_stops_starts_again_from_standstill() {
        let stop = Some((2_000, Micros::from_secs(3)));
        let motion = Motion { stop, ..Motion::new(2_000, 0) };
        assert_eq!(motion.time_at(1_000), Micros::from_millis(500));
        // 1 s to the stop, 3 s there, and the root of 2 · 14 / 0.7 s
        assert_eq!(motion.time_at(16_000).0 / 1_000, 4_000 + 6_324);
    }
}
