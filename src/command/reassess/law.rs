//! The law to judge by: the one of the configuration, or another.

use std::path::PathBuf;

use super::ReassessArgs;
use crate::command::judging::{self, JudgingError};
use crate::command::refusal::refusal;
use crate::command::{Exit, Failure};
use crate::config::Config;
use crate::config::load::{DEFAULT_PATH, load};
use crate::daemon::parameters;
use crate::pipeline::LaneParameters;
use crate::pipeline::assess::Profile;
use crate::pipeline::limits::Day;
use crate::units::Lane;

/// What records are judged by.
pub(super) struct Law {
    pub(super) profile: Profile,
    lanes: Vec<LaneParameters>,
    /// As if every vehicle had passed on it.
    pub(super) day: Option<Day>,
    /// The configured folder of the store.
    pub(super) store: Option<PathBuf>,
    is_other: bool,
}

impl Law {
    pub(super) fn of(args: &ReassessArgs) -> Result<Self, Failure> {
        let config = config(args)?;
        let profile = judging::profile(config.as_ref(), &args.tables, args.regime.as_deref());
        let profile = profile.map_err(|error| {
            let usage = matches!(error, JudgingError::UnknownRegime { .. });
            let exit = if usage { Exit::Usage } else { Exit::Configuration };
            Failure::from(error).exit(exit)
        })?;
        let day = args.date.as_deref().map(str::parse::<Day>).transpose();
        let day = day.map_err(|error| Failure::new(Exit::Usage, format!("--date: {error}")))?;
        Ok(Self {
            profile,
            lanes: config.as_ref().map(parameters::lanes).unwrap_or_default(),
            day,
            store: config.map(|config| config.store.dir),
            is_other: !args.tables.is_empty() || args.regime.is_some() || day.is_some(),
        })
    }

    /// Whether it is not the law that made the records.
    pub(super) fn is_other(&self) -> bool {
        self.is_other
    }

    pub(super) fn lane(&self, lane: Lane) -> Option<&LaneParameters> {
        self.lanes.iter().find(|known| known.lane == lane)
    }
}

fn config(args: &ReassessArgs) -> Result<Option<Config>, Failure> {
    let named = args.config.clone();
    let needed = args.files.is_empty() && args.state.is_none();
    let path = named.or_else(|| needed.then(|| PathBuf::from(DEFAULT_PATH)));
    let loaded = path.map(|path| load(&path)).transpose().map_err(refusal)?;
    Ok(loaded.map(|loaded| loaded.config))
}
