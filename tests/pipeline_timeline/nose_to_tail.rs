//! Two vehicles nose to tail that the scale took for one.

use crate::evasion::{kinds, taught};
use crate::vocabulary::*;
use wimd::pipeline::evasion::EvasionKind;

/// A drawbar combination: its axles could be those of two trucks.
fn drawbar(vehicle: u32) -> Truck {
    truck(vehicle).axles(&[(6_000, 0), (9_000, 4_500), (6_000, 5_000), (6_000, 4_500)]).at(0)
}

/// Signs of a vehicle whose camera reads another plate so many milliseconds after its own.
fn signs_with_a_second_head(one: &Truck, text: &str, behind_ms: i64) -> Vec<EvasionKind> {
    let second = one.at_front() + behind_ms;
    let outcome = taught()
        .truck(one)
        .event(plate("赣H12345").of(one))
        .event(plate(text).at(second).lane(1).at(second))
        .run(site(2, false));
    kinds(&outcome, 1_001)
}

#[test]
fn a_second_head_within_one_passage_is_a_second_vehicle() {
    let signs = signs_with_a_second_head(&drawbar(1_001), "皖B77777", 560);
    assert_eq!(signs, [EvasionKind::Tailgating]);
}

/// The first has a trailer of its own, whose gap is no less a place for a second vehicle.
#[test]
fn a_second_head_behind_a_trailer_is_a_second_vehicle() {
    let with_trailer = [(7_000, 0), (10_000, 3_600), (9_500, 1_350), (8_500, 6_000)];
    let behind = [(6_000, 5_000), (12_000, 4_500)];
    let one = truck(1_001).axles(&[&with_trailer[..], &behind[..]].concat()).at(0);
    let signs = signs_with_a_second_head(&one, "皖B77777", 957);
    assert_eq!(signs, [EvasionKind::Tailgating]);
}

#[test]
fn a_second_event_of_the_same_head_is_no_second_vehicle() {
    assert_eq!(signs_with_a_second_head(&drawbar(1_001), "赣H12B4A", 560), []);
}
