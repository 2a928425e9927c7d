use super::*;
use crate::pipeline::grouping::CodeScheme;
use crate::pipeline::passage::{DeviceGroups, QualityFlag, ScaleIdentity};
use crate::pipeline::record::Unenforceable;
use crate::units::{DeciKmh, Lane, MillimetresPerSecond2};

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
    let passage =
        certified(vehicle(&[7_000, 7_000, 9_000, 9_000], &[1_800, 3_500, 1_350]), 20_261_231);
    let assessment = assess(&passage, &standard_profile());
    assert_eq!(assessment.verdict, Verdict::Overload);
    assert_eq!(reasons(&passage, &standard_profile()), [Unenforceable::LimitAmbiguous]);
}

#[test]
fn a_certificate_that_is_absent_expired_or_without_end_is_an_obstacle() {
    let profile = standard_profile();
    let expired = certified(six(58_000), 20_261_122);
    let endless = certified(six(58_000), 0);
    assert_eq!(
        [reasons(&six(58_000), &profile), reasons(&expired, &profile), reasons(&endless, &profile)],
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
    assert_eq!(reasons(&passage, &profile), [Unenforceable::CertificateExpired]);
}

#[test]
fn an_abnormal_pass_gets_no_verdict_and_a_restless_one_cannot_be_enforced() {
    let profile = standard_profile();
    let mut straddler = certified(six(58_000), 20_261_231);
    straddler.flags = vec![QualityFlag::Straddling];
    let judged = assess(&straddler, &profile);
    assert_eq!(
        (judged.verdict, judged.not_assessable, judged.limit_kg),
        (Verdict::NotAssessable, vec![NotAssessable::Straddling], None)
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
    let driven = |speed: Option<u16>, acceleration: Option<i16>| {
        let mut passage = certified(six(58_000), 20_261_231);
        passage.speed_dkmh = speed.map(DeciKmh);
        passage.acceleration_mmps2 = acceleration.map(MillimetresPerSecond2);
        reasons(&passage, &profile)
    };
    assert_eq!(
        [
            driven(Some(800), Some(-500)),
            driven(Some(801), Some(0)),
            driven(None, Some(0)),
            driven(Some(50), Some(i16::MIN)),
            driven(Some(50), None),
        ],
        [
            vec![],
            vec![Unenforceable::SpeedOutOfRange],
            vec![Unenforceable::SpeedOutOfRange],
            vec![Unenforceable::Manoeuvre],
            vec![Unenforceable::Manoeuvre],
        ]
    );
}

#[test]
fn groups_of_the_device_that_disagree_are_never_chosen_silently() {
    let profile = lane(|lane| lane.codes = Some(CodeScheme::OneToSeven));
    let mut passage = certified(six(58_000), 20_261_231);
    passage.device_groups = Some(DeviceGroups { codes: vec![1, 2, 5, 5] });
    let assessment = assess(&passage, &profile);
    assert_eq!(
        (assessment.device_groups, assessment.limit_kg),
        (DeviceAgreement::Disagrees, Some(Kilograms(49_000)))
    );
    assert_eq!(reasons(&passage, &profile), [Unenforceable::GroupingUncertain]);
}

#[test]
fn an_overload_on_an_axle_group_only_is_told_but_is_no_overload() {
    let passage = certified(vehicle(&[5_000, 12_000], &[4_500]), 20_261_231);
    let assessment = assess(&passage, &standard_profile());
    let groups: Vec<_> = assessment
        .groups
        .iter()
        .map(|group| (group.limit_id.as_deref(), group.excess_kg, group.rate_permyriad))
        .collect();
    assert_eq!(
        groups,
        [
            (Some("gb16-ax1-single-w425"), Some(Kilograms(0)), Some(PerMyriad(0))),
            (Some("gb16-ax1-drive-w445"), Some(Kilograms(500)), Some(PerMyriad(435))),
        ]
    );
    assert_eq!(
        (assessment.verdict, assessment.axle_overload, assessment.basis),
        (Verdict::Compliant, true, Some(Basis::AxleGroup))
    );
    assert_eq!(reasons(&passage, &standard_profile()), [Unenforceable::AxleGroupOnly]);
}

#[test]
fn an_axle_group_supports_a_case_only_beyond_the_margin_that_the_site_sets() {
    // 11 960 kg on an axle of 11 500 kg are 4.00 % over
    let over = |load| certified(vehicle(&[5_000, load], &[4_500]), 20_261_231);
    let with = |margin: Option<u32>, load| {
        let mut profile = standard_profile();
        profile.axle_group_case_beyond = margin.map(PerMyriad);
        reasons(&over(load), &profile)
    };
    let only = vec![Unenforceable::AxleGroupOnly];
    assert_eq!(
        [
            with(None, 13_000),
            with(Some(400), 11_960),
            with(Some(400), 11_961),
            with(Some(0), 11_501),
            with(Some(0), 11_500),
        ],
        [only.clone(), only, vec![], vec![], vec![Unenforceable::NotOverload]]
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
