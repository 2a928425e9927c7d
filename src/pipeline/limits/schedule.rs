//! Which table is in force on which day.

use std::sync::Arc;

use super::{Day, LimitTable, Period};

/// One table in force for a span of days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The days.
    pub period: Period,
    /// The table.
    pub table: Arc<LimitTable>,
    /// Tables for patterns that the table does not draw, in order.
    pub derived: Vec<Arc<LimitTable>>,
}

/// Tables by day, oldest first, without overlap or hole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    terms: Vec<Term>,
}

impl Schedule {
    /// The terms in order of time; `config::limits` has checked that they follow each other.
    pub fn new(terms: Vec<Term>) -> Self {
        Self { terms }
    }

    /// The term in force on `day`.
    pub fn on(&self, day: Day) -> Option<&Term> {
        // The newest first: live traffic is always in the last one.
        self.terms.iter().rev().find(|term| term.period.contains(day))
    }

    /// The terms, oldest first.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }
}
