//! The derivation: what was done, in order, with the figures that went in and came out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AccuracyClass, NotAssessable, Stage, Verdict};
use crate::pipeline::grouping::{CodeScheme, DeviceAgreement};
use crate::pipeline::limits::{Day, Name, Split, Suspension};
use crate::units::{Kilograms, Millimetres, PerMyriad};

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

/// One step of the derivation: the rule, its inputs, its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "rule", rename_all = "kebab-case")]
pub enum Step {
    /// Axles were counted, and their loads added to the gross mass.
    SumOfAxles {
        /// Axles.
        axles: u8,
        /// Their sum; `None` when a load was not measured.
        gross_kg: Option<Kilograms>,
    },
    /// The scale is verified.
    Verification {
        /// Number of the certificate.
        certificate: Name,
        /// Who issued it; empty when unknown.
        institution: Name,
        /// Its last day; `None` when unknown.
        expiry: Option<Day>,
    },
    /// Neighbouring axles were put in groups by their spacing; each axle of a group counts
    /// (`adj-group-count`).
    GroupBySpacing {
        /// Spacing up to which two axles are one group.
        same_group_mm: Millimetres,
        /// The reading, with uncertain spacings taken as between groups.
        split: Split,
        /// The other extreme, when some spacing is uncertain.
        or_split: Option<Split>,
    },
    /// The device's own groups were compared.
    DeviceGroups {
        /// How its codes were read.
        scheme: CodeScheme,
        /// What came out.
        agreement: DeviceAgreement,
    },
    /// The day of the passage chose the table.
    RegimeInForce {
        /// Day in China.
        day: Day,
        /// The table.
        table: Name,
        /// Its title.
        title: Name,
        /// The document.
        document: Name,
    },
    /// The table draws no such pattern; the limit was taken from another one.
    PatternNotDrawn {
        /// The reading that is not drawn.
        split: Split,
        /// The table that gave the limit.
        derived_from: Name,
    },
    /// Nobody measured the suspension.
    SuspensionUnknown {
        /// How it was taken.
        taken_as: Suspension,
    },
    /// Axles with single tyres behind the truck or tractor lowered the limit.
    SingleTyres {
        /// Rule of the table.
        adjustment: Adjustment,
        /// Such axles.
        axles: u8,
        /// Taken off the limit.
        deducted_kg: Kilograms,
    },
    /// The limit that decides: the highest of the readings within the regime.
    LimitChosen {
        /// Row.
        limit_id: Name,
        /// Its limit, adjusted.
        limit_kg: Kilograms,
        /// Document.
        document: Name,
        /// Place in it.
        article: Name,
        /// Readings within the regime that it was chosen from.
        of_readings: u8,
    },
    /// Some reading that cannot be excluded has a higher limit.
    MoreFavourable {
        /// Row.
        limit_id: Name,
        /// Its limit.
        limit_kg: Kilograms,
    },
    /// The sum of the axle-group limits (`adj-axle-sum`).
    AxleSum {
        /// The sum.
        sum_kg: Kilograms,
        /// Whether it bounds the gross limit, or is information.
        applied: bool,
    },
    /// The tolerance profile was applied.
    Tolerance {
        /// Profile.
        profile: Name,
        /// Taken off the gross mass.
        deducted_kg: Kilograms,
        /// What is left.
        corrected_kg: Kilograms,
        /// The limit after the profile's factor.
        judged_limit_kg: Kilograms,
    },
    /// Gross mass against limit.
    Excess {
        /// Corrected gross mass.
        corrected_kg: Kilograms,
        /// Limit.
        judged_limit_kg: Kilograms,
        /// Beyond it.
        excess_kg: Kilograms,
        /// Excess by limit, half-up.
        rate_permyriad: PerMyriad,
    },
    /// The permissible error of the scale.
    GuardBand {
        /// Accuracy class.
        class: AccuracyClass,
        /// Which error.
        stage: Stage,
        /// The error.
        permissible_permyriad: PerMyriad,
        /// The greatest reading that is not certainly over.
        threshold_kg: Kilograms,
    },
    /// The measurement cannot be judged.
    NotAssessable {
        /// Why.
        reason: NotAssessable,
    },
    /// The verdict.
    Verdict {
        /// It.
        verdict: Verdict,
    },
}
