//! Tables as a person reads them on a terminal: no frame, two blanks between columns.

use std::fmt;

use crate::language::row;

/// Rows below their headings. Its columns are as wide as they must be: the door to the terminal
/// gives them their width, in the language of the person.
#[derive(Clone, Debug)]
pub(super) struct Table {
    headings: String,
    rows: Vec<String>,
}

/// An empty table with these headings.
pub(super) fn table<const N: usize>(headings: [&str; N]) -> Table {
    Table { headings: row(headings), rows: Vec::new() }
}

impl Table {
    /// Adds a row; names from the configuration in it are marked.
    pub(super) fn add_row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(row(cells));
    }

    /// Rows without the headings.
    pub(super) fn row_count(&self) -> usize {
        self.rows.len()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.headings)?;
        self.rows.iter().try_for_each(|row| write!(f, "\n{row}"))
    }
}
