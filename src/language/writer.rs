//! The door to the terminal.

use std::io::{self, Write};

use super::layout::Run;
use super::phrase::Translator;

/// Takes English lines and writes Chinese ones.
#[derive(Debug)]
pub struct ChineseWriter<W> {
    inner: W,
    translator: Translator,
    /// The line that has no end yet.
    line: Vec<u8>,
}

impl<W: Write> ChineseWriter<W> {
    /// A door in front of `inner`.
    pub fn new(inner: W) -> Self {
        Self { inner, translator: Translator::default(), line: Vec::new() }
    }

    fn pass(&mut self, line: &[u8]) -> io::Result<()> {
        match std::str::from_utf8(line) {
            Ok(text) => self.inner.write_all(chinese(&self.translator, text).as_bytes()),
            Err(_) => self.inner.write_all(line),
        }
    }
}

impl<W: Write> Write for ChineseWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                self.pass(&line)?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        self.pass(&line)?;
        self.inner.flush()
    }
}

/// A text of several lines with its escape sequences.
pub fn chinese(translator: &Translator, text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| {
        let end = line.len() - line.trim_end_matches(['\n', '\r']).len();
        let (words, end) = line.split_at(line.len() - end);
        let runs = translator.line(runs(words));
        let styled = runs.into_iter().flat_map(|run| [run.style, run.text]);
        styled.chain([end.to_owned()]).collect::<String>()
    });
    lines.collect()
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
