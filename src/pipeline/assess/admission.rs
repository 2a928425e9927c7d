//! Whether a row of a limit table may hold for the case. In: the case and a row. Out: how it holds
//! and the split it is read with, or why it cannot.
//!
//! It never refuses a row by what is unknown.

use super::case::Case;
use crate::pipeline::configuration::Configuration;
use crate::pipeline::limits::{Drive, GrossRow, Split, Suspension};
use crate::pipeline::passage::Tyres;

/// How a row stands to the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// It holds as the profile takes the unknown.
    Profile,
    /// It would hold if the unknown were otherwise.
    Possible,
}

/// What rows of a table are used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// The regime itself.
    Regime,
    /// In place of a regime that does not draw the pattern.
    Undrawn,
    /// As `Undrawn`, but only listed.
    UndrawnBeside,
    /// Only listed, and only where the limit differs.
    Comparison,
}

/// Why a row cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is for other vehicles.
    Unfit,
    /// It asks for dual tyres on every drive axle, and single ones were measured there.
    SingleTyres {
        /// First axle of the drive group, counted from 1.
        first_axle: u8,
        /// Axles in the group.
        axles: u8,
    },
}

/// Whether and how a row holds, and the split it was read with.
pub(super) fn admit(
    case: &Case<'_>,
    row: &GrossRow,
    purpose: Use,
) -> Result<(Admission, Split), Refusal> {
    if !row.vehicle.is_whole_vehicle() {
        return Err(Refusal::Unfit);
    }
    let split = split_of(case, row).ok_or(Refusal::Unfit)?;
    let whatever_kind = purpose == Use::UndrawnBeside || case.configurations.is_empty();
    if row.splits.is_empty() && !whatever_kind && !kind_fits(case, row) {
        return Err(Refusal::Unfit);
    }
    if let Some(least) = row.trailer_spacing_min
        && case.last_spacing.is_some_and(|spacing| spacing < least)
    {
        return Err(Refusal::Unfit);
    }
    let by_suspension = suspension(case, row).ok_or(Refusal::Unfit)?;
    let by_drive = drive(case, row).ok_or(Refusal::Unfit)?;
    if row.suspension == Some(Suspension::Air)
        && let Some((first_axle, axles)) = single_tyred_drive(case, &split)
    {
        return Err(Refusal::SingleTyres { first_axle, axles });
    }
    let both = [by_suspension, by_drive];
    let admission =
        if both.contains(&Admission::Possible) { Admission::Possible } else { Admission::Profile };
    Ok((admission, split))
}

/// Whether two driven axles are told of a vehicle whose pattern has room for one only.
pub(super) fn contradicts_drive(case: &Case<'_>) -> bool {
    case.facts.drive == Some(Drive::Double) && has_one_drive(case, |_| true)
}

/// Whether the pattern is certain and every kind among `of` has room for one driven axle only.
fn has_one_drive(case: &Case<'_>, of: impl Fn(&Configuration) -> bool) -> bool {
    let mut kinds = case.configurations.iter().filter(|one| of(one)).peekable();
    !case.grouping.is_uncertain()
        && kinds.peek().is_some()
        && kinds.all(|one| !one.double_drive_possible)
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

fn suspension(case: &Case<'_>, row: &GrossRow) -> Option<Admission> {
    let Some(required) = row.suspension else {
        return Some(Admission::Profile);
    };
    match case.facts.suspension {
        Some(known) if known == required => Some(Admission::Profile),
        Some(_) => None,
        None if case.unknown_suspension == required => Some(Admission::Profile),
        None => Some(Admission::Possible),
    }
}

/// First axle (from 1) and size of the second group, which holds the drive axles, when single
/// tyres exclude dual ones on every drive axle: on all of its axles, or on one where two are known
/// to be driven.
fn single_tyred_drive(case: &Case<'_>, split: &Split) -> Option<(u8, u8)> {
    let [front, rear, ..] = *split.sizes() else {
        return None;
    };
    let (first, end) = (usize::from(front), usize::from(front) + usize::from(rear));
    let mut single = (first..end).map(|axle| case.tyres(axle) == Tyres::Single);
    let excluded = if case.facts.drive == Some(Drive::Double) {
        single.any(|single| single)
    } else {
        single.all(|single| single)
    };
    excluded.then_some((front + 1, rear))
}

/// Drive by the pattern when it is certain and has room for one driven axle only, else as it is
/// known from elsewhere.
fn drive(case: &Case<'_>, row: &GrossRow) -> Option<Admission> {
    let only_single = has_one_drive(case, |one| row.vehicle.covers(one.body));
    let known = if only_single { Some(Drive::Single) } else { case.facts.drive };
    match (row.drive, known) {
        (None, _) | (Some(Drive::Double), None) => Some(Admission::Profile),
        (Some(Drive::Single), None) => Some(Admission::Possible),
        (Some(required), Some(known)) => (required == known).then_some(Admission::Profile),
    }
}
