//! The days of a month as bars: all passages in grey, the overloads of them in red.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::tally::Tally;

/// Size of the field of bars.
const FIELD: (u64, u64) = (868, 260);

/// Its upper left corner.
const CORNER: (u64, u64) = (64, 48);

/// Days that have room, as in the longest month.
const DAYS: u64 = 31;

/// Draws them.
pub(super) fn svg(month: &str, days: &BTreeMap<String, Tally>) -> String {
    let most = days.values().map(|tally| tally.passages).max().unwrap_or(0).max(1);
    let mut svg = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 960 360\" \
         font-family=\"sans-serif\" font-size=\"12\">\n",
    );
    let mut add = |text: String| {
        svg.push_str(&text);
        svg.push('\n');
    };
    add(text(CORNER.0, 24, "start", &format!("{month}: passages (grey), overloads (red)")));
    add(text(CORNER.0 - 8, CORNER.1 + 6, "end", &most.to_string()));
    add(text(CORNER.0 - 8, CORNER.1 + FIELD.1, "end", "0"));
    for (day, tally) in days {
        let number: u64 = day.get(8..10).and_then(|day| day.parse().ok()).unwrap_or(1);
        let step = FIELD.0 / DAYS;
        let left = CORNER.0 + (number.saturating_sub(1)) * step;
        add(bar(left, step - 6, tally.passages * FIELD.1 / most, "#b8b8b8"));
        add(bar(left, step - 6, tally.overload * FIELD.1 / most, "#c0392b"));
        let under = CORNER.1 + FIELD.1 + 16;
        add(text(left + (step - 6) / 2, under, "middle", &number.to_string()));
        if tally.overload > 0 {
            add(text(left + (step - 6) / 2, under + 14, "middle", &tally.overload.to_string()));
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn bar(left: u64, width: u64, height: u64, colour: &str) -> String {
    let top = CORNER.1 + FIELD.1 - height;
    let mut rect = String::new();
    // writing to a string cannot fail
    let _ = write!(
        rect,
        "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" fill=\"{colour}\"/>"
    );
    rect
}

fn text(x: u64, y: u64, anchor: &str, text: &str) -> String {
    format!("<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{text}</text>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_day_fills_the_field_and_its_overloads_their_share() {
        let busy = Tally { passages: 100, overload: 25, ..Tally::default() };
        let days = BTreeMap::from([("2026-11-02".to_owned(), busy)]);
        let drawn = svg("2026-11", &days);
        assert!(drawn.contains("x=\"92\" y=\"48\" width=\"22\" height=\"260\""), "{drawn}");
        assert!(drawn.contains("x=\"92\" y=\"243\" width=\"22\" height=\"65\""), "{drawn}");
    }
}
