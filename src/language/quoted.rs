//! What stands in quotation marks is typed or copied by whoever reads it: keys, values, commands,
//! file names. It stays as it is in every language, and no phrase ends within it.

use std::ops::Range;

/// Quotation marks: of commands and keys, of values, of arguments on the command line.
const MARKS: [char; 3] = ['`', '"', '\''];

/// Where the quoted pieces of a text stand, in bytes, with their marks.
fn pieces(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find(MARKS).map(|at| from + at) {
        let end = if opens(text, start) { end(text, start) } else { None };
        from = end.unwrap_or(start + 1);
        found.extend(end.map(|end| start..end));
    }
    found
}

/// Whether the mark here begins something: the apostrophe of `camera's` does not.
fn opens(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    before.is_none_or(|sign| !sign.is_alphanumeric())
}

/// Behind the mark that ends what begins here.
fn end(text: &str, start: usize) -> Option<usize> {
    let mark = text[start..].chars().next()?;
    let inside = start + mark.len_utf8();
    let mut ends = text[inside..].match_indices(mark).map(|(at, _)| inside + at);
    let closes = |at: &usize| {
        let after = text[at + mark.len_utf8()..].chars().next();
        !text[..*at].ends_with('\\') && after.is_none_or(|sign| !sign.is_alphanumeric())
    };
    ends.find(closes).map(|at| at + mark.len_utf8())
}

/// Whether all of the text is one quoted piece.
pub(super) fn is_quoted(text: &str) -> bool {
    pieces(text).first().is_some_and(|piece| *piece == (0..text.len()))
}

/// Whether a value between these two pieces of a phrase stands in quotation marks.
pub(super) fn are_quotes(before: &str, after: &str) -> bool {
    before.chars().next_back().is_some_and(|mark| MARKS.contains(&mark) && after.starts_with(mark))
}

/// Where a border stands in a text, outside of what is quoted.
pub(super) fn borders<'t>(text: &'t str, border: &'t str) -> impl Iterator<Item = usize> + 't {
    let pieces = pieces(text);
    let found = text.match_indices(border).map(|(at, _)| at);
    found.filter(move |at| !pieces.iter().any(|piece| piece.contains(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_apostrophe_quotes_nothing_and_a_border_within_quotes_is_none() {
        let text = "the camera's \"a: b\" is not 'c: d': see `e: f`";
        let quoted: Vec<&str> = pieces(text).into_iter().map(|piece| &text[piece]).collect();
        assert_eq!(quoted, ["\"a: b\"", "'c: d'", "`e: f`"]);
        let outside: Vec<&str> = borders(text, ": ").map(|at| &text[at..]).collect();
        assert_eq!(outside, [": see `e: f`"]);
    }

    #[test]
    fn a_text_is_quoted_as_a_whole_or_not() {
        for text in ["\"top\"", "`id`", r#""a\"b""#] {
            assert!(is_quoted(text), "{text}");
        }
        for text in ["", "\"", "\"a\" or \"b\"", "`id` is", "top"] {
            assert!(!is_quoted(text), "{text}");
        }
    }
}
