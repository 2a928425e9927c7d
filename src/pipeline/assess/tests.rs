use super::example::vehicle;
use super::*;
use crate::config::limits::standard_profile;
use crate::pipeline::grouping::CodeScheme;
use crate::pipeline::limits::Suspension;
use crate::pipeline::passage::{DeviceGroups, QualityFlag, ScaleIdentity};
use crate::pipeline::record::Unenforceable;
use crate::units::{DeciKmh, Kilograms, Lane, Millimetres, MillimetresPerSecond2, PerMyriad};

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
    profile.tolerance = Tolerance {
        id: "local".into(),
        kind,
    };
    profile
}

fn reasons(passage: &Passage, profile: &Profile) -> Vec<Unenforceable> {
    obstacles(passage, &assess(passage, profile), profile)
}

/// A scale with a certificate that holds on the day of the example.
fn certified(mut passage: Passage, expiry: u32) -> Passage {
    passage.scale = Some(ScaleIdentity {
        certificate: "C-1".to_owned(),
        certificate_expiry: Some(expiry),
        ..ScaleIdentity::default()
    });
    passage
}

#[test]
fn a_certified_overload_beyond_every_reading_has_no_obstacle() {
    let passage = certified(six(58_000), 20_261_123);
    assert_eq!(reasons(&passage, &standard_profile()), []);
}

#[test]
fn over_the_profiles_limit_but_not_over_every_reading_is_ambiguous() {
    let passage = certified(
        vehicle(&[7_000, 7_000, 9_000, 9_000], &[1_800, 3_500, 1_350]),
        20_261_231,
    );
    let assessment = assess(&passage, &standard_profile());
    assert_eq!(assessment.verdict, Verdict::Overload);
    assert_eq!(
        reasons(&passage, &standard_profile()),
        [Unenforceable::LimitAmbiguous]
    );
}

#[test]
fn a_certificate_that_is_absent_expired_or_without_end_is_an_obstacle() {
    let profile = standard_profile();
    let expired = certified(six(58_000), 20_261_122);
    let endless = certified(six(58_000), 0);
    assert_eq!(
        [
            reasons(&six(58_000), &profile),
            reasons(&expired, &profile),
            reasons(&endless, &profile)
        ],
        [
            vec![Unenforceable::NoCertificate],
            vec![Unenforceable::CertificateExpired],
            vec![Unenforceable::NoCertificate]
        ]
    );
}

#[test]
fn the_configured_certificate_counts_before_the_scales_own() {
    let profile = lane(|lane| {
        lane.certificate = Some(Certificate {
            number: "C-2".into(),
            institution: "provincial metrology".into(),
            expiry: Day::from_yyyymmdd(20_261_122),
        });
    });
    let passage = certified(six(58_000), 20_301_231);
    assert_eq!(
        reasons(&passage, &profile),
        [Unenforceable::CertificateExpired]
    );
}

#[test]
fn over_by_less_than_the_permissible_error_is_uncertain() {
    let profile = lane(|lane| {
        lane.accuracy = Some(Accuracy {
            class: AccuracyClass::C5,
            stage: Stage::InService,
            interval_kg: None,
        });
    });
    let verdict = |gross| assess(&six(gross), &profile).verdict;
    assert_eq!(
        [49_000, 49_001, 51_450, 51_451].map(verdict),
        [
            Verdict::Compliant,
            Verdict::Uncertain,
            Verdict::Uncertain,
            Verdict::Overload
        ]
    );
}

#[test]
fn a_deduction_leaves_the_raw_mass_and_both_rates() {
    let assessment = assess(
        &six(58_000),
        &tolerance(ToleranceKind::Deduct(PerMyriad(500))),
    );
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
        (
            assessment.alarms,
            assessment.tier.map(|tier| tier.from_permyriad.0),
        )
    };
    assert_eq!(
        [49_000, 53_900, 97_999, 98_000, 100_000].map(told),
        [
            (vec![], None),
            (vec![], Some(1_000)),
            (vec![Alarm::HundredPercent], Some(10_000)),
            (vec![Alarm::HundredPercent], Some(10_000)),
            (
                vec![Alarm::HundredTonnes, Alarm::HundredPercent],
                Some(10_000)
            ),
        ]
    );
}

#[test]
fn an_abnormal_pass_gets_no_verdict_and_a_restless_one_cannot_be_enforced() {
    let profile = standard_profile();
    let mut straddler = certified(six(58_000), 20_261_231);
    straddler.flags = vec![QualityFlag::Straddling];
    let judged = assess(&straddler, &profile);
    assert_eq!(
        (judged.verdict, judged.not_assessable, judged.limit_kg),
        (
            Verdict::NotAssessable,
            vec![NotAssessable::Straddling],
            None
        )
    );
    let mut braking = certified(six(58_000), 20_261_231);
    braking.flags = vec![QualityFlag::Braking, QualityFlag::TimeUnmapped];
    assert_eq!(assess(&braking, &profile).verdict, Verdict::Overload);
    assert_eq!(
        reasons(&braking, &profile),
        [Unenforceable::Manoeuvre, Unenforceable::ScaleTimeUnknown]
    );
}

#[test]
fn outside_the_verified_speeds_and_accelerations_nothing_is_enforceable() {
    let profile = lane(|lane| {
        lane.speed = Some((DeciKmh(50), DeciKmh(800)));
        lane.acceleration_max = Some(MillimetresPerSecond2(500));
    });
    let driven = |speed: Option<u16>, acceleration| {
        let mut passage = certified(six(58_000), 20_261_231);
        passage.speed_dkmh = speed.map(DeciKmh);
        passage.acceleration_mmps2 = Some(MillimetresPerSecond2(acceleration));
        reasons(&passage, &profile)
    };
    assert_eq!(
        [
            driven(Some(800), -500),
            driven(Some(801), 0),
            driven(None, 0),
            driven(Some(50), i16::MIN)
        ],
        [
            vec![],
            vec![Unenforceable::SpeedOutOfRange],
            vec![Unenforceable::SpeedOutOfRange],
            vec![Unenforceable::Manoeuvre]
        ]
    );
}

#[test]
fn groups_of_the_device_that_disagree_are_never_chosen_silently() {
    let profile = lane(|lane| lane.codes = Some(CodeScheme::OneToSeven));
    let mut passage = certified(six(58_000), 20_261_231);
    passage.device_groups = Some(DeviceGroups {
        codes: vec![1, 2, 5, 5],
    });
    let assessment = assess(&passage, &profile);
    assert_eq!(
        (assessment.device_groups, assessment.limit_kg),
        (DeviceAgreement::Disagrees, Some(Kilograms(49_000)))
    );
    assert_eq!(
        reasons(&passage, &profile),
        [Unenforceable::GroupingUncertain]
    );
}

#[test]
fn an_overload_on_an_axle_group_only_is_told_but_is_no_overload() {
    let passage = certified(vehicle(&[5_000, 12_000], &[4_500]), 20_261_231);
    let assessment = assess(&passage, &standard_profile());
    let groups: Vec<_> = assessment
        .groups
        .iter()
        .map(|group| {
            (
                group.limit_id.as_deref(),
                group.excess_kg,
                group.rate_permyriad,
            )
        })
        .collect();
    assert_eq!(
        groups,
        [
            (
                Some("gb16-ax1-single-w425"),
                Some(Kilograms(0)),
                Some(PerMyriad(0))
            ),
            (
                Some("gb16-ax1-drive-w445"),
                Some(Kilograms(500)),
                Some(PerMyriad(435))
            ),
        ]
    );
    assert_eq!(
        (
            assessment.verdict,
            assessment.axle_overload,
            assessment.basis
        ),
        (Verdict::Compliant, true, Some(Basis::AxleGroup))
    );
    assert_eq!(
        reasons(&passage, &standard_profile()),
        [Unenforceable::NotOverload]
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
    assert_eq!(
        groups,
        [(1, 1, true), (2, 1, false), (3, 1, false), (2, 2, false)]
    );
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
    let facts = Facts {
        dump_truck: Some(false),
        ..Facts::default()
    };
    let assessment = assess_with(&passage, &facts, &standard_profile());
    assert_eq!(assessment.limit_kg, Some(Kilograms(28_250)));
    assert_eq!(
        assessment.readings[0].adjustments,
        [Adjustment::AdjWheelbase]
    );
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
    assert_eq!(
        assess(&passage, &standard_profile()).verdict,
        Verdict::Overload
    );
}

#[test]
fn the_lane_decides_by_its_number() {
    let profile = lane(|law| {
        law.lane = Lane(2);
        law.speed = Some((DeciKmh(1), DeciKmh(2)));
    });
    let passage = certified(six(58_000), 20_261_231);
    assert_eq!(reasons(&passage, &profile), []);
}
