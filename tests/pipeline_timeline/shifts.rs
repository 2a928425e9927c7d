//! A lane of which every event suits the vehicle before or behind: it must not stay one off.

use crate::vocabulary::*;
use std::collections::BTreeSet;
use wimd::clock::Timestamp;
use wimd::pipeline::pairing::PairingOutcome;

/// Thirty vehicles that keep about these distances, with their events.
fn column(headways: &[i64]) -> impl Iterator<Item = (u32, Truck, Event)> {
    let mut at = 0;
    (1_001..1_031).zip(headways.iter().cycle()).map(move |(vehicle, headway)| {
        at += headway;
        let one = truck(vehicle).at(at);
        let event = plate(&plate_of(vehicle)).of(&one);
        (vehicle, one, event)
    })
}

fn plate_of(vehicle: u32) -> String {
    format!("赣H{vehicle:05}")
}

/// Vehicles that were given somebody else's plate, and those that were clearly given their own.
fn given(outcome: &Outcome) -> (BTreeSet<u32>, BTreeSet<u32>) {
    let (mut strange, mut own) = (BTreeSet::new(), BTreeSet::new());
    for (vehicle, (seen, text)) in outcome.seen() {
        match text {
            Some(text) if text != plate_of(vehicle) => strange.insert(vehicle),
            Some(_) if seen == PairingOutcome::Paired => own.insert(vehicle),
            _ => false,
        };
    }
    (strange, own)
}

/// The time of the scale moves by two seconds, and so stamps and receipts of its cameras move
/// together: nothing but the distances of the vehicles tells.
#[test]
fn a_lane_that_is_one_vehicle_off_is_right_again_within_five_vehicles() {
    let before = |event: Event| {
        let arrives = event.arrives + 2_000;
        event.clock_off(2_000).received(arrives)
    };
    let unlike = [
        [1_600, 2_200, 1_700, 2_000, 1_650, 1_900, 2_100],
        [2_000, 2_300, 1_900, 2_600, 1_800, 2_100, 4_000],
        [2_500, 1_500, 2_400, 1_600, 3_000, 1_800, 2_200],
    ];
    for headways in unlike {
        let timeline = Timeline::taught(1, false, before);
        let timeline = column(&headways)
            .fold(timeline, |timeline, (_, one, event)| timeline.truck(&one).event(event));
        let outcome = timeline.run(site(1, false));
        let (strange, own) = given(&outcome);
        assert!(!strange.is_empty(), "{headways:?} shift nobody");
        assert!(strange.iter().all(|vehicle| *vehicle <= 1_005), "{headways:?}: {strange:?}");
        let later: BTreeSet<u32> = (1_007..1_031).collect();
        assert!(own.is_superset(&later), "{headways:?}: {own:?}");
        assert_eq!(outcome.counts.clock_restarts, 1, "{headways:?}");
    }
}

/// A camera's clock is set by the distance of the vehicles: the receipts tell, from the first one
/// on.
#[test]
fn a_clock_that_is_set_by_one_distance_gives_nobody_his_neighbours_plate() {
    for distance in [1_600, 2_000, 3_000] {
        for step in [distance, -distance] {
            let mut timeline = Timeline::taught(1, false, |event| event);
            for (vehicle, one, event) in column(&[distance]) {
                let event = if vehicle > 1_010 { event.clock_off(step) } else { event };
                timeline = timeline.truck(&one).event(event);
            }
            let outcome = timeline.run(site(1, false));
            let (strange, own) = given(&outcome);
            assert_eq!(strange, BTreeSet::new(), "{distance} {step}");
            assert!(own.is_superset(&(1_001..1_010).collect()), "{distance} {step}: {own:?}");
            assert!(outcome.counts.clock_restarts > 0, "{distance} {step}");
        }
    }
}

/// Found by the random inputs: the difference of such stamps has no room in 64 bits.
#[test]
fn stamps_from_both_ends_of_time_shift_nobody() {
    for end in [i64::MIN, i64::MAX] {
        let mut timeline = Timeline::taught(1, false, |event| event);
        for (vehicle, one, mut event) in column(&[2_000]) {
            if vehicle % 3 == 0 {
                let stamp = event.read.stamp.as_mut().expect("stamped");
                stamp.at = Timestamp(end);
                event.read.trigger_id = Some(vehicle);
            }
            timeline = timeline.truck(&one.trigger(vehicle)).event(event);
        }
        let (strange, _) = given(&timeline.run(site(1, false)));
        assert_eq!(strange, BTreeSet::new());
    }
}
