//! What a measurement excludes of the kinds that the axles admit. In: the kinds, length and tyres,
//! the maximum lengths in force. Out: each kind that it cannot be, and by what.
//!
//! It never excludes by what was not measured, and never all of them: a vehicle that no kind fits
//! breaks a rule, which tells nothing of its kind.

use super::{Body, Configuration};
use crate::pipeline::limits::LengthRow;
use crate::pipeline::passage::Tyres;
use crate::units::Millimetres;

/// What was measured of a vehicle beside its axle pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its length; `None` when it was not measured or contradicts itself.
    pub length: Option<Millimetres>,
    /// By how much the length may be measured too long.
    pub length_error: Millimetres,
    /// Tyres of the first two axles.
    pub front_tyres: [Tyres; 2],
}

/// One reason why the vehicle is not of some kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exclusion<'a> {
    /// It is longer than such a body may be, also after the measuring error is taken off.
    TooLong {
        /// The body.
        body: Body,
        /// The greatest of its maximum lengths.
        row: &'a LengthRow,
    },
    /// The axle (from 0) carries dual tyres, so that the first two axles are no twin-steer pair:
    /// every shape code writes a steered axle with single tyres (law.md section 10).
    DualTyresInFront {
        /// The axle.
        axle: usize,
    },
}

impl Exclusion<'_> {
    /// Whether it excludes this one.
    pub fn excludes(&self, one: &Configuration) -> bool {
        match self {
            Self::TooLong { body, .. } => one.body == *body,
            Self::DualTyresInFront { .. } => one.has_twin_steer(),
        }
    }
}

/// Every reason that excludes one of `kinds`, where `longest` gives the greatest length of a body.
/// Tyres, and then length, are left out where they would exclude every kind that is left.
pub fn exclusions<'a>(
    kinds: &[Configuration],
    seen: &Seen,
    longest: impl Fn(Body) -> Option<&'a LengthRow>,
) -> Vec<Exclusion<'a>> {
    let mut found = Vec::new();
    let dual = seen.front_tyres.iter().position(|tyres| *tyres == Tyres::Dual);
    if let Some(axle) = dual
        && kinds.iter().any(Configuration::has_twin_steer)
    {
        found.push(Exclusion::DualTyresInFront { axle });
    }
    if none_is_left(kinds, &found) {
        found.clear();
    }
    let by_tyres = found.len();
    let certain = seen.length.map_or(0, |length| length.0.saturating_sub(seen.length_error.0));
    for (index, one) in kinds.iter().enumerate().filter(|_| certain > 0) {
        let known = kinds.iter().take(index).any(|other| other.body == one.body);
        let row = longest(one.body).filter(|row| !known && row.most.0 < certain);
        found.extend(row.map(|row| Exclusion::TooLong { body: one.body, row }));
    }
    if none_is_left(kinds, &found) {
        found.truncate(by_tyres);
    }
    found
}

fn none_is_left(kinds: &[Configuration], found: &[Exclusion<'_>]) -> bool {
    kinds.iter().all(|one| found.iter().any(|reason| reason.excludes(one)))
}
