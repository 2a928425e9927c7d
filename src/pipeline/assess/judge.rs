//! From readings and gross mass to the verdict.

use super::adjust::single_tyred_axles;
use super::case::Case;
use super::{
    Adjustment, Alarm, Assessment, Basis, Profile, Reading, Step, Tier, ToleranceKind, Verdict,
};
use crate::pipeline::limits::{GrossRow, LimitTable, Term};
use crate::units::{Kilograms, PerMyriad};

/// 百吨王: at and above this gross mass (law.md section 5).
const HUNDRED_TONNES: Kilograms = Kilograms(100_000);
/// At and above this rate there is an alarm (law.md section 5).
const HUNDRED_PERCENT: PerMyriad = PerMyriad(10_000);

/// Takes the highest limit within the regime; of equal ones the first in the table.
pub(super) fn choose_limit(case: &Case<'_>, term: &Term, assessment: &mut Assessment) {
    let Assessment { readings, derivation, .. } = assessment;
    let within = || readings.iter().filter(|one| one.in_regime);
    let (Some(chosen), Some(top)) = (highest(within()), highest(readings.iter())) else {
        return;
    };
    let Some((table, row)) = row_of(term, chosen) else {
        return;
    };
    derivation.extend(single_tyres(case, (table, row), chosen));
    derivation.push(Step::LimitChosen {
        limit_id: chosen.limit_id.clone(),
        limit_kg: chosen.limit_kg,
        document: table.head().document.clone(),
        article: row.article.clone(),
        of_readings: u8::try_from(within().count()).unwrap_or(u8::MAX),
    });
    if top.limit_kg > chosen.limit_kg {
        derivation
            .push(Step::MoreFavourable { limit_id: top.limit_id.clone(), limit_kg: top.limit_kg });
    }
    assessment.limit_ambiguous = readings.iter().any(|one| one.limit_kg != chosen.limit_kg);
    assessment.most_favourable_kg = Some(top.limit_kg);
    assessment.limit_kg = Some(chosen.limit_kg);
    assessment.limit_id = Some(chosen.limit_id.clone());
}

fn highest<'a>(readings: impl Iterator<Item = &'a Reading>) -> Option<&'a Reading> {
    // `max_by_key` would take the last of equals.
    readings.reduce(|best, next| if next.limit_kg > best.limit_kg { next } else { best })
}

fn row_of<'a>(term: &'a Term, reading: &Reading) -> Option<(&'a LimitTable, &'a GrossRow)> {
    std::iter::once(&term.table)
        .chain(&term.derived)
        .filter(|table| table.head().id == reading.table)
        .find_map(|table| {
            let row = table.gross().iter().find(|row| row.id == reading.limit_id);
            row.map(|row| (&**table, row))
        })
}

fn single_tyres(
    case: &Case<'_>,
    (table, row): (&LimitTable, &GrossRow),
    chosen: &Reading,
) -> Option<Step> {
    let rule = table.head().single_tyre.as_ref()?;
    let adjustment = Adjustment::single_tyre(&rule.rule);
    if !chosen.adjustments.contains(&adjustment) {
        return None;
    }
    let axles = single_tyred_axles(case, row, &chosen.split);
    Some(Step::SingleTyres {
        adjustment,
        axles: u8::try_from(axles).unwrap_or(u8::MAX),
        deducted_kg: Kilograms(rule.deduct.0.saturating_mul(axles)),
    })
}

/// Applies tolerance and guard band to `(gross, limit)` and gives the verdict.
pub(super) fn against_limit(
    case: &Case<'_>,
    profile: &Profile,
    (gross, limit): (Kilograms, Kilograms),
    assessment: &mut Assessment,
) {
    let deduction = deduction(profile.tolerance.kind, gross);
    let corrected = Kilograms(gross.0.saturating_sub(deduction.0));
    let judged_limit = judged(profile.tolerance.kind, gross, limit);
    if profile.tolerance.kind != ToleranceKind::None {
        assessment.derivation.push(Step::Tolerance {
            profile: profile.tolerance.id.clone(),
            deducted_kg: deduction,
            corrected_kg: corrected,
            judged_limit_kg: judged_limit,
        });
    }
    let excess = Kilograms(corrected.0.saturating_sub(judged_limit.0));
    let rate = PerMyriad::of(excess, judged_limit);
    assessment.deduction_kg = Some(deduction);
    assessment.corrected_gross_kg = Some(corrected);
    assessment.judged_limit_kg = Some(judged_limit);
    assessment.excess_kg = Some(excess);
    assessment.rate_permyriad = rate;
    assessment.raw_rate_permyriad =
        PerMyriad::of(Kilograms(gross.0.saturating_sub(limit.0)), limit);
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
    assessment.over_every_reading = assessment
        .most_favourable_kg
        .is_some_and(|top| certainly_over(judged(profile.tolerance.kind, gross, top)));
    guard_step(case, judged_limit, assessment);
    conclude(profile, gross, assessment);
}

fn deduction(kind: ToleranceKind, gross: Kilograms) -> Kilograms {
    match kind {
        ToleranceKind::Deduct(part) => {
            let part = u64::from(part.0.min(10_000));
            let deducted = (u64::from(gross.0) * part + 5_000) / 10_000;
            Kilograms(u32::try_from(deducted).unwrap_or(gross.0).min(gross.0))
        }
        ToleranceKind::None | ToleranceKind::LimitFactor(_) => Kilograms(0),
    }
}

fn judged(kind: ToleranceKind, gross: Kilograms, limit: Kilograms) -> Kilograms {
    match kind {
        ToleranceKind::LimitFactor(factor) if gross < HUNDRED_TONNES => {
            let raised = u64::from(limit.0) * u64::from(factor.0.max(10_000)) / 10_000;
            Kilograms(u32::try_from(raised).unwrap_or(u32::MAX))
        }
        ToleranceKind::None | ToleranceKind::Deduct(_) | ToleranceKind::LimitFactor(_) => limit,
    }
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
}
