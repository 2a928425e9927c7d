//! The page: a line for each finding, in the order of the data's way, and the sum at its end.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{Finding, Level};

const FAIL: Style = AnsiColor::Red.on_default().bold();
const WARN: Style = AnsiColor::Yellow.on_default();
const OK: Style = AnsiColor::Green.on_default();

/// Writes every finding as a line, with the advice under it.
pub(in crate::command) fn write(findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    let width = findings.iter().map(|finding| finding.part.chars().count()).max().unwrap_or(0);
    let steps = findings.iter().map(|finding| finding.check.len()).max().unwrap_or(0);
    for finding in findings {
        let (style, word) = match finding.level {
            Level::Ok => (OK, "ok  "),
            Level::Warn => (WARN, "warn"),
            Level::Fail => (FAIL, "FAIL"),
        };
        let Finding { part, check, figure, advice, .. } = finding;
        writeln!(out, "{style}{word}{style:#}  {part:width$}  {check:steps$}  {figure}")?;
        if !advice.is_empty() {
            writeln!(out, "      {:width$}  {:steps$}  -> {advice}", "", "")?;
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
