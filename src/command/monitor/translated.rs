//! The lines of the screen in another language, before they are cut at its edge.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::language::{Run, Translator};

/// The same lines as `translator` puts them; as they are without one.
pub(super) fn lines(
    translator: Option<&Translator>,
    lines: Vec<Line<'static>>,
) -> Vec<Line<'static>> {
    let Some(translator) = translator else {
        return lines;
    };
    lines.into_iter().map(|line| self::line(translator, line)).collect()
}

fn line(translator: &Translator, line: Line<'static>) -> Line<'static> {
    let of = |span: Span<'static>| Run { style: span.style, text: span.content.into_owned() };
    let runs = translator.line(line.spans.into_iter().map(of).collect::<Vec<Run<Style>>>());
    let spans: Vec<_> = runs.into_iter().map(|run| Span::styled(run.text, run.style)).collect();
    Line { spans, ..line }
}
