//! Vehicles on a timeline: what the controller tells, and the passage that comes of it.

use firmware_protocol as wire;
use firmware_protocol::{AxlesChecksum, Flags};

use super::*;
use crate::config::LaneMapping;
use crate::io::scale::time_map::Exchange;
use crate::pipeline::passage::{Direction, QualityFlag, Tyres};
use crate::units::{DeciKmh, Kilograms, Lane, Millimetres};

const BOOT: u32 = 77;
/// Our time when the controller's clock was 0.
const BOOTED_AT: Timestamp = Timestamp(1_795_000_000_000_000);
const SPACING_MM: u32 = 1_400;

/// A controller telling its story, in milliseconds since its start.
struct Story {
    assembler: Assembler,
    time: TimeMap,
    sequence: u32,
    closed: Vec<Closed>,
}

impl Story {
    fn new() -> Self {
        Self::with(ScaleConfig::new("scale-1", "/dev/ttyS1"))
    }

    fn with(config: ScaleConfig) -> Self {
        let mut time = TimeMap::default();
        time.learn(Exchange {
            sent: BOOTED_AT,
            reached_us: 100,
            answered_us: 100,
            received: BOOTED_AT + Micros(200),
        });
        Self {
            assembler: Assembler::new(3, config),
            time,
            sequence: 0,
            closed: Vec::new(),
        }
    }

    fn tell(&mut self, event: Event) -> &mut Self {
        self.sequence += 1;
        let header = EventHeader {
            boot_id: BOOT,
            sequence: self.sequence,
            oldest: 1,
        };
        let raw = self.sequence.to_be_bytes();
        let around = Surroundings {
            received_at: BOOTED_AT + Micros(instant(&event) + 5_000),
            time: &self.time,
            scale: None,
        };
        let closed = self.assembler.take(header, &event, &raw, around);
        self.closed.extend(closed);
        self
    }

    fn begin(&mut self, vehicle: u32, lane: u8, ms: u64) -> &mut Self {
        self.tell(Event::VehicleBegin(begin(vehicle, lane, ms)))
    }

    fn axle(&mut self, vehicle: u32, number: u8, ms: u64) -> &mut Self {
        self.tell(Event::Axle(axle(vehicle, number, ms)))
    }

    /// The end of a vehicle whose axles were `axles`.
    fn end(&mut self, vehicle: u32, lane: u8, ms: u64, axles: &[wire::Axle]) -> &mut Self {
        self.tell(Event::VehicleEnd(end(vehicle, lane, ms, axles)))
    }

    /// A vehicle of two axles from `ms` on, whole.
    fn vehicle(&mut self, vehicle: u32, lane: u8, ms: u64) -> &mut Self {
        let axles = [axle(vehicle, 1, ms), axle(vehicle, 2, ms + 100)];
        self.begin(vehicle, lane, ms)
            .axle(vehicle, 1, ms)
            .axle(vehicle, 2, ms + 100)
            .end(vehicle, lane, ms + 200, &axles)
    }

    fn passages(&self) -> Vec<&Passage> {
        self.closed.iter().map(|closed| &closed.passage).collect()
    }

    /// Vehicle and flags of each passage.
    fn flags(&self) -> Vec<(u32, Vec<QualityFlag>)> {
        self.passages()
            .iter()
            .map(|passage| (passage.source.vehicle, passage.flags.clone()))
            .collect()
    }
}

fn instant(event: &Event) -> i64 {
    i64::try_from(super::instant(event)).expect("short stories")
}

fn begin(vehicle: u32, lane: u8, ms: u64) -> wire::VehicleBegin {
    wire::VehicleBegin {
        vehicle,
        lane,
        direction: wire::Direction::WithTraffic,
        at_us: ms * 1_000,
        trigger_id: Some(500 + vehicle),
    }
}

fn axle(vehicle: u32, number: u8, ms: u64) -> wire::Axle {
    wire::Axle {
        vehicle,
        number,
        at_us: ms * 1_000,
        load_kg: Some(7_000),
        left_kg: Some(3_600),
        right_kg: Some(3_400),
        spacing_mm: (number > 1).then_some(SPACING_MM),
        speed_dkmh: Some(504),
        tyres: wire::Tyres::Dual,
        flags: Flags::NONE,
    }
}

fn end(vehicle: u32, lane: u8, ms: u64, axles: &[wire::Axle]) -> wire::VehicleEnd {
    let mut checksum = AxlesChecksum::new();
    for axle in axles {
        checksum.add(axle).expect("encodable");
    }
    wire::VehicleEnd {
        vehicle,
        lane,
        direction: wire::Direction::WithTraffic,
        at_us: ms * 1_000,
        axle_count: u8::try_from(axles.len()).expect("few axles"),
        axles_crc: checksum.value(),
        gross_kg: Some(
            axles
                .iter()
                .map(|axle| u32::from(axle.load_kg.unwrap_or(0)))
                .sum(),
        ),
        length_mm: Some(9_000),
        speed_dkmh: Some(504),
        acceleration_mmps2: None,
        temperature_dc: None,
        flags: Flags::NONE,
        trigger_id: None,
        groups: None,
    }
}

fn at(ms: i64) -> Timestamp {
    BOOTED_AT + Micros::from_millis(ms)
}

#[test]
fn a_whole_vehicle_is_a_passage_without_a_flag() {
    let mut story = Story::new();
    story.vehicle(9, 2, 1_000);
    let passages = story.passages();
    let [passage] = passages.as_slice() else {
        panic!("one vehicle, one passage");
    };
    assert_eq!(
        (
            passage.source.controller,
            passage.source.boot_id,
            passage.source.vehicle
        ),
        (3, BOOT, 9)
    );
    assert_eq!(
        (passage.lane, passage.direction),
        (Lane(2), Direction::WithTraffic)
    );
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
        (
            Some(Kilograms(7_000)),
            Some(Kilograms(3_600)),
            Some(Kilograms(3_400))
        )
    );
    assert_eq!(
        (second.spacing_mm, second.speed_dkmh, second.tyres),
        (
            Some(Millimetres(SPACING_MM)),
            Some(DeciKmh(504)),
            Tyres::Dual
        )
    );
}

#[test]
fn the_raw_frames_are_kept_with_their_lengths_and_hashed() {
    let mut story = Story::new();
    story.vehicle(1, 1, 0);
    let closed = &story.closed[0];
    let frames: Vec<u8> = (1_u32..=4)
        .flat_map(|frame| [vec![4], frame.to_be_bytes().to_vec()].concat())
        .collect();
    assert_eq!((&closed.raw, closed.last_sequence), (&frames, 4));
    use sha2::{Digest, Sha256};
    assert_eq!(
        closed.passage.raw_sha256,
        hex::encode(Sha256::digest(&frames))
    );
}

#[test]
fn vehicles_of_two_lanes_interleave() {
    let mut story = Story::new();
    let (left, right) = (
        [axle(1, 1, 10), axle(1, 2, 60)],
        [axle(2, 1, 40), axle(2, 2, 90)],
    );
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
fn a_missing_axle_is_named_and_so_is_the_checksum() {
    let mut story = Story::new();
    let axles = [axle(1, 1, 0), axle(1, 2, 50), axle(1, 3, 90)];
    story
        .begin(1, 1, 0)
        .axle(1, 1, 0)
        .axle(1, 3, 90)
        .end(1, 1, 200, &axles);
    let expected = vec![
        QualityFlag::GrossDisagrees,
        QualityFlag::MissingAxle,
        QualityFlag::AxleCrcMismatch,
    ];
    assert_eq!(story.flags(), [(1, expected)]);
}

#[test]
fn a_surplus_axle_is_named() {
    let mut story = Story::new();
    let axles = [axle(1, 1, 0)];
    story
        .begin(1, 1, 0)
        .axle(1, 1, 0)
        .axle(1, 2, 50)
        .end(1, 1, 200, &axles);
    let expected = vec![
        QualityFlag::GrossDisagrees,
        QualityFlag::SurplusAxle,
        QualityFlag::AxleCrcMismatch,
    ];
    assert_eq!(story.flags(), [(1, expected)]);
}

#[test]
fn another_load_than_the_controller_sent_is_a_checksum_mismatch() {
    let mut story = Story::new();
    let sent = wire::Axle {
        load_kg: Some(7_001),
        ..axle(1, 1, 0)
    };
    story.begin(1, 1, 0).axle(1, 1, 0).end(1, 1, 50, &[sent]);
    assert_eq!(story.flags(), [(1, vec![QualityFlag::AxleCrcMismatch])]);
}

#[test]
fn an_end_without_begin_or_axles_is_still_a_passage() {
    let mut story = Story::new();
    story.end(1, 1, 50, &[axle(1, 1, 0)]);
    let expected = vec![
        QualityFlag::GrossDisagrees,
        QualityFlag::MissingAxle,
        QualityFlag::AxleCrcMismatch,
        QualityFlag::BeginMissing,
    ];
    assert_eq!(story.flags(), [(1, expected)]);
    assert_eq!(
        story.passages()[0].lane,
        Lane(1),
        "the end repeats the lane"
    );
}

#[test]
fn axles_whose_instants_do_not_increase_are_named() {
    let mut story = Story::new();
    let axles = [axle(1, 1, 50), axle(1, 2, 50)];
    story
        .begin(1, 1, 0)
        .axle(1, 1, 50)
        .axle(1, 2, 50)
        .end(1, 1, 90, &axles);
    assert_eq!(story.flags(), [(1, vec![QualityFlag::AxlesOutOfOrder])]);
}

#[test]
fn a_total_or_length_that_cannot_be_is_named() {
    for (gross, length, expected) in [
        (7_100, 0, vec![]),
        (7_101, 0, vec![QualityFlag::GrossDisagrees]),
        (6_899, 0, vec![QualityFlag::GrossDisagrees]),
    ] {
        let mut story = Story::new();
        let claim = wire::VehicleEnd {
            gross_kg: Some(gross),
            length_mm: Some(length),
            ..end(1, 1, 90, &[axle(1, 1, 0)])
        };
        story
            .begin(1, 1, 0)
            .axle(1, 1, 0)
            .tell(Event::VehicleEnd(claim));
        assert_eq!(story.flags(), [(1, expected)], "{gross} kg");
    }
    let mut story = Story::new();
    let axles = [axle(1, 1, 0), axle(1, 2, 50)];
    let claim = wire::VehicleEnd {
        length_mm: Some(SPACING_MM - 1),
        ..end(1, 1, 90, &axles)
    };
    story
        .begin(1, 1, 0)
        .axle(1, 1, 0)
        .axle(1, 2, 50)
        .tell(Event::VehicleEnd(claim));
    assert_eq!(story.flags(), [(1, vec![QualityFlag::LengthDisagrees])]);
}

#[test]
fn the_controllers_remarks_keep_their_names_and_unknown_ones_count_as_a_fault() {
    let mut story = Story::new();
    let remark = Flags::BRAKING.union(Flags::STRADDLING);
    let noted = wire::Axle {
        flags: Flags(1 << 15),
        ..axle(1, 1, 0)
    };
    let claim = wire::VehicleEnd {
        flags: remark,
        ..end(1, 1, 90, &[noted])
    };
    story
        .begin(1, 1, 0)
        .tell(Event::Axle(noted))
        .tell(Event::VehicleEnd(claim));
    let expected = vec![
        QualityFlag::Braking,
        QualityFlag::Straddling,
        QualityFlag::SensorFault,
    ];
    assert_eq!(story.flags(), [(1, expected)]);
    assert_eq!(story.assembler.counts().unknown_remarks, 1);
}

#[test]
fn a_vehicle_whose_end_never_comes_is_closed_when_the_controller_has_gone_on() {
    let mut story = Story::new();
    story.begin(1, 1, 0).axle(1, 1, 10);
    story.vehicle(2, 2, 29_000);
    assert_eq!(
        story.flags(),
        [(2, vec![])],
        "thirty seconds have not passed"
    );
    story.begin(3, 2, 30_011);
    assert_eq!(
        story.flags(),
        [(2, vec![]), (1, vec![QualityFlag::EndMissing])]
    );
    assert_eq!(story.assembler.counts().ends_missing, 1);
}

#[test]
fn an_end_that_comes_too_late_makes_no_second_passage() {
    let mut story = Story::new();
    story.begin(1, 1, 0).axle(1, 1, 10).begin(2, 2, 40_000);
    story.end(1, 1, 40_100, &[axle(1, 1, 10)]);
    assert_eq!(story.flags(), [(1, vec![QualityFlag::EndMissing])]);
    assert_eq!(story.assembler.counts().late_events, 1);
}

#[test]
fn a_begin_in_another_lane_than_the_end_is_left_out() {
    let mut story = Story::new();
    story
        .begin(1, 1, 0)
        .axle(1, 1, 10)
        .end(1, 2, 50, &[axle(1, 1, 10)]);
    assert_eq!(story.flags(), [(1, vec![QualityFlag::BeginMissing])]);
    assert_eq!(story.passages()[0].lane, Lane(2));
    assert_eq!(story.assembler.counts().contradicted_begins, 1);
}

#[test]
fn lanes_are_mapped_and_an_unmapped_one_is_lane_0_and_counted() {
    let mut config = ScaleConfig::new("scale-1", "/dev/ttyS1");
    config.lanes = vec![LaneMapping { device: 1, site: 4 }];
    let mut story = Story::with(config);
    story.vehicle(1, 1, 0).vehicle(2, 2, 0);
    let lanes: Vec<Lane> = story
        .passages()
        .iter()
        .map(|passage| passage.lane)
        .collect();
    assert_eq!(lanes, [Lane(4), Lane(0)]);
    assert_eq!(story.assembler.counts().unmapped_lanes, 1);
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
    let around = Surroundings {
        received_at: at(9_000),
        time: &story.time,
        scale: None,
    };
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

#[test]
fn a_begin_told_twice_counts_once() {
    let mut story = Story::new();
    story.begin(1, 1, 0).vehicle(1, 1, 0);
    assert_eq!(story.flags(), [(1, vec![])]);
    assert_eq!(story.assembler.counts().repeated_begins, 1);
}
