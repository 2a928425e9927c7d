//! Vehicles on a timeline: what the controller tells, and the passage that comes of it.

mod inconsistencies;
mod rebuilding;
mod story;

use super::*;
use crate::config::ControllerLane;
use crate::pipeline::passage::{Direction, QualityFlag, Tyres};
use crate::units::{DeciKmh, Kilograms, Lane, Millimetres};
use story::{BOOT, SPACING_MM, Story, at, axle};

#[test]
fn a_whole_vehicle_is_a_passage_without_a_flag() {
    let mut story = Story::new();
    story.vehicle(9, 2, 1_000);
    let passages = story.passages();
    let [passage] = passages.as_slice() else {
        panic!("one vehicle, one passage");
    };
    assert_eq!(
        (passage.source.controller, passage.source.boot_id, passage.source.vehicle),
        (3, BOOT, 9)
    );
    assert_eq!((passage.lane, passage.direction), (Lane(2), Direction::WithTraffic));
    assert_eq!((passage.began_at, passage.ended_at), (at(1_000), at(1_200)));
    assert_eq!(passage.received_at, at(1_205));
    assert_eq!(passage.reported_gross_kg, Some(Kilograms(14_000)));
    assert_eq!(passage.acceleration_mmps2, None, "not measured is not zero");
    assert_eq!(passage.trigger_id, Some(509), "from the begin");
    assert_eq!(passage.flags, []);
    let second = &passage.axles[1];
    assert_eq!(second.at, at(1_100));
    assert_eq!(
        (second.load_kg, second.left_kg, second.right_kg),
        (Some(Kilograms(7_000)), Some(Kilograms(3_600)), Some(Kilograms(3_400)))
    );
    assert_eq!(
        (second.spacing_mm, second.speed_dkmh, second.tyres),
        (Some(Millimetres(SPACING_MM)), Some(DeciKmh(504)), Tyres::Dual)
    );
}

#[test]
fn the_raw_frames_are_kept_with_their_lengths_and_hashed() {
    let mut story = Story::new();
    story.vehicle(1, 1, 0);
    let closed = &story.closed[0];
    let frames: Vec<u8> =
        (1_u32..=4).flat_map(|frame| [vec![4], frame.to_be_bytes().to_vec()].concat()).collect();
    assert_eq!((&closed.raw, closed.last_sequence), (&frames, 4));
    use sha2::{Digest, Sha256};
    assert_eq!(closed.passage.raw_sha256, hex::encode(Sha256::digest(&frames)));
}

#[test]
fn vehicles_of_two_lanes_interleave() {
    let mut story = Story::new();
    let (left, right) = ([axle(1, 1, 10), axle(1, 2, 60)], [axle(2, 1, 40), axle(2, 2, 90)]);
    story
        .begin(1, 1, 10)
        .axle(1, 1, 10)
        .begin(2, 2, 40)
        .axle(2, 1, 40)
        .axle(1, 2, 60)
        .axle(2, 2, 90)
        .end(2, 2, 120, &right)
        .end(1, 1, 130, &left);
    assert_eq!(story.flags(), [(2, vec![]), (1, vec![])]);
}

#[test]
fn a_vehicle_whose_end_never_comes_is_closed_when_the_controller_has_gone_on() {
    let mut story = Story::new();
    story.begin(1, 1, 0).axle(1, 1, 10);
    story.vehicle(2, 2, 29_000);
    assert_eq!(story.flags(), [(2, vec![])], "thirty seconds have not passed");
    story.begin(3, 2, 30_011);
    assert_eq!(story.flags(), [(2, vec![]), (1, vec![QualityFlag::EndMissing])]);
    assert_eq!(story.assembler.counts().ends_missing, 1);
}

#[test]
fn lanes_are_mapped_by_controller_and_an_unmapped_one_is_named_and_counted() {
    let lane = |controller, device, site| ControllerLane { controller, device, site };
    let mut config = ScaleConfig::new("scale-1", "/dev/ttyS1");
    config.lanes = vec![lane(Some(7), 1, 5), lane(Some(3), 1, 4), lane(None, 8, 6)];
    let mut story = Story::with(config);
    story.vehicle(1, 1, 0).vehicle(2, 2, 0).vehicle(3, 8, 0);
    let lanes: Vec<Lane> = story.passages().iter().map(|passage| passage.lane).collect();
    assert_eq!(lanes, [Lane(4), Lane(0), Lane(6)]);
    assert_eq!(story.flags(), [(1, vec![]), (2, vec![QualityFlag::LaneUnmapped]), (3, vec![])]);
    let counts = story.assembler.counts();
    assert_eq!((counts.unmapped_lanes, &counts.unmapped_device_lanes), (1, &BTreeSet::from([2])));
}

#[test]
fn a_vehicle_whose_lane_nobody_told_is_named_so() {
    let mut story = Story::new();
    story.axle(1, 1, 0).begin(2, 2, 40_000);
    let expected =
        vec![QualityFlag::BeginMissing, QualityFlag::EndMissing, QualityFlag::LaneUnmapped];
    assert_eq!(story.flags(), [(1, expected)]);
    let counts = story.assembler.counts();
    assert_eq!((counts.untold_lanes, counts.unmapped_lanes), (1, 0));
}

#[test]
fn without_mappings_only_numbers_that_a_lane_can_have_are_ours() {
    let mut story = Story::new();
    story.vehicle(1, 0, 0).vehicle(2, 32, 0).vehicle(3, 33, 0);
    let unmapped = vec![QualityFlag::LaneUnmapped];
    assert_eq!(story.flags(), [(1, unmapped.clone()), (2, vec![]), (3, unmapped)]);
}

#[test]
fn without_a_known_clock_a_vehicle_ends_on_arrival() {
    let mut story = Story::new();
    story.time = TimeMap::default();
    story.vehicle(1, 1, 1_000);
    let passage = story.passages()[0];
    assert_eq!(passage.flags, [QualityFlag::TimeUnmapped]);
    assert_eq!(passage.time.error_us, None);
    assert_eq!(passage.ended_at, passage.received_at);
    assert_eq!(passage.ended_at - passage.began_at, Micros(200_000));
}

#[test]
fn a_controller_that_starts_anew_leaves_its_open_vehicles_without_end() {
    let mut story = Story::new();
    story.begin(1, 1, 0).begin(2, 2, 5);
    let around = Surroundings { received_at: at(9_000), time: &story.time, scale: None };
    let closed = story.assembler.restart(around);
    story.closed.extend(closed);
    let expected = vec![QualityFlag::EndMissing];
    assert_eq!(story.flags(), [(1, expected.clone()), (2, expected)]);
    story.vehicle(1, 1, 20);
    assert_eq!(story.flags()[2], (1, vec![]), "numbers begin again");
}

#[test]
fn a_controller_that_opens_vehicles_without_end_fills_no_memory() {
    let mut story = Story::new();
    for vehicle in 1..=200 {
        story.begin(vehicle, 1, 0);
    }
    assert_eq!(story.assembler.open_vehicles(), MAX_OPEN);
    assert_eq!(story.flags().len(), 200 - MAX_OPEN);
    for number in 1..=255 {
        story.axle(200, number, 1);
    }
    story.axle(200, 255, 1);
    assert_eq!(story.assembler.counts().excess_axles, 192);
}
