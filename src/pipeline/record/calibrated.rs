//! A calibration as it is sealed: with its number.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::pipeline::calibration::Calibration;

/// A calibration that was applied.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Calibrated {
    /// The site's calibration counter after it: one more than before. An inspector compares it
    /// with the value that was noted at sealing.
    pub count: u64,
    /// What was found and set.
    pub calibration: Calibration,
}

/// The calibration counter. It never goes down.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::pipeline) struct Tally {
    count: u64,
    changed: bool,
}

impl Tally {
    /// Calibrations until now.
    pub(in crate::pipeline) fn count(self) -> u64 {
        self.count
    }

    /// One more; its number.
    pub(in crate::pipeline) fn raise(&mut self) -> u64 {
        self.count = self.count.saturating_add(1);
        self.changed = true;
        self.count
    }

    /// The count, when it has changed since this was last asked.
    pub(in crate::pipeline) fn take_known(&mut self) -> impl Iterator<Item = u64> + use<> {
        std::mem::take(&mut self.changed).then_some(self.count).into_iter()
    }

    /// Takes up what was counted before a restart.
    pub(in crate::pipeline) fn recall(&mut self, count: u64) {
        self.count = self.count.max(count);
    }
}
