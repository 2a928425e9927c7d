//! What can go wrong, with the field, the file or the table at fault.

use std::io;
use std::path::PathBuf;

use super::{CsvSummary, FieldError};
use crate::command::judging::JudgingError;
use crate::config::limits::TableProblems;
use crate::config::load::LoadError;
use crate::daemon::parameters::ParametersError;

/// Why nothing was judged.
#[derive(Debug, thiserror::Error)]
pub enum AssessError {
    /// An argument or column is wrong.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// The configuration could not be read or is wrong.
    #[error(transparent)]
    Config(LoadError),
    /// A limit table could not be read from disk.
    #[error("cannot read the limit table {}", file.display())]
    ReadTable {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A limit table is wrong.
    #[error(transparent)]
    Table(#[from] TableProblems),
    /// The list of vehicles could not be opened.
    #[error("cannot open the list of vehicles {}", file.display())]
    Open {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The list of vehicles is no CSV.
    #[error("cannot read the list of vehicles")]
    Csv(#[from] ::csv::Error),
    /// Vehicles of the list have no verdict; each has said why in its line.
    #[error(
        "{}: {} of {} vehicles have no verdict, the first in line {line}: {what}",
        file.display(), summary.vehicles - summary.judged, summary.vehicles
    )]
    Unjudged {
        /// The file.
        file: PathBuf,
        /// What became of the list.
        summary: CsvSummary,
        /// Line of the first one.
        line: u64,
        /// Why it has none.
        what: String,
    },
    /// The result could not be written.
    #[error("cannot write the result")]
    Write(#[from] io::Error),
    /// The result could not be written as JSON.
    #[error("cannot write the result as JSON")]
    Json(#[from] serde_json::Error),
}

impl AssessError {
    pub(super) fn of_judging(error: JudgingError) -> Self {
        match error {
            JudgingError::Parameters(ParametersError::Table { path, source }) => {
                Self::ReadTable { file: path, source }
            }
            JudgingError::Parameters(ParametersError::Tables(problems))
            | JudgingError::Regime(problems) => Self::Table(problems),
            JudgingError::UnknownRegime { regime, known } => {
                let what = format!("{regime:?} is no limit table; known: {known}");
                Self::Field(FieldError::new("--regime", what))
            }
            JudgingError::Parameters(error @ ParametersError::Provenance(_)) => {
                Self::Write(io::Error::other(error))
            }
        }
    }

    /// What to do next.
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Field(_) => "`wimd assess --help` shows how each argument is written",
            Self::Config(_) | Self::Table(_) => "put it right: `wimd check` tells every mistake",
            Self::ReadTable { .. } | Self::Open { .. } => {
                "is the path spelt right, and may you read it?"
            }
            Self::Csv(_) => "the columns are in `wimd assess --help`; save it as CSV in UTF-8",
            Self::Unjudged { .. } => "each vehicle without verdict says why in its own line",
            _ => "is the reader of the output still there, and is there room on the disk?",
        }
    }

    /// Whether the arguments are at fault, so that the exit code is 2.
    pub const fn is_usage(&self) -> bool {
        matches!(self, Self::Field(_) | Self::Table(_) | Self::Unjudged { .. })
    }
}
