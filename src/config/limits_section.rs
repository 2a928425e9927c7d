//! `[limits]`: which limit tables apply, and how.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::limits::STANDARD_COMPARISON;
use crate::pipeline::assess::DEFAULT_LENGTH_ERROR;
use crate::pipeline::limits::Suspension;

/// `[limits]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// TOML files with limit tables; one with the id of a compiled-in table replaces it, any
    /// other is added. Default: empty, the compiled-in tables (`mot124-2016`, `mot62-2016`,
    /// `mot109-2016`, `gb1589-2016`).
    pub tables: Vec<PathBuf>,
    /// Which table of gross limits is in force from which day on, ascending, without a hole. No
    /// verdict is given for a passage on a day that none covers. Default: empty, `mot124-2016`
    /// (交公路发〔2016〕124号) from its own first day, 2016-09-21.
    pub schedule: Vec<ScheduleTerm>,
    /// Which table of axle-group limits is in force from which day on. Default: empty,
    /// `gb1589-2016` from its own first day, 2016-07-26.
    pub axle_schedule: Vec<ScheduleTerm>,
    /// Ids of the tables that are listed beside the one in force, each for as long as it holds; a
    /// case needs a mass beyond their limits too. Default: `mot62-2016` (Order 62).
    #[schemars(length(max = 8))]
    pub comparison: Vec<String>,
    /// How a suspension that nobody measured is taken. Default: `unknown_is_plain`.
    pub suspension: SuspensionProfile,
    /// By how much a vehicle may be measured too long, millimetres; only a length beyond the
    /// maximum of a kind by more than that excludes the kind, and never where that lowers a limit.
    /// Default: 1000, since no certificate covers the length.
    #[schemars(range(max = 20_000))]
    pub length_error_mm: u32,
    /// Whether the sum of the axle-group limits bounds the gross limit (Order 62 art. 3(2)3).
    /// Default: false, because several axle limits are not confirmed (law.md section 6).
    pub apply_axle_sum: bool,
    /// By more than which part of its limit, per-myriad, an axle group that is over supports a
    /// case, also where the gross mass is not over; has to cover the permissible error of the
    /// scale for axle groups. Default: absent, an axle group never supports a case, because
    /// several axle limits are not confirmed (law.md section 2).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 10_000))]
    pub axle_group_case_beyond_permyriad: Option<u16>,
    /// Name of the tolerance profile in each record. Default: absent, made from the two keys
    /// below: `none`, `deduct-…` or `factor-…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "code"))]
    pub tolerance: Option<String>,
    /// Deducted from the measured gross mass, per-myriad of it, before it is compared (the
    /// tolerance profile of the province). Default: 0.
    #[schemars(range(max = 2_000))]
    pub deduction_permyriad: u16,
    /// Factor of the limit, per-myriad, as Zhejiang has it (law.md section 4); not applied at
    /// and above 100 000 kg. Excludes a deduction. Default: 10000, which changes nothing.
    #[schemars(range(min = 10_000, max = 20_000))]
    pub limit_factor_permyriad: u16,
    /// Lower edges of the rate's buckets, per-myriad, ascending; beyond the last one there is no
    /// upper edge. Default: 0, 10, 20, 30, 50 and 100 % (law.md section 5).
    #[schemars(length(min = 1, max = 32), inner(range(max = 1_000_000)))]
    pub tiers_permyriad: Vec<u32>,
    /// Where all this stands; for messages only.
    #[serde(skip)]
    pub origin: Origin,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            tables: Vec::new(),
            schedule: Vec::new(),
            axle_schedule: Vec::new(),
            comparison: vec![STANDARD_COMPARISON.to_owned()],
            suspension: SuspensionProfile::default(),
            length_error_mm: DEFAULT_LENGTH_ERROR.0,
            apply_axle_sum: false,
            axle_group_case_beyond_permyriad: None,
            tolerance: None,
            deduction_permyriad: 0,
            limit_factor_permyriad: 10_000,
            tiers_permyriad: vec![0, 1_000, 2_000, 3_000, 5_000, 10_000],
            origin: Origin::default(),
        }
    }
}

/// One term of a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleTerm {
    /// First day, `yyyy-mm-dd`.
    #[schemars(extend("format" = "date"))]
    pub from: String,
    /// Last day. Default: absent, up to the next term, or for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date"))]
    pub to: Option<String>,
    /// Id of the table, such as `mot124-2016`.
    pub table: String,
}

/// How a suspension that nobody measured is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuspensionProfile {
    /// As one without air: the higher limit is listed, and a case needs a mass beyond it too.
    #[default]
    UnknownIsPlain,
    /// As air suspension: the higher limit decides.
    UnknownIsAir,
}

impl SuspensionProfile {
    /// What the unknown is taken as.
    pub const fn taken_as(self) -> Suspension {
        match self {
            Self::UnknownIsPlain => Suspension::Plain,
            Self::UnknownIsAir => Suspension::Air,
        }
    }
}

/// Where the section's values stand in the file. Two configurations that say the same are equal
/// wherever they say it.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The file; empty for a configuration that was never one.
    pub file: PathBuf,
    /// Line of each term of `schedule`.
    pub schedule: Vec<usize>,
    /// Line of each term of `axle_schedule`.
    pub axle_schedule: Vec<usize>,
    /// Line of `comparison`; 0 when it is not written.
    pub comparison: usize,
}

impl PartialEq for Origin {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Origin {}
