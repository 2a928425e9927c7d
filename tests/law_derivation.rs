//! The derivation alone gives every figure of the verdict again.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use proptest::prelude::*;
use wimd::pipeline::assess::{Alarm, Assessment, Step, Tier, Verdict, assess_with};
use wimd::units::{Kilograms, PerMyriad};

mod law_support;

use law_support::{facts, passage, profile, sane, tolerance};

/// Figures that the steps of a derivation lead to. Each is computed from the inputs of the steps
/// by its own arithmetic, never taken from an outcome that another step could have made up.
#[derive(Debug, Default, PartialEq)]
struct Figures {
    gross: u32,
    deduction: u32,
    limit: u32,
    judged_limit: u32,
    excess: u32,
    rate: u32,
    raw_rate: u32,
    guard: Option<u32>,
    most_favourable: u32,
    verdict: Option<Verdict>,
    over_every_reading: bool,
    tier: Option<Tier>,
    alarms: Vec<Alarm>,
}

fn half_up(numerator: u64, denominator: u64) -> u32 {
    u32::try_from((numerator * 2 + denominator) / (denominator * 2)).unwrap()
}

/// Per-myriad.
fn rate(part: u32, whole: u32) -> u32 {
    half_up(u64::from(part) * 10_000, u64::from(whole))
}

fn of(limit: u32, permyriad: PerMyriad) -> u32 {
    u32::try_from(u64::from(limit) * u64::from(permyriad.0) / 10_000).unwrap_or(u32::MAX)
}

/// The limit after one step about limits.
fn limit_after(step: &Step, limit: u32) -> u32 {
    match step {
        Step::LimitChosen { row_kg, .. } => row_kg.0,
        Step::SingleTyres { axles, each_kg, .. } => limit - u32::from(*axles) * each_kg.0,
        Step::RegisteredMass { registered_kg, .. } => limit.min(registered_kg.0),
        Step::Wheelbase { wheelbase_mm, .. } => limit.min(wheelbase_mm.0 * 5),
        Step::AxleSum { sum_kg, limit_kg: Some(_) } => limit.min(sum_kg.0),
        _ => limit,
    }
}

fn recomputed(steps: &[Step]) -> Figures {
    let mut found = Figures::default();
    let (mut factor, mut error, mut least) = (PerMyriad(10_000), None, 0);
    for step in steps {
        found.limit = limit_after(step, found.limit);
        match step {
            Step::SumOfAxles { loads_kg, .. } => {
                found.gross = loads_kg.iter().map(|load| load.unwrap().0).sum();
            }
            Step::MoreFavourable { limit_kg, .. } => found.most_favourable = limit_kg.0,
            Step::Tolerance { deduct_permyriad, factor_permyriad, .. } => {
                found.deduction =
                    half_up(u64::from(found.gross) * u64::from(deduct_permyriad.0), 10_000);
                factor = *factor_permyriad;
            }
            Step::GuardBand { permissible_permyriad, least_kg, .. } => {
                error = Some(*permissible_permyriad);
                least = least_kg.0;
            }
            Step::Tier { from_permyriad, to_permyriad } => {
                let (from_permyriad, to_permyriad) = (*from_permyriad, *to_permyriad);
                found.tier = Some(Tier { from_permyriad, to_permyriad });
            }
            _ => {}
        }
    }
    found.most_favourable = found.most_favourable.max(found.limit);
    let corrected = found.gross - found.deduction;
    let guard = |limit| error.map_or(0, |error| of(limit, error).max(least));
    found.judged_limit = of(found.limit, factor);
    found.excess = corrected.saturating_sub(found.judged_limit);
    found.rate = rate(found.excess, found.judged_limit);
    found.raw_rate = rate(found.gross.saturating_sub(found.limit), found.limit);
    found.guard = error.map(|_| guard(found.judged_limit));
    let hundred_percent = (found.rate >= 10_000).then_some(Alarm::HundredPercent);
    let hundred_tonnes = (found.gross >= 100_000).then_some(Alarm::HundredTonnes);
    found.alarms.extend(hundred_tonnes.into_iter().chain(hundred_percent));
    let over = |limit: u32| corrected > limit.saturating_add(guard(limit));
    found.over_every_reading = over(of(found.most_favourable, factor));
    found.verdict = Some(match (found.excess > 0, over(found.judged_limit)) {
        (false, _) => Verdict::Compliant,
        (true, false) => Verdict::Uncertain,
        (true, true) => Verdict::Overload,
    });
    found
}

fn stated(assessment: &Assessment) -> Figures {
    let kg = |mass: Option<Kilograms>| mass.unwrap().0;
    Figures {
        gross: kg(assessment.gross_kg),
        deduction: kg(assessment.deduction_kg),
        limit: kg(assessment.limit_kg),
        judged_limit: kg(assessment.judged_limit_kg),
        excess: kg(assessment.excess_kg),
        rate: assessment.rate_permyriad.unwrap().0,
        raw_rate: assessment.raw_rate_permyriad.unwrap().0,
        guard: assessment.guard_kg.map(|guard| guard.0),
        most_favourable: kg(assessment.most_favourable_kg),
        verdict: Some(assessment.verdict),
        over_every_reading: assessment.over_every_reading,
        tier: assessment.tier,
        alarms: assessment.alarms.clone(),
    }
}

/// What the steps say that came out, where several steps say something about one thing.
fn outcomes(steps: &[Step], assessment: &Assessment) {
    for step in steps {
        match step {
            Step::SumOfAxles { gross_kg, .. } => assert_eq!(*gross_kg, assessment.gross_kg),
            Step::Tolerance { deducted_kg, corrected_kg, limit_kg, judged_limit_kg, .. } => {
                assert_eq!(Some(*deducted_kg), assessment.deduction_kg);
                assert_eq!(Some(*corrected_kg), assessment.corrected_gross_kg);
                assert_eq!(Some(*limit_kg), assessment.limit_kg);
                assert_eq!(Some(*judged_limit_kg), assessment.judged_limit_kg);
            }
            Step::Excess { corrected_kg, judged_limit_kg, excess_kg, rate_permyriad } => {
                assert_eq!(Some(*corrected_kg), assessment.corrected_gross_kg);
                assert_eq!(Some(*judged_limit_kg), assessment.judged_limit_kg);
                assert_eq!(Some(*excess_kg), assessment.excess_kg);
                assert_eq!(Some(*rate_permyriad), assessment.rate_permyriad);
            }
            Step::GuardBand { guard_kg, threshold_kg, .. } => {
                assert_eq!(Some(*guard_kg), assessment.guard_kg);
                let limit = assessment.judged_limit_kg.unwrap();
                assert_eq!(threshold_kg.0, limit.0.saturating_add(guard_kg.0));
            }
            Step::EveryReading { over, .. } => assert_eq!(*over, assessment.over_every_reading),
            Step::Verdict { verdict } => assert_eq!(*verdict, assessment.verdict),
            _ => {}
        }
    }
    let alarms: Vec<Alarm> = steps
        .iter()
        .filter_map(|step| if let Step::Alarm { alarm } = step { Some(*alarm) } else { None })
        .collect();
    assert_eq!(alarms, assessment.alarms);
}

/// The axle groups that the steps call over, with excess and rate computed again.
fn groups_over(steps: &[Step]) -> Vec<(u8, u8, u32, u32)> {
    let over = steps.iter().filter_map(|step| {
        let Step::AxleGroup { first_axle, axles, load_kg, limit_kg, .. } = step else {
            return None;
        };
        let excess = load_kg.0 - limit_kg.0;
        Some((*first_axle, *axles, excess, rate(excess, limit_kg.0)))
    });
    over.collect()
}

proptest! {
    #[test]
    fn every_figure_of_the_verdict_comes_out_of_the_steps_alone(
        axles in sane(),
        facts in facts(),
        tolerance in tolerance(),
        air in any::<bool>(),
        interval in prop::option::of(0_u32..200),
    ) {
        let assessment = assess_with(&passage(&axles), &facts, &profile(tolerance, air, interval));
        let steps = &assessment.derivation;
        prop_assert_eq!(recomputed(steps), stated(&assessment), "{:#?}", steps);
        outcomes(steps, &assessment);
        let rate = assessment.rate_permyriad.unwrap();
        let within = |tier: Tier| {
            tier.from_permyriad <= rate && tier.to_permyriad.is_none_or(|to| rate < to)
        };
        prop_assert_eq!(assessment.tier.map(within), (assessment.excess_kg.unwrap().0 > 0).then_some(true));
        let certain = assessment.groups.iter().filter(|group| group.certain);
        let over: Vec<_> = certain
            .filter_map(|group| {
                let excess = group.excess_kg.filter(|excess| excess.0 > 0)?;
                Some((group.first_axle, group.axles, excess.0, group.rate_permyriad?.0))
            })
            .collect();
        prop_assert_eq!(groups_over(steps), over);
    }
}
