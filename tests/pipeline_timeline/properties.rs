//! What holds for any traffic.

use crate::vocabulary::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use wimd::pipeline::record::Record;

/// Vehicles with headways of 0.9 to 6 s, on the scale and at the camera (nobody drives through
/// the one before), jittering cameras and missed plates.
fn traffic() -> impl Strategy<Value = Vec<(Truck, Option<Event>)>> {
    let vehicle = (900_i64..6_000, 35_u16..85, -60_i64..60, prop::bool::weighted(0.9));
    prop::collection::vec(vehicle, 1..12).prop_map(|vehicles| {
        let (mut began, mut front) = (0, 0);
        (1_001..)
            .zip(vehicles)
            .map(|(number, (headway, kmh, jitter, seen))| {
                let one = truck(number).speed(kmh).at(began + headway);
                let behind = (front + 900 - one.at_front()).max(0);
                began += headway + behind;
                let one = one.at(began);
                front = one.at_front();
                let text = format!("赣H{number:05}");
                let event = plate(&text).at(one.at_front() + jitter);
                (one, seen.then_some(event))
            })
            .collect()
    })
}

fn by_id(outcome: &Outcome) -> BTreeMap<String, Record> {
    outcome.sealed.iter().map(|(_, record)| (record.id.clone(), record.clone())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Inputs may overtake each other inside the window by up to two seconds.
    #[test]
    fn the_order_of_arrival_inside_the_window_changes_no_passage_record(
        vehicles in traffic(),
        delays in prop::collection::vec(0_i64..2_000, 24),
    ) {
        let mut plain = Timeline::taught(1, false, |event| event);
        let mut delayed = plain.clone();
        let mut delays = delays.into_iter();
        for (one, event) in vehicles {
            let mut held_up = || delays.next().expect("enough delays");
            // the instant of receipt is part of the event, so only the hand-over is delayed
            plain.add_truck(one.clone());
            delayed.add_truck_at(one.arrives + held_up(), one);
            if let Some(event) = event {
                plain.add_event(event.clone());
                delayed.add_event_at(event.arrives + held_up(), event);
            }
        }
        let passages = |outcome: &Outcome| {
            let mut records = by_id(outcome);
            records.retain(|id, _| !id.contains("supplement"));
            records
        };
        let (plain, delayed) = (plain.run(site(1, false)), delayed.run(site(1, false)));
        let (plain, delayed) = (passages(&plain), passages(&delayed));
        prop_assert_eq!(plain.keys().collect::<Vec<_>>(), delayed.keys().collect::<Vec<_>>());
        for (id, record) in &plain {
            prop_assert_eq!(&record.body, &delayed[id].body);
        }
    }

    /// A vehicle far away in time changes nothing for the others.
    #[test]
    fn a_vehicle_far_away_changes_nothing(vehicles in traffic()) {
        let mut alone = Timeline::taught(1, false, |event| event);
        for (one, event) in vehicles {
            alone.add_truck(one);
            event.into_iter().for_each(|event| alone.add_event(event));
        }
        let far = truck(5_000).at(600_000);
        let with = alone.clone().truck(&far).event(plate("赣H99999").of(&far));
        let (alone, with) = (alone.run(site(1, false)), with.run(site(1, false)));
        let mut rest = by_id(&with);
        rest.retain(|id, _| !id.ends_with("-5000"));
        prop_assert_eq!(by_id(&alone), rest);
    }

    /// No vehicle is ever given another one's plate as a clear pairing.
    #[test]
    fn nobody_is_given_a_strangers_plate(vehicles in traffic()) {
        let mut timeline = Timeline::taught(1, false, |event| event);
        for (one, event) in vehicles {
            timeline.add_truck(one);
            event.into_iter().for_each(|event| timeline.add_event(event));
        }
        for (vehicle, (_, text)) in timeline.run(site(1, false)).seen() {
            let own = format!("赣H{vehicle:05}");
            prop_assert!(text.is_none_or(|text| text == own));
        }
    }
}
