//! Rows of a table on their way to the terminal: cells behind each other, parted by a sign that no
//! text has. The door gives each column its width when it knows what its cells say in the
//! language of the person, so that headings and cells stand below each other in every one.

use super::letters::{self, letters};

/// Parts the cells of a row (unit separator of ASCII).
const BETWEEN: char = '\u{1f}';

/// Blanks between two columns.
const GAP: usize = 2;

/// The line of a row, without its end.
pub fn row<S: AsRef<str>>(cells: impl IntoIterator<Item = S>) -> String {
    let mut line = String::new();
    for cell in cells {
        line.push_str(cell.as_ref());
        line.push(BETWEEN);
    }
    line
}

/// Whether a line is a row.
pub(super) fn is_row(line: &str) -> bool {
    line.contains(BETWEEN)
}

/// The cells of a row, in order.
pub(super) fn cells(line: &str) -> impl Iterator<Item = &str> {
    line.trim_end_matches(['\n', '\r']).split_terminator(BETWEEN)
}

/// The rows of one table as lines, each column as wide as its widest cell.
pub(super) fn laid_out(rows: &[Vec<String>]) -> Vec<String> {
    let mut widths: Vec<usize> = Vec::new();
    for cells in rows {
        widths.resize(widths.len().max(cells.len()), 0);
        for (widest, cell) in widths.iter_mut().zip(cells) {
            *widest = (*widest).max(width(cell));
        }
    }
    let line = |cells: &Vec<String>| {
        let mut line = String::new();
        for (cell, widest) in cells.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(widest - width(cell) + GAP));
        }
        line.truncate(line.trim_end_matches(' ').len());
        line
    };
    rows.iter().map(line).collect()
}

/// Columns of a text.
fn width(text: &str) -> usize {
    letters::width(&letters(text))
}
