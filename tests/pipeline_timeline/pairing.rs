//! Plates to passages on ordinary and on crowded lanes.

use crate::vocabulary::*;
use std::collections::BTreeMap;
use wimd::pipeline::assess::{NotAssessable, Verdict};
use wimd::pipeline::pairing::PairingOutcome;
use wimd::pipeline::passage::QualityFlag;
use wimd::pipeline::record::{SupplementReason, Unenforceable};

fn taught() -> Timeline {
    Timeline::taught(1, false, |event| event)
}

#[test]
fn a_lawful_vehicle_is_sealed_when_its_plate_arrives() {
    let one = truck(1_001).axles(&[(6_000, 0), (9_000, 3_600), (9_000, 1_350)]);
    let event = plate("赣H12345").of(&one);
    let arrives = event.arrives;
    let outcome = taught().truck(&one).event(event).run(site(1, false));
    assert_eq!(outcome.seen(), BTreeMap::from([(1_001, paired("赣H12345"))]));
    assert_eq!(outcome.sealed_at(1_001), arrives);
}

#[test]
fn a_plate_before_its_passage_is_sealed_when_the_passage_arrives() {
    let lawful = truck(1_001).axles(&[(6_000, 0), (9_000, 3_600), (9_000, 1_350)]);
    let one = lawful.at(0).received(3_000);
    let outcome = taught().truck(&one).event(plate("赣H12345").of(&one)).run(site(1, false));
    assert_eq!(outcome.seen(), BTreeMap::from([(1_001, paired("赣H12345"))]));
    assert_eq!(outcome.sealed_at(1_001), 3_000);
}

#[test]
fn a_vehicle_with_two_cameras_waits_for_both() {
    let one = truck(1_001).at(0);
    let rear = plate("赣H9876挂").rear_of(&one).received(1_800);
    let outcome = Timeline::taught(1, true, |event| event)
        .truck(&one)
        .event(plate("赣H12345").of(&one))
        .event(rear)
        .run(site(1, true));
    let record = outcome.vehicle(1_001);
    assert_eq!(outcome.seen(), BTreeMap::from([(1_001, paired("赣H12345"))]));
    assert_eq!(outcome.sealed_at(1_001), 1_800);
    assert!(!record.unenforceable.contains(&Unenforceable::PlateNotRead));
    let differs = |reasons: &Vec<String>| reasons.iter().any(|r| r == "other_role_differs");
    assert!(record.pairing.roles.iter().all(|role| differs(&role.reasons)));
}

#[test]
fn pictures_of_one_record_have_distinct_names() {
    let one = truck(1_001).at(0);
    let outcome = Timeline::taught(1, true, |event| event)
        .truck(&one)
        .event(plate("赣H12345").of(&one))
        .event(plate("赣H12345").rear_of(&one))
        .run(site(1, true));
    let roles = &outcome.vehicle(1_001).pairing.roles;
    let chosen = roles.iter().filter_map(|role| role.chosen.as_ref());
    let names: Vec<&str> = chosen
        .flat_map(|chosen| &chosen.plate_read.pictures)
        .map(|picture| picture.name.as_str())
        .collect();
    assert_eq!(names, ["scene.jpg", "rear-scene.jpg"]);
}

#[test]
fn two_readings_of_one_plate_that_nearly_agree_are_not_enforceable() {
    let one = truck(1_001).at(0);
    let outcome = Timeline::taught(1, true, |event| event)
        .truck(&one)
        .event(plate("赣H12345").of(&one))
        .event(plate("赣H1234S").rear_of(&one))
        .run(site(1, true));
    let record = outcome.vehicle(1_001);
    assert!(record.unenforceable.contains(&Unenforceable::PlateNotRead));
}

#[test]
fn a_car_does_not_get_the_plate_of_a_lorry_that_is_as_near() {
    let lorry = truck(1_001).at(0);
    let car = truck(1_002).axles(&[(900, 0), (700, 2_700)]).at(700);
    let between = (lorry.at_front() + car.at_front()) / 2;
    for (word, chosen) in [("car", 1_002), ("truck", 1_001)] {
        let mut event = plate("赣H12345").lane(1).at(between);
        event.read.vehicle_class = Some(word.to_owned());
        let outcome = taught().truck(&lorry).truck(&car).event(event).run(site(1, false));
        let other = 2_003 - chosen;
        assert_eq!(outcome.vehicle(other).pairing.outcome, PairingOutcome::Unpaired, "{word}");
        assert_eq!(outcome.vehicle(chosen).pairing.plate.as_deref(), Some("赣H12345"), "{word}");
    }
}

#[test]
fn a_missing_plate_leaves_the_vehicle_unpaired_when_the_window_closes() {
    let one = truck(1_001).at(0);
    let two = truck(1_002).at(8_000);
    let outcome =
        taught().truck(&one).truck(&two).event(plate("赣H22222").of(&two)).run(site(1, false));
    assert_eq!(outcome.seen(), BTreeMap::from([(1_001, UNPAIRED), (1_002, paired("赣H22222"))]));
    assert_eq!(outcome.vehicle(1_001).evasion, vec![]);
    let reasons = &outcome.vehicle(1_001).unenforceable;
    assert!(reasons.contains(&Unenforceable::NoPlate));
}

#[test]
fn a_late_plate_is_reported_unpaired() {
    let one = truck(1_001).at(0);
    let event = plate("赣H12345").of(&one).received(9_000);
    let outcome = taught().truck(&one).event(event).run(site(1, false));
    assert_eq!(outcome.seen(), BTreeMap::from([(1_001, UNPAIRED)]));
    let reasons: Vec<_> = outcome.supplements().iter().map(|s| s.reason).collect();
    assert_eq!(reasons, [SupplementReason::NoPassage]);
}

#[test]
fn vehicles_within_a_second_each_get_their_own_plate() {
    let trucks: Vec<Truck> = (0..5).map(|n| truck(1_001 + n).at(i64::from(n) * 900)).collect();
    let mut timeline = taught();
    for one in &trucks {
        let vehicle = one.passage.source.vehicle;
        timeline = timeline.truck(one).event(plate(&format!("赣H{vehicle:05}")).of(one));
    }
    let expected: BTreeMap<_, _> =
        (1_001..1_006).map(|vehicle| (vehicle, paired(&format!("赣H{vehicle:05}")))).collect();
    assert_eq!(timeline.run(site(1, false)).seen(), expected);
}

#[test]
fn a_platoon_with_one_missing_plate_shifts_nobody() {
    let trucks: Vec<Truck> = (0..5).map(|n| truck(1_001 + n).at(i64::from(n) * 1_200)).collect();
    let mut timeline = taught();
    for one in &trucks {
        let vehicle = one.passage.source.vehicle;
        timeline = timeline.truck(one);
        if vehicle != 1_002 {
            timeline = timeline.event(plate(&format!("赣H{vehicle:05}")).of(one));
        }
    }
    let mut expected: BTreeMap<_, _> =
        (1_001..1_006).map(|vehicle| (vehicle, paired(&format!("赣H{vehicle:05}")))).collect();
    expected.insert(1_002, UNPAIRED);
    assert_eq!(timeline.run(site(1, false)).seen(), expected);
}

#[test]
fn a_slow_vehicle_is_not_given_the_plate_of_the_next() {
    let slow = truck(1_001).speed(32).at(0);
    let fast = truck(1_002).speed(85).at(2_000);
    let outcome = taught()
        .truck(&slow)
        .truck(&fast)
        .event(plate("赣H22222").of(&fast))
        .event(plate("赣H11111").of(&slow))
        .run(site(1, false));
    assert_eq!(
        outcome.seen(),
        BTreeMap::from([(1_001, paired("赣H11111")), (1_002, paired("赣H22222"))])
    );
}

#[test]
fn an_event_between_two_vehicles_is_ambiguous_and_never_enforceable() {
    let one = truck(1_001).at(0);
    let two = truck(1_002).at(260);
    let between = (one.at_front() + two.at_front()) / 2;
    let outcome =
        taught().truck(&one).truck(&two).event(plate("赣H12345").at(between)).run(site(1, false));
    let ambiguous: Vec<u32> = outcome
        .seen()
        .into_iter()
        .filter(|(_, (outcome, _))| *outcome == PairingOutcome::Ambiguous)
        .map(|(vehicle, _)| vehicle)
        .collect();
    assert_eq!(ambiguous.len(), 1);
    let record = outcome.vehicle(ambiguous[0]);
    assert!(!record.enforceable);
    assert!(record.unenforceable.contains(&Unenforceable::AmbiguousPairing));
}

#[test]
fn an_event_that_fits_loosely_waits_for_a_better_one() {
    let one = truck(1_001).at(0);
    let loose = plate("赣H11111").at(one.at_front() + 200);
    let better = plate("赣H22222").at(one.at_front() - 160).received(1_900);
    let outcome = taught().truck(&one).event(loose).event(better).run(site(1, false));
    let ambiguous = (PairingOutcome::Ambiguous, Some("赣H22222".to_owned()));
    assert_eq!(outcome.seen(), BTreeMap::from([(1_001, ambiguous)]));
}

#[test]
fn two_lanes_at_once_do_not_mix() {
    let left = truck(1_001).lane(1).at(0);
    let right = truck(1_002).lane(2).at(10);
    let outcome = Timeline::taught(2, false, |event| event)
        .truck(&left)
        .truck(&right)
        .event(plate("赣H22222").of(&right))
        .event(plate("赣H11111").of(&left))
        .run(site(2, false));
    assert_eq!(
        outcome.seen(),
        BTreeMap::from([(1_001, paired("赣H11111")), (1_002, paired("赣H22222"))])
    );
}

#[test]
fn a_camera_that_tells_no_lane_serves_both() {
    let mut parameters = site(2, false);
    for lane in &mut parameters.lanes {
        lane.cameras[0].camera = "overview".to_owned();
    }
    let tell_nothing = |mut event: Event| {
        event.read.lane = None;
        event.read.camera = "overview".to_owned();
        event
    };
    let left = truck(1_001).lane(1).at(0);
    let right = truck(1_002).lane(2).at(6_000);
    let outcome = Timeline::taught(2, false, tell_nothing)
        .truck(&left)
        .truck(&right)
        .event(tell_nothing(plate("赣H11111").of(&left)))
        .event(tell_nothing(plate("赣H22222").of(&right)))
        .run(parameters);
    assert_eq!(
        outcome.seen(),
        BTreeMap::from([(1_001, paired("赣H11111")), (1_002, paired("赣H22222"))])
    );
}

#[test]
fn an_event_without_lane_that_suits_two_lanes_is_ambiguous() {
    let mut parameters = site(2, false);
    for lane in &mut parameters.lanes {
        lane.cameras[0].camera = "overview".to_owned();
    }
    let tell_nothing = |mut event: Event| {
        event.read.lane = None;
        event.read.camera = "overview".to_owned();
        event
    };
    let left = truck(1_001).lane(1).at(0);
    let right = truck(1_002).lane(2).at(30);
    let outcome = Timeline::taught(2, false, tell_nothing)
        .truck(&left)
        .truck(&right)
        .event(tell_nothing(plate("赣H11111").of(&left)))
        .run(parameters);
    let clear = |(outcome, _): &Seen| *outcome == PairingOutcome::Paired;
    assert!(!outcome.seen().values().any(clear));
}

#[test]
fn the_trigger_id_wins_over_the_instant() {
    let one = truck(1_001).at(0).trigger(41);
    let two = truck(1_002).at(1_500).trigger(42);
    let outcome = taught()
        .truck(&one)
        .truck(&two)
        .event(plate("赣H11111").at(two.at_front()).trigger(41))
        .event(plate("赣H22222").at(two.at_front() + 700).trigger(42))
        .run(site(1, false));
    assert_eq!(
        outcome.seen(),
        BTreeMap::from([(1_001, paired("赣H11111")), (1_002, paired("赣H22222"))])
    );
}

#[test]
fn a_passage_of_an_unknown_lane_is_kept_and_counted() {
    let outcome = taught().truck(&truck(1_001).lane(9).at(0)).run(site(1, false));
    assert_eq!(outcome.seen(), BTreeMap::from([(1_001, UNPAIRED)]));
    assert_eq!(outcome.counts.unknown_lane_passages, 1);
    let record = outcome.vehicle(1_001);
    assert_eq!(record.passage.flags, [QualityFlag::LaneUnmapped]);
    assert_eq!(record.assessment.verdict, Verdict::NotAssessable);
    assert_eq!(record.assessment.not_assessable, [NotAssessable::LaneUnmapped]);
}

#[test]
fn an_event_of_an_unknown_camera_is_kept_and_counted() {
    let mut event = plate("赣H12345").at(0);
    event.read.camera = "elsewhere".to_owned();
    let outcome = taught().event(event).run(site(1, false));
    assert_eq!(outcome.supplements().len(), 1);
    assert_eq!(outcome.counts.unplaced_plate_reads, 1);
}
