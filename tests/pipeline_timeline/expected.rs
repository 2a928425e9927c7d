//! Where a camera sees a vehicle: its nose before the first axle, its tail behind the last.

use crate::vocabulary::*;
use wimd::pipeline::pairing::PairingOutcome;
use wimd::units::{Micros, Millimetres, MillimetresPerSecond2};

/// A truck at 20 km/h of which 3 m are behind the last axle: its tail is 0.2 s later at the
/// camera than that of a common one.
fn slow_truck_with_a_long_tail() -> (Truck, Event) {
    let mut one = truck(1_001).speed(20).at(0);
    one.passage.length_mm = Some(Millimetres(1_150 + 4_950 + 3_000));
    let longer_ms = (3_000 - 1_700) * 36 / 200;
    let event = plate("赣H12345").rear_of(&one);
    let event = event.at(one.at_rear() + longer_ms);
    (one, event)
}

#[test]
fn the_length_tells_when_the_tail_of_a_slow_vehicle_passes_the_rear_camera() {
    let (one, event) = slow_truck_with_a_long_tail();
    let seen = |one: &Truck| {
        let taught = Timeline::taught(1, true, |event| event);
        let outcome = taught.truck(one).event(event.clone()).run(site(1, true));
        let role = &outcome.vehicle(1_001).pairing.roles[1];
        let chosen = role.chosen.as_ref().expect("an event");
        (role.outcome, chosen.residual_us.expect("no trigger").0 / 10_000)
    };
    assert_eq!(seen(&one), (PairingOutcome::Paired, 0));
    let mut unmeasured = one;
    unmeasured.passage.length_mm = None;
    assert_eq!(seen(&unmeasured), (PairingOutcome::Paired, 23));
}

/// As after a start on a line that is slow to answer: nobody can say which of two pictures within
/// that span is of the vehicle.
#[test]
fn a_vehicle_whose_instant_is_hardly_known_gets_no_clear_plate() {
    let seen = |error: Micros| {
        let mut one = truck(1_001).at(0);
        one.passage.time.error_us = Some(error);
        let at = one.at_front();
        let near = plate("赣H12345").of(&one).at(at + 1_000);
        let far = plate("赣H54321").of(&one).at(at + 4_500);
        let taught = Timeline::taught(1, false, |event| event);
        let outcome = taught.truck(&one).event(near).event(far).run(site(1, false));
        outcome.vehicle(1_001).pairing.outcome
    };
    assert_eq!(seen(Micros::from_secs(1)), PairingOutcome::Paired);
    assert_eq!(seen(Micros::from_secs(5)), PairingOutcome::Ambiguous);
}

/// Before the scale it was as much slower as it gathers speed: of 21.15 m to the first axle at 30 km/h
/// it needed 3.08 s, not 2.3, and one that brakes 2.24 s.
#[test]
fn a_vehicle_that_gathers_speed_was_at_a_camera_before_the_scale_the_earlier() {
    for (acceleration, seen) in [(800, -3_080), (-800, -2_235)] {
        let mut one = truck(1_001).speed(30).at(0);
        one.passage.acceleration_mmps2 = Some(MillimetresPerSecond2(acceleration));
        let event = plate("赣H12345").at(seen);
        let taught = Timeline::taught(2, false, seen_before);
        let outcome = taught.truck(&one).event(event).run(cameras_before());
        let role = &outcome.vehicle(1_001).pairing.roles[0];
        assert_eq!(role.outcome, PairingOutcome::Paired, "{acceleration} mm/s²");
        let residual = role.chosen.as_ref().and_then(|it| it.residual_us).expect("no trigger");
        assert!(residual.0.abs() < 100_000, "{acceleration} mm/s²: {residual:?}");
    }
}
