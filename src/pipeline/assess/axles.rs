//! Axle groups against their limits. In: the case and the table in force. Out: load, limit,
//! excess and rate of each group.
//!
//! It never decides the verdict on the gross mass, and never gives a limit where none is known.

use super::case::Case;
use super::{GroupAssessment, Profile, Step};
use crate::pipeline::limits::{AxleBearer, AxleRow, RowTyres, Split, Suspension, Term};
use crate::pipeline::passage::Tyres;
use crate::units::{Kilograms, Millimetres, PerMyriad};

/// What was measured of a group, as far as rows depend on it.
#[derive(Clone, Copy, Debug)]
struct Measured {
    place: Place,
    widest_gap: Option<Millimetres>,
    tyres: Tyres,
    suspension: Suspension,
    wide_tyres: Option<bool>,
}

/// Axles `first` to `first + axles - 1` of a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Group {
    first: usize,
    axles: usize,
    place: Place,
}

/// Where in the vehicle a group is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Steering axle or axles.
    Front,
    /// Second group: holds the drive axles.
    Drive,
    /// Behind the truck or tractor.
    Trailer,
    /// The pattern is not known.
    Anywhere,
}

/// Every group of the reading that takes uncertain spacings as between groups, and after them
/// the groups that only the opposite reading has. A group that is not in both is not `certain`.
pub(super) fn groups(
    case: &Case<'_>,
    profile: &Profile,
    term: Option<&Term>,
) -> Vec<GroupAssessment> {
    let (widest, tightest) = (case.grouping.widest(), case.grouping.tightest());
    let mut found = Vec::with_capacity(widest.sizes().len());
    let certain = |group: &Group, other: &Split| {
        widest == tightest
            || other.spans().any(|(first, axles)| (first, axles) == (group.first, group.axles))
    };
    for group in placed(case, &widest) {
        found.push(assess(case, profile, term, group, certain(&group, &tightest)));
    }
    if widest != tightest {
        for group in placed(case, &tightest) {
            if !certain(&group, &widest) {
                found.push(assess(case, profile, term, group, false));
            }
        }
    }
    found
}

/// Sum of the limits of the groups, `limit` of each; `None` when one is not known or a group not
/// certain.
pub(super) fn sum_of_limits(
    groups: &[GroupAssessment],
    limit: impl Fn(&GroupAssessment) -> Option<Kilograms>,
) -> Option<Kilograms> {
    groups.iter().try_fold(Kilograms(0), |sum, group| {
        let limit = limit(group).filter(|_| group.certain)?;
        Some(Kilograms(sum.0.saturating_add(limit.0)))
    })
}

/// A step for each group that is over its limit in every reading of the spacings.
pub(super) fn steps(
    profile: &Profile,
    term: Option<&Term>,
    groups: &[GroupAssessment],
    steps: &mut Vec<Step>,
) {
    let document = term.map(|term| term.table.head().document.clone()).unwrap_or_default();
    for group in groups.iter().filter(|group| group.is_over()) {
        if let (Some(load_kg), Some(limit_id), Some(limit_kg), Some(excess_kg)) =
            (group.load_kg, &group.limit_id, group.limit_kg, group.excess_kg)
        {
            steps.push(Step::AxleGroup {
                first_axle: group.first_axle,
                axles: group.axles,
                load_kg,
                limit_id: limit_id.clone(),
                limit_kg,
                document: document.clone(),
                excess_kg,
                rate_permyriad: group.rate_permyriad.unwrap_or_default(),
                most_favourable_kg: group.most_favourable_kg.unwrap_or(limit_kg),
                case_beyond_permyriad: profile.axle_group_case_beyond,
            });
        }
    }
}

fn placed(case: &Case<'_>, split: &Split) -> impl Iterator<Item = Group> {
    let known = !case.configurations.is_empty() && !case.grouping.is_uncertain();
    split.spans().enumerate().map(move |(index, (first, axles))| Group {
        first,
        axles,
        place: match index {
            0 => Place::Front,
            _ if !known => Place::Anywhere,
            1 => Place::Drive,
            _ => Place::Trailer,
        },
    })
}

fn assess(
    case: &Case<'_>,
    profile: &Profile,
    term: Option<&Term>,
    group: Group,
    certain: bool,
) -> GroupAssessment {
    let load = load(case, group);
    let open = Measured {
        place: group.place,
        widest_gap: widest_gap(case, group),
        tyres: tyres(case, group),
        suspension: case.facts.suspension.unwrap_or(Suspension::Air),
        wide_tyres: case.facts.wide_tyres,
    };
    let measured = Measured {
        // a steering axle has single tyres
        tyres: match (open.tyres, group.place) {
            (Tyres::Unknown, Place::Front) => Tyres::Single,
            (tyres, _) => tyres,
        },
        suspension: case.facts.suspension.unwrap_or(profile.unknown_suspension),
        ..open
    };
    let mut chosen: Option<&AxleRow> = None;
    let mut most_favourable: Option<Kilograms> = None;
    let rows = term.into_iter().flat_map(|term| term.table.axle_rows(group.axles, case.day));
    for row in rows.filter(|row| open.admits(row)) {
        most_favourable = most_favourable.max(Some(row.limit));
        if measured.admits(row) && chosen.is_none_or(|best| best.limit < row.limit) {
            chosen = Some(row);
        }
    }
    let limit = chosen.map(|row| row.limit);
    let excess = load.zip(limit).map(|(load, limit)| Kilograms(load.0.saturating_sub(limit.0)));
    GroupAssessment {
        first_axle: u8::try_from(group.first + 1).unwrap_or(u8::MAX),
        axles: u8::try_from(group.axles).unwrap_or(u8::MAX),
        certain,
        load_kg: load,
        limit_id: chosen.map(|row| row.id.clone()),
        limit_kg: limit,
        most_favourable_kg: most_favourable,
        excess_kg: excess,
        rate_permyriad: excess.zip(limit).and_then(|(excess, limit)| PerMyriad::of(excess, limit)),
    }
}

fn load(case: &Case<'_>, group: Group) -> Option<Kilograms> {
    let axles = case.passage.axles.get(group.first..group.first + group.axles)?;
    axles.iter().try_fold(Kilograms(0), |sum, axle| {
        axle.load_kg.map(|load| Kilograms(sum.0.saturating_add(load.0)))
    })
}

impl Measured {
    /// Whether a row may hold for the group: what is unknown leaves it open, except the
    /// suspension, which the profile decides.
    fn admits(&self, row: &AxleRow) -> bool {
        let bearer = match row.bearer {
            AxleBearer::Any => true,
            AxleBearer::MotorVehicle => self.place != Place::Trailer,
            AxleBearer::Trailer => matches!(self.place, Place::Trailer | Place::Anywhere),
        };
        let driven = row.driven.is_none_or(|driven| match self.place {
            Place::Front | Place::Trailer => !driven,
            Place::Drive | Place::Anywhere => true,
        });
        let spacing = self.widest_gap.is_none_or(|gap| {
            row.spacing_min.is_none_or(|least| least <= gap)
                && row.spacing_max.is_none_or(|most| gap <= most)
        });
        let tyres = match (row.tyres, self.tyres) {
            (None, _) | (_, Tyres::Unknown) => true,
            (Some(RowTyres::Single), measured) => measured == Tyres::Single,
            (Some(RowTyres::Dual), measured) => measured == Tyres::Dual,
        };
        let width = row.tyre_width_min.is_none() || self.wide_tyres != Some(false);
        let suspension = row
            .suspension
            .is_none_or(|required| self.suspension == required || required == Suspension::Plain);
        bearer && driven && spacing && tyres && width && suspension
    }
}

/// The greatest spacing inside the group, which is the one most favourable to the vehicle.
fn widest_gap(case: &Case<'_>, group: Group) -> Option<Millimetres> {
    let inner = case.passage.axles.get(group.first + 1..group.first + group.axles)?;
    inner.iter().filter_map(|axle| axle.spacing_mm).max()
}

/// Tyres that every axle of the group carries.
fn tyres(case: &Case<'_>, group: Group) -> Tyres {
    let mut all = (group.first..group.first + group.axles).map(|axle| case.tyres(axle));
    let first = all.next().unwrap_or_default();
    if all.all(|tyres| tyres == first) { first } else { Tyres::Unknown }
}
