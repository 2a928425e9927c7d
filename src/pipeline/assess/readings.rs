//! Every admissible reading of a vehicle with its limit. In: the case. Out: the readings within
//! the regime and the ones beside it, and the steps that led there.
//!
//! It never drops a reading because something is unknown: the unknown leaves both open.

use super::adjust::Adjusted;
use super::case::Case;
use super::{Profile, Reading, Step};
use crate::pipeline::limits::{Drive, GrossRow, LimitTable, Split, Suspension, Term};
use crate::pipeline::passage::Tyres;

/// How a row stands to the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Admission {
    /// It holds as the profile takes the unknown.
    Profile,
    /// It would hold if the unknown were otherwise.
    Possible,
}

/// All readings so far, in the order of the tables.
struct Readings {
    all: Vec<Reading>,
}

/// Lists every reading; appends to `steps` what was done.
pub(super) fn list(
    case: &Case<'_>,
    term: &Term,
    profile: &Profile,
    steps: &mut Vec<Step>,
) -> Vec<Reading> {
    let mut readings = Readings { all: Vec::with_capacity(8) };
    let mut depends_on_suspension = readings.add_rows(case, &term.table, Use::Regime);
    if !readings.all.iter().any(|reading| reading.in_regime) {
        depends_on_suspension |= readings.derive(case, term, steps);
    }
    // With an uncertain spacing, a grouping that the table does not draw is possible too, so that
    // the readings of the derived tables stay open.
    if case.grouping.is_uncertain() {
        for table in &term.derived {
            readings.add_rows(case, table, Use::UndrawnBeside);
        }
    }
    for schedule in &profile.comparison {
        if let Some(other) = schedule.on(case.day) {
            readings.add_rows(case, &other.table, Use::Comparison);
        }
    }
    if depends_on_suspension && case.facts.suspension.is_none() {
        steps.push(Step::SuspensionUnknown { taken_as: profile.unknown_suspension });
    }
    readings.all
}

/// What rows of a table are used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    /// The regime itself.
    Regime,
    /// In place of a regime that does not draw the pattern.
    Undrawn,
    /// As `Undrawn`, but only listed.
    UndrawnBeside,
    /// Only listed, and only where the limit differs.
    Comparison,
}

impl Readings {
    fn derive(&mut self, case: &Case<'_>, term: &Term, steps: &mut Vec<Step>) -> bool {
        for table in &term.derived {
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
            let Some((admission, split)) = admit(case, row, purpose) else {
                continue;
            };
            depends_on_suspension |= row.suspension.is_some();
            let in_regime =
                admission == Admission::Profile && matches!(purpose, Use::Regime | Use::Undrawn);
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

/// Whether and how a row holds, and the split it was read with.
fn admit(case: &Case<'_>, row: &GrossRow, purpose: Use) -> Option<(Admission, Split)> {
    if !row.vehicle.is_whole_vehicle() {
        return None;
    }
    let split = split_of(case, row)?;
    let whatever_kind = purpose == Use::UndrawnBeside || case.configurations.is_empty();
    if row.splits.is_empty() && !whatever_kind && !kind_fits(case, row) {
        return None;
    }
    if let Some(least) = row.trailer_spacing_min
        && case.last_spacing.is_some_and(|spacing| spacing < least)
    {
        return None;
    }
    let by_suspension = suspension(case, row, &split)?;
    let by_drive = drive(case, row)?;
    let both = [by_suspension, by_drive];
    let admission =
        if both.contains(&Admission::Possible) { Admission::Possible } else { Admission::Profile };
    Some((admission, split))
}

fn split_of(case: &Case<'_>, row: &GrossRow) -> Option<Split> {
    if row.splits.is_empty() {
        return Some(case.grouping.widest());
    }
    row.splits.iter().find(|split| case.grouping.admits(split)).copied()
}

fn kind_fits(case: &Case<'_>, row: &GrossRow) -> bool {
    case.configurations.iter().any(|one| row.vehicle.covers(one.body))
}

fn suspension(case: &Case<'_>, row: &GrossRow, split: &Split) -> Option<Admission> {
    let Some(required) = row.suspension else {
        return Some(Admission::Profile);
    };
    if required == Suspension::Air && drive_group_is_single_tyred(case, split) {
        return None;
    }
    match case.facts.suspension {
        Some(known) if known == required => Some(Admission::Profile),
        Some(_) => None,
        None if case.unknown_suspension == required => Some(Admission::Profile),
        None => Some(Admission::Possible),
    }
}

/// Whether every axle of the second group, which holds the drive axles, carries single tyres.
fn drive_group_is_single_tyred(case: &Case<'_>, split: &Split) -> bool {
    let mut sizes = split.sizes().iter().map(|size| usize::from(*size));
    let (Some(front), Some(rear)) = (sizes.next(), sizes.next()) else {
        return false;
    };
    (front..front + rear).all(|axle| case.tyres(axle) == Tyres::Single)
}

/// Drive as it is known from elsewhere, else by the pattern when it is certain and has room for
/// one driven axle only.
fn drive(case: &Case<'_>, row: &GrossRow) -> Option<Admission> {
    let known = case.facts.drive.or_else(|| {
        let mut covered =
            case.configurations.iter().filter(|one| row.vehicle.covers(one.body)).peekable();
        let only_single = !case.grouping.is_uncertain()
            && covered.peek().is_some()
            && covered.all(|one| !one.double_drive_possible);
        only_single.then_some(Drive::Single)
    });
    match (row.drive, known) {
        (None, _) | (Some(Drive::Double), None) => Some(Admission::Profile),
        (Some(Drive::Single), None) => Some(Admission::Possible),
        (Some(required), Some(known)) => (required == known).then_some(Admission::Profile),
    }
}
