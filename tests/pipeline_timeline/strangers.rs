//! Any inputs at all, with any instants, in any order: nothing panics, nothing is settled twice
//! and nothing stays behind.

use crate::vocabulary::*;
use proptest::prelude::*;
use wimd::clock::Timestamp;
use wimd::pipeline::Input;
use wimd::pipeline::passage::{Direction, QualityFlag};
use wimd::pipeline::plate::{CameraStamp, PlateState, StampPrecision, ZoneBasis};
use wimd::pipeline::record::Gap;
use wimd::units::{DeciKmh, Kilograms, Lane, MillimetresPerSecond2};

/// Instants around the start, and the ends of the range.
fn instant() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        8 => (-20_000_i64..20_000).prop_map(at),
        1 => Just(Timestamp(i64::MIN)),
        1 => Just(Timestamp(i64::MAX)),
        1 => any::<i64>().prop_map(Timestamp),
    ]
}

fn direction() -> impl Strategy<Value = Direction> {
    prop_oneof![
        Just(Direction::WithTraffic),
        Just(Direction::AgainstTraffic),
        Just(Direction::Unknown)
    ]
}

fn passage() -> impl Strategy<Value = Input> {
    let axle = (instant(), any::<Option<u32>>(), any::<Option<u32>>(), any::<Option<u16>>());
    (
        (0_u32..6, 0_u8..4, direction(), instant(), instant()),
        prop::collection::vec(axle, 0..4),
        (any::<Option<u16>>(), any::<Option<i16>>(), prop::option::of(0_u32..3)),
        any::<bool>(),
    )
        .prop_map(|((vehicle, lane, direction, began, ended), axles, rest, half)| {
            let mut passage = truck(vehicle).passage;
            let shape = passage.axles[0].clone();
            passage.lane = Lane(lane);
            passage.direction = direction;
            (passage.began_at, passage.ended_at) = (began, ended);
            passage.axles = axles
                .into_iter()
                .map(|(instant, load, side, speed)| {
                    let mut axle = shape.clone();
                    axle.at = instant;
                    axle.load_kg = load.map(Kilograms);
                    (axle.left_kg, axle.right_kg) = (side.map(Kilograms), load.map(Kilograms));
                    axle.speed_dkmh = speed.map(DeciKmh);
                    axle
                })
                .collect();
            let (speed, acceleration, trigger) = rest;
            passage.speed_dkmh = speed.map(DeciKmh);
            passage.acceleration_mmps2 = acceleration.map(MillimetresPerSecond2);
            passage.trigger_id = trigger;
            if half {
                passage.flags.push(QualityFlag::Straddling);
            }
            Input::Passage(Box::new(passage))
        })
}

fn read() -> impl Strategy<Value = Input> {
    let stamp = (instant(), any::<bool>(), 0_u8..3).prop_map(|(at, fine, zone)| CameraStamp {
        at,
        precision: if fine { StampPrecision::Millisecond } else { StampPrecision::Second },
        zone: match zone {
            0 => ZoneBasis::Explicit,
            1 => ZoneBasis::Assumed,
            _ => ZoneBasis::Suspect,
        },
    });
    (
        (0_u8..4, prop::option::of(0_u8..4), prop::option::of(stamp), instant()),
        (prop::option::of(0_u8..4), prop::option::of(0_u8..4), direction()),
        (any::<Option<u16>>(), prop::option::of(0_u32..3), any::<[bool; 2]>()),
    )
        .prop_map(|((camera, lane, stamp, received), (source, text, direction), rest)| {
            let mut event = plate("").lane(camera);
            let read = &mut event.read;
            read.lane = lane.map(Lane);
            read.stamp = stamp;
            read.received_at = received;
            read.source_id = source.map(|id| format!("uuid-{id}"));
            read.plate.text = text.map(|text| format!("赣H0000{text}"));
            if text.is_none() {
                read.plate.state = PlateState::Absent;
            }
            read.direction = direction;
            let (speed, trigger, [late, more_follows]) = rest;
            read.speed_dkmh = speed.map(DeciKmh);
            read.trigger_id = trigger;
            read.more_follows = more_follows;
            Input::from(if late { event.late() } else { event })
        })
}

fn input() -> impl Strategy<Value = Input> {
    let gap = Gap {
        controller: 1,
        boot_id: 7,
        first_sequence: 1,
        last_sequence: None,
        reason: "restarted".to_owned(),
    };
    prop_oneof![3 => passage(), 5 => read(), 1 => Just(Input::Gap(gap))]
}

proptest! {
    #[test]
    fn any_inputs_are_each_settled_once(
        inputs in prop::collection::vec((0_i64..3_000, input()), 0..60),
        taught in any::<bool>(),
    ) {
        let mut player = Player::new(site(2, true));
        if taught {
            Timeline::taught(2, true, |event| event).play(&mut player);
        }
        let mut now = 0;
        for (span, input) in inputs {
            now += span;
            player.arrive(at(now), input);
        }
        player.finish();
    }

    #[test]
    fn a_clock_that_runs_backwards_loses_nothing(
        inputs in prop::collection::vec((instant(), input()), 0..40),
    ) {
        let mut player = Player::new(site(2, true));
        for (now, input) in inputs {
            player.arrive_unchecked(now, input);
        }
        player.finish();
    }
}

#[test]
fn a_flood_of_one_camera_is_bounded_and_every_event_kept() {
    let mut timeline = Timeline::new();
    for number in 0..1_000 {
        timeline.add_event(plate(&format!("赣H{number:05}")).at(number));
    }
    let outcome = timeline.run(site(1, false));
    assert_eq!(outcome.supplements().len(), 1_000);
    assert_eq!(outcome.counts.crowded_plate_reads, 1_000 - 256);
}

#[test]
fn a_flood_of_vehicles_is_bounded_and_every_vehicle_kept() {
    let mut timeline = Timeline::new();
    for number in 0..1_000 {
        timeline.add_truck(truck(number).at(i64::from(number)));
    }
    let outcome = timeline.run(site(1, false));
    assert_eq!(outcome.counts.unpaired, 1_000);
    assert_eq!(outcome.counts.crowded_passages, 1_000 - 128);
}
