//! Events that come twice, late, in pieces, or again after a restart.

use crate::vocabulary::*;
use std::collections::BTreeMap;
use wimd::pipeline::DropReason;
use wimd::pipeline::evasion::{EvasionKind, EvasionSign};
use wimd::pipeline::plate::PlateState;
use wimd::pipeline::record::SupplementReason;

fn taught() -> Timeline {
    Timeline::taught(1, false, |event| event)
}

#[test]
fn the_same_event_again_is_dropped_under_its_name() {
    let one = truck(1_001).at(0);
    let event = plate("赣H12345").of(&one).source("uuid-1");
    let outcome =
        taught().truck(&one).event(event.clone()).event(event.received(4_000)).run(site(1, false));
    assert_eq!(outcome.seen(), BTreeMap::from([(1_001, paired("赣H12345"))]));
    assert_eq!(outcome.dropped, [DropReason::DuplicatePlateRead]);
    assert_eq!(outcome.counts.duplicate_plate_reads, 1);
}

#[test]
fn the_same_plate_within_two_seconds_is_one_vehicle_whatever_its_id() {
    let one = truck(1_001).at(0);
    let first = plate("赣H12345").of(&one).source("uuid-1");
    let second = first.clone().source("uuid-2").at(one.at_front() + 640);
    let outcome = taught().truck(&one).event(first).event(second).run(site(1, false));
    assert_eq!(outcome.dropped, [DropReason::DuplicatePlateRead]);
}

/// Signs of the vehicle and of what went out by itself, and what was dropped.
fn told(events: &[Event]) -> (Vec<EvasionKind>, Vec<EvasionKind>, usize) {
    let one = truck(1_001).at(0).received(3_000);
    let timeline = events.iter().fold(taught().truck(&one), |all, event| all.event(event.clone()));
    let outcome = timeline.run(site(1, false));
    let kinds = |signs: &[EvasionSign]| signs.iter().map(|sign| sign.kind).collect::<Vec<_>>();
    let alone = outcome.supplements().into_iter().flat_map(|alone| kinds(&alone.evasion)).collect();
    (kinds(&outcome.vehicle(1_001).evasion), alone, outcome.dropped.len())
}

#[test]
fn no_sign_is_lost_because_the_camera_tells_the_same_vehicle_twice() {
    let (wrong_way, solid_line) = (EvasionKind::WrongWay, EvasionKind::SolidLine);
    let one = truck(1_001).at(0);
    let plain = plate("赣H12345").of(&one).source("uuid-1").received(2_500);
    let later =
        |event: &Event| event.clone().source("uuid-2").at(one.at_front() + 640).received(2_600);
    let with = |event: &Event, code: &str| event.clone().offence(code);
    // under another id
    let second = with(&later(&plain), "1301");
    assert_eq!(told(&[plain.clone(), second.clone()]), (vec![], vec![wrong_way], 0));
    let third = second.clone().source("uuid-3").received(2_700);
    assert_eq!(told(&[plain.clone(), second.clone(), third]), (vec![], vec![wrong_way], 1));
    assert_eq!(told(&[second, plain.clone().received(2_700)]), (vec![], vec![wrong_way], 0));
    // under the same id, before the vehicle has come and after it has been given the event
    for arrives in [2_600, 3_500] {
        let again = plain.clone().received(arrives);
        let seen = told(&[plain.clone(), with(&again, "1345")]);
        assert_eq!((seen.0, seen.1), (vec![solid_line], vec![]), "{arrives}");
        let unread = plain.clone().state(PlateState::Unread);
        let seen = told(&[unread, again.state(PlateState::Covered)]);
        assert_eq!((seen.0, seen.1), (vec![EvasionKind::CoveredPlate], vec![]), "{arrives}");
    }
    let announced = with(&plain, "1301").more_follows();
    let seen = told(&[announced, plain.clone().received(2_600)]);
    assert_eq!((seen.0, seen.1), (vec![wrong_way], vec![]), "the full event does not repeat it");
}

#[test]
fn the_earlier_of_two_readings_stays_whichever_arrives_first() {
    let one = truck(1_001).at(0).received(3_000);
    let first = plate("赣H12345").of(&one).source("uuid-1").received(2_500);
    let second = first.clone().source("uuid-2").at(one.at_front() + 640);
    let outcome = taught().truck(&one).event(first).event(second).run(site(1, false));
    assert_eq!(outcome.dropped, [DropReason::DuplicatePlateRead]);
    let chosen = outcome.vehicle(1_001).pairing.roles[0].chosen.clone();
    let source = chosen.and_then(|chosen| chosen.plate_read.source_id);
    assert_eq!(source.as_deref(), Some("uuid-1"));
}

#[test]
fn a_fuller_event_replaces_the_announced_one() {
    let one = truck(1_001).at(0);
    let fuller = plate("赣H12345").of(&one).source("uuid-1");
    let announced = fuller.clone().more_follows();
    let outcome =
        taught().truck(&one).event(announced).event(fuller.received(3_000)).run(site(1, false));
    assert_eq!(outcome.dropped, [DropReason::SupersededPlateRead]);
    assert!(outcome.vehicle(1_001).evidence_complete);
    assert_eq!(outcome.sealed_at(1_001), 3_000);
}

#[test]
fn a_fuller_event_after_the_seal_is_a_supplement_that_names_the_record() {
    let one = truck(1_001).at(0);
    let fuller = plate("赣H12345").of(&one).source("uuid-1");
    let announced = fuller.clone().more_follows();
    let outcome = taught()
        .truck(&one)
        .event(announced)
        .event(fuller.clone().received(12_000))
        .event(fuller.received(13_000))
        .run(site(1, false));
    let supplements = outcome.supplements();
    assert_eq!(supplements.len(), 1);
    assert_eq!(supplements[0].reason, SupplementReason::Repeated);
    assert_eq!(supplements[0].refers_to.as_deref(), Some("s1-1-00000007-1001"));
    assert_eq!(outcome.dropped, [DropReason::DuplicatePlateRead]);
}

#[test]
fn a_retransmitted_event_is_never_matched_to_live_traffic() {
    let one = truck(1_001).at(0);
    let outcome = taught().truck(&one).event(plate("赣H12345").of(&one).late()).run(site(1, false));
    assert_eq!(outcome.seen(), BTreeMap::from([(1_001, UNPAIRED)]));
    let reasons: Vec<_> = outcome.supplements().iter().map(|s| s.reason).collect();
    assert_eq!(reasons, [SupplementReason::Late]);
}

#[test]
fn a_retransmission_of_a_known_event_is_dropped() {
    let one = truck(1_001).at(0);
    let event = plate("赣H12345").of(&one).source("uuid-1");
    let outcome = taught()
        .truck(&one)
        .event(event.clone())
        .event(event.late().received(60_000))
        .run(site(1, false));
    assert_eq!(outcome.seen(), BTreeMap::from([(1_001, paired("赣H12345"))]));
    assert_eq!(outcome.dropped, [DropReason::DuplicatePlateRead]);
}

/// The daemon was killed before the camera had its answer, and more events wait in the inbox than
/// are remembered.
#[test]
fn a_repeat_after_a_restart_is_known_however_many_events_wait() {
    let one = truck(1_001).at(0);
    let event = plate("赣H12345").of(&one).source("uuid-1");
    let waits = |number: i64| {
        let text = format!("赣{}{:05}", char::from(b'A' + (number % 4) as u8), number * 1_111 / 4);
        plate(&text).at(number * 100 - 14_000).source(&format!("waits-{number}"))
    };
    let timeline = (0..80).fold(Timeline::taught(1, false, |event| event), |timeline, number| {
        timeline.event(waits(number))
    });
    let timeline = timeline.truck(&one).event(event.clone()).event(event.received(4_500));
    let outcome = timeline.run_with_restarts(site(1, false), &[(4_000, 200)]);
    assert_eq!(outcome.seen(), BTreeMap::from([(1_001, paired("赣H12345"))]));
    assert_eq!((outcome.supplements().len(), outcome.dropped.len()), (80, 1));
}

#[test]
fn the_same_vehicle_again_is_dropped_under_its_name() {
    let one = truck(1_001).at(0);
    let outcome = taught().truck(&one).truck(&one).run(site(1, false));
    assert_eq!(outcome.seen().len(), 1);
    assert_eq!(outcome.dropped, [DropReason::DuplicatePassage]);
}

#[test]
fn inputs_fed_again_after_a_restart_pair_by_their_own_instants() {
    let one = truck(1_001).at(0);
    let two = truck(1_002).at(7_000);
    let events = [plate("赣H11111").of(&one), plate("赣H22222").of(&two)];
    let mut player = Player::new(site(1, false));
    taught().play(&mut player);
    let restart = at(120_000);
    for input in
        [one.clone().into(), two.clone().into(), events[0].clone().into(), events[1].clone().into()]
    {
        player.arrive(restart, input);
    }
    let outcome = player.finish();
    assert_eq!(
        outcome.seen(),
        BTreeMap::from([(1_001, paired("赣H11111")), (1_002, paired("赣H22222"))])
    );
    // an overload waits for its rest, which would come as late
    assert_eq!(outcome.sealed_at(1_001), 120_720);
}

#[test]
fn the_same_inputs_give_the_same_records() {
    let one = truck(1_001).at(0);
    let timeline =
        taught().truck(&one).event(plate("赣H11111").of(&one)).event(plate("赣H22222").at(400));
    let first = timeline.run(site(1, false));
    let second = timeline.run(site(1, false));
    assert_eq!(first.sealed, second.sealed);
}

/// At night two dirty plates are read alike as far as they are read.
#[test]
fn two_vehicles_of_whose_plates_hardly_anything_was_read_are_two() {
    let (one, other) = (truck(1_001).at(0), truck(1_002).at(1_500));
    let dirty = |text: &str, truck: &Truck, id: &str| {
        let mut event = plate(text).of(truck).source(id);
        event.read.plate.state = PlateState::Partial;
        event
    };
    let dropped = |text: &str| {
        let outcome = taught()
            .truck(&one)
            .truck(&other)
            .event(dirty(text, &one, "u-1"))
            .event(dirty(text, &other, "u-2"))
            .run(site(1, false));
        outcome.dropped
    };
    assert_eq!(dropped("赣H-----"), []);
    assert_eq!(dropped("赣H1234-"), [DropReason::DuplicatePlateRead]);
}
