//! A camera announces an event in time, and the full one gets through only when it is sent again after
//! an outage, marked as late: its pictures are the evidence of the vehicle.

use crate::vocabulary::*;
use std::collections::BTreeMap;
use wimd::pipeline::DropReason;
use wimd::pipeline::plate::{LateReason, PictureRef, PlateState};
use wimd::pipeline::record::SupplementReason;

/// A truck, its event as the camera announces it, and as it tells it in full with three pictures.
fn announced_and_full() -> (Truck, Event, Event) {
    let one = truck(1_001).at(0);
    let mut full = plate("赣H12345").of(&one).source("uuid-1");
    let announced = full.clone().more_follows();
    let [picture] = full.read.pictures.clone().try_into().expect("one picture");
    let other = |digit: &str| PictureRef { sha256: digit.repeat(64), ..picture.clone() };
    full.read.pictures.extend([other("a"), other("b")]);
    (one, announced, full.late())
}

fn taught(rear: bool) -> Timeline {
    Timeline::taught(1, rear, |event| event)
}

/// Reason, record that it names, and number of pictures of each.
fn alone(outcome: &Outcome) -> Vec<(SupplementReason, Option<&str>, usize)> {
    let supplements = outcome.supplements().into_iter();
    supplements
        .map(|it| (it.reason, it.refers_to.as_deref(), it.plate_read.pictures.len()))
        .collect()
}

fn pictures_of(outcome: &Outcome, vehicle: u32) -> usize {
    let chosen = outcome.vehicle(vehicle).pairing.roles[0].chosen.as_ref();
    chosen.map_or(0, |chosen| chosen.plate_read.pictures.len())
}

const OF_THE_TRUCK: (SupplementReason, Option<&str>, usize) =
    (SupplementReason::Repeated, Some("s1-1-00000007-1001"), 3);

#[test]
fn after_the_seal_it_brings_its_pictures_to_the_record_once() {
    let (one, announced, full) = announced_and_full();
    for reason in [LateReason::Retransmitted, LateReason::Historical, LateReason::Old] {
        let mut full = full.clone();
        full.read.late = Some(reason);
        let outcome = taught(false)
            .truck(&one)
            .event(announced.clone())
            .event(announced.clone().late().received(80_000))
            .event(full.clone().received(90_000))
            .event(full.received(91_000))
            .run(site(1, false));
        assert_eq!(outcome.seen(), BTreeMap::from([(1_001, paired("赣H12345"))]));
        assert_eq!(alone(&outcome), [OF_THE_TRUCK], "{reason:?}");
        assert_eq!(outcome.dropped, [DropReason::DuplicatePlateRead; 2], "{reason:?}");
    }
}

#[test]
fn so_it_does_after_a_restart() {
    let (one, announced, full) = announced_and_full();
    let timeline = taught(false)
        .truck(&one)
        .event(announced)
        .event(full.clone().received(90_000))
        .event(full.received(120_000));
    for restarts in [vec![(60_000, 100)], vec![(100_000, 100)], vec![(60_000, 9), (100_000, 9)]] {
        let outcome = timeline.run_with_restarts(site(1, false), &restarts);
        assert_eq!(outcome.seen(), BTreeMap::from([(1_001, paired("赣H12345"))]));
        assert_eq!(alone(&outcome), [OF_THE_TRUCK], "{restarts:?}");
        assert_eq!(outcome.dropped, [DropReason::DuplicatePlateRead], "{restarts:?}");
    }
}

#[test]
fn an_event_that_was_late_when_it_was_announced_is_told_in_full_too() {
    let (_, announced, full) = announced_and_full();
    let announced = announced.late().received(80_000);
    let outcome = taught(false).event(announced).event(full.received(90_000)).run(site(1, false));
    let mut ids = outcome.sealed.iter().map(|(_, record)| &*record.id);
    let first = ids.find(|id| id.starts_with("s1-supplement-"));
    let both = [(SupplementReason::Late, None, 0), (SupplementReason::Repeated, first, 3)];
    assert_eq!(alone(&outcome), both);
    assert_eq!(outcome.dropped, []);
}

/// The vehicle itself is already here, or comes only when the event is told in full; the rear camera
/// answers neither time.
#[test]
fn before_the_seal_it_stands_in_the_record_whatever_restarts_come() {
    let (one, announced, full) = announced_and_full();
    let full = full.received(3_000);
    for arrives in [500, 4_000] {
        let one = one.clone().received(arrives);
        let timeline = taught(true).truck(&one).event(announced.clone()).event(full.clone());
        for restarts in [&[][..], &[(2_500, 100)], &[(3_500, 100)], &[(3_200, 50), (4_500, 50)]] {
            // a restart is played before the next input
            let timeline = timeline.clone().truck(&truck(1_002).at(60_000));
            let outcome = timeline.run_with_restarts(site(1, true), restarts);
            assert_eq!(outcome.seen()[&1_001], paired("赣H12345"), "{arrives} {restarts:?}");
            assert_eq!(pictures_of(&outcome, 1_001), 3, "{arrives} {restarts:?}");
            assert!(outcome.vehicle(1_001).evidence_complete);
            assert_eq!(alone(&outcome), [], "{arrives} {restarts:?}");
            assert_eq!(outcome.dropped, [], "the announced one goes with the record");
        }
    }
}

#[test]
fn before_the_seal_the_one_whose_place_it_takes_is_counted() {
    let (one, announced, full) = announced_and_full();
    let outcome = taught(false)
        .truck(&one)
        .event(announced.clone())
        .event(full.clone().received(3_000))
        .run(site(1, false));
    assert_eq!(outcome.counts.superseded_plate_reads, 1);
    let nobody = taught(false).event(announced).event(full.received(3_000)).run(site(1, false));
    assert_eq!(alone(&nobody), [(SupplementReason::NoPassage, None, 3)]);
    assert_eq!(nobody.dropped, [DropReason::SupersededPlateRead]);
    assert_eq!(nobody.counts.superseded_plate_reads, 1);
}

/// First late, and still not with everything; then in time.
#[test]
fn before_the_seal_one_that_comes_in_time_takes_its_place_in_turn() {
    let (one, announced, full) = announced_and_full();
    let mut with_one = full.clone().received(2_500);
    with_one.read.pictures.truncate(1);
    with_one.read.more_follows = true;
    let mut in_time = full.received(3_000);
    in_time.read.late = None;
    let outcome =
        taught(true).truck(&one).event(announced).event(with_one).event(in_time).run(site(1, true));
    assert_eq!(outcome.seen(), BTreeMap::from([(1_001, paired("赣H12345"))]));
    assert_eq!((pictures_of(&outcome, 1_001), alone(&outcome)), (3, vec![]));
    assert_eq!(outcome.dropped, [DropReason::SupersededPlateRead; 2]);
}

#[test]
fn before_the_seal_it_names_nobody_when_it_tells_that_he_was_beside_the_scale() {
    let (one, announced, full) = announced_and_full();
    let full = full.offence("17").received(3_000);
    let timeline = taught(false).truck(&one).event(announced).event(full);
    let outcome = timeline.run(site(1, false));
    assert_eq!(outcome.seen(), BTreeMap::from([(1_001, UNPAIRED)]));
    assert_eq!(alone(&outcome), [(SupplementReason::NoPassage, None, 3)]);
    assert_eq!(outcome.dropped, [DropReason::SupersededPlateRead]);
}

/// The camera reads the same vehicle twice; that the full event came late makes it no other vehicle.
#[test]
fn the_next_reading_of_its_vehicle_is_known_by_it() {
    let (one, announced, full) = announced_and_full();
    let again = plate("赣H12345").at(one.at_front() + 640).source("uuid-2");
    let unread = announced.clone().state(PlateState::Unread);
    for first in [announced, unread] {
        for taken in [false, true] {
            let mut first = first.clone();
            first.read.more_follows = !taken;
            let outcome = taught(true)
                .truck(&one)
                .event(first)
                .event(full.clone().received(3_000))
                .event(again.clone().received(3_500))
                .run(site(1, true));
            assert_eq!(outcome.seen(), BTreeMap::from([(1_001, paired("赣H12345"))]));
            assert_eq!((pictures_of(&outcome, 1_001), alone(&outcome)), (3, vec![]));
            assert_eq!(outcome.dropped, [DropReason::DuplicatePlateRead], "taken {taken}");
        }
    }
}
