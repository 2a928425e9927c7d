//! The lines of the screen in another language, and cut at its edge so that one sees it.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::language::{self, Run, Translator};

/// Stands at the end of a line that goes on beyond the edge.
const CUT: char = '…';

/// What parts a remark from the one before it; nothing stands below it in a column.
const LOOSE: [&str; 2] = ["  ", " · "];

/// The same lines as `translator` puts them, as they are without one; none wider than `columns`.
pub(super) fn lines(
    translator: Option<&Translator>,
    lines: Vec<Line<'static>>,
    columns: u16,
) -> Vec<Line<'static>> {
    let put = |line| match translator {
        Some(translator) => self::line(translator, line),
        None => self::unmarked(line),
    };
    lines.into_iter().map(|line| fitted(put(line), columns.into())).collect()
}

fn line(translator: &Translator, line: Line<'static>) -> Line<'static> {
    let mut groups: Vec<Vec<Run<Style>>> = Vec::new();
    for Span { style, content } in line.spans {
        let run = Run { style, text: content.into_owned() };
        match groups.last_mut() {
            Some(group) if !LOOSE.iter().any(|gap| run.text.starts_with(gap)) => group.push(run),
            _ => groups.push(vec![run]),
        }
    }
    let runs = groups.into_iter().flat_map(|group| translator.line(group));
    let spans: Vec<_> = runs.map(|run| Span::styled(run.text, run.style)).collect();
    Line { spans, ..line }
}

fn unmarked(line: Line<'static>) -> Line<'static> {
    let plain = |Span { style, content }| Span::styled(language::unmarked(&content), style);
    let spans = line.spans.into_iter().map(plain).collect();
    Line { spans, ..line }
}

fn fitted(line: Line<'static>, columns: usize) -> Line<'static> {
    let wide: usize = line.spans.iter().map(|span| span.content.width()).sum();
    if wide <= columns {
        return line;
    }
    let mut room = columns.saturating_sub(1);
    let mut spans = Vec::new();
    for Span { style, content } in line.spans {
        let mut text = String::new();
        for letter in content.chars() {
            let width = letter.width().unwrap_or(0);
            if width > room {
                text.push(CUT);
                spans.push(Span::styled(text, style));
                return Line { spans, ..line };
            }
            room -= width;
            text.push(letter);
        }
        spans.push(Span::styled(text, style));
    }
    Line { spans, ..line }
}
