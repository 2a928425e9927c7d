//! A calibration: what runs of a reference vehicle say of the scale in each lane.
//!
//! In: the reference vehicle and its runs. Out: for each lane the factor that puts the mean right,
//! the errors as found and with that factor, the class that they keep, and the runs that were set
//! aside with why. It changes nothing: the scale applies the factor, a person sets it there.

mod axles;
mod class;
mod errors;
mod run;
mod statistics;

pub use axles::AxleClass;
pub use errors::{BandErrors, Errors, Reached};
pub use run::{Run, SetAside, SpeedBand};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::assess::LaneLaw;
use super::passage::ScaleIdentity;
use crate::units::{Kilograms, Lane, PerMyriad};

/// Runs that a speed band needs: our choice, with which the 95 % interval of their mean is 1.2
/// standard deviations to each side.
pub const RUNS_EACH: usize = 5;

/// A factor of one.
pub const WHOLE: PerMyriad = PerMyriad(10_000);

/// Factors that a scale can be set to, per-myriad (the range of the configuration's key).
const FACTORS: std::ops::RangeInclusive<u64> = 5_000..=20_000;

/// A vehicle of known mass.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Reference {
    /// Its plate, when its runs are found by it.
    pub plate: Option<String>,
    /// Its gross mass by a static scale.
    pub gross_kg: Kilograms,
    /// Its axle loads by a static scale, front to rear; empty when they are not known.
    pub axles_kg: Vec<Kilograms>,
    /// Its number of axles.
    pub axles: u8,
}

/// Everything that is sealed about it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Calibration {
    /// Who drove and weighed, as he names himself.
    pub performed_by: String,
    /// What was driven.
    pub reference: Reference,
    /// Each lane, in order of number.
    pub lanes: Vec<LaneCalibration>,
}

/// The scale in one lane.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct LaneCalibration {
    /// The lane.
    pub lane: Lane,
    /// The scale as it named itself on the last run; `None` when it does not.
    pub scale: Option<ScaleIdentity>,
    /// Factor that was set during the runs; `None` when it is not known, and then taken as one.
    pub factor_before_permyriad: Option<PerMyriad>,
    /// Factor that puts the mean right.
    pub factor_permyriad: PerMyriad,
    /// Errors of the runs as they were weighed.
    pub as_found: Errors,
    /// Errors of the same runs with the new factor: what control runs should show.
    pub with_factor: Errors,
    /// As found, by speed, slowest first.
    pub bands: Vec<BandErrors>,
    /// Each run, in the order of time.
    pub runs: Vec<Run>,
}

/// Why there is no result for a lane.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CalibrationError {
    /// No run can be used.
    #[error("lane {}: none of {runs} runs can be used", lane.0)]
    NoRuns {
        /// The lane.
        lane: Lane,
        /// Runs that were found.
        runs: usize,
    },
    /// The factor is none that a scale can be set to.
    #[error(
        "lane {}: the factor would be {factor} per-myriad, outside 5000 to 20000: this is not the \
         reference vehicle, or its mass is not {reference}",
        lane.0
    )]
    FactorOutOfRange {
        /// The lane.
        lane: Lane,
        /// What comes out.
        factor: u64,
        /// What was given.
        reference: Kilograms,
    },
}

/// Works a lane out.
///
/// # Errors
/// Without a usable run, and when the factor cannot be set.
pub fn calibrate(
    reference: &Reference,
    law: &LaneLaw,
    mut runs: Vec<Run>,
) -> Result<LaneCalibration, CalibrationError> {
    let lane = law.lane;
    runs.sort_by(|a, b| (a.at, &a.record).cmp(&(b.at, &b.record)));
    run::set_outliers_aside(&mut runs);
    let before = law.calibration_factor.unwrap_or(WHOLE);
    let counted: Vec<&Run> = runs.iter().filter(|run| run.counts()).collect();
    let sum: u64 = counted.iter().filter_map(|run| run.gross_kg).map(|kg| u64::from(kg.0)).sum();
    if sum == 0 {
        return Err(CalibrationError::NoRuns { lane, runs: runs.len() });
    }
    let truth = u64::from(reference.gross_kg.0) * counted.len() as u64;
    let factor = (u64::from(before.0) * truth * 2 + sum) / (sum * 2);
    if !FACTORS.contains(&factor) {
        let reference = reference.gross_kg;
        return Err(CalibrationError::FactorOutOfRange { lane, factor, reference });
    }
    let factor = PerMyriad(u32::try_from(factor).unwrap_or(u32::MAX));
    let errors = |runs: &[Run]| Errors::of(reference, law, runs);
    let corrected: Vec<Run> =
        runs.iter().map(|run| run.corrected(reference, (before, factor))).collect();
    Ok(LaneCalibration {
        lane,
        scale: None,
        factor_before_permyriad: law.calibration_factor,
        factor_permyriad: factor,
        as_found: errors(&runs),
        with_factor: errors(&corrected),
        bands: BandErrors::of(reference, law, &runs),
        runs,
    })
}

/// Bands in which runs are missing, and how many: those that the approved speeds touch, and
/// without approved speeds those that were driven.
pub fn missing(law: &LaneLaw, runs: &[Run]) -> Vec<(SpeedBand, usize)> {
    in_bands(runs, |band| match law.speed {
        Some(approved) => band.touches(approved),
        None => driven(runs, band) > 0,
    })
}

/// The same of a lane that is still being driven over: without approved speeds in every band,
/// because nobody knows yet which ones will be.
pub fn to_drive(law: &LaneLaw, runs: &[Run]) -> Vec<(SpeedBand, usize)> {
    in_bands(runs, |band| law.speed.is_none_or(|approved| band.touches(approved)))
}

fn driven(runs: &[Run], band: SpeedBand) -> usize {
    runs.iter().filter(|run| run.counts() && run.band() == Some(band)).count()
}

fn in_bands(runs: &[Run], wanted: impl Fn(SpeedBand) -> bool) -> Vec<(SpeedBand, usize)> {
    let bands = SpeedBand::ALL.into_iter().filter(|band| wanted(*band));
    let missing = bands.map(|band| (band, RUNS_EACH.saturating_sub(driven(runs, band))));
    missing.filter(|(_, runs)| *runs > 0).collect()
}

#[cfg(test)]
mod tests;
