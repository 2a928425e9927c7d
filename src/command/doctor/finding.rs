//! One line of the examination.

use serde::Serialize;

/// How good it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Level {
    /// As it should be.
    Ok,
    /// It works, and a person should look at it.
    Warn,
    /// It does not work.
    Fail,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    /// How good.
    pub(super) level: Level,
    /// Which part, such as `scale s`, `camera front-1`, `broker`.
    pub(super) part: String,
    /// What of it was looked at, a word for programs.
    pub(super) check: &'static str,
    /// The figure, or what is wrong.
    pub(super) figure: String,
    /// What to do; empty when nothing is to be done.
    pub(super) advice: String,
}

/// Findings of one part, as they come.
#[derive(Debug)]
pub(super) struct Part {
    name: String,
    pub(super) findings: Vec<Finding>,
}

impl Part {
    pub(super) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), findings: Vec::new() }
    }

    pub(super) fn ok(&mut self, check: &'static str, figure: impl Into<String>) {
        self.note(Level::Ok, check, figure.into(), String::new());
    }

    pub(super) fn warn(&mut self, check: &'static str, figure: impl Into<String>, advice: &str) {
        self.note(Level::Warn, check, figure.into(), advice.to_owned());
    }

    pub(super) fn fail(&mut self, check: &'static str, figure: impl Into<String>, advice: &str) {
        self.note(Level::Fail, check, figure.into(), advice.to_owned());
    }

    pub(super) fn note(
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
