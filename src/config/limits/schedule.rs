//! The dated list of tables in force.

use super::{TableProblem, TableProblems};
use crate::pipeline::limits::{Day, Name, Period, Schedule, Tables, Term};
use std::sync::Arc;

/// One line of the list, as the configuration writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleEntry {
    /// Line of the configuration, for problems.
    pub line: usize,
    /// First day; `None` means the first day of the table.
    pub from: Option<Day>,
    /// Last day; `None` means up to the next entry, or for good.
    pub to: Option<Day>,
    /// Id of the table.
    pub table: String,
}

impl ScheduleEntry {
    /// A table for as long as it holds.
    pub fn whole(table: &str) -> Self {
        Self { line: 1, from: None, to: None, table: table.to_owned() }
    }
}

/// Checks and resolves a dated list: known ids, rising days, no overlap, no hole, and no day on
/// which the table itself does not hold.
///
/// # Errors
/// Everything that is wrong, by line of `file`, the configuration.
pub fn schedule(
    tables: &Tables,
    file: &str,
    entries: &[ScheduleEntry],
) -> Result<Schedule, TableProblems> {
    let mut found = Vec::new();
    let mut add = |line: usize, what: String| {
        found.push(TableProblem { file: file.to_owned(), line, what });
    };
    if entries.is_empty() {
        add(1, "no limit table is in force on any day".to_owned());
    }
    let mut terms: Vec<Term> = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let Some(table) = tables.get(&entry.table) else {
            add(entry.line, unknown(&entry.table, tables));
            continue;
        };
        let period = Period {
            from: entry.from.or(table.head().effective.from),
            to: end(entry, entries.get(index + 1)).or(table.head().effective.to),
        };
        for what in table_does_not_hold(&entry.table, period, table.head().effective) {
            add(entry.line, what);
        }
        if let Some(before) = terms.last() {
            add_all(&mut add, entry.line, follows(before, &entry.table, period));
        }
        let mut derived = Vec::new();
        for id in &table.head().derive_from {
            match tables.get(id) {
                Some(other) => derived.push(Arc::clone(other)),
                None => {
                    add(entry.line, format!("{} derives from {}", entry.table, unknown(id, tables)))
                }
            }
        }
        terms.push(Term { period, table: Arc::clone(table), derived });
    }
    if found.is_empty() {
        Ok(Schedule::new(terms))
    } else {
        found.sort();
        Err(TableProblems(found))
    }
}

fn add_all(add: &mut impl FnMut(usize, String), line: usize, what: Option<String>) {
    if let Some(what) = what {
        add(line, what);
    }
}

/// The entry's own last day, or the day before the next entry begins.
fn end(entry: &ScheduleEntry, next: Option<&ScheduleEntry>) -> Option<Day> {
    entry.to.or_else(|| next.and_then(|next| next.from).and_then(Day::yesterday))
}

fn unknown(id: &str, tables: &Tables) -> String {
    let known: Vec<&str> = tables.iter().map(|table| &*table.head().id).collect();
    format!("no limit table has the id {id:?}; known: {}", known.join(", "))
}

fn table_does_not_hold(id: &str, period: Period, table: Period) -> Vec<String> {
    let mut what = Vec::new();
    if let (Some(from), Some(first)) = (period.from, table.from)
        && from < first
    {
        what.push(format!("{id} is in force from {from}, but holds from {first} only"));
    }
    match (period.to, table.to) {
        (Some(to), Some(last)) if last < to => {
            what.push(format!("{id} is in force to {to}, but holds to {last} only"));
        }
        _ => {}
    }
    if let (Some(from), Some(to)) = (period.from, period.to)
        && to < from
    {
        what.push(format!("{id} is in force from {from} to {to}, which is no time"));
    }
    what
}

fn follows(before: &Term, id: &str, period: Period) -> Option<String> {
    let earlier: &Name = &before.table.head().id;
    let Some(last) = before.period.to else {
        return Some(format!("{id} begins while {earlier} is in force for good"));
    };
    let from = period.from?;
    if from <= last {
        return Some(format!("{id} begins on {from}, but {earlier} is in force to {last}"));
    }
    (last.tomorrow() != Some(from))
        .then(|| format!("no table is in force between {last}, the end of {earlier}, and {from}"))
}
