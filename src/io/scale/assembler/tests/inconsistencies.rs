//! Everything that can be wrong with a vehicle, by name.

use firmware_protocol as wire;
use firmware_protocol::{Event, Flags};

use super::story::{SPACING_MM, Story, axle, end};
use crate::pipeline::passage::QualityFlag;
use crate::units::Lane;

#[test]
fn a_missing_axle_is_named_and_so_is_the_checksum() {
    let mut story = Story::new();
    let axles = [axle(1, 1, 0), axle(1, 2, 50), axle(1, 3, 90)];
    story.begin(1, 1, 0).axle(1, 1, 0).axle(1, 3, 90).end(1, 1, 200, &axles);
    let expected =
        vec![QualityFlag::GrossDisagrees, QualityFlag::MissingAxle, QualityFlag::AxleCrcMismatch];
    assert_eq!(story.flags(), [(1, expected)]);
}

#[test]
fn a_surplus_axle_is_named() {
    let mut story = Story::new();
    let axles = [axle(1, 1, 0)];
    story.begin(1, 1, 0).axle(1, 1, 0).axle(1, 2, 50).end(1, 1, 200, &axles);
    let expected =
        vec![QualityFlag::GrossDisagrees, QualityFlag::SurplusAxle, QualityFlag::AxleCrcMismatch];
    assert_eq!(story.flags(), [(1, expected)]);
}

#[test]
fn another_load_than_the_controller_sent_is_a_checksum_mismatch() {
    let mut story = Story::new();
    let sent = wire::Axle { load_kg: Some(7_001), ..axle(1, 1, 0) };
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
    assert_eq!(story.passages()[0].lane, Lane(1), "the end repeats the lane");
}

#[test]
fn axles_whose_instants_do_not_increase_are_named() {
    let mut story = Story::new();
    let axles = [axle(1, 1, 50), axle(1, 2, 50)];
    story.begin(1, 1, 0).axle(1, 1, 50).axle(1, 2, 50).end(1, 1, 90, &axles);
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
        story.begin(1, 1, 0).axle(1, 1, 0).tell(Event::VehicleEnd(claim));
        assert_eq!(story.flags(), [(1, expected)], "{gross} kg");
    }
    let mut story = Story::new();
    let axles = [axle(1, 1, 0), axle(1, 2, 50)];
    let claim = wire::VehicleEnd { length_mm: Some(SPACING_MM - 1), ..end(1, 1, 90, &axles) };
    story.begin(1, 1, 0).axle(1, 1, 0).axle(1, 2, 50).tell(Event::VehicleEnd(claim));
    assert_eq!(story.flags(), [(1, vec![QualityFlag::LengthDisagrees])]);
}

#[test]
fn the_controllers_remarks_keep_their_names_and_unknown_ones_are_named_so() {
    let mut story = Story::new();
    let remark = Flags::BRAKING.union(Flags::STRADDLING);
    let noted = wire::Axle { flags: Flags(1 << 15), ..axle(1, 1, 0) };
    let claim = wire::VehicleEnd { flags: remark, ..end(1, 1, 90, &[noted]) };
    story.begin(1, 1, 0).tell(Event::Axle(noted)).tell(Event::VehicleEnd(claim));
    let expected = vec![QualityFlag::Braking, QualityFlag::Straddling, QualityFlag::UnknownRemark];
    assert_eq!(story.flags(), [(1, expected)]);
    assert_eq!(story.assembler.counts().unknown_remarks, 1);
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
    story.begin(1, 1, 0).axle(1, 1, 10).end(1, 2, 50, &[axle(1, 1, 10)]);
    assert_eq!(story.flags(), [(1, vec![QualityFlag::BeginContradicted])]);
    assert_eq!(story.passages()[0].lane, Lane(2));
    assert_eq!(story.assembler.counts().contradicted_begins, 1);
}

#[test]
fn a_begin_told_twice_counts_once() {
    let mut story = Story::new();
    story.begin(1, 1, 0).vehicle(1, 1, 0);
    assert_eq!(story.flags(), [(1, vec![])]);
    assert_eq!(story.assembler.counts().repeated_begins, 1);
}
