//! What an examination found: one line for each thing that was looked at.

pub(in crate::command) mod page;

use std::fmt;

use serde::{Serialize, Serializer};

use crate::language::proper;

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

/// A part of the site, such as `clock`, `scale s`, `camera front-1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::command) struct Subject {
    kind: &'static str,
    /// Which of its kind; empty where there is one only.
    name: String,
}

impl Subject {
    /// The same for a screen, with the name marked.
    pub(in crate::command) fn shown(&self) -> String {
        if self.name.is_empty() {
            return self.kind.to_owned();
        }
        format!("{} {}", self.kind, proper(&self.name))
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gap = if self.name.is_empty() { "" } else { " " };
        write!(f, "{}{gap}{}", self.kind, self.name)
    }
}

impl Serialize for Subject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::command) struct Finding {
    /// How good.
    pub(in crate::command) level: Level,
    /// Which part.
    pub(in crate::command) part: Subject,
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
    subject: Subject,
    pub(in crate::command) findings: Vec<Finding>,
}

impl Part {
    /// Of the only part of this kind.
    pub(in crate::command) fn new(kind: &'static str) -> Self {
        Self::of(kind, "")
    }

    /// Of the part of this kind and name.
    pub(in crate::command) fn of(kind: &'static str, name: impl Into<String>) -> Self {
        Self { subject: Subject { kind, name: name.into() }, findings: Vec::new() }
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
        let part = self.subject.clone();
        self.findings.push(Finding { level, part, check, figure, advice });
    }
}
