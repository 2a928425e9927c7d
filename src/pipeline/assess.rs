//! What a weighed vehicle may weigh and by how much it is over: the figures of a record.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::{Kilograms, PerMyriad};

/// The verdict on the gross mass.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Not over the limit.
    Compliant,
    /// Over the limit.
    Overload,
    /// Over by less than the error that the verification permits.
    Uncertain,
    /// The measurement does not allow a verdict.
    NotAssessable,
}

/// One way to read the axle pattern, with its limit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Reading {
    /// Vehicle kind, such as `rigid` or `articulated`.
    pub vehicle: String,
    /// Axle groups front to rear, such as `1+2+3`.
    pub split: String,
    /// Row of the limit table.
    pub limit_id: String,
    /// That row's limit after the adjustments.
    pub limit_kg: Kilograms,
    /// Rule ids of the adjustments that were applied, in order.
    pub adjustments: Vec<String>,
}

/// One axle group against GB 1589.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct GroupAssessment {
    /// First axle of the group, counted from 1.
    pub first_axle: u8,
    /// Axles in the group.
    pub axles: u8,
    /// Sum of its loads; `None` when one was not measured.
    pub load_kg: Option<Kilograms>,
    /// Row of the limit table; `None` when no limit is known for such a group.
    pub limit_id: Option<String>,
    /// Its limit.
    pub limit_kg: Option<Kilograms>,
    /// Load beyond the limit.
    pub excess_kg: Option<Kilograms>,
    /// Excess by limit.
    pub rate_permyriad: Option<PerMyriad>,
}

/// One step of the derivation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// Rule that was applied.
    pub rule: String,
    /// What went into it and what came out, as plain text.
    pub outcome: String,
}

/// The assessment of one passage. Every figure is an integer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Assessment {
    /// Measured gross mass, raw.
    pub gross_kg: Option<Kilograms>,
    /// Gross mass after the tolerance profile's deduction.
    pub corrected_gross_kg: Option<Kilograms>,
    /// The tolerance profile in use.
    pub tolerance_profile: String,
    /// The limit that decided.
    pub limit_kg: Option<Kilograms>,
    /// Its row in the limit table.
    pub limit_id: Option<String>,
    /// True when several readings with different limits were admissible.
    pub limit_ambiguous: bool,
    /// Corrected gross beyond the limit; zero when within it.
    pub excess_kg: Option<Kilograms>,
    /// Excess by limit, half-up.
    pub rate_permyriad: Option<PerMyriad>,
    /// The same rate from the raw gross mass.
    pub raw_rate_permyriad: Option<PerMyriad>,
    /// The verdict on the gross mass.
    pub verdict: Verdict,
    /// Whether any axle group is over its limit; information, not the verdict.
    pub axle_overload: bool,
    /// Why there is no verdict; empty otherwise.
    pub not_assessable: Vec<String>,
    /// Gross at or above 100 000 kg (百吨王) and rate at or above 100 %, by name.
    pub alarms: Vec<String>,
    /// Every admissible reading.
    pub readings: Vec<Reading>,
    /// Every axle group.
    pub groups: Vec<GroupAssessment>,
    /// The limit table: its id.
    pub table: String,
    /// SHA-256 of the limit table, lower-case hex.
    pub table_sha256: String,
    /// How the figures were derived, in order.
    pub derivation: Vec<Step>,
}

/// Stand-in until the assessment stage is merged.
#[derive(Clone, Debug, Default)]
pub struct Profile {}

/// Stand-in until the assessment stage is merged.
pub fn assess(passage: &super::passage::Passage, _: &Profile) -> Assessment {
    Assessment {
        gross_kg: passage.gross(),
        corrected_gross_kg: None,
        tolerance_profile: String::new(),
        limit_kg: None,
        limit_id: None,
        limit_ambiguous: false,
        excess_kg: None,
        rate_permyriad: None,
        raw_rate_permyriad: None,
        verdict: Verdict::Overload,
        axle_overload: false,
        not_assessable: Vec::new(),
        alarms: Vec::new(),
        readings: Vec::new(),
        groups: Vec::new(),
        table: String::new(),
        table_sha256: String::new(),
        derivation: Vec::new(),
    }
}

/// Stand-in until the assessment stage is merged.
pub fn obstacles(_: &super::passage::Passage, _: &Assessment) -> Vec<super::record::Unenforceable> {
    Vec::new()
}
