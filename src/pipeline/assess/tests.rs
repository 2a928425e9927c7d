mod enforcement;
mod narrowing;

use super::example::vehicle;
use super::*;
use crate::config::limits::standard_profile;
use crate::pipeline::limits::Suspension;
use crate::units::{Kilograms, Millimetres, PerMyriad};

/// Six axles 1+2+3 of this gross mass: limit 49 000 kg.
fn six(gross: u32) -> Passage {
    let front = gross - 5 * (gross / 6);
    let others = [gross / 6; 5];
    let loads: Vec<u32> = std::iter::once(front).chain(others).collect();
    vehicle(&loads, &[3_300, 1_350, 6_500, 1_310, 1_310])
}

fn lane(change: impl FnOnce(&mut LaneLaw)) -> Profile {
    let mut law = LaneLaw::default();
    change(&mut law);
    let mut profile = standard_profile();
    profile.lanes = vec![law];
    profile
}

fn tolerance(kind: ToleranceKind) -> Profile {
    let mut profile = standard_profile();
    profile.tolerance = Tolerance { id: "local".into(), kind };
    profile
}

#[test]
fn over_by_less_than_the_permissible_error_is_uncertain() {
    let profile = lane(|lane| {
        lane.accuracy =
            Some(Accuracy { class: AccuracyClass::C5, stage: Stage::InService, interval_kg: None });
    });
    let verdict = |gross| assess(&six(gross), &profile).verdict;
    assert_eq!(
        [49_000, 49_001, 51_450, 51_451].map(verdict),
        [Verdict::Compliant, Verdict::Uncertain, Verdict::Uncertain, Verdict::Overload]
    );
}

#[test]
fn a_deduction_leaves_the_raw_mass_and_both_rates() {
    let assessment = assess(&six(58_000), &tolerance(ToleranceKind::Deduct(PerMyriad(500))));
    assert_eq!(
        (
            assessment.gross_kg,
            assessment.deduction_kg,
            assessment.corrected_gross_kg,
            assessment.excess_kg,
            assessment.rate_permyriad,
            assessment.raw_rate_permyriad,
        ),
        (
            Some(Kilograms(58_000)),
            Some(Kilograms(2_900)),
            Some(Kilograms(55_100)),
            Some(Kilograms(6_100)),
            Some(PerMyriad(1_245)),
            Some(PerMyriad(1_837)),
        )
    );
}

#[test]
fn a_limit_factor_ends_at_100_t() {
    let profile = tolerance(ToleranceKind::LimitFactor(PerMyriad(11_000)));
    let judged = |gross| {
        let assessment = assess(&six(gross), &profile);
        (assessment.judged_limit_kg, assessment.excess_kg)
    };
    assert_eq!(
        [judged(99_999), judged(100_000)],
        [
            (Some(Kilograms(53_900)), Some(Kilograms(46_099))),
            (Some(Kilograms(49_000)), Some(Kilograms(51_000))),
        ]
    );
}

#[test]
fn both_alarms_and_the_bucket_follow_mass_and_rate() {
    let told = |gross| {
        let assessment = assess(&six(gross), &standard_profile());
        (assessment.alarms, assessment.tier.map(|tier| tier.from_permyriad.0))
    };
    assert_eq!(
        [49_000, 53_900, 97_999, 98_000, 100_000].map(told),
        [
            (vec![], None),
            (vec![], Some(1_000)),
            (vec![Alarm::HundredPercent], Some(10_000)),
            (vec![Alarm::HundredPercent], Some(10_000)),
            (vec![Alarm::HundredTonnes, Alarm::HundredPercent], Some(10_000)),
        ]
    );
}

#[test]
fn a_group_that_depends_on_an_uncertain_spacing_decides_nothing() {
    let passage = vehicle(&[7_000, 15_000, 15_000], &[3_600, 2_200]);
    let assessment = assess(&passage, &standard_profile());
    let groups: Vec<_> = assessment
        .groups
        .iter()
        .map(|group| (group.first_axle, group.axles, group.certain))
        .collect();
    assert_eq!(groups, [(1, 1, true), (2, 1, false), (3, 1, false), (2, 2, false)]);
    assert!(!assessment.axle_overload);
}

#[test]
fn unknown_suspension_is_plain_unless_the_profile_says_air() {
    let passage = vehicle(&[7_000, 9_500, 9_500], &[3_600, 1_350]);
    let mut profile = standard_profile();
    assert_eq!(assess(&passage, &profile).limit_kg, Some(Kilograms(25_000)));
    profile.unknown_suspension = Suspension::Air;
    assert_eq!(assess(&passage, &profile).limit_kg, Some(Kilograms(26_000)));
}

#[test]
fn the_wheelbase_bounds_a_four_axle_truck_that_is_known_not_to_tip() {
    let passage = vehicle(&[6_000; 4], &[1_700, 2_600, 1_350]);
    let facts = Facts { dump_truck: Some(false), ..Facts::default() };
    let assessment = assess_with(&passage, &facts, &standard_profile());
    assert_eq!(assessment.limit_kg, Some(Kilograms(28_250)));
    assert_eq!(assessment.readings[0].adjustments, [Adjustment::AdjWheelbase]);
}

#[test]
fn a_vehicle_shorter_than_its_axles_cannot_be_judged() {
    let mut passage = six(58_000);
    passage.length_mm = Some(Millimetres(13_769));
    assert_eq!(
        assess(&passage, &standard_profile()).not_assessable,
        [NotAssessable::SpacingsExceedLength]
    );
    passage.length_mm = Some(Millimetres(13_770));
    assert_eq!(assess(&passage, &standard_profile()).verdict, Verdict::Overload);
}

#[test]
fn the_widest_spacing_of_a_group_decides_its_limit() {
    let passage = vehicle(&[7_000; 6], &[3_300, 1_350, 6_500, 1_290, 1_350]);
    let assessment = assess(&passage, &standard_profile());
    let last = assessment.groups.last().unwrap();
    assert_eq!(
        (last.limit_id.as_deref(), last.limit_kg),
        (Some("gb16-ax3-1300"), Some(Kilograms(24_000)))
    );
}

#[test]
fn every_table_that_was_consulted_stands_in_the_record_with_its_digest() {
    let digest = |id: &str| {
        let tables = crate::config::limits::standard();
        tables.get(id).unwrap().head().sha256.clone()
    };
    let consulted = |passage: &Passage| {
        let assessment = assess(passage, &standard_profile());
        let other = assessment.other_tables.into_iter().map(|one| (one.id, one.sha256));
        let first = (assessment.table, assessment.table_sha256);
        std::iter::once(first).chain(other).collect::<Vec<_>>()
    };
    let all = |ids: [&str; 3]| ids.map(|id| (id.into(), digest(id))).to_vec();
    assert_eq!(consulted(&six(49_000)), all(["mot124-2016", "mot62-2016", "gb1589-2016"]));
    // a pattern that 124号 does not draw has its limit from GB 1589
    let undrawn = vehicle(&[9_000; 4], &[3_600, 1_310, 1_310]);
    assert_eq!(consulted(&undrawn), all(["mot124-2016", "gb1589-2016", "mot62-2016"]));
}

#[test]
fn a_reading_with_a_lower_limit_makes_the_limit_ambiguous_too() {
    let ambiguous = |passage: &Passage| assess(passage, &standard_profile()).limit_ambiguous;
    // 49 000 kg, or 46 000 kg with a single drive axle
    assert!(ambiguous(&six(49_000)));
    assert!(!ambiguous(&vehicle(&[7_000, 11_000], &[4_500])));
}
