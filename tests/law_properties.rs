//! What must hold for any vehicle, however strange its measurement.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod law_support;

use law_support::{NOON, UNKNOWNS, anything, described, facts, passage, profile, sane, tolerance};
use proptest::collection::vec;
use proptest::prelude::*;
use wimd::clock::Timestamp;
use wimd::config::limits::standard_profile;
use wimd::pipeline::assess::{Assessment, assess, assess_with, obstacles};
use wimd::pipeline::passage::{DeviceGroups, QualityFlag};
use wimd::pipeline::record::Unenforceable;
use wimd::units::Millimetres;

/// The highest limit that a gross mass must exceed to support a case.
fn ceiling(assessment: &Assessment) -> u32 {
    assessment.most_favourable_kg.unwrap().0
}

proptest! {
    #[test]
    fn nothing_panics_or_overflows_and_json_comes_back_as_it_went(
        axles in anything(),
        facts in facts(),
        tolerance in tolerance(),
        codes in prop::option::of(vec(any::<u8>(), 0..=25)),
        began_at in any::<i64>(),
        length in prop::option::of(any::<u32>()),
        (air, flagged) in any::<(bool, bool)>(),
        interval in prop::option::of(any::<u32>()),
    ) {
        let mut passage = passage(&axles);
        passage.device_groups = codes.map(|codes| DeviceGroups { codes });
        passage.began_at = if flagged { NOON } else { Timestamp(began_at) };
        passage.length_mm = length.map(Millimetres);
        if flagged {
            passage.flags = vec![QualityFlag::Braking];
        }
        let profile = profile(tolerance, air, interval);
        let assessment = assess_with(&passage, &facts, &profile);
        let found = obstacles(&passage, &assessment, &profile);
        prop_assert!(found.contains(&Unenforceable::NoCertificate));
        let json = serde_json::to_string(&assessment).unwrap();
        prop_assert_eq!(serde_json::from_str::<Assessment>(&json).unwrap(), assessment);
    }

    #[test]
    fn more_load_never_lowers_excess_or_rate(
        axles in sane(),
        facts in facts(),
        tolerance in tolerance(),
        index in any::<prop::sample::Index>(),
        more in 1_u32..1_000,
    ) {
        let profile = profile(tolerance, false, None);
        let light = assess_with(&passage(&axles), &facts, &profile);
        let mut heavier = axles;
        let index = index.index(heavier.len());
        heavier[index].load = heavier[index].load.map(|load| load + more);
        let heavy = assess_with(&passage(&heavier), &facts, &profile);
        prop_assert_eq!(heavy.limit_kg, light.limit_kg);
        prop_assert!(heavy.excess_kg >= light.excess_kg);
        prop_assert!(heavy.rate_permyriad >= light.rate_permyriad);
        prop_assert!(heavy.raw_rate_permyriad >= light.raw_rate_permyriad);
    }

    #[test]
    fn one_more_unknown_never_lowers_a_limit_that_supports_a_case(
        known in described(),
        (tolerance, air, interval) in (tolerance(), any::<bool>(), prop::option::of(0_u32..200)),
        index in any::<prop::sample::Index>(),
        what in 0..UNKNOWNS,
    ) {
        let profile = profile(tolerance, air, interval);
        let mut vague = known.clone();
        vague.forget(what, index.index(known.axles.len()));
        let (known, unknown) = (known.assess(&profile), vague.assess(&profile));
        prop_assert!(
            ceiling(&unknown) >= ceiling(&known),
            "{:#?} then {:#?}", known.readings, unknown.readings
        );
        for group in known.groups.iter().filter(|group| group.certain) {
            let same = unknown.groups.iter().find(|other| {
                other.certain && (other.first_axle, other.axles) == (group.first_axle, group.axles)
            });
            if let Some(same) = same {
                prop_assert!(
                    same.most_favourable_kg >= group.most_favourable_kg,
                    "{:#?} then {:#?}", group, same
                );
            }
        }
    }

    #[test]
    fn what_length_and_tyres_exclude_lowers_no_limit(
        known in described(),
        (tolerance, air, interval) in (tolerance(), any::<bool>(), prop::option::of(0_u32..200)),
    ) {
        let profile = profile(tolerance, air, interval);
        let mut vague = known.clone();
        vague.length = None;
        let (known, unknown) = (known.assess(&profile), vague.assess(&profile));
        let limits = |one: &Assessment| (one.limit_kg, one.most_favourable_kg, one.verdict);
        prop_assert_eq!(limits(&known), limits(&unknown));
        for reading in &known.readings {
            prop_assert!(unknown.readings.contains(reading));
        }
    }

    #[test]
    fn the_regimes_limit_is_never_above_the_most_favourable_and_decides_alone(
        axles in sane(),
        facts in facts(),
    ) {
        let assessment = assess_with(&passage(&axles), &facts, &standard_profile());
        let limit = assessment.limit_kg.unwrap();
        prop_assert!(limit.0 <= ceiling(&assessment));
        let gross = assessment.gross_kg.unwrap();
        let over = assessment.verdict == wimd::pipeline::assess::Verdict::Overload;
        prop_assert_eq!(over, gross > limit);
        prop_assert_eq!(assessment.over_every_reading, gross.0 > ceiling(&assessment));
    }

    #[test]
    fn the_order_of_flags_does_not_matter(
        axles in sane(),
        flags in Just(vec![QualityFlag::MissingAxle, QualityFlag::OffScale, QualityFlag::Braking])
            .prop_shuffle(),
    ) {
        let mut passage = passage(&axles);
        passage.flags = vec![QualityFlag::MissingAxle, QualityFlag::OffScale, QualityFlag::Braking];
        let profile = standard_profile();
        let sorted = assess(&passage, &profile);
        passage.flags = flags;
        prop_assert_eq!(assess(&passage, &profile), sorted);
    }
}
