//! Errors of runs against the reference, gathered.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::statistics::{deviation, half_width, mean};
use super::{AxleClass, Reference, Run, SpeedBand, axles, class};
use crate::pipeline::assess::{AccuracyClass, LaneLaw, Stage};
use crate::units::PartsPerMillion;

/// The classes that runs keep at one stage; every run that was driven as a weighing asks counts,
/// also one that lies far from the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Reached {
    /// Of the gross mass; `None` when it is beyond every class.
    pub gross: Option<AccuracyClass>,
    /// Of axle loads; `None` when it is beyond every class or not known.
    pub axles: Option<AxleClass>,
}

/// What runs say together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Errors {
    /// Runs that count.
    pub runs: u32,
    /// Mean error of the gross mass; `None` without runs.
    pub mean_ppm: Option<PartsPerMillion>,
    /// Standard deviation of the errors; `None` of less than two runs.
    pub deviation_ppm: Option<PartsPerMillion>,
    /// Where the true mean lies with 95 %, lower and upper edge; `None` of less than two runs.
    pub interval_ppm: Option<(PartsPerMillion, PartsPerMillion)>,
    /// The greatest error of a run that counts for the class, with its sign.
    pub greatest_ppm: Option<PartsPerMillion>,
    /// Classes by the errors at verification.
    pub initial: Reached,
    /// Classes by the errors in service, twice as large.
    pub in_service: Reached,
}

impl Errors {
    /// Of these runs.
    pub(super) fn of(reference: &Reference, law: &LaneLaw, runs: &[Run]) -> Self {
        let counted = runs.iter().filter(|run| run.counts());
        let errors: Vec<i64> = counted.filter_map(|run| Some(run.error_ppm?.0)).collect();
        let mean = mean(&errors);
        let interval = mean
            .zip(half_width(&errors))
            .map(|(mean, half)| (PartsPerMillion(mean - half), PartsPerMillion(mean + half)));
        let measured = runs.iter().filter(|run| run.is_measured());
        let reached = |stage| Reached {
            gross: class::reached(reference, law, runs, stage),
            axles: axles::reached(reference, runs, stage),
        };
        Self {
            runs: u32::try_from(errors.len()).unwrap_or(u32::MAX),
            mean_ppm: mean.map(PartsPerMillion),
            deviation_ppm: deviation(&errors).map(PartsPerMillion),
            interval_ppm: interval,
            greatest_ppm: measured.filter_map(|run| run.error_ppm).max_by_key(|e| e.0.abs()),
            initial: reached(Stage::Initial),
            in_service: reached(Stage::InService),
        }
    }
}

/// Errors in one band of speed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct BandErrors {
    /// The band.
    pub band: SpeedBand,
    /// What its runs say.
    pub errors: Errors,
}

impl BandErrors {
    /// Of each band in which there are runs.
    pub(super) fn of(reference: &Reference, law: &LaneLaw, runs: &[Run]) -> Vec<Self> {
        let bands = SpeedBand::ALL.into_iter().map(|band| {
            let driven = runs.iter().filter(|run| run.band() == Some(band));
            let runs: Vec<Run> = driven.cloned().collect();
            (band, runs)
        });
        let driven = bands.filter(|(_, runs)| !runs.is_empty());
        driven
            .map(|(band, runs)| Self { band, errors: Errors::of(reference, law, &runs) })
            .collect()
    }
}
