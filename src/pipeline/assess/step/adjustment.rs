//! Adjustments of a limit, by name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Adjustments of a limit, by their id in law.md section 1.5.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Adjustment {
    /// The limit for air suspension and dual tyres on every drive axle.
    AdjAir,
    /// Less for single tyres, by Order 62.
    #[serde(rename = "adj-single-tyre-62")]
    AdjSingleTyre62,
    /// Less for single tyres, by 124号.
    #[serde(rename = "adj-single-tyre-124")]
    AdjSingleTyre124,
    /// Less for single tyres, by another table.
    AdjSingleTyre,
    /// Nothing less, if the single tyres are wide.
    AdjWideTyre,
    /// Not beyond the sum of the axle-group limits.
    AdjAxleSum,
    /// The registered total mass, for tractors, farm vehicles and low-speed trucks.
    AdjRegisteredMass,
    /// Not beyond the registered total mass, for two axles.
    #[serde(rename = "adj-2axle-reg")]
    Adj2axleReg,
    /// Not beyond 5 t for each metre between the first and the last axle.
    AdjWheelbase,
}

impl Adjustment {
    /// The rule of a table's single-tyre deduction.
    pub fn single_tyre(rule: &str) -> Self {
        match rule {
            "adj-single-tyre-62" => Self::AdjSingleTyre62,
            "adj-single-tyre-124" => Self::AdjSingleTyre124,
            _ => Self::AdjSingleTyre,
        }
    }

    /// Id in law.md section 1.5.
    pub const fn id(self) -> &'static str {
        match self {
            Self::AdjAir => "adj-air",
            Self::AdjSingleTyre62 => "adj-single-tyre-62",
            Self::AdjSingleTyre124 => "adj-single-tyre-124",
            Self::AdjSingleTyre => "adj-single-tyre",
            Self::AdjWideTyre => "adj-wide-tyre",
            Self::AdjAxleSum => "adj-axle-sum",
            Self::AdjRegisteredMass => "adj-registered-mass",
            Self::Adj2axleReg => "adj-2axle-reg",
            Self::AdjWheelbase => "adj-wheelbase",
        }
    }
}
