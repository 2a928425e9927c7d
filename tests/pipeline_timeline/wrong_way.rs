//! Driven against the traffic, as sensors, codes or cameras say.

use crate::evasion::{kinds, taught};
use crate::vocabulary::*;
use wimd::pipeline::evasion::EvasionKind;
use wimd::pipeline::passage::Direction;
use wimd::pipeline::record::{Channel, Unenforceable};

#[test]
fn wrong_way_by_sensors_is_paired_and_never_enforceable() {
    let one = truck(1_001).wrong_way().at(10_000);
    let outcome = taught().truck(&one).event(plate("赣H12345").of(&one)).run(site(2, false));
    assert_eq!(outcome.seen()[&1_001], paired("赣H12345"));
    assert_eq!(kinds(&outcome, 1_001), [EvasionKind::WrongWay]);
    let reasons = &outcome.vehicle(1_001).unenforceable;
    assert!(reasons.contains(&Unenforceable::WrongWay));
}

#[test]
fn every_camera_that_says_against_the_traffic_counts_where_the_scale_does_not_tell() {
    let (with, against) = (Direction::WithTraffic, Direction::AgainstTraffic);
    let signs = |scale: Direction, front: Direction, rear: Direction| {
        let mut one = truck(1_001).at(0);
        one.passage.direction = scale;
        let mut events = [plate("赣H12345").of(&one), plate("赣H12345").rear_of(&one)];
        (events[0].read.direction, events[1].read.direction) = (front, rear);
        let [front, rear] = events;
        let outcome = Timeline::taught(1, true, |event| event)
            .truck(&one)
            .event(front)
            .event(rear)
            .run(site(1, true));
        let against_a_case = &outcome.vehicle(1_001).unenforceable;
        (kinds(&outcome, 1_001), against_a_case.contains(&Unenforceable::WrongWay))
    };
    let sign = (vec![EvasionKind::WrongWay], true);
    assert_eq!(signs(Direction::Unknown, against, against), sign);
    assert_eq!(signs(Direction::Unknown, against, Direction::Unknown), sign);
    assert_eq!(signs(Direction::Unknown, with, against), (vec![], false));
    assert_eq!(signs(Direction::Unknown, Direction::Unknown, Direction::Unknown), (vec![], false));
    assert_eq!(signs(with, with, against), (vec![], false));
}

#[test]
fn wrong_way_by_offence_code_needs_no_passage() {
    let event = plate("赣H12345").at(0).offence("1301");
    let outcome = taught().event(event).run(site(2, false));
    let supplements = outcome.supplements();
    assert_eq!(supplements[0].evasion[0].kind, EvasionKind::WrongWay);
    let (_, record) = outcome.sealed.last().expect("sealed");
    assert_eq!(record.channels(), [Channel::Evasion]);
}
