//! From gross mass and limit to the verdict.

use super::case::Case;
use super::{Alarm, Assessment, Basis, Profile, Step, Tier, ToleranceKind, Verdict};
use crate::units::{Kilograms, PerMyriad};

/// 百吨王: at and above this gross mass (law.md section 5).
const HUNDRED_TONNES: Kilograms = Kilograms(100_000);
/// At and above this rate there is an alarm (law.md section 5).
const HUNDRED_PERCENT: PerMyriad = PerMyriad(10_000);
/// A factor of one.
const WHOLE: PerMyriad = PerMyriad(10_000);

/// Applies tolerance and guard band to `(gross, limit)` and gives the verdict.
pub(super) fn against_limit(
    case: &Case<'_>,
    profile: &Profile,
    (gross, limit): (Kilograms, Kilograms),
    assessment: &mut Assessment,
) {
    let kind = profile.tolerance.kind;
    let deduction = deduction(kind, gross);
    let corrected = Kilograms(gross.0.saturating_sub(deduction.0));
    let judged_limit = judged(kind, gross, limit);
    let excess = Kilograms(corrected.0.saturating_sub(judged_limit.0));
    let rate = PerMyriad::of(excess, judged_limit);
    assessment.deduction_kg = Some(deduction);
    assessment.corrected_gross_kg = Some(corrected);
    assessment.judged_limit_kg = Some(judged_limit);
    assessment.excess_kg = Some(excess);
    assessment.rate_permyriad = rate;
    assessment.raw_rate_permyriad =
        PerMyriad::of(Kilograms(gross.0.saturating_sub(limit.0)), limit);
    tolerance_step(profile, (gross, limit), assessment);
    assessment.derivation.push(Step::Excess {
        corrected_kg: corrected,
        judged_limit_kg: judged_limit,
        excess_kg: excess,
        rate_permyriad: rate.unwrap_or_default(),
    });
    let certainly_over = |limit: Kilograms| {
        let guard = guard(case, limit);
        corrected.0 > limit.0.saturating_add(guard.0)
    };
    assessment.verdict = match (excess.0 > 0, certainly_over(judged_limit)) {
        (false, _) => Verdict::Compliant,
        (true, false) => Verdict::Uncertain,
        (true, true) => Verdict::Overload,
    };
    guard_step(case, judged_limit, assessment);
    every_reading(case, kind, (gross, corrected), assessment);
    conclude(profile, gross, assessment);
}

fn tolerance_step(
    profile: &Profile,
    (gross, limit): (Kilograms, Kilograms),
    assessment: &mut Assessment,
) {
    let kind = profile.tolerance.kind;
    if kind == ToleranceKind::None {
        return;
    }
    let deduct = match kind {
        ToleranceKind::Deduct(part) => part.min(WHOLE),
        ToleranceKind::None | ToleranceKind::LimitFactor(_) => PerMyriad(0),
    };
    assessment.derivation.push(Step::Tolerance {
        profile: profile.tolerance.id.clone(),
        gross_kg: gross,
        deduct_permyriad: deduct,
        deducted_kg: assessment.deduction_kg.unwrap_or_default(),
        corrected_kg: assessment.corrected_gross_kg.unwrap_or(gross),
        limit_kg: limit,
        factor_permyriad: factor(kind, gross),
        judged_limit_kg: assessment.judged_limit_kg.unwrap_or(limit),
        raw_rate_permyriad: assessment.raw_rate_permyriad.unwrap_or_default(),
    });
}

/// Holds the corrected mass against the most favourable reading's limit too.
fn every_reading(
    case: &Case<'_>,
    kind: ToleranceKind,
    (gross, corrected): (Kilograms, Kilograms),
    assessment: &mut Assessment,
) {
    let Some(top) = assessment.most_favourable_kg else {
        return;
    };
    let limit = judged(kind, gross, top);
    let threshold_kg = Kilograms(limit.0.saturating_add(guard(case, limit).0));
    let over = corrected > threshold_kg;
    assessment.over_every_reading = over;
    if assessment.verdict == Verdict::Overload && assessment.limit_kg < Some(top) {
        assessment.derivation.push(Step::EveryReading { threshold_kg, over });
    }
}

fn deduction(kind: ToleranceKind, gross: Kilograms) -> Kilograms {
    match kind {
        ToleranceKind::Deduct(part) => {
            let part = u64::from(part.min(WHOLE).0);
            let deducted = (u64::from(gross.0) * part + 5_000) / 10_000;
            Kilograms(u32::try_from(deducted).unwrap_or(gross.0).min(gross.0))
        }
        ToleranceKind::None | ToleranceKind::LimitFactor(_) => Kilograms(0),
    }
}

fn factor(kind: ToleranceKind, gross: Kilograms) -> PerMyriad {
    match kind {
        ToleranceKind::LimitFactor(factor) if gross < HUNDRED_TONNES => factor.max(WHOLE),
        ToleranceKind::None | ToleranceKind::Deduct(_) | ToleranceKind::LimitFactor(_) => WHOLE,
    }
}

fn judged(kind: ToleranceKind, gross: Kilograms, limit: Kilograms) -> Kilograms {
    let raised = u64::from(limit.0) * u64::from(factor(kind, gross).0) / u64::from(WHOLE.0);
    Kilograms(u32::try_from(raised).unwrap_or(u32::MAX))
}

fn guard(case: &Case<'_>, limit: Kilograms) -> Kilograms {
    case.lane
        .and_then(|lane| lane.accuracy)
        .map_or(Kilograms(0), |accuracy| accuracy.guard(limit, case.axles()))
}

fn guard_step(case: &Case<'_>, limit: Kilograms, assessment: &mut Assessment) {
    if let Some(accuracy) = case.lane.and_then(|lane| lane.accuracy) {
        let guard = accuracy.guard(limit, case.axles());
        assessment.guard_kg = Some(guard);
        assessment.derivation.push(Step::GuardBand {
            class: accuracy.class,
            stage: accuracy.stage,
            permissible_permyriad: accuracy.permissible(),
            least_kg: accuracy.least(case.axles()),
            guard_kg: guard,
            threshold_kg: Kilograms(limit.0.saturating_add(guard.0)),
        });
    }
}

fn conclude(profile: &Profile, gross: Kilograms, assessment: &mut Assessment) {
    assessment.basis = match (assessment.verdict, assessment.axle_overload) {
        (Verdict::Overload, _) => Some(Basis::GrossMass),
        (_, true) => Some(Basis::AxleGroup),
        _ => None,
    };
    let rate = assessment.rate_permyriad.unwrap_or_default();
    if gross >= HUNDRED_TONNES {
        assessment.alarms.push(Alarm::HundredTonnes);
    }
    if rate >= HUNDRED_PERCENT {
        assessment.alarms.push(Alarm::HundredPercent);
    }
    if assessment.excess_kg.is_some_and(|excess| excess.0 > 0) {
        let from = profile.tiers.iter().rev().find(|edge| **edge <= rate);
        assessment.tier = from.map(|from| Tier {
            from_permyriad: *from,
            to_permyriad: profile.tiers.iter().find(|edge| **edge > rate).copied(),
        });
    }
    let Assessment { tier, alarms, derivation, .. } = assessment;
    derivation.extend(
        tier.map(|Tier { from_permyriad, to_permyriad }| Step::Tier {
            from_permyriad,
            to_permyriad,
        }),
    );
    derivation.extend(alarms.iter().map(|alarm| Step::Alarm { alarm: *alarm }));
}
