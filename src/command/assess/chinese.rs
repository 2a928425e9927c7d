//! Chinese, as a case file has it: each limit with the number of its document and the place in it.

mod against;
mod judgement;
mod limit;
mod measurement;
mod names;

pub(super) use against::against;
pub(super) use names::{adjustment, vehicle, verdict};

use crate::pipeline::assess::Step;
use crate::pipeline::limits::Day;

/// One step as a sentence.
pub(super) fn sentence(step: &Step) -> String {
    measurement::sentence(step)
        .or_else(|| limit::sentence(step))
        .or_else(|| judgement::sentence(step))
        .unwrap_or_default()
}

/// `2026年11月23日`
fn date(day: Day) -> String {
    let number = day.yyyymmdd();
    format!("{}年{}月{}日", number / 10_000, number / 100 % 100, number % 100)
}
