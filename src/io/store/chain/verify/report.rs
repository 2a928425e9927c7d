//! What is wrong with published records, each named with its sequence.

use schemars::JsonSchema;
use serde::Serialize;

use crate::io::store::chain::Head;
use crate::io::store::hex::Hex;

/// Something wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum Problem {
    /// The line is no published record.
    Malformed {
        /// Line number.
        line: u64,
        /// Why.
        reason: String,
    },
    /// The record is not the one that was sealed.
    Altered {
        /// Its sequence.
        seq: u64,
        /// Line number.
        line: u64,
    },
    /// The proof names a key that was not given.
    UnknownKey {
        /// Its sequence.
        seq: u64,
        /// Line number.
        line: u64,
        /// The key that is named.
        key: Hex<8>,
    },
    /// The signature was not made with the key that is named.
    BadSignature {
        /// Its sequence.
        seq: u64,
        /// Line number.
        line: u64,
    },
    /// The same record again.
    Duplicate {
        /// Its sequence.
        seq: u64,
        /// Line number of the repetition.
        line: u64,
    },
    /// Another record with the same sequence.
    Conflict {
        /// Its sequence.
        seq: u64,
        /// Line number of the later one.
        line: u64,
    },
    /// Records are missing.
    Gap {
        /// First missing sequence.
        first: u64,
        /// Last missing sequence.
        last: u64,
    },
    /// The record does not follow the one before it.
    BrokenLink {
        /// Its sequence.
        seq: u64,
    },
}

/// What was found in all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Report {
    /// Lines that were looked at, without blank ones.
    pub lines: u64,
    /// Different sequences.
    pub records: u64,
    /// First sequence and the place before it; what came earlier was not given.
    pub after: Option<Head>,
    /// Last sequence and its hash.
    pub head: Option<Head>,
    /// Records that are not there because they had to go, as signed records tell.
    pub evicted: u64,
    /// Keys that were introduced by records of a key that was given.
    pub introduced: Vec<Hex<8>>,
    /// Everything that is wrong, by kind and sequence.
    pub problems: Vec<Problem>,
}

impl Problem {
    /// Number of the line that it is about, when it is about one.
    pub(super) fn line(&self) -> Option<u64> {
        match self {
            Self::Malformed { line, .. }
            | Self::Altered { line, .. }
            | Self::UnknownKey { line, .. }
            | Self::BadSignature { line, .. }
            | Self::Duplicate { line, .. }
            | Self::Conflict { line, .. } => Some(*line),
            Self::Gap { .. } | Self::BrokenLink { .. } => None,
        }
    }
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_good(&self) -> bool {
        self.problems.is_empty() && self.records > 0
    }
}
