//! Lines no wider than the terminal: broken between words and below the column they began in, so
//! that no word is torn and a row stays one.

use std::io::{self, Write};
use std::os::fd::AsFd;

use unicode_width::UnicodeWidthChar;

/// Stands no nearer to the edge than this; narrower windows tear words.
const NARROWEST: usize = 20;

/// Indent of a line that has no columns.
const INDENT: usize = 2;

/// Signs that no line begins with.
const CLOSING: &str = "，。；：、！？）》”…";

/// Columns of a terminal; `None` when it is none.
pub fn columns(of: impl AsFd) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(of).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col).max(NARROWEST))
}

/// Folds what is written through it.
#[derive(Debug)]
pub struct FoldingWriter<W> {
    inner: W,
    columns: usize,
    /// The line that has no end yet.
    line: Vec<u8>,
}

impl<W: Write> FoldingWriter<W> {
    /// A door in front of `inner`, which has so many columns.
    pub fn new(inner: W, columns: usize) -> Self {
        Self { inner, columns, line: Vec::new() }
    }

    fn pass(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        match std::str::from_utf8(&line) {
            Ok(text) => self.inner.write_all(folded(text, self.columns).as_bytes()),
            Err(_) => self.inner.write_all(&line),
        }
    }
}

impl<W: Write> Write for FoldingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.pass()?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pass()?;
        self.inner.flush()
    }
}

/// A text for standard error, folded when that is a terminal.
pub fn on_stderr(text: String) -> String {
    match columns(io::stderr()) {
        Some(columns) => folded(&text, columns),
        None => text,
    }
}

/// A text whose lines are no wider than this.
pub fn folded(text: &str, columns: usize) -> String {
    text.split_inclusive('\n').map(|line| fold(line, columns)).collect()
}

/// A letter with the escape sequences before it.
struct Letter<'a> {
    text: &'a str,
    /// `None` behind the last letter.
    sign: Option<char>,
    width: usize,
}

impl Letter<'_> {
    fn is_blank(&self) -> bool {
        self.sign == Some(' ')
    }

    /// Whether a line may begin with it behind another letter.
    fn may_begin(&self) -> bool {
        self.width == 2 && self.sign.is_some_and(|sign| !CLOSING.contains(sign))
    }
}

fn fold(line: &str, columns: usize) -> String {
    let words = line.trim_end_matches(['\n', '\r']);
    let letters = letters(words.trim_end_matches(' '));
    // a command is copied by whoever reads it, and must stay one line
    let command = words.starts_with("  wimd ");
    if command || width(&letters) <= columns {
        return line.to_owned();
    }
    let indent = indent(&letters, columns);
    let (mut out, mut rest, mut room) = (String::new(), &letters[..], columns);
    while width(rest) > room {
        let at = break_at(rest, room);
        let (now, later) = rest.split_at(at);
        let end = now.iter().rposition(|letter| !letter.is_blank()).map_or(0, |last| last + 1);
        let start = later.iter().position(|letter| !letter.is_blank()).unwrap_or(later.len());
        out.extend(now[..end].iter().map(|letter| letter.text));
        // the blanks go, what colours them stays
        let blanks = now[end..].iter().chain(&later[..start]);
        out.extend(blanks.map(|blank| blank.text.trim_end_matches(' ')));
        out.push('\n');
        out.push_str(&" ".repeat(indent));
        rest = &later[start..];
        room = columns - indent;
    }
    out.extend(rest.iter().map(|letter| letter.text));
    out.push_str(&line[words.len()..]);
    out
}

fn width(letters: &[Letter<'_>]) -> usize {
    letters.iter().map(|letter| letter.width).sum()
}

/// How many letters stand before the break: at least one.
fn break_at(letters: &[Letter<'_>], room: usize) -> usize {
    let mut used = 0;
    let fitting = letters.iter().take_while(|letter| {
        used += letter.width;
        used <= room || letter.is_blank()
    });
    let fitting = fitting.count();
    // leading blanks are no place to break at
    let first = letters.iter().position(|letter| !letter.is_blank()).unwrap_or(0) + 1;
    let may = |at: &usize| letters.get(*at).is_some_and(|l| l.is_blank() || l.may_begin());
    (first..=fitting).rev().find(may).unwrap_or(fitting).max(1)
}

/// Where the column begins in which the line may go on: the last one in the left half.
fn indent(letters: &[Letter<'_>], columns: usize) -> usize {
    let (mut column, mut blanks, mut found) = (0, 0, None);
    for letter in letters {
        if column > columns / 2 {
            break;
        }
        if letter.is_blank() {
            blanks += 1;
        } else if letter.sign.is_some() {
            if blanks > 1 {
                found = Some(column);
            }
            blanks = 0;
        }
        column += letter.width;
    }
    found.unwrap_or(INDENT)
}

/// The letters of a line; escape sequences (ECMA-48: `ESC [`, parameters, one letter) have no width.
fn letters(line: &str) -> Vec<Letter<'_>> {
    let mut letters = Vec::new();
    let (mut start, mut escape) = (0, false);
    for (at, sign) in line.char_indices() {
        if sign == '\u{1b}' {
            escape = true;
        } else if escape {
            escape = !sign.is_ascii_alphabetic();
        } else {
            let end = at + sign.len_utf8();
            let width = sign.width().unwrap_or(0);
            letters.push(Letter { text: &line[start..end], sign: Some(sign), width });
            start = end;
        }
    }
    if start < line.len() {
        letters.push(Letter { text: &line[start..], sign: None, width: 0 });
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_row_goes_on_below_its_last_column_and_no_word_is_torn() {
        let row = "ok    scale   line  good frames by 115200 bit/s 8N1 and nothing else came\n";
        let expected = "\
ok    scale   line  good frames by
                    115200 bit/s 8N1 and
                    nothing else came
";
        assert_eq!(folded(row, 40), expected);
    }

    #[test]
    fn what_fits_stays_as_it_is_and_a_command_is_never_broken() {
        for line in ["fits\n", "fits, with blanks            \n", ""] {
            assert_eq!(folded(line, 20), line);
        }
        let command = "  wimd run --config /a/long/path/to/a/file\n";
        assert_eq!(folded(command, 20), command);
    }

    #[test]
    fn chinese_breaks_between_its_letters_and_no_line_begins_with_a_full_stop() {
        let text = "守护进程未运行：直接来自端口。不保存数据";
        assert_eq!(folded(text, 20), "守护进程未运行：直接\n  来自端口。不保存数\n  据");
        assert_eq!(folded("一二三四五六七八九十。一", 20), "一二三四五六七八九\n  十。一");
    }

    #[test]
    fn colours_have_no_width_and_are_kept() {
        let text = "\u{1b}[31m!\u{1b}[0m one two three four five";
        assert_eq!(folded(text, 20), "\u{1b}[31m!\u{1b}[0m one two three four\n  five");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_and_nothing_but_blanks_is_lost(
            text in "([a-z]{1,9}|[重量限值。，]{1,4}| |  |\u{1b}\\[1m){0,40}",
            columns in 20_usize..100,
        ) {
            let folded = folded(&text, columns);
            for line in folded.lines() {
                let seen = line.trim_end_matches(' ');
                prop_assert!(width(&letters(seen)) <= columns, "{line:?}");
            }
            let bare = |text: &str| text.replace([' ', '\n'], "");
            prop_assert_eq!(bare(&folded), bare(&text));
        }
    }
}
