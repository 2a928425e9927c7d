//! The finest class of the gross mass that every run keeps.

use super::{Reference, Run};
use crate::pipeline::assess::{Accuracy, AccuracyClass, LaneLaw, Stage};
use crate::units::Kilograms;

/// The finest class at this stage; `None` when none is kept or nothing was measured.
pub(super) fn reached(
    reference: &Reference,
    law: &LaneLaw,
    runs: &[Run],
    stage: Stage,
) -> Option<AccuracyClass> {
    let interval_kg = law.accuracy.and_then(|accuracy| accuracy.interval_kg);
    let truth = reference.gross_kg;
    let errors: Vec<u32> = runs
        .iter()
        .filter(|run| run.is_measured())
        .filter_map(|run| run.gross_kg.map(|Kilograms(gross)| gross.abs_diff(truth.0)))
        .collect();
    let greatest = errors.iter().max()?;
    AccuracyClass::ALL.into_iter().find(|class| {
        let accuracy = Accuracy { class: *class, stage, interval_kg };
        *greatest <= accuracy.guard(truth, reference.axles.into()).0
    })
}
