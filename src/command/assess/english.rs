//! English.

mod against;
mod judgement;
mod limit;
mod measurement;
mod names;

pub(super) use against::against;
pub(super) use names::{adjustment, vehicle, verdict};

use crate::pipeline::assess::Step;

/// One step as a sentence.
pub(super) fn sentence(step: &Step) -> String {
    measurement::sentence(step)
        .or_else(|| limit::sentence(step))
        .or_else(|| judgement::sentence(step))
        .unwrap_or_default()
}
