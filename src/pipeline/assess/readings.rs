//! Every admissible reading of a vehicle with its limit. In: the case. Out: the readings within
//! the regime and the ones beside it, and the steps that led there.
//!
//! It never drops a reading because something is unknown: the unknown leaves both open.

use super::adjust::Adjusted;
use super::admission::{Admission, Refusal, Use, admit, contradicts_drive};
use super::case::Case;
use super::{Profile, Reading, Step};
use crate::pipeline::limits::{LimitTable, Term};

/// All readings so far, in the order of the tables.
struct Readings {
    all: Vec<Reading>,
    /// Rows of the regime that the measured tyres exclude.
    excluded: Vec<Step>,
}

/// Lists every reading; appends to `steps` what was done.
pub(super) fn list(
    case: &Case<'_>,
    term: &Term,
    profile: &Profile,
    steps: &mut Vec<Step>,
) -> Vec<Reading> {
    let mut readings = Readings { all: Vec::with_capacity(8), excluded: Vec::new() };
    let mut depends_on_suspension = readings.add_rows(case, &term.table, Use::Regime);
    if !readings.all.iter().any(|reading| reading.in_regime) {
        depends_on_suspension |= readings.derive(case, term, steps);
    }
    // With an uncertain spacing, a grouping that the table does not draw is possible too, so that
    // the readings of the derived tables stay open.
    if case.grouping.is_uncertain() {
        for table in derived_on(term, case) {
            readings.add_rows(case, table, Use::UndrawnBeside);
        }
    }
    for schedule in &profile.comparison {
        if let Some(other) = schedule.on(case.day) {
            readings.add_rows(case, &other.table, Use::Comparison);
        }
    }
    steps.append(&mut readings.excluded);
    if contradicts_drive(case) {
        steps.push(Step::DriveContradicted);
    }
    if depends_on_suspension && case.facts.suspension.is_none() {
        steps.push(Step::SuspensionUnknown { taken_as: profile.unknown_suspension });
    }
    readings.all
}

/// The tables from which this one derives what it does not draw, those that hold on that day.
fn derived_on<'a>(term: &'a Term, case: &Case<'_>) -> impl Iterator<Item = &'a LimitTable> {
    let day = case.day;
    term.derived.iter().map(AsRef::as_ref).filter(move |table| table.head().effective.contains(day))
}

impl Readings {
    fn derive(&mut self, case: &Case<'_>, term: &Term, steps: &mut Vec<Step>) -> bool {
        for table in derived_on(term, case) {
            let depends_on_suspension = self.add_rows(case, table, Use::Undrawn);
            if self.all.iter().any(|reading| reading.in_regime) {
                steps.push(Step::PatternNotDrawn {
                    split: case.grouping.widest(),
                    derived_from: table.head().id.clone(),
                    document: table.head().document.clone(),
                });
                return depends_on_suspension;
            }
        }
        false
    }

    /// Adds the rows of one table; true when a row depends on the suspension.
    fn add_rows(&mut self, case: &Case<'_>, table: &LimitTable, purpose: Use) -> bool {
        let mut depends_on_suspension = false;
        for row in table.gross_rows(case.axles(), case.day) {
            let decides = matches!(purpose, Use::Regime | Use::Undrawn);
            let (admission, split) = match admit(case, row, purpose) {
                Ok(admitted) => admitted,
                Err(Refusal::SingleTyres { first_axle, axles }) if decides => {
                    let limit_id = row.id.clone();
                    self.excluded.push(Step::RowNeedsDualTyres { limit_id, first_axle, axles });
                    continue;
                }
                Err(_) => continue,
            };
            depends_on_suspension |= row.suspension.is_some();
            let in_regime = admission == Admission::Profile && decides;
            let beside = matches!(purpose, Use::UndrawnBeside | Use::Comparison);
            for adjusted in Adjusted::of(case, table, row, &split) {
                if beside && self.has_limit(&adjusted) {
                    continue;
                }
                self.all.push(Reading {
                    vehicle: row.vehicle,
                    split,
                    table: table.head().id.clone(),
                    limit_id: row.id.clone(),
                    limit_kg: adjusted.limit,
                    in_regime: in_regime && !adjusted.beside,
                    adjustments: adjusted.adjustments,
                });
            }
        }
        depends_on_suspension
    }

    fn has_limit(&self, adjusted: &Adjusted) -> bool {
        self.all.iter().any(|reading| reading.limit_kg == adjusted.limit)
    }
}
