//! Tricks on the scale and before the cameras.

use crate::vocabulary::*;
use std::collections::BTreeMap;
use wimd::pipeline::assess::Verdict;
use wimd::pipeline::evasion::EvasionKind;
use wimd::pipeline::pairing::PairingOutcome;
use wimd::pipeline::passage::QualityFlag;
use wimd::pipeline::plate::PlateState;
use wimd::pipeline::record::{Channel, Unenforceable};
use wimd::units::{DeciKmh, Kilograms, Lane};

pub(crate) fn taught() -> Timeline {
    Timeline::taught(2, false, |event| event)
}

pub(crate) fn kinds(outcome: &Outcome, vehicle: u32) -> Vec<EvasionKind> {
    let signs = &outcome.vehicle(vehicle).evasion;
    signs.iter().map(|sign| sign.kind).collect()
}

#[test]
fn an_ordinary_vehicle_shows_no_sign() {
    let one = truck(1_001).at(0);
    let outcome = taught().truck(&one).event(plate("赣H12345").of(&one)).run(site(2, false));
    assert_eq!(outcome.vehicle(1_001).evasion, vec![]);
}

#[test]
fn two_halves_side_by_side_name_each_other_and_give_no_verdict() {
    let left = truck(1_001).lane(1).at(0).left_wheels_only();
    let right = truck(1_002).lane(2).at(40).left_wheels_only().received(1_200);
    let outcome =
        taught().truck(&left).truck(&right).event(plate("赣H12345").of(&left)).run(site(2, false));
    for (vehicle, other) in [(1_001, "s1-1-00000007-1002"), (1_002, "s1-1-00000007-1001")] {
        let record = outcome.vehicle(vehicle);
        assert_eq!(kinds(&outcome, vehicle), [EvasionKind::Straddling]);
        assert_eq!(record.evasion[0].related, [other]);
        assert_eq!(record.assessment.verdict, Verdict::NotAssessable);
        assert!(!record.enforceable);
    }
    assert_eq!(outcome.counts.straddles_joined, 1);
}

#[test]
fn two_halves_have_one_joint_record_beside_their_own() {
    let left = truck(1_001).lane(1).at(0).left_wheels_only();
    let right = truck(1_002).lane(2).at(40).left_wheels_only();
    let rear = plate("赣H12345").of(&left);
    let outcome = taught().truck(&right).truck(&left).event(rear).run(site(2, false));
    let joints = outcome.joints();
    let [(id, channels, joint)] = &joints[..] else { panic!("{joints:?}") };
    assert_eq!(*id, "s1-1-00000007-1001-joint");
    assert_eq!(*channels, [Channel::Evasion]);
    assert_eq!(joint.halves, ["s1-1-00000007-1001", "s1-1-00000007-1002"]);
    assert_eq!(joint.lanes, [Lane(1), Lane(2)]);
    assert_eq!(joint.plate.as_deref(), Some("赣H12345"));
    assert_eq!(joint.gross_kg, Some(Kilograms(52_000)));
    let loads: Vec<_> = joint.axles.iter().map(|axle| axle.load_kg).collect();
    assert_eq!(loads, [14_000, 19_000, 19_000].map(|kg| Some(Kilograms(kg))));
    let kinds: Vec<_> = joint.evasion.iter().map(|sign| sign.kind).collect();
    assert_eq!(kinds, [EvasionKind::Straddling]);
    // both originals are there
    assert!([1_001, 1_002].iter().all(|half| !outcome.vehicle(*half).enforceable));
}

#[test]
fn two_halves_of_which_one_was_not_weighed_have_no_sum() {
    let left = truck(1_001).lane(1).at(0).left_wheels_only();
    let mut right = truck(1_002).lane(2).at(40).left_wheels_only();
    right.passage.axles[1].load_kg = None;
    let outcome = taught().truck(&left).truck(&right).run(site(2, false));
    let joints = outcome.joints();
    let [(_, _, joint)] = &joints[..] else { panic!("{joints:?}") };
    let loads: Vec<_> = joint.axles.iter().map(|axle| axle.load_kg.is_some()).collect();
    assert_eq!((loads, joint.gross_kg), (vec![true, false, true], None));
}

#[test]
fn a_lonely_half_waits_a_bounded_time_for_the_other() {
    let half = truck(1_001).lane(1).at(0).left_wheels_only();
    let event = plate("赣H12345").of(&half);
    let outcome = taught().truck(&half).event(event.clone()).run(site(2, false));
    assert_eq!(outcome.sealed_at(1_001), (half.arrives + 1_500).max(event.arrives));
    assert_eq!(outcome.vehicle(1_001).evasion, vec![]);
}

#[test]
fn two_whole_trucks_side_by_side_are_two_trucks() {
    let left = truck(1_001).lane(1).at(0);
    let right = truck(1_002).lane(2).at(40);
    let outcome = taught().truck(&left).truck(&right).run(site(2, false));
    assert_eq!(kinds(&outcome, 1_001), []);
    assert_eq!(kinds(&outcome, 1_002), []);
}

#[test]
fn a_straddle_flag_of_the_controller_is_enough() {
    let one = truck(1_001).at(0).flag(QualityFlag::Straddling);
    let outcome = taught().truck(&one).run(site(2, false));
    assert_eq!(kinds(&outcome, 1_001), [EvasionKind::Straddling]);
}

#[test]
fn flags_of_driving_become_signs() {
    for (flag, kind) in [
        (QualityFlag::Tailgating, EvasionKind::Tailgating),
        (QualityFlag::StopAndGo, EvasionKind::SpeedGames),
        (QualityFlag::Braking, EvasionKind::SpeedGames),
        (QualityFlag::Accelerating, EvasionKind::SpeedGames),
        (QualityFlag::SDriving, EvasionKind::SDriving),
        (QualityFlag::OffScale, EvasionKind::Straddling),
    ] {
        let outcome = taught().truck(&truck(1_001).at(0).flag(flag)).run(site(2, false));
        assert_eq!(kinds(&outcome, 1_001), [kind], "{flag:?}");
    }
}

#[test]
fn more_axles_than_any_vehicle_has_are_two_vehicles() {
    let axles = [(8_000, 3_000); 10];
    let outcome = taught().truck(&truck(1_001).axles(&axles).at(0)).run(site(2, false));
    assert_eq!(kinds(&outcome, 1_001), [EvasionKind::Tailgating]);
}

#[test]
fn axles_at_very_different_speeds_are_a_speed_game() {
    let mut one = truck(1_001).at(0);
    one.passage.axles[2].speed_dkmh = Some(DeciKmh(300));
    let outcome = taught().truck(&one).run(site(2, false));
    assert_eq!(kinds(&outcome, 1_001), [EvasionKind::SpeedGames]);
    let record = outcome.vehicle(1_001);
    assert_eq!(record.evasion[0].reasons, ["axle speeds from 30.0 to 60.0 km/h"]);
    assert!(record.unenforceable.contains(&Unenforceable::Manoeuvre));
}

#[test]
fn a_trailers_plate_names_no_vehicle_and_hides_no_covered_one() {
    for (state, kind, reason) in [
        (PlateState::Covered, Some(EvasionKind::CoveredPlate), Unenforceable::PlateNotRead),
        (PlateState::Absent, Some(EvasionKind::AbsentPlate), Unenforceable::NoPlate),
        (PlateState::Unread, None, Unenforceable::PlateNotRead),
    ] {
        let one = truck(1_001).at(0);
        let outcome = Timeline::taught(1, true, |event| event)
            .truck(&one)
            .event(plate("").of(&one).state(state))
            .event(plate("赣A123挂").rear_of(&one))
            .run(site(1, true));
        let record = outcome.vehicle(1_001);
        assert_eq!(kinds(&outcome, 1_001), Vec::from_iter(kind), "{state:?}");
        assert_eq!(record.pairing.plate, None);
        assert!(record.unenforceable.contains(&reason), "{state:?}");
    }
}

#[test]
fn a_covered_plate_is_a_sign_only_when_the_camera_says_so() {
    for (state, kind, reason) in [
        (PlateState::Covered, Some(EvasionKind::CoveredPlate), Unenforceable::PlateNotRead),
        (PlateState::Absent, Some(EvasionKind::AbsentPlate), Unenforceable::NoPlate),
        (PlateState::Unread, None, Unenforceable::PlateNotRead),
    ] {
        let one = truck(1_001).at(0);
        let outcome =
            taught().truck(&one).event(plate("").of(&one).state(state)).run(site(2, false));
        let record = outcome.vehicle(1_001);
        assert_eq!(kinds(&outcome, 1_001), Vec::from_iter(kind), "{state:?}");
        assert_eq!(record.pairing.plate, None);
        assert!(record.unenforceable.contains(&reason), "{state:?}");
    }
}

/// Between two vehicles, so that it may be the other's.
#[test]
fn a_sign_of_an_ambiguous_event_stands_in_the_record_and_says_so() {
    let (one, two) = (truck(1_001).at(0), truck(1_002).at(260));
    let between = (one.at_front() + two.at_front()) / 2;
    let seen = |event: Event| {
        let outcome = taught().truck(&one).truck(&two).event(event).run(site(1, false));
        let signs = [1_001, 1_002].map(|vehicle| outcome.vehicle(vehicle).evasion.clone());
        signs.into_iter().flatten().map(|sign| (sign.kind, sign.reasons)).collect::<Vec<_>>()
    };
    let doubt = |seen: &str| vec![format!("camera front-1: {seen}, perhaps on another vehicle")];
    let covered = plate("").at(between).state(PlateState::Covered);
    assert_eq!(seen(covered), [(EvasionKind::CoveredPlate, doubt("plate covered"))]);
    let over_the_line = plate("赣H12345").at(between).offence("1345");
    assert_eq!(seen(over_the_line), [(EvasionKind::SolidLine, doubt("offence 1345"))]);
    assert_eq!(seen(plate("").at(between).state(PlateState::Absent)), []);
}

/// The clock of the camera behind is not known, so its event may be another vehicle's.
#[test]
fn a_plate_that_may_be_another_vehicles_does_not_hide_an_absent_one() {
    let one = truck(1_001).at(0);
    let outcome = Timeline::taught(1, false, |event| event)
        .truck(&one)
        .event(plate("").of(&one).state(PlateState::Absent))
        .event(plate("赣H54321").rear_of(&one))
        .run(site(1, true));
    let outcomes = outcome.vehicle(1_001).pairing.roles.iter().map(|role| role.outcome);
    assert_eq!(outcomes.collect::<Vec<_>>(), [PairingOutcome::Paired, PairingOutcome::Ambiguous]);
    assert_eq!(kinds(&outcome, 1_001), [EvasionKind::AbsentPlate]);
}

#[test]
fn a_solid_line_crossing_comes_from_the_camera() {
    let one = truck(1_001).at(0);
    let outcome =
        taught().truck(&one).event(plate("赣H12345").of(&one).offence("1345")).run(site(2, false));
    assert_eq!(kinds(&outcome, 1_001), [EvasionKind::SolidLine]);
}

#[test]
fn the_emergency_lane_comes_from_the_camera_and_is_nobody_on_the_scale() {
    let one = truck(1_001).at(0);
    let beside = plate("赣H99999").of(&one).offence("17").source("beside");
    let outcome = taught()
        .truck(&one)
        .event(beside.clone())
        .event(beside)
        .event(plate("赣H12345").of(&one).source("own").received(5_000))
        .run(site(2, false));
    assert_eq!(outcome.seen(), BTreeMap::from([(1_001, paired("赣H12345"))]));
    let [alone] = &*outcome.supplements() else {
        panic!("one supplement, not {:?}", outcome.supplements());
    };
    assert_eq!(alone.plate_read.plate.text.as_deref(), Some("赣H99999"));
    let [sign] = &*alone.evasion else { panic!("one sign, not {:?}", alone.evasion) };
    assert_eq!(sign.kind, EvasionKind::EmergencyLane);
    assert_eq!(sign.reasons, ["camera front-1: offence 17"]);
    let record = outcome.sealed.iter().find(|(_, record)| record.id.contains("supplement"));
    let (_, record) = record.expect("the supplement");
    assert_eq!(record.channels(), [Channel::Evasion]);
    assert_eq!(record.pictures().len(), 1);
}

#[test]
fn a_whole_truck_beside_a_half_is_somebody_else() {
    let left = truck(1_001).lane(1).at(0).left_wheels_only();
    let whole = truck(1_002).lane(2).at(40).received(1_200);
    let outcome = taught().truck(&left).truck(&whole).run(site(2, false));
    assert_eq!(kinds(&outcome, 1_002), []);
    assert_eq!(outcome.counts.straddles_joined, 0);
}

#[test]
fn an_axle_that_hangs_in_its_group_is_a_sign() {
    let mut one = truck(1_001).at(0);
    one.passage.axles[2].load_kg = Some(Kilograms(900));
    let signs = |one: &Truck| kinds(&taught().truck(one).run(site(2, false)), 1_001);
    assert_eq!(signs(&one), [EvasionKind::LiftedAxle]);
    // so unevenly that nothing can be judged
    one.passage.axles[2].left_kg = Some(Kilograms(200));
    one.passage.axles[2].right_kg = Some(Kilograms(700));
    let outcome = taught().truck(&one).run(site(2, false));
    assert_eq!(outcome.vehicle(1_001).assessment.verdict, Verdict::NotAssessable);
    assert_eq!(kinds(&outcome, 1_001), [EvasionKind::LiftedAxle]);
    // nothing at all was measured too, unless the sensor is at fault
    one.passage.axles[2].load_kg = Some(Kilograms(0));
    assert_eq!(signs(&one), [EvasionKind::LiftedAxle]);
    assert_eq!(signs(&one.flag(QualityFlag::SensorFault)), []);
}
