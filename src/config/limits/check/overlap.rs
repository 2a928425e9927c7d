//! Rows that would hold at once with different limits, and axle counts that no row covers.

use crate::config::limits::Problems;
use crate::pipeline::limits::{AxleRow, GrossRow, LengthRow};

/// Axle counts that a table of gross limits must cover; above six the regulations have one row.
const COUNTS: std::ops::RangeInclusive<u8> = 2..=6;

/// Two gross rows overlap when nothing tells them apart: count, split, kind, conditions and days.
/// Rows of trailers alone may, since none of them is ever matched.
pub(super) fn gross(rows: &[(usize, GrossRow)], problems: &mut Problems<'_>) {
    each_pair(rows, problems, |one, other| {
        one.vehicle.is_whole_vehicle()
            && one.axles == other.axles
            && one.vehicle == other.vehicle
            && one.suspension == other.suspension
            && one.drive == other.drive
            && one.trailer_spacing_min == other.trailer_spacing_min
            && splits_meet(one, other)
            && one.effective.overlaps(&other.effective)
    });
}

/// Axle counts without a gross row, in a table that has any.
pub(super) fn missing(rows: &[(usize, GrossRow)], problems: &mut Problems<'_>) {
    let whole: Vec<&GrossRow> =
        rows.iter().map(|(_, row)| row).filter(|row| row.vehicle.is_whole_vehicle()).collect();
    if whole.is_empty() {
        return;
    }
    for count in COUNTS {
        let covers = |row: &&GrossRow| {
            row.axles.is_some_and(|axles| axles == count || (row.or_more && axles < count))
        };
        if !whole.iter().any(covers) {
            problems.add(0, format!("no gross row is for {count} axles"));
        }
    }
}

fn splits_meet(one: &GrossRow, other: &GrossRow) -> bool {
    match (one.splits.is_empty(), other.splits.is_empty()) {
        (true, true) => true,
        (false, false) => one.splits.iter().any(|split| other.splits.contains(split)),
        _ => false,
    }
}

/// Two axle rows overlap when nothing but spacing tells them apart, and their spacings meet.
pub(super) fn axle(rows: &[(usize, AxleRow)], problems: &mut Problems<'_>) {
    each_pair(rows, problems, |one, other| {
        one.axles == other.axles
            && one.bearer == other.bearer
            && one.tyres == other.tyres
            && one.tyre_width_min == other.tyre_width_min
            && one.driven == other.driven
            && one.suspension == other.suspension
            && one.spacing_min.zip(other.spacing_max).is_none_or(|(min, max)| min <= max)
            && other.spacing_min.zip(one.spacing_max).is_none_or(|(min, max)| min <= max)
            && one.effective.overlaps(&other.effective)
    });
}

/// Two maximum lengths overlap when they are for the same vehicles on the same days.
pub(super) fn lengths(rows: &[(usize, LengthRow)], problems: &mut Problems<'_>) {
    each_pair(rows, problems, |one, other| {
        one.vehicle == other.vehicle && one.effective.overlaps(&other.effective)
    });
}

/// A row with an id.
trait Named {
    fn id(&self) -> &str;
}

impl Named for GrossRow {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Named for LengthRow {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Named for AxleRow {
    fn id(&self) -> &str {
        &self.id
    }
}

fn each_pair<T: Named>(
    rows: &[(usize, T)],
    problems: &mut Problems<'_>,
    overlap: impl Fn(&T, &T) -> bool,
) {
    for (index, (offset, row)) in rows.iter().enumerate() {
        // one message a row: a file of copies must not answer with one for each pair
        if let Some((_, earlier)) = rows.iter().take(index).find(|(_, one)| overlap(one, row)) {
            let (id, earlier) = (row.id(), earlier.id());
            problems.add(*offset, format!("{id}: holds for the same as {earlier}"));
        }
    }
}
