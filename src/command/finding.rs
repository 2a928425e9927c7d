//! What an examination found: one line for each thing that was looked at.

pub(in crate::command) mod page;

use serde::Serialize;

/// How good it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::command) enum Level {
    /// As it should be.
    Ok,
    /// It works, and a person should look at it.
    Warn,
    /// It does not work.
    Fail,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::command) struct Finding {
    /// How good.
    pub(in crate::command) level: Level,
    /// Which part, such as `scale s`, `camera front-1`, `broker`.
    pub(in crate::command) part: String,
    /// What of it was looked at, a word for programs.
    pub(in crate::command) check: &'static str,
    /// The figure, or what is wrong.
    pub(in crate::command) figure: String,
    /// What to do; empty when nothing is to be done.
    pub(in crate::command) advice: String,
}

/// Findings of one part, as they come.
#[derive(Debug)]
pub(in crate::command) struct Part {
    name: String,
    pub(in crate::command) findings: Vec<Finding>,
}

impl Part {
    pub(in crate::command) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), findings: Vec::new() }
    }

    pub(in crate::command) fn ok(&mut self, check: &'static str, figure: impl Into<String>) {
        self.note(Level::Ok, check, figure.into(), String::new());
    }

    pub(in crate::command) fn warn(
        &mut self,
        check: &'static str,
        figure: impl Into<String>,
        advice: &str,
    ) {
        self.note(Level::Warn, check, figure.into(), advice.to_owned());
    }

    pub(in crate::command) fn fail(
        &mut self,
        check: &'static str,
        figure: impl Into<String>,
        advice: &str,
    ) {
        self.note(Level::Fail, check, figure.into(), advice.to_owned());
    }

    pub(in crate::command) fn note(
        &mut self,
        level: Level,
        check: &'static str,
        figure: String,
        advice: String,
    ) {
        let part = self.name.clone();
        self.findings.push(Finding { level, part, check, figure, advice });
    }
}
