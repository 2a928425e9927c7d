//! What length, tyres and pattern exclude, and that none of it costs the vehicle anything.

use super::*;
use crate::pipeline::limits::Drive;
use crate::pipeline::passage::{QualityFlag, Tyres};

/// Row, limit and whether it is in the regime, of each reading.
fn readings(passage: &Passage, facts: &Facts) -> Vec<(String, u32)> {
    let assessment = assess_with(passage, facts, &standard_profile());
    let readings = assessment.readings.iter();
    readings.map(|one| (one.limit_id.to_string(), one.limit_kg.0)).collect()
}

fn rows(of: &[(&str, u32)]) -> Vec<(String, u32)> {
    of.iter().map(|(id, limit)| ((*id).to_owned(), *limit)).collect()
}

/// Three axles, the last two 2 200 mm apart: a truck 1+2, or a combination 1+1+1.
fn unclear(length: u32) -> Passage {
    let mut passage = vehicle(&[7_000, 9_000, 9_000], &[3_600, 2_200]);
    passage.length_mm = Some(Millimetres(length));
    passage
}

#[test]
fn a_vehicle_too_long_for_a_truck_has_only_the_readings_of_combinations() {
    let all = rows(&[
        ("mot124-3ca", 27_000),
        ("mot124-3artic", 27_000),
        ("mot124-3rigid-12", 25_000),
        ("mot124-3rigid-air", 26_000),
    ]);
    assert_eq!(readings(&unclear(13_000), &Facts::default()), all);
    assert_eq!(readings(&unclear(13_001), &Facts::default()), all[..2]);
    assert!(!assess(&unclear(13_001), &standard_profile()).limit_ambiguous);
    let mut contradicted = unclear(13_001);
    contradicted.flags = vec![QualityFlag::LengthDisagrees];
    assert_eq!(readings(&contradicted, &Facts::default()), all);
}

#[test]
fn a_kind_whose_reading_alone_has_the_highest_limit_stays_however_long_the_vehicle() {
    let mut passage = vehicle(&[9_200; 4], &[3_600, 4_000, 4_000]);
    let unmeasured = readings(&passage, &Facts::default());
    assert!(unmeasured.contains(&("mot124-4artic-air".to_owned(), 37_000)));
    passage.length_mm = Some(Millimetres(19_500));
    assert_eq!(readings(&passage, &Facts::default()), unmeasured);
}

#[test]
fn single_tyres_exclude_the_row_for_dual_tyres_on_every_drive_axle() {
    let mut passage = vehicle(&[7_000, 9_000, 9_000], &[3_600, 1_350]);
    let air = |passage: &Passage, drive| {
        let facts = Facts { suspension: Some(Suspension::Air), drive, ..Facts::default() };
        assess_with(passage, &facts, &standard_profile()).limit_kg
    };
    passage.axles[1].tyres = Tyres::Single;
    assert_eq!(air(&passage, None), Some(Kilograms(26_000)));
    assert_eq!(air(&passage, Some(Drive::Single)), Some(Kilograms(26_000)));
    assert_eq!(air(&passage, Some(Drive::Double)), Some(Kilograms(25_000)));
    passage.axles[2].tyres = Tyres::Single;
    assert_eq!(air(&passage, None), Some(Kilograms(25_000)));
}

#[test]
fn a_second_driven_axle_that_the_pattern_has_no_room_for_raises_no_limit() {
    let twin_steer = vehicle(&[8_000; 6], &[1_800, 3_600, 6_500, 1_310, 1_310]);
    let told = Facts { drive: Some(Drive::Double), ..Facts::default() };
    let assessment = assess_with(&twin_steer, &told, &standard_profile());
    assert_eq!(assessment.most_favourable_kg, Some(Kilograms(46_000)));
    assert!(assessment.derivation.contains(&Step::DriveContradicted));
    // where a spacing is unclear, the pattern does not contradict
    let unclear = vehicle(&[8_000; 6], &[2_200, 3_600, 6_500, 1_310, 1_310]);
    let assessment = assess_with(&unclear, &told, &standard_profile());
    assert!(!assessment.derivation.contains(&Step::DriveContradicted));
}

#[test]
fn an_axle_group_case_is_held_against_air_suspension_that_nobody_excluded() {
    let mut profile = standard_profile();
    profile.axle_group_case_beyond = Some(PerMyriad(0));
    // 18 000 kg, or 19 000 kg with air suspension
    let suffices = |load: u32, suspension| {
        let passage = vehicle(&[6_000, load, load], &[3_600, 1_350]);
        let facts = Facts { suspension, ..Facts::default() };
        let assessment = assess_with(&passage, &facts, &profile);
        let against = obstacles(&passage, &assessment, &profile);
        assert_eq!(assessment.groups[1].excess_kg, Some(Kilograms(load * 2 - 18_000)));
        !against.contains(&crate::pipeline::record::Unenforceable::AxleGroupOnly)
    };
    assert!(suffices(9_001, Some(Suspension::Plain)));
    assert!(!suffices(9_001, None));
    assert!(!suffices(9_500, None));
    assert!(suffices(9_501, None));
}
