//! Vehicles of which the controller made two.

use crate::vocabulary::*;
use wimd::pipeline::assess::Verdict;
use wimd::pipeline::record::Unenforceable;

fn assert_both_are_parts(outcome: &Outcome) {
    for vehicle in [1_001, 1_002] {
        let reasons = &outcome.vehicle(vehicle).unenforceable;
        assert!(reasons.contains(&Unenforceable::PartOfVehicle), "{vehicle}: {reasons:?}");
    }
}

#[test]
fn a_rest_without_an_axle_that_steers_is_part_of_the_vehicle_before() {
    let one = truck(1_001).at(0);
    let behind = one.passage.ended_at.since(START).0 / 1_000 + 300;
    let rest = truck(1_002).axles(&[(8_000, 0), (8_000, 1_310), (8_000, 1_310)]).at(behind);
    let outcome = Timeline::taught(2, false, |event| event)
        .truck(&one)
        .truck(&rest)
        .event(plate("赣H12345").of(&one))
        .run(site(2, false));
    assert_both_are_parts(&outcome);
}

/// Its plate is there before it, so nothing else holds it.
#[test]
fn a_tractor_that_is_overloaded_by_itself_waits_for_the_rest_of_its_vehicle() {
    let one = truck(1_001).axles(&[(7_000, 0), (10_500, 3_600), (10_500, 1_350)]).at(0);
    let behind = one.passage.ended_at.since(START).0 / 1_000 + 400;
    let rest = truck(1_002).axles(&[(8_000, 0), (8_000, 1_310), (8_000, 1_310)]).at(behind);
    let event = seen_before(plate("赣H12345").of(&one));
    let timeline = Timeline::taught(2, false, seen_before).truck(&one).event(event);
    let outcome = timeline.clone().truck(&rest).run(cameras_before());
    assert_both_are_parts(&outcome);
    // 12 m at 60 km/h, and what a controller takes
    let alone = timeline.run(cameras_before());
    let ended = one.passage.ended_at.since(START).0 / 1_000;
    assert_eq!(alone.sealed_at(1_001), ended + 720 + 500);
    assert_eq!(alone.vehicle(1_001).assessment.verdict, Verdict::Overload);
}

/// A tractor that is too heavy for a vehicle of its axles, its rest, and its plate, there before it; the
/// whole is lawful.
fn lawful_in_two() -> (Truck, Truck, Timeline) {
    let one = truck(1_001).axles(&[(7_000, 0), (11_500, 3_600)]).at(0);
    let behind = one.passage.ended_at.since(START).0 / 1_000 + 400;
    let rest = truck(1_002).axles(&[(7_000, 0), (7_000, 1_310), (7_000, 1_310)]).at(behind);
    let event = seen_before(plate("赣H12345").of(&one));
    (one, rest, Timeline::taught(2, false, seen_before).event(event))
}

#[test]
fn a_tractor_that_comes_late_waits_for_a_rest_that_is_as_late() {
    let (one, rest, timeline) = lawful_in_two();
    let ended = one.passage.ended_at.since(START).0 / 1_000;
    for late in [1_300, 3_000, 60_000] {
        let timeline = timeline.clone().truck(&one.clone().received(ended + late));
        let timeline = timeline.truck(&rest.clone().received(ended + late + 10));
        assert_both_are_parts(&timeline.run(cameras_before()));
    }
}

#[test]
fn a_tractor_that_waited_for_its_rest_waits_again_after_a_restart() {
    let (one, rest, timeline) = lawful_in_two();
    let ended = one.passage.ended_at.since(START).0 / 1_000;
    let timeline = timeline.truck(&one).truck(&rest);
    let outcome = timeline.run_with_restarts(cameras_before(), &[(ended + 200, 3_000)]);
    assert_both_are_parts(&outcome);
}
