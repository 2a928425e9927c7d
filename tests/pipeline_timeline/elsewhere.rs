//! A camera announces an event, and tells in full that the vehicle was elsewhere: then the plate is a
//! stranger's to the vehicle that the announced one would have suited.

use crate::vocabulary::*;
use std::collections::BTreeMap;
use wimd::pipeline::pairing::PairingOutcome;
use wimd::pipeline::passage::Direction;
use wimd::pipeline::record::SupplementReason;
use wimd::pipeline::{DropReason, Parameters};
use wimd::units::Lane;

/// A weighed truck whose own event is missing, and an event that is announced and then told in full.
fn announced_and_told(site: Parameters, one: &Truck, first: &Event, full: &Event) -> Outcome {
    let first = of_one_camera(first.clone()).more_follows().received(one.at_front() + 300);
    let full = of_one_camera(full.clone()).received(one.at_front() + 900);
    let taught = Timeline::taught(site.lanes.len() as u8, false, of_one_camera);
    taught.truck(one).event(first).event(full).run(site)
}

fn of_one_camera(mut event: Event) -> Event {
    event.read.camera = "front-1".to_owned();
    event
}

fn lane(event: &Event, lane: Option<u8>) -> Event {
    let mut event = event.clone();
    event.read.lane = lane.map(Lane);
    event
}

fn alone(outcome: &Outcome) -> Vec<(SupplementReason, Option<Lane>)> {
    let supplements = outcome.supplements().into_iter();
    supplements.map(|alone| (alone.reason, alone.plate_read.lane)).collect()
}

#[test]
fn an_announced_event_that_turns_out_to_be_beside_the_scale_names_nobody() {
    let one = truck(1_001).at(0);
    let event = plate("赣B99999").of(&one).source("uuid-1");
    let full = event.clone().offence("17");
    let outcome = announced_and_told(site(1, false), &one, &event, &full);
    assert_eq!(outcome.seen(), BTreeMap::from([(1_001, UNPAIRED)]));
    assert!(!outcome.vehicle(1_001).enforceable);
    assert_eq!(alone(&outcome), [(SupplementReason::NoPassage, Some(Lane(1)))]);
    assert_eq!(outcome.dropped, [DropReason::SupersededPlateRead]);
}

#[test]
fn an_announced_event_that_turns_out_to_be_of_another_lane_names_nobody_in_the_first() {
    let one = truck(1_001).at(0);
    let event = plate("赣B99999").of(&one).source("uuid-1");
    for first in [None, Some(1)] {
        let (first, full) = (lane(&event, first), lane(&event, Some(2)));
        let outcome = announced_and_told(wide_site(), &one, &first, &full);
        assert_eq!(outcome.seen(), BTreeMap::from([(1_001, UNPAIRED)]), "{first:?}");
        assert_eq!(alone(&outcome), [(SupplementReason::NoPassage, Some(Lane(2)))], "{first:?}");
        assert_eq!(outcome.dropped, [DropReason::SupersededPlateRead], "{first:?}");
    }
}

#[test]
fn it_names_the_vehicle_of_the_lane_that_it_tells_in_full() {
    for (number, first) in [(1, None), (2, None), (2, Some(1)), (1, Some(2))] {
        let one = truck(1_001).lane(number).at(0);
        let event = plate("赣H12345").of(&one).source("uuid-1");
        let (first, full) = (lane(&event, first), lane(&event, Some(number)));
        let outcome = announced_and_told(wide_site(), &one, &first, &full);
        assert_eq!(outcome.seen(), BTreeMap::from([(1_001, paired("赣H12345"))]), "{first:?}");
        assert_eq!(alone(&outcome), [], "{first:?}");
        assert_eq!(outcome.dropped, [DropReason::SupersededPlateRead], "{first:?}");
    }
}

#[test]
fn a_lane_that_is_not_told_again_stays() {
    let one = truck(1_001).at(0);
    let event = plate("赣H12345").of(&one).source("uuid-1");
    let outcome = announced_and_told(wide_site(), &one, &event, &lane(&event, None));
    assert_eq!(outcome.seen(), BTreeMap::from([(1_001, paired("赣H12345"))]));
    assert_eq!(outcome.dropped, [DropReason::SupersededPlateRead]);
}

/// The camera stamps nothing, so nothing of it is clear, and tells the lane when the next vehicle is
/// where this one was.
#[test]
fn it_happened_when_it_was_announced_and_not_when_it_was_told_in_full() {
    let (one, next) = (truck(1_001).at(0), truck(1_002).at(3_500));
    let unstamped = |event: Event| {
        let mut event = of_one_camera(event);
        event.read.stamp = None;
        event
    };
    let event = unstamped(plate("赣H12345").of(&one).source("uuid-1"));
    let outcome = Timeline::taught(2, false, unstamped)
        .truck(&one)
        .event(lane(&event, None).more_follows())
        .truck(&next)
        .event(event.received(next.at_front() + 300))
        .run(wide_site());
    let perhaps = (PairingOutcome::Ambiguous, Some("赣H12345".to_owned()));
    assert_eq!(outcome.seen(), BTreeMap::from([(1_001, perhaps), (1_002, UNPAIRED)]));
}

#[test]
fn a_direction_that_is_told_in_full_counts_as_if_it_had_been_told_at_once() {
    let one = truck(1_001).at(0);
    let against = |event: &Event| {
        let mut event = event.clone();
        event.read.direction = Direction::AgainstTraffic;
        event
    };
    let mut event = plate("赣H12345").of(&one).source("uuid-1");
    event.read.direction = Direction::Unknown;
    let cost = |outcome: &Outcome| {
        let roles = &outcome.vehicle(1_001).pairing.roles;
        roles.iter().map(|role| role.chosen.as_ref().map(|chosen| chosen.cost)).collect::<Vec<_>>()
    };
    let told_late = announced_and_told(site(1, false), &one, &event, &against(&event));
    let told_at_once = announced_and_told(site(1, false), &one, &against(&event), &against(&event));
    let untold = announced_and_told(site(1, false), &one, &event, &event);
    assert_eq!((told_late.seen(), cost(&told_late)), (told_at_once.seen(), cost(&told_at_once)));
    assert_ne!(cost(&told_late), cost(&untold));
}
