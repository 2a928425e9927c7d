//! What must hold for any vehicle, however strange its measurement.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use proptest::collection::vec;
use proptest::prelude::*;
use wimd::clock::Timestamp;
use wimd::config::limits::standard_profile;
use wimd::pipeline::assess::{
    Accuracy, AccuracyClass, Assessment, Facts, LaneLaw, Profile, Stage, Tolerance, ToleranceKind,
    assess, assess_with, obstacles,
};
use wimd::pipeline::grouping::CodeScheme;
use wimd::pipeline::limits::{Drive, Suspension};
use wimd::pipeline::passage::{
    Axle, DeviceGroups, Direction, Passage, PassageSource, QualityFlag, TimeMapping, Tyres,
};
use wimd::pipeline::record::Unenforceable;
use wimd::units::{Kilograms, Lane, Millimetres, PerMyriad};

/// Noon of 2026-11-23 in China.
const NOON: Timestamp = Timestamp(1_795_406_400_000_000);

#[derive(Clone, Debug)]
struct Wheelset {
    load: Option<u32>,
    spacing: Option<u32>,
    tyres: Tyres,
}

fn passage(axles: &[Wheelset]) -> Passage {
    Passage {
        source: PassageSource { controller: 1, boot_id: 1, vehicle: 1 },
        lane: Lane(1),
        direction: Direction::WithTraffic,
        began_at: NOON,
        ended_at: NOON,
        received_at: NOON,
        axles: axles
            .iter()
            .map(|axle| Axle {
                at: NOON,
                load_kg: axle.load.map(Kilograms),
                left_kg: None,
                right_kg: None,
                spacing_mm: axle.spacing.map(Millimetres),
                speed_dkmh: None,
                tyres: axle.tyres,
            })
            .collect(),
        reported_gross_kg: None,
        length_mm: None,
        speed_dkmh: None,
        acceleration_mmps2: None,
        temperature_dc: None,
        device_groups: None,
        trigger_id: None,
        flags: Vec::new(),
        scale: None,
        time: TimeMapping::default(),
        raw_sha256: String::new(),
    }
}

fn tyres() -> impl Strategy<Value = Tyres> {
    prop_oneof![Just(Tyres::Single), Just(Tyres::Dual), Just(Tyres::Unknown)]
}

/// Spacings near every threshold of grouping and limits.
fn spacing() -> impl Strategy<Value = Option<u32>> {
    prop_oneof![
        Just(None),
        prop_oneof![Just(999_u32), Just(1_299), Just(1_350), Just(1_400), Just(1_800)]
            .prop_map(Some),
        (1_990_u32..2_510).prop_map(Some),
        (2_600_u32..8_000).prop_map(Some),
    ]
}

/// A vehicle that can be judged.
fn sane() -> impl Strategy<Value = Vec<Wheelset>> {
    let axle = (1_u32..=39_000, spacing(), tyres()).prop_map(|(load, spacing, tyres)| Wheelset {
        load: Some(load),
        spacing,
        tyres,
    });
    vec(axle, 2..=20)
}

/// Anything that fits the types.
fn anything() -> impl Strategy<Value = Vec<Wheelset>> {
    let number = prop_oneof![any::<u32>(), Just(0), Just(u32::MAX)];
    let axle = (prop::option::of(number.clone()), prop::option::of(number), tyres())
        .prop_map(|(load, spacing, tyres)| Wheelset { load, spacing, tyres });
    vec(axle, 0..=25)
}

fn facts() -> impl Strategy<Value = Facts> {
    let suspension = prop_oneof![Just(Suspension::Plain), Just(Suspension::Air)];
    let drive = prop_oneof![Just(Drive::Single), Just(Drive::Double)];
    (
        prop::option::of(suspension),
        prop::option::of(drive),
        prop::option::of(any::<bool>()),
        prop::option::of(prop_oneof![1_u32..60_000, any::<u32>()]),
        prop::option::of(any::<bool>()),
    )
        .prop_map(|(suspension, drive, wide_tyres, registered, dump_truck)| Facts {
            suspension,
            drive,
            wide_tyres,
            registered: registered.map(Kilograms),
            farm_vehicle: None,
            dump_truck,
        })
}

fn tolerance() -> impl Strategy<Value = ToleranceKind> {
    prop_oneof![
        Just(ToleranceKind::None),
        any::<u32>().prop_map(|part| ToleranceKind::Deduct(PerMyriad(part))),
        (0_u32..2_000).prop_map(|part| ToleranceKind::Deduct(PerMyriad(part))),
        any::<u32>().prop_map(|factor| ToleranceKind::LimitFactor(PerMyriad(factor))),
        (10_000_u32..12_100).prop_map(|factor| ToleranceKind::LimitFactor(PerMyriad(factor))),
    ]
}

fn profile(tolerance: ToleranceKind, air: bool, accuracy: bool) -> Profile {
    let mut profile = standard_profile();
    profile.tolerance = Tolerance { id: "any".into(), kind: tolerance };
    if air {
        profile.unknown_suspension = Suspension::Air;
    }
    profile.apply_axle_sum = air;
    profile.lanes = vec![LaneLaw {
        accuracy: accuracy.then_some(Accuracy {
            class: AccuracyClass::C5,
            stage: Stage::InService,
            interval_kg: Some(Kilograms(u32::MAX)),
        }),
        codes: Some(CodeScheme::OneToNine),
        ..LaneLaw::default()
    }];
    profile
}

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
        (air, accuracy, flagged) in any::<(bool, bool, bool)>(),
    ) {
        let mut passage = passage(&axles);
        passage.device_groups = codes.map(|codes| DeviceGroups { codes });
        passage.began_at = if flagged { NOON } else { Timestamp(began_at) };
        passage.length_mm = length.map(Millimetres);
        if flagged {
            passage.flags = vec![QualityFlag::Braking];
        }
        let profile = profile(tolerance, air, accuracy);
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
        let profile = profile(tolerance, false, false);
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
    fn one_more_unknown_never_lowers_the_limit_that_supports_a_case(
        axles in sane(),
        facts in facts(),
        index in any::<prop::sample::Index>(),
        what in 0..6,
    ) {
        let profile = standard_profile();
        let known = assess_with(&passage(&axles), &facts, &profile);
        let (mut vague, mut fewer) = (axles, facts);
        let index = index.index(vague.len());
        match what {
            0 => vague[index].spacing = None,
            1 => vague[index].tyres = Tyres::Unknown,
            2 => fewer.suspension = None,
            // That a second axle is driven speaks for the vehicle, also where the pattern has no
            // room for it; to forget that is not to know less against it.
            3 if fewer.drive == Some(Drive::Single) => fewer.drive = None,
            4 => fewer.wide_tyres = None,
            _ => fewer.registered = None,
        }
        let unknown = assess_with(&passage(&vague), &fewer, &profile);
        prop_assert!(
            ceiling(&unknown) >= ceiling(&known),
            "{:?} then {:?}", known.readings, unknown.readings
        );
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
