//! The profile that commands judge by: of a configuration or of the defaults, with further tables
//! and another regime.

use std::path::PathBuf;

use thiserror::Error;

use crate::config::limits::{self, ScheduleEntry, TableProblems};
use crate::config::{Config, LimitsConfig};
use crate::daemon::parameters::{self, ParametersError};
use crate::pipeline::assess::Profile;

/// Why there is no profile.
#[derive(Debug, Error)]
pub(super) enum JudgingError {
    /// A table or a dated list is wrong.
    #[error(transparent)]
    Parameters(#[from] ParametersError),
    /// There is no such table.
    #[error("--regime: {regime:?} is no limit table; known: {known}")]
    UnknownRegime {
        /// What was asked for.
        regime: String,
        /// What there is.
        known: String,
    },
    /// The table cannot be in force.
    #[error(transparent)]
    Regime(TableProblems),
}

/// The profile of `config`, or of every key's default, with the tables in `files` beside it and
/// `regime` in force on every day on which it holds.
pub(super) fn profile(
    config: Option<&Config>,
    files: &[PathBuf],
    regime: Option<&str>,
) -> Result<Profile, JudgingError> {
    let mut limits = config.map_or_else(LimitsConfig::default, |config| config.limits.clone());
    limits.tables.extend(files.iter().cloned());
    let tables = parameters::tables(&limits)?;
    let mut profile = match config {
        Some(config) => parameters::profile(&Config { limits, ..config.clone() })?,
        None => parameters::profile_of(&limits, &tables)?,
    };
    if let Some(regime) = regime {
        if tables.get(regime).is_none() {
            let known: Vec<&str> = tables.iter().map(|table| &*table.head().id).collect();
            let known = known.join(", ");
            return Err(JudgingError::UnknownRegime { regime: regime.to_owned(), known });
        }
        let whole = [ScheduleEntry::whole(regime)];
        profile.regime =
            limits::schedule(&tables, "--regime", &whole).map_err(JudgingError::Regime)?;
    }
    Ok(profile)
}
