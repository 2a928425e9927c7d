//! What is wrong with a configuration file, said so that it can be put right at once.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

/// One mistake, or one thing that is legal but unreasonable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// Line of the file, from 1.
    pub line: usize,
    /// Full key, such as `camera[2].role`; entries are counted from 1. Empty for a mistake of
    /// the TOML itself.
    pub key: String,
    /// What is wrong.
    pub what: String,
    /// What would be right; empty when the first says it all.
    pub allowed: String,
}

impl Problem {
    /// A mistake whose text says it all.
    pub fn new(line: usize, key: impl Into<String>, what: impl Into<String>) -> Self {
        Self { line, key: key.into(), what: what.into(), allowed: String::new() }
    }

    /// The same with what would be right.
    #[must_use]
    pub fn allowed(self, allowed: impl Into<String>) -> Self {
        let allowed = allowed.into();
        Self { allowed, ..self }
    }

    /// `file:line: key: what; allowed: …`
    pub fn in_file(&self, file: &Path) -> String {
        let mut text = format!("{}:{}: ", file.display(), self.line);
        if !self.key.is_empty() {
            text.extend([&self.key, ": "]);
        }
        text.push_str(&self.what);
        if !self.allowed.is_empty() {
            text.extend(["; allowed: ", &self.allowed]);
        }
        text
    }
}

/// Every mistake of one file, by line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems {
    /// The file.
    pub file: PathBuf,
    /// Never empty.
    pub list: Vec<Problem>,
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.list.len();
        let noun = if number == 1 { "mistake" } else { "mistakes" };
        write!(f, "{} has {number} {noun}", self.file.display())?;
        for problem in &self.list {
            write!(f, "\n{}", problem.in_file(&self.file))?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
