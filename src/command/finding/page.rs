//! The page: a line for each finding, in the order of the data's way, and the sum at its end.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{Finding, Level};
use crate::language::row;

const FAIL: Style = AnsiColor::Red.on_default().bold();
const WARN: Style = AnsiColor::Yellow.on_default();
const OK: Style = AnsiColor::Green.on_default();

/// Writes every finding as a line, with the advice under it.
pub(in crate::command) fn write(findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    for finding in findings {
        let (style, word) = match finding.level {
            Level::Ok => (OK, "ok"),
            Level::Warn => (WARN, "warn"),
            Level::Fail => (FAIL, "FAIL"),
        };
        let Finding { part, check, figure, advice, .. } = finding;
        let word = format!("{style}{word}{style:#}");
        writeln!(out, "{}", row([&*word, &part.shown(), check, figure]))?;
        if !advice.is_empty() {
            writeln!(out, "{}", row(["", "", "", &format!("-> {advice}")]))?;
        }
    }
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let (fails, warns) = (count(Level::Fail), count(Level::Warn));
    match (fails, warns) {
        (0, 0) => writeln!(out, "\nall {} lines are good", findings.len()),
        (0, warns) => writeln!(out, "\nit works; {warns} to look at"),
        (fails, warns) => writeln!(out, "\n{fails} to put right, {warns} to look at"),
    }
}
