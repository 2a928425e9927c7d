//! Limit tables from TOML text. In: file name and text. Out: a checked table, or everything that
//! is wrong with it at once, each with its line.
//!
//! It reads no file: the tables of `deploy/limits/` are compiled in, and whoever replaces one
//! hands over its text. It never repairs a table.

mod check;
mod raw;
mod schedule;

pub use schedule::{ScheduleEntry, schedule};

use sha2::{Digest, Sha256};
use std::fmt;

use crate::pipeline::assess::Profile;
use crate::pipeline::limits::{LimitTable, Schedule, Tables};

/// The tables that are compiled in: file name and text.
pub const STANDARD: [(&str, &str); 4] = [
    ("mot124-2016.toml", include_str!("../../deploy/limits/mot124-2016.toml")),
    ("mot62-2016.toml", include_str!("../../deploy/limits/mot62-2016.toml")),
    ("mot109-2016.toml", include_str!("../../deploy/limits/mot109-2016.toml")),
    ("gb1589-2016.toml", include_str!("../../deploy/limits/gb1589-2016.toml")),
];

/// Id of the table that is in force when the configuration names none: 124号, because over-limit
/// enforcement uses it and its splits are the stricter reading (law.md section 1.6).
pub const STANDARD_REGIME: &str = "mot124-2016";
/// Id of the table that is compared when the configuration names none: Order 62.
pub const STANDARD_COMPARISON: &str = "mot62-2016";
/// Id of the table of axle limits when the configuration names none: GB 1589.
pub const STANDARD_AXLE: &str = "gb1589-2016";

/// One thing that is wrong with a limit table or with the list of tables in force.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TableProblem {
    /// File name as it was given.
    pub file: String,
    /// Line in it, from 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub what: String,
}

impl fmt::Display for TableProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// Everything that is wrong; never empty, sorted by file and line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct TableProblems(pub Vec<TableProblem>);

impl fmt::Display for TableProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            fmt::Display::fmt(problem, f)?;
        }
        Ok(())
    }
}

/// Reads and checks one table; its id is the one inside the text.
///
/// # Errors
/// Everything that is wrong with the text, by line: TOML mistakes first, since nothing else can be
/// seen behind them.
pub fn read(file: &str, text: &str) -> Result<LimitTable, TableProblems> {
    let mut problems = Problems::new(file, text);
    let raw = raw::parse(text, &mut problems);
    let table = raw.map(|raw| check::table(raw, &sha256(text), &mut problems));
    problems.into_result(table)
}

/// SHA-256 of a table's text, lower-case hex.
pub fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// The compiled-in tables.
pub fn standard() -> Tables {
    let read = |(file, text): (&str, &str)| {
        read(file, text).expect("a test reads every compiled-in table")
    };
    Tables::new(STANDARD.map(read).into())
}

/// The profile over the compiled-in tables that holds when nothing is configured.
pub fn standard_profile() -> Profile {
    let tables = standard();
    let regime = schedule(&tables, "built-in", &[ScheduleEntry::whole(STANDARD_REGIME)]);
    regime.and_then(|regime| profile(&tables, regime)).expect("a test makes the standard profile")
}

/// The default profile over `tables`, where `regime` is in force and the tables named by
/// [`STANDARD_COMPARISON`] and [`STANDARD_AXLE`] stand beside it, also when they were replaced.
///
/// # Errors
/// When one of the two is missing.
pub fn profile(tables: &Tables, regime: Schedule) -> Result<Profile, TableProblems> {
    let whole = |id| schedule(tables, "built-in", &[ScheduleEntry::whole(id)]);
    Ok(Profile::new(regime, vec![whole(STANDARD_COMPARISON)?], whole(STANDARD_AXLE)?))
}

/// Collects problems of one file.
struct Problems<'a> {
    file: &'a str,
    text: &'a str,
    found: Vec<TableProblem>,
}

impl<'a> Problems<'a> {
    fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, found: Vec::new() }
    }

    /// Adds a problem at a byte offset of the text.
    fn add(&mut self, offset: usize, what: impl Into<String>) {
        let before = self.text.get(..offset).unwrap_or(self.text);
        self.found.push(TableProblem {
            file: self.file.to_owned(),
            line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
            what: what.into(),
        });
    }

    fn into_result<T>(mut self, value: Option<T>) -> Result<T, TableProblems> {
        self.found.sort();
        self.found.dedup();
        match value {
            Some(value) if self.found.is_empty() => Ok(value),
            _ => Err(TableProblems(self.found)),
        }
    }
}
