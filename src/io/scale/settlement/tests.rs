//! Offers, cursors and what may be acknowledged.

use super::*;
use crate::clock::Timestamp;
use crate::pipeline::Input;
use crate::pipeline::record::Audit;

const BOOT: u32 = 5;

/// An input that can be told from others by its name.
fn input(name: &str) -> Arrival {
    let audit = Audit {
        source: name.to_owned(),
        event: String::new(),
        before: String::new(),
        after: String::new(),
    };
    Arrival { received_at: Timestamp(0), input: Input::Audit(audit), raw: Vec::new() }
}

fn cursor(acknowledged: u32, stored_vehicles: &[u32]) -> LinkCursor {
    LinkCursor {
        boot_id: BOOT,
        acknowledged,
        stored_vehicles: stored_vehicles.to_vec(),
        bad_sensors: Vec::new(),
        scale: KnownScale::Never,
        repeats: 0,
    }
}

/// What is offered when no vehicle that is open has an event up to `complete`.
fn offer_of(settlement: &mut Settlement, complete: u32) -> Option<(Vec<Arrival>, LinkCursor)> {
    settlement.offer(complete, &KnownScale::Never)
}

fn settlement() -> Settlement {
    let mut settlement = Settlement::new(None);
    settlement.restart(BOOT);
    settlement
}

#[test]
fn a_vehicle_is_offered_with_a_cursor_behind_it() {
    let mut settlement = settlement();
    settlement.add_passage(input("truck"), 1, 8);
    assert_eq!(offer_of(&mut settlement, 8), Some((vec![input("truck")], cursor(8, &[]))));
    assert_eq!(settlement.accepted(), Some((BOOT, 8)));
    assert_eq!(offer_of(&mut settlement, 8), None);
}

#[test]
fn a_vehicle_stored_before_an_older_one_ends_is_remembered_until_that_ends() {
    let mut settlement = settlement();
    settlement.add_passage(input("quick"), 2, 9);
    assert_eq!(offer_of(&mut settlement, 3), Some((vec![input("quick")], cursor(3, &[2]))));
    settlement.accepted();
    assert!(settlement.is_stored(2));
    settlement.add_passage(input("slow"), 1, 12);
    assert_eq!(offer_of(&mut settlement, 12), Some((vec![input("slow")], cursor(12, &[]))));
    settlement.accepted();
    assert!(!settlement.is_stored(2));
}

#[test]
fn a_refused_offer_is_repeated_word_for_word() {
    let mut settlement = settlement();
    settlement.add_passage(input("truck"), 1, 8);
    let offer = offer_of(&mut settlement, 8);
    settlement.add_passage(input("next"), 2, 16);
    assert_eq!(offer_of(&mut settlement, 16), None, "one at a time");
    assert_eq!(settlement.repeat(), offer);
    settlement.accepted();
    assert_eq!(offer_of(&mut settlement, 16), Some((vec![input("next")], cursor(16, &[]))));
}

#[test]
fn an_audit_event_waits_for_the_vehicles_before_it() {
    let mut settlement = settlement();
    settlement.add_other(input("audit"), 5);
    assert_eq!(offer_of(&mut settlement, 3), Some((vec![], cursor(3, &[]))));
    settlement.accepted();
    assert_eq!(offer_of(&mut settlement, 3), None);
    assert_eq!(settlement.waiting(), 1);
    assert_eq!(offer_of(&mut settlement, 5), Some((vec![input("audit")], cursor(5, &[]))));
}

#[test]
fn after_a_restart_of_the_daemon_stored_vehicles_are_known_until_their_events_are_past() {
    let mut settlement = Settlement::new(Some(&cursor(3, &[2])));
    assert!(settlement.is_stored(2) && !settlement.is_stored(1));
    settlement.bound_restored(20);
    settlement.add_passage(input("slow"), 1, 19);
    assert_eq!(offer_of(&mut settlement, 19), Some((vec![input("slow")], cursor(19, &[2]))));
    settlement.accepted();
    let past = 20 + STRAGGLERS;
    assert_eq!(offer_of(&mut settlement, past - 1), Some((vec![], cursor(past - 1, &[2]))));
    settlement.accepted();
    assert_eq!(offer_of(&mut settlement, past), Some((vec![], cursor(past, &[]))));
    settlement.accepted();
    assert!(!settlement.is_stored(2));
}

#[test]
fn a_vehicle_that_was_given_up_is_known_long_after_and_over_a_restart() {
    let mut settlement = settlement();
    settlement.add_given_up(input("stands"), 1, 8);
    let offer = offer_of(&mut settlement, 8);
    assert_eq!(offer, Some((vec![input("stands")], cursor(8, &[1]))));
    settlement.accepted();
    let mut restarted = Settlement::new(offer.map(|(_, cursor)| cursor).as_ref());
    restarted.bound_restored(8);
    for settlement in [&mut settlement, &mut restarted] {
        offer_of(settlement, 8 + STRAGGLERS - 1);
        settlement.accepted();
        assert!(settlement.is_stored(1));
        offer_of(settlement, 8 + STRAGGLERS);
        settlement.accepted();
        assert!(!settlement.is_stored(1));
    }
}

#[test]
fn a_repeated_boot_id_does_not_make_an_old_offer_one_of_the_new_start() {
    let mut settlement = settlement();
    settlement.add_passage(input("old"), 7, 30);
    offer_of(&mut settlement, 25);
    settlement.restart(BOOT);
    assert_eq!(settlement.accepted(), None, "nothing of the new start is durable");
    assert!(!settlement.is_stored(7));
}

#[test]
fn an_offer_of_the_old_boot_acknowledges_nothing_of_the_new_one() {
    let mut settlement = settlement();
    settlement.add_passage(input("old"), 1, 8);
    offer_of(&mut settlement, 8);
    settlement.add_other(input("gap"), 99);
    settlement.restart(BOOT + 1);
    assert_eq!(settlement.accepted(), None);
    let new = LinkCursor { boot_id: BOOT + 1, ..LinkCursor::default() };
    assert_eq!(offer_of(&mut settlement, 0), Some((vec![input("gap")], new)));
}

#[test]
fn too_much_that_waits_for_the_store_is_full() {
    let mut settlement = settlement();
    for vehicle in 0..255 {
        settlement.add_passage(input("truck"), vehicle, vehicle);
    }
    settlement.add_other(input("audit"), 999);
    assert!(!settlement.is_full(), "the audit waits for a vehicle");
    offer_of(&mut settlement, 999);
    assert!(settlement.is_full());
}

#[test]
fn what_waits_for_a_vehicle_stops_no_event_and_at_last_gives_the_vehicle_up() {
    let mut settlement = settlement();
    for sequence in 1..4_096 {
        settlement.add_other(input("audit"), sequence);
    }
    assert!(!settlement.is_held_up());
    settlement.add_other(input("audit"), 4_096);
    assert!(settlement.is_held_up() && !settlement.is_full());
}
