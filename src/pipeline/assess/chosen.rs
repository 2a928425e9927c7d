//! Which of the readings gives the limit. In: every reading. Out: the highest limit within the
//! regime, how it came about, and what else cannot be excluded.

use super::adjust::Adjusted;
use super::case::Case;
use super::{Assessment, Reading, Step};
use crate::pipeline::limits::{GrossRow, LimitTable, Term};

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
    derivation.push(Step::LimitChosen {
        limit_id: chosen.limit_id.clone(),
        row_kg: row.limit,
        document: table.head().document.clone(),
        article: row.article.clone(),
        of_readings: u8::try_from(within().count()).unwrap_or(u8::MAX),
    });
    let how = Adjusted::of(case, table, row, &chosen.split).find(|adjusted| !adjusted.beside);
    derivation.extend(how.into_iter().flat_map(|adjusted| adjusted.steps));
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
