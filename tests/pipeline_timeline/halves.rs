//! Two halves of one vehicle, whatever comes first and whoever is killed between them.

use crate::vocabulary::*;
use wimd::pipeline::evasion::EvasionKind;
use wimd::pipeline::record::Unenforceable;

/// On a scale that weighs no side of an axle by itself.
fn without_sides(mut truck: Truck) -> Truck {
    for axle in &mut truck.passage.axles {
        (axle.left_kg, axle.right_kg) = (None, None);
    }
    truck
}

/// Signs of both halves, and how many joint records there are.
fn found(outcome: &Outcome) -> (Vec<Vec<EvasionKind>>, usize) {
    let signs = [1_001, 1_002].map(|vehicle| {
        let record = outcome.vehicle(vehicle);
        assert!(record.unenforceable.contains(&Unenforceable::Manoeuvre), "{vehicle}");
        record.evasion.iter().map(|sign| sign.kind).collect()
    });
    (signs.to_vec(), outcome.joints().len())
}

fn one_straddler() -> (Vec<Vec<EvasionKind>>, usize) {
    (vec![vec![EvasionKind::Straddling]; 2], 1)
}

#[test]
fn halves_without_loads_of_sides_find_each_other_whatever_comes_first() {
    let left = without_sides(truck(1_001).lane(1).at(0));
    let right = without_sides(truck(1_002).lane(2).at(5)).received(left.arrives + 1);
    let soon = seen_before(plate("赣H12345").of(&left));
    for event in [soon.clone(), soon.received(left.arrives + 200)] {
        let plate_comes = event.arrives;
        let timeline = Timeline::taught(2, false, seen_before);
        let outcome = timeline.truck(&left).truck(&right).event(event).run(cameras_before());
        assert_eq!(found(&outcome), one_straddler(), "{plate_comes}");
    }
}

#[test]
fn a_restart_between_two_halves_parts_nobody() {
    let halves = [truck(1_001).lane(1).at(0), truck(1_002).lane(2).at(10)];
    for [left, right] in [halves.clone().map(without_sides), halves.map(Truck::left_wheels_only)] {
        let event = plate("赣H12345").of(&left);
        let timeline = Timeline::taught(2, false, |event| event);
        let later = truck(1_003).lane(1).at(20_000);
        let timeline = timeline.truck(&left).truck(&right).event(event).truck(&later);
        for killed in (left.arrives..left.arrives + 12_000).step_by(250) {
            let outcome = timeline.run_with_restarts(site(2, false), &[(killed, 100)]);
            assert_eq!(found(&outcome), one_straddler(), "killed {killed}");
        }
    }
}
