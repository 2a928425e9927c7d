//! `[grouping]`: spacings that make axles a group.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::pipeline::grouping::Thresholds;
use crate::units::Millimetres;

/// `[grouping]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GroupingConfig {
    /// Up to this spacing two axles are one group, millimetres. Default: 2000.
    #[schemars(range(min = 500, max = 5_000))]
    pub same_group_mm: u32,
    /// Beyond `same_group_mm` and up to this spacing both readings are kept and nothing is
    /// enforceable, millimetres. Default: 2500.
    #[schemars(range(min = 500, max = 5_000))]
    pub uncertain_mm: u32,
    /// Up to this spacing the first two axles are a twin-steer pair, millimetres. Default: 2000.
    #[schemars(range(min = 500, max = 5_000))]
    pub twin_steer_mm: u32,
}

impl Default for GroupingConfig {
    fn default() -> Self {
        let Thresholds { same_group, uncertain, twin_steer } = Thresholds::default();
        Self { same_group_mm: same_group.0, uncertain_mm: uncertain.0, twin_steer_mm: twin_steer.0 }
    }
}

impl GroupingConfig {
    /// In the pipeline's types.
    pub fn thresholds(&self) -> Thresholds {
        Thresholds {
            same_group: Millimetres(self.same_group_mm),
            uncertain: Millimetres(self.uncertain_mm),
            twin_steer: Millimetres(self.twin_steer_mm),
        }
    }
}
