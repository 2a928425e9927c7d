//! Dated limit tables. In: rows that the configuration has read and checked. Out: the rows for an
//! axle count, and the table in force on a day.
//!
//! It never reads a file; `config::limits` turns text into these types and refuses what is wrong.

mod citation;
mod day;
mod row;
mod schedule;
mod split;

pub use super::name::Name;
pub use citation::Citation;
pub use day::{Day, NoDay};
pub use row::{
    AxleBearer, AxleRow, Confidence, Drive, GrossRow, LengthRow, Period, RowTyres, Suspension,
    VehicleKind,
};
pub use schedule::{Schedule, Term};
pub use split::{MAX_AXLES, NoSplit, Split};

use std::sync::Arc;

use crate::units::Kilograms;

/// What a table takes off for an axle with single tyres.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SingleTyreRule {
    /// Rule id, such as `adj-single-tyre-124`.
    pub rule: Name,
    /// For each axle with single tyres behind the truck or tractor.
    pub deduct: Kilograms,
}

/// What a table says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableHead {
    /// Id, such as `mot124-2016`.
    pub id: Name,
    /// Title for people.
    pub title: Name,
    /// The document that the limits stand in.
    pub document: Citation,
    /// SHA-256 of the table's text, lower-case hex.
    pub sha256: Name,
    /// When it holds.
    pub effective: Period,
    /// Tables that give the limit of a pattern which this one does not draw, in order.
    pub derive_from: Vec<Name>,
    /// The deduction for single tyres, when the table has one.
    pub single_tyre: Option<SingleTyreRule>,
}

/// One regime: its gross limits and axle-group limits, found by axle count, and maximum lengths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitTable {
    head: TableHead,
    gross: Vec<GrossRow>,
    axle: Vec<AxleRow>,
    lengths: Vec<LengthRow>,
    gross_by_axles: [Vec<u16>; MAX_AXLES + 1],
    axle_by_axles: [Vec<u16>; MAX_AXLES + 1],
}

impl LimitTable {
    /// Indexes the rows, which keep their order. Rows beyond the 65 536th are left out of the
    /// index; the reader refuses such tables.
    pub fn new(head: TableHead, gross: Vec<GrossRow>, axle: Vec<AxleRow>) -> Self {
        let gross_by_axles = std::array::from_fn(|axles| {
            index(&gross, |row| {
                row.axles.is_some_and(|count| {
                    usize::from(count) == axles || (row.or_more && usize::from(count) < axles)
                })
            })
        });
        let axle_by_axles =
            std::array::from_fn(|axles| index(&axle, |row| usize::from(row.axles) == axles));
        Self { head, gross, axle, lengths: Vec::new(), gross_by_axles, axle_by_axles }
    }

    /// The same table with maximum lengths too.
    #[must_use]
    pub fn with_lengths(self, lengths: Vec<LengthRow>) -> Self {
        Self { lengths, ..self }
    }

    /// What the table says of itself.
    pub fn head(&self) -> &TableHead {
        &self.head
    }

    /// Every gross row, in the table's order.
    pub fn gross(&self) -> &[GrossRow] {
        &self.gross
    }

    /// Every axle-group row, in the table's order.
    pub fn axle(&self) -> &[AxleRow] {
        &self.axle
    }

    /// Maximum lengths that hold on `day`, in the table's order.
    pub fn lengths(&self, day: Day) -> impl Iterator<Item = &LengthRow> {
        self.lengths.iter().filter(move |row| row.effective.contains(day))
    }

    /// Gross rows for a vehicle of `axles` axles that hold on `day`.
    pub fn gross_rows(&self, axles: usize, day: Day) -> impl Iterator<Item = &GrossRow> {
        self.gross_by_axles
            .get(axles)
            .into_iter()
            .flatten()
            .filter_map(|index| self.gross.get(usize::from(*index)))
            .filter(move |row| row.effective.contains(day))
    }

    /// Axle-group rows for a group of `axles` axles that hold on `day`.
    pub fn axle_rows(&self, axles: usize, day: Day) -> impl Iterator<Item = &AxleRow> {
        self.axle_by_axles
            .get(axles)
            .into_iter()
            .flatten()
            .filter_map(|index| self.axle.get(usize::from(*index)))
            .filter(move |row| row.effective.contains(day))
    }
}

fn index<T>(rows: &[T], matches: impl Fn(&T) -> bool) -> Vec<u16> {
    rows.iter()
        .enumerate()
        .filter(|(_, row)| matches(row))
        .filter_map(|(index, _)| u16::try_from(index).ok())
        .collect()
}

/// Every table at hand, found by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tables(Vec<Arc<LimitTable>>);

impl Tables {
    /// Holds `tables`; of two with the same id the later one counts.
    pub fn new(tables: Vec<LimitTable>) -> Self {
        let mut held = Self::default();
        for table in tables {
            held.put(table);
        }
        held
    }

    /// Adds a table, or replaces the one with the same id.
    pub fn put(&mut self, table: LimitTable) {
        let table = Arc::new(table);
        match self.0.iter_mut().find(|held| held.head.id == table.head.id) {
            Some(held) => *held = table,
            None => self.0.push(table),
        }
    }

    /// The table with this id.
    pub fn get(&self, id: &str) -> Option<&Arc<LimitTable>> {
        self.0.iter().find(|table| table.head.id == *id)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<LimitTable>> {
        self.0.iter()
    }
}
