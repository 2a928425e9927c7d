//! The door to the terminal: what commands say comes in, in English; what a person reads goes out.
//!
//! In one place and in this order: tables get their columns, lines their language, names from the
//! configuration lose their marks, and what is wider than the terminal is folded.

use std::io::{self, Write};

use super::layout::Run;
use super::phrase::Translator;
use super::proper::unmarked;
use super::{Language, fold, rows};

/// How a person sees what is said.
#[derive(Clone, Debug, Default)]
pub struct Screen {
    /// Puts it into another language than English.
    translator: Option<Translator>,
    /// Lines are no wider; `None` where there is no terminal.
    columns: Option<usize>,
}

impl Screen {
    /// In this language, folded at `columns`.
    pub fn new(language: Language, columns: Option<usize>) -> Self {
        let translator = (language == Language::Zh).then(Translator::default);
        Self { translator, columns }
    }

    /// As standard error shows it.
    pub fn of_stderr(language: Language) -> Self {
        Self::new(language, fold::columns(io::stderr()))
    }

    /// A text of several lines, with its escape sequences.
    pub fn text(&self, text: &str) -> String {
        let (mut out, mut table) = (String::new(), Vec::new());
        for line in text.split_inclusive('\n') {
            self.take(line, &mut table, &mut out);
        }
        self.table(&mut table, &mut out);
        out
    }

    /// Adds a line to what is shown; a row waits for the end of its table.
    fn take(&self, line: &str, table: &mut Vec<Vec<String>>, out: &mut String) {
        if rows::is_row(line) {
            table.push(rows::cells(line).map(|cell| self.said(cell)).collect());
            return;
        }
        self.table(table, out);
        let words = line.trim_end_matches(['\n', '\r']);
        self.line(&self.said(words), &line[words.len()..], out);
    }

    /// The table that has come to its end.
    fn table(&self, table: &mut Vec<Vec<String>>, out: &mut String) {
        for line in rows::laid_out(&std::mem::take(table)) {
            self.line(&line, "\n", out);
        }
    }

    fn line(&self, words: &str, end: &str, out: &mut String) {
        match self.columns {
            Some(columns) => out.push_str(&fold::fold(words, columns)),
            None => out.push_str(words),
        }
        out.push_str(end);
    }

    /// A line or cell in the language of the person.
    fn said(&self, words: &str) -> String {
        let Some(translator) = &self.translator else {
            return unmarked(words);
        };
        let runs = translator.line(runs(words));
        runs.into_iter().flat_map(|run| [run.style, run.text]).collect()
    }
}

/// Shows whole lines and tables on their way to `inner`.
#[derive(Debug)]
pub struct Door<W> {
    inner: W,
    screen: Screen,
    /// The line that has no end yet.
    line: Vec<u8>,
    /// The table that has no end yet.
    table: Vec<Vec<String>>,
}

impl<W: Write> Door<W> {
    /// In front of `inner`.
    pub fn new(inner: W, screen: Screen) -> Self {
        Self { inner, screen, line: Vec::new(), table: Vec::new() }
    }

    fn pass(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        let mut out = String::new();
        match std::str::from_utf8(&line) {
            Ok(text) => self.screen.take(text, &mut self.table, &mut out),
            Err(_) => self.screen.table(&mut self.table, &mut out),
        }
        self.inner.write_all(out.as_bytes())?;
        if std::str::from_utf8(&line).is_err() {
            self.inner.write_all(&line)?;
        }
        Ok(())
    }
}

impl<W: Write> Write for Door<W> {
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

/// The pieces between escape sequences (ECMA-48: `ESC [`, parameters, one letter).
fn runs(line: &str) -> Vec<Run<String>> {
    let mut runs = Vec::new();
    let mut style = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('\u{1b}') {
        if start > 0 {
            runs.push(Run { style: std::mem::take(&mut style), text: rest[..start].to_owned() });
        }
        let sequence = &rest[start..];
        let end = sequence.find(|c: char| c.is_ascii_alphabetic());
        let end = end.map_or(sequence.len(), |end| end + 1);
        style.push_str(&sequence[..end]);
        rest = &sequence[end..];
    }
    runs.push(Run { style, text: rest.to_owned() });
    runs
}

#[cfg(test)]
mod tests {
    use super::super::{proper, row};
    use super::*;

    fn chinese() -> Screen {
        Screen::new(Language::Zh, None)
    }

    #[test]
    fn headings_stand_above_their_cells_in_every_language() {
        let table = [row(["QUEUE", "WAITING", "OLDEST"]), row(["first", "3", "1 min 2 s"])];
        let table = table.join("\n") + "\n";
        let english = "QUEUE  WAITING  OLDEST\nfirst  3        1 min 2 s\n";
        assert_eq!(Screen::default().text(&table), english);
        assert_eq!(chinese().text(&table), "队列  待发  最早\n优先  3     1 分 2 秒\n");
    }

    #[test]
    fn a_name_of_the_configuration_is_no_word() {
        let table = [
            row(["CAMERA", "ROLE"]),
            row([&*proper("rear"), "rear"]),
            row([&*proper("no"), "front"]),
        ];
        let shown = chinese().text(&(table.join("\n") + "\n"));
        assert_eq!(shown, "摄像机  方位\nrear    后\nno      前\n");
        let line = "scale file: controller 1 does not answer; power, wiring, address, baud";
        assert!(chinese().text(line).contains(" file"), "{}", chinese().text(line));
    }

    #[test]
    fn what_comes_in_pieces_goes_out_as_the_same_lines() {
        let text =
            format!("\u{1b}[1mSCALE\u{1b}[0m\n{}\n{}\nend", row(["a", "b"]), row(["ccc", "d"]));
        for size in [1, 2, 7, 100] {
            let mut door = Door::new(Vec::new(), chinese());
            for piece in text.as_bytes().chunks(size) {
                door.write_all(piece).expect("memory");
            }
            door.flush().expect("memory");
            let shown = String::from_utf8(door.inner).expect("UTF-8");
            assert_eq!(shown, chinese().text(&text), "{size}");
            assert_eq!(shown, "\u{1b}[1m称重设备\u{1b}[0m\na    b\nccc  d\nend");
        }
    }
}
