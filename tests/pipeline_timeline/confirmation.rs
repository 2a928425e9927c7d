//! Who else read a plate before it supports a case.

use crate::vocabulary::*;
use wimd::pipeline::record::Unenforceable;

/// The front camera reads it with these confidences, the rear camera that text with those.
fn read_twice(front: &[u8], rear: Option<(&str, &[u8])>) -> Vec<Unenforceable> {
    let sure = |event: Event, confidences: &[u8]| {
        let mut event = event;
        event.read.plate.character_confidence = confidences.to_vec();
        event
    };
    let one = truck(1_001).at(0);
    let mut timeline = Timeline::taught(1, true, |event| event)
        .truck(&one)
        .event(sure(plate("赣H12345").of(&one), front));
    if let Some((text, confidences)) = rear {
        timeline = timeline.event(sure(plate(text).rear_of(&one), confidences));
    }
    timeline.run(site(1, true)).vehicle(1_001).unenforceable.clone()
}

#[test]
fn a_plate_supports_a_case_when_every_camera_that_could_read_it_did() {
    let (sure, doubtful) = ([95; 7], [95, 95, 95, 95, 95, 60, 95]);
    let unconfirmed =
        |reasons: Vec<Unenforceable>| reasons.contains(&Unenforceable::PlateUnconfirmed);
    assert!(!unconfirmed(read_twice(&sure, Some(("赣H12345", &sure)))));
    assert!(!unconfirmed(read_twice(&doubtful, Some(("赣H12345", &sure)))));
    assert!(unconfirmed(read_twice(&doubtful, Some(("赣H12345", &doubtful)))));
    assert!(unconfirmed(read_twice(&sure, None)));
    assert!(!unconfirmed(read_twice(&sure, Some(("赣A123挂", &[95; 6])))));
    assert!(unconfirmed(read_twice(&doubtful, Some(("赣A123挂", &[95; 6])))));
}

/// No row of the gross limits is for a bus.
#[test]
fn a_bus_is_judged_and_supports_no_case() {
    let stands_against = |class: Option<&str>| {
        let one = truck(1_001).at(0);
        let mut event = plate("赣H12345").of(&one);
        event.read.vehicle_class = class.map(str::to_owned);
        let taught = Timeline::taught(1, false, |event| event);
        let outcome = taught.truck(&one).event(event).run(site(1, false));
        outcome.vehicle(1_001).unenforceable.contains(&Unenforceable::NotGoodsVehicle)
    };
    for (class, expected) in [(Some("K11"), true), (Some("largeBus"), true), (Some("H10"), false)] {
        assert_eq!(stands_against(class), expected, "{class:?}");
    }
    assert!(!stands_against(None));
}
