//! The cells of a line that is folded, and where it goes on.

use super::letters::{Letter, longest_word, width};

/// Indent of a line that has no columns.
const INDENT: usize = 2;

/// Most lines that a cell fills in the right half of the screen; a longer one goes on further left,
/// where it has more room.
const MOST_LINES: usize = 4;

/// Fewest columns in which a cell goes on below itself in the right half of the screen.
const LEAST_ROOM: usize = 12;

/// Where a line that would break at `at` breaks, in letters, and where it goes on, in columns: below
/// the cell that is broken. One that begins far right and has no room there goes down as a whole.
pub(super) fn placed(letters: &[Letter<'_>], at: usize, columns: usize) -> (usize, usize) {
    let cells = cells_of(letters);
    let next = at + letters[at..].iter().take_while(|letter| letter.is_blank()).count();
    let broken = cells.iter().rfind(|cell| cell.first < next);
    match broken {
        _ if cells.iter().any(|cell| cell.first == next) => {
            (at, below(&cells, letters, next, columns))
        }
        None => (at, INDENT),
        Some(cell) if cell.has_room(&letters[next..], columns) => (at, cell.column),
        Some(cell) => (cell.first, below(&cells, letters, cell.first, columns)),
    }
}

/// Where the cells from this letter on begin, below the line of those before: a single one as near
/// to its column as it can be, several in the left half.
fn below(cells: &[Cell], letters: &[Letter<'_>], first: usize, columns: usize) -> usize {
    let (before, moved): (Vec<Cell>, Vec<Cell>) = cells.iter().partition(|cell| cell.first < first);
    let wide = width(&letters[first..]);
    match moved[..] {
        [one] if wide < columns => one.column.min(columns - wide),
        _ => {
            let left = before.iter().rfind(|cell| cell.column <= columns / 2);
            left.map_or(INDENT, |cell| cell.column)
        }
    }
}

/// A piece of a line that two blanks or more part from what is before it.
#[derive(Clone, Copy)]
struct Cell {
    /// Its first letter.
    first: usize,
    /// The column in which it begins.
    column: usize,
}

impl Cell {
    /// Whether the rest of it may stand below its beginning.
    fn has_room(self, rest: &[Letter<'_>], columns: usize) -> bool {
        let room = columns.saturating_sub(self.column);
        let fits = longest_word(rest) <= room && width(rest) <= room * MOST_LINES;
        self.column <= columns / 2 || (fits && room >= LEAST_ROOM)
    }
}

/// Whether this is all that is before the text of a numbered line: `  1. `.
fn is_number(letters: &[Letter<'_>]) -> bool {
    let digits = |number: &str| number.bytes().all(|byte| byte.is_ascii_digit());
    let text: String = letters.iter().filter_map(|letter| letter.sign).collect();
    text.trim().strip_suffix('.').is_some_and(|number| !number.is_empty() && digits(number))
}

/// The cells of a line; a first one without indent is none. What stands behind the number of a list
/// is one too.
fn cells_of(letters: &[Letter<'_>]) -> Vec<Cell> {
    let (mut column, mut blanks, mut found) = (0, 0, Vec::new());
    for (first, letter) in letters.iter().enumerate() {
        if letter.is_blank() {
            blanks += 1;
        } else if letter.sign.is_some() {
            if blanks > 1 || (blanks == 1 && is_number(&letters[..first])) {
                found.push(Cell { first, column });
            }
            blanks = 0;
        }
        column += letter.width;
    }
    found
}
