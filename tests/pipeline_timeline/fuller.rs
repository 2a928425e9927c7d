//! A camera tells more of an event that a vehicle was given already.

use crate::vocabulary::*;
use std::collections::BTreeMap;
use wimd::pipeline::DropReason;
use wimd::pipeline::plate::{PictureRef, PlateState};
use wimd::pipeline::record::SupplementReason;

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
    assert_eq!(outcome.dropped, [DropReason::SupersededPlateRead]);
    assert_eq!(outcome.supplements().len(), 0);
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
    let (superseded, duplicate) = (DropReason::SupersededPlateRead, DropReason::DuplicatePlateRead);
    assert_eq!(outcome.dropped, [superseded, duplicate, superseded]);
    assert_eq!(pictures_of(&outcome, 1_001), ["0".repeat(64), "a".repeat(64)]);
    let supplements = outcome.supplements();
    assert_eq!(supplements.len(), 1, "after the seal");
    assert_eq!(supplements[0].refers_to.as_deref(), Some("s1-1-00000007-1001"));
}

#[test]
fn a_fuller_event_that_contradicts_the_first_goes_out_by_itself() {
    let one = truck(1_001).at(0).trigger(7);
    let told = plate("赣H12345").of(&one).source("uuid-1").received(3_000);
    let elsewhere = {
        let mut event = told.clone();
        event.read.lane = Some(wimd::units::Lane(2));
        event
    };
    let later = told.clone().at(one.at_front() + 2_500).received(3_000);
    let mut without_its_picture = told.clone();
    without_its_picture.read.pictures = vec![picture("a")];
    for other in [told.clone().trigger(8), elsewhere, later, without_its_picture] {
        let outcome = given_the_unread(&one, &told).event(other.clone()).run(site(1, true));
        assert_eq!(outcome.vehicle(1_001).pairing.plate, None, "{other:?}");
        let reasons: Vec<_> = outcome.supplements().iter().map(|s| s.reason).collect();
        assert_eq!(reasons, [SupplementReason::Repeated], "{other:?}");
        assert_eq!(outcome.dropped, [], "{other:?}");
    }
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
    let dropped = [DropReason::SupersededPlateRead, DropReason::DuplicatePlateRead];
    assert_eq!(outcome.dropped, dropped);
}
