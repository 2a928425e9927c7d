//! `[limits]`: which limit tables apply, and how.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[limits]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// TOML files of limit tables that replace the ones compiled in. Default: empty, the
    /// compiled-in tables.
    pub tables: Vec<PathBuf>,
    /// Which gross table applies from which day on; ascending, the first day covers all before.
    /// Default: empty, Notice 124 (交公路发〔2016〕124号) at all times.
    pub schedule: Vec<ScheduleTerm>,
    /// Deducted from the measured gross mass, per-myriad of it, before it is compared (the
    /// tolerance profile of the province). Default: 0.
    #[schemars(range(max = 2_000))]
    pub deduction_permyriad: u16,
}

/// One term of the schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleTerm {
    /// First day, `yyyy-mm-dd`.
    #[schemars(extend("format" = "date"))]
    pub from: String,
    /// Id of a gross table, such as `notice-124`.
    pub table: String,
}
