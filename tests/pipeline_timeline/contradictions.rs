//! A camera says afterwards that an event which an open vehicle was given was of another vehicle.

use crate::vocabulary::*;
use std::collections::BTreeMap;
use wimd::pipeline::pairing::PairingOutcome;
use wimd::pipeline::plate::PlateState;
use wimd::pipeline::record::{Supplement, SupplementReason, Unenforceable};
use wimd::units::Lane;

/// The vehicle has its front camera's event and waits for the rear one, when the front camera tells that
/// event again.
fn told_again(one: &Truck, again: Event) -> Timeline {
    let told = plate("赣H12345").of(one).source("uuid-1");
    Timeline::taught(1, true, |event| event).truck(one).event(told).event(again.received(2_000))
}

/// Fuller by its second picture, as a camera's last word is.
fn last_word(text: &str, one: &Truck) -> Event {
    let mut again = plate(text).of(one).source("uuid-1");
    let mut second = again.read.pictures[0].clone();
    second.sha256 = "a".repeat(64);
    again.read.pictures.push(second);
    again
}

fn open(text: &str) -> Seen {
    (PairingOutcome::Ambiguous, Some(text.to_owned()))
}

fn supplements(outcome: &Outcome) -> Vec<(SupplementReason, Option<&str>, Option<&str>)> {
    let about = |alone: &&Supplement| alone.refers_to.is_some();
    let alone = outcome.supplements().into_iter().filter(about);
    alone
        .map(|it| (it.reason, it.plate_read.plate.text.as_deref(), it.refers_to.as_deref()))
        .collect()
}

#[test]
fn another_plate_leaves_the_vehicle_open_and_goes_out_behind_its_record() {
    let one = truck(1_001).at(0);
    // with as many pictures as the first
    let timeline = told_again(&one, plate("赣B99999").of(&one).source("uuid-1"));
    let next = truck(1_002).at(20_000);
    for restarts in [&[][..], &[(2_500, 100)]] {
        let timeline = timeline.clone().truck(&next);
        let outcome = timeline.run_with_restarts(site(1, true), restarts);
        assert_eq!(outcome.seen()[&1_001], open("赣H12345"), "{restarts:?}");
        let record = outcome.vehicle(1_001);
        assert!(record.unenforceable.contains(&Unenforceable::AmbiguousPairing));
        assert_eq!(record.pairing.roles[0].reasons, ["camera_contradicts_itself"]);
        let id = Some("s1-1-00000007-1001");
        let expected = [(SupplementReason::Repeated, Some("赣B99999"), id)];
        assert_eq!(supplements(&outcome), expected, "{restarts:?}");
        assert_eq!(outcome.dropped, [], "{restarts:?}");
    }
}

#[test]
fn so_do_another_lane_and_another_instant() {
    let one = truck(1_001).at(0);
    let mut elsewhere = last_word("赣H12345", &one);
    elsewhere.read.lane = Some(Lane(2));
    let later = last_word("赣H12345", &one).at(one.at_front() + 1_000);
    let beside = plate("赣H12345").of(&one).source("uuid-1").offence("17");
    for again in [elsewhere, later, beside] {
        let outcome = told_again(&one, again.clone()).run(site(1, true));
        let seen = BTreeMap::from([(1_001, open("赣H12345"))]);
        assert_eq!(outcome.seen(), seen, "{again:?}");
    }
}

#[test]
fn one_that_only_tells_less_does_not() {
    let one = truck(1_001).at(0);
    let mut less = last_word("赣H12345", &one);
    less.read.pictures.remove(0);
    let mut unread = last_word("赣H12345", &one);
    unread.read.plate = plate("").of(&one).state(PlateState::Unread).read.plate;
    for again in [less, unread] {
        let outcome = told_again(&one, again.clone()).run(site(1, true));
        assert_eq!(outcome.seen()[&1_001], paired("赣H12345"), "{again:?}");
    }
}

#[test]
fn the_other_camera_tells_which_of_the_two_plates_it_was() {
    let one = truck(1_001).at(0);
    let timeline = told_again(&one, last_word("赣B99999", &one));
    for (behind, seen) in [
        ("赣H12345", paired("赣H12345")),
        ("赣B99999", open("赣B99999")),
        ("赣A123挂", open("赣H12345")),
    ] {
        let rear = plate(behind).rear_of(&one).received(2_500);
        let outcome = timeline.clone().event(rear).run(site(1, true));
        assert_eq!(outcome.seen()[&1_001], seen, "{behind}");
    }
}
