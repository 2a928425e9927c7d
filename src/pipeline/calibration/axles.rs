//! The finest class of axle loads: of single axles against their static loads for a rigid vehicle
//! of two axles, else of axle groups against their own corrected mean.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Reference, Run};
use crate::pipeline::assess::Stage;
use crate::units::Kilograms;

/// Accuracy class of axle loads, OIML R134-1 (scales.md section 2.1: the table is not confirmed).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub enum AxleClass {
    /// ±0.25 % of a single axle of the rigid vehicle at verification.
    A,
    /// ±0.50 %.
    B,
    /// ±0.75 %.
    C,
    /// ±1.00 %.
    D,
    /// ±2.00 %.
    E,
    /// ±4.00 %.
    F,
}

impl AxleClass {
    /// Each, finest first.
    const ALL: [Self; 6] = [Self::A, Self::B, Self::C, Self::D, Self::E, Self::F];

    /// As the certificate writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::E => "E",
            Self::F => "F",
        }
    }

    /// Of a single axle of the rigid vehicle at verification, per-myriad.
    const fn initial(self) -> u64 {
        match self {
            Self::A => 25,
            Self::B => 50,
            Self::C => 75,
            Self::D => 100,
            Self::E => 200,
            Self::F => 400,
        }
    }
}

/// The finest class at this stage; `None` when none is kept, or axles or their truth are not
/// known.
pub(super) fn reached(reference: &Reference, runs: &[Run], stage: Stage) -> Option<AxleClass> {
    let rigid = reference.axles == 2;
    let runs: Vec<&Run> = runs.iter().filter(|run| run.is_measured()).collect();
    let first = runs.first()?;
    let alike = runs.iter().all(|run| run.groups_kg.len() == first.groups_kg.len());
    let targets =
        if rigid { reference.axles_kg.clone() } else { corrected_means(reference, &runs) };
    if !alike || targets.is_empty() || targets.len() != first.groups_kg.len() {
        return None;
    }
    let others = if rigid { 1 } else { 2 };
    let stage = if stage == Stage::Initial { 1 } else { 2 };
    AxleClass::ALL.into_iter().find(|class| {
        let permitted = |target: Kilograms| u64::from(target.0) * class.initial() * others * stage;
        runs.iter().all(|run| {
            let mut pairs = run.groups_kg.iter().zip(&targets);
            pairs.all(|(load, target)| {
                u64::from(load.0.abs_diff(target.0)) * 10_000 <= permitted(*target)
            })
        })
    })
}

/// The mean of each group, with the gross mass put right.
fn corrected_means(reference: &Reference, runs: &[&Run]) -> Vec<Kilograms> {
    let gross: u64 = runs.iter().filter_map(|run| run.gross_kg).map(|kg| u64::from(kg.0)).sum();
    let groups = runs.first().map_or(0, |run| run.groups_kg.len());
    let of_group = |group: usize| {
        let loads = runs.iter().filter_map(|run| run.groups_kg.get(group));
        let sum: u64 = loads.map(|load| u64::from(load.0)).sum();
        // mean group × reference / mean gross: the number of runs cancels out
        let mean = u128::from(sum) * u128::from(reference.gross_kg.0) / u128::from(gross.max(1));
        Kilograms(u32::try_from(mean).unwrap_or(u32::MAX))
    };
    (0..groups).map(of_group).collect()
}
