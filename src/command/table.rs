//! Tables as a person reads them on a terminal: no frame, two blanks between columns.

use comfy_table::{ContentArrangement, Table, presets};

/// An empty table with these headings. Its columns are as wide as they must be: what is beyond the
/// edge of a terminal goes on in the next line, where the lines leave.
pub(super) fn table<const N: usize>(headings: [&str; N]) -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(headings);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table
}
