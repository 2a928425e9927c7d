//! A camera tells more of an event that a vehicle was given already.

use crate::vocabulary::*;
use std::collections::BTreeMap;
use wimd::pipeline::DropReason;
use wimd::pipeline::passage::Direction;
use wimd::pipeline::plate::{PictureRef, Plate, PlateRead, PlateState};
use wimd::pipeline::record::SupplementReason;
use wimd::units::Lane;

/// The front camera saw a plate that it could not read; the vehicle got that at once and is still
/// open, because its rear camera has not answered.
fn given_the_unread(one: &Truck, told: &Event) -> Timeline {
    let unread = told.clone().at(one.at_front()).state(PlateState::Unread);
    Timeline::taught(1, true, |event| event).truck(one).event(unread)
}

fn picture(of: &str) -> PictureRef {
    let [picture] = plate("赣H12345").read.pictures.try_into().expect("one picture");
    PictureRef { sha256: of.repeat(64), ..picture }
}

fn pictures_of(outcome: &Outcome, vehicle: u32) -> Vec<String> {
    let chosen = outcome.vehicle(vehicle).pairing.roles[0].chosen.as_ref();
    let pictures = chosen.map(|chosen| &chosen.plate_read.pictures).into_iter().flatten();
    pictures.map(|picture| picture.sha256.clone()).collect()
}

#[test]
fn the_record_of_an_open_vehicle_shows_the_fuller_event() {
    let one = truck(1_001).at(0);
    let told = plate("赣H12345").of(&one).source("uuid-1");
    let timeline = given_the_unread(&one, &told).event(told.received(3_000));
    let outcome = timeline.run(site(1, true));
    assert_eq!(outcome.seen(), BTreeMap::from([(1_001, paired("赣H12345"))]));
    assert_eq!(outcome.counts.superseded_plate_reads, 1);
    assert_eq!(outcome.supplements().len(), 0);
    assert_eq!(outcome.dropped, [], "the first event goes with the record");
}

#[test]
fn so_does_that_of_a_vehicle_which_got_the_event_by_its_trigger() {
    let one = truck(1_001).at(0).trigger(7);
    let told = plate("赣H12345").of(&one).source("uuid-1").trigger(7);
    let unread = told.clone().state(PlateState::Unread);
    let timeline = Timeline::new().truck(&one).event(unread).event(told.received(3_000));
    let outcome = timeline.run(site(1, true));
    assert_eq!(outcome.seen(), BTreeMap::from([(1_001, paired("赣H12345"))]));
    assert_eq!(outcome.counts.decided_by_trigger, 1);
    assert_eq!(outcome.supplements().len(), 0);
}

#[test]
fn what_is_sent_after_it_is_measured_against_the_fuller_event() {
    let one = truck(1_001).at(0);
    let told = plate("赣H12345").of(&one).source("uuid-1");
    let unread = told.clone().state(PlateState::Unread);
    let mut with_two = told.clone().received(5_000);
    with_two.read.pictures.push(picture("a"));
    let mut with_three = with_two.clone().received(60_000);
    with_three.read.pictures.push(picture("b"));
    let outcome = given_the_unread(&one, &told)
        .event(told.received(3_000))
        .event(unread.received(4_000))
        .event(with_two)
        .event(with_three)
        .run(site(1, true));
    assert_eq!(outcome.dropped, [DropReason::DuplicatePlateRead]);
    assert_eq!(outcome.counts.superseded_plate_reads, 2);
    assert_eq!(pictures_of(&outcome, 1_001), ["0".repeat(64), "a".repeat(64)]);
    let supplements = outcome.supplements();
    assert_eq!(supplements.len(), 1, "after the seal");
    assert_eq!(supplements[0].refers_to.as_deref(), Some("s1-1-00000007-1001"));
}

/// What comes of an event that a vehicle was given and of a fuller one with the same id.
fn told_twice(one: &Truck, first: Event, fuller: Event) -> Outcome {
    let timeline = Timeline::taught(1, true, |event| event).truck(one).event(first);
    timeline.event(fuller).run(site(1, true))
}

fn changed(event: &Event, change: impl FnOnce(&mut PlateRead)) -> Event {
    let mut event = event.clone();
    change(&mut event.read);
    event
}

#[test]
fn a_fuller_event_that_contradicts_the_vehicle_goes_out_by_itself() {
    let one = truck(1_001).at(0).trigger(7);
    let told = plate("赣H12345").of(&one).source("uuid-1");
    let unread = told.clone().state(PlateState::Unread);
    let told = told.received(3_000);
    let later = told.clone().at(one.at_front() + 1_000).received(3_000);
    let others = [
        told.clone().trigger(8),
        changed(&told, |read| read.lane = Some(Lane(2))),
        told.clone().offence("17"),
        later,
    ];
    for other in others {
        let outcome = told_twice(&one, unread.clone(), other.clone());
        assert_eq!(outcome.vehicle(1_001).pairing.plate, None, "{other:?}");
        assert_eq!(reasons(&outcome), [SupplementReason::Repeated], "{other:?}");
        assert_eq!(outcome.dropped, [], "{other:?}");
    }
}

fn reasons(outcome: &Outcome) -> Vec<SupplementReason> {
    outcome.supplements().iter().map(|supplement| supplement.reason).collect()
}

/// Each of these is fuller by its second picture.
#[test]
fn a_fuller_event_that_lets_something_go_leaves_the_first_to_the_vehicle() {
    let one = truck(1_001).at(0);
    let told = plate("赣H12345").of(&one).source("uuid-1");
    let with_more = |event: &Event| {
        changed(&event.clone().received(3_000), |read| read.pictures.push(picture("a")))
    };
    let covered = told.clone().state(PlateState::Covered);
    let offence = told.clone().offence("1345");
    let trailer = changed(&told, |read| read.further_plates.push(Plate::read("赣H9876挂")));
    let triggered = told.clone().trigger(7);
    let partial = changed(&told, |read| {
        read.plate.state = PlateState::Partial;
        read.plate.text = Some("赣H123-5".to_owned());
    });
    let cases = [
        (told.clone(), with_more(&plate("赣H54321").of(&one).source("uuid-1"))),
        (told.clone(), changed(&with_more(&told), |read| read.stamp = None)),
        (told.clone(), changed(&with_more(&told), |read| read.direction = Direction::Unknown)),
        (told.clone(), changed(&with_more(&told), |read| read.pictures[0] = picture("b"))),
        (covered.clone(), with_more(&told.clone().state(PlateState::Unread))),
        (covered.clone(), with_more(&told)),
        (offence, with_more(&told)),
        (trailer, with_more(&told)),
        (triggered, with_more(&told)),
        (partial.clone(), with_more(&plate("赣H12399").of(&one).source("uuid-1"))),
    ];
    for (first, fuller) in cases {
        let outcome = told_twice(&one, first.clone(), fuller.clone());
        let chosen = outcome.vehicle(1_001).pairing.roles[0].chosen.as_ref().expect("given");
        assert_eq!(chosen.plate_read.plate, first.read.plate, "{fuller:?}");
        assert_eq!(chosen.plate_read.pictures, first.read.pictures, "{fuller:?}");
        assert_eq!(reasons(&outcome), [SupplementReason::Repeated], "{fuller:?}");
    }
    for first in [told.clone(), partial, told.clone().state(PlateState::Absent)] {
        let outcome = told_twice(&one, first, with_more(&told));
        assert_eq!(pictures_of(&outcome, 1_001), ["0".repeat(64), "a".repeat(64)]);
        assert_eq!(outcome.seen(), BTreeMap::from([(1_001, paired("赣H12345"))]));
    }
    let outcome = told_twice(&one, covered.clone(), with_more(&covered));
    assert_eq!(pictures_of(&outcome, 1_001), ["0".repeat(64), "a".repeat(64)]);
}

/// The first event comes again before the fuller one, and stands where it stood.
#[test]
fn a_restart_between_the_fuller_event_and_the_seal_costs_no_certainty() {
    let one = truck(1_001).at(0);
    let follower = truck(1_002).at(1_570);
    let told = plate("赣H12345").of(&one).source("uuid-1").received(3_000);
    let outcome = given_the_unread(&one, &told)
        .event(told)
        .truck(&follower)
        .event(plate("赣H54321").of(&follower).source("uuid-2").received(7_000))
        .run_with_restarts(site(1, true), &[(3_500, 100)]);
    assert_eq!(outcome.seen()[&1_001], paired("赣H12345"));
}

#[test]
fn a_restart_before_the_seal_leaves_the_vehicle_the_event_that_it_had() {
    let one = truck(1_001).at(0);
    let told = plate("赣H12345").of(&one).source("uuid-1").received(3_000);
    let mut contradicting = told.clone();
    contradicting.read.pictures = vec![picture("a")];
    let (next, restarts) = (truck(1_002).at(20_000), [(3_500, 100)]);
    for (fuller, seen) in [(told.clone(), Some("赣H12345")), (contradicting, None)] {
        let outcome = given_the_unread(&one, &told)
            .event(fuller)
            .truck(&next)
            .run_with_restarts(site(1, true), &restarts);
        let pictures = pictures_of(&outcome, 1_001);
        assert_eq!(outcome.vehicle(1_001).pairing.plate.as_deref(), seen);
        assert_eq!(pictures, ["0".repeat(64)], "of the event that the vehicle had");
    }
}

#[test]
fn after_a_restart_the_fuller_event_is_known() {
    let one = truck(1_001).at(0);
    let told = plate("赣H12345").of(&one).source("uuid-1").received(3_000);
    let outcome = given_the_unread(&one, &told)
        .event(told.clone())
        .event(told.received(61_000))
        .run_with_restarts(site(1, true), &[(60_000, 100)]);
    assert_eq!(outcome.seen(), BTreeMap::from([(1_001, paired("赣H12345"))]));
    assert_eq!(outcome.dropped, [DropReason::DuplicatePlateRead]);
}
