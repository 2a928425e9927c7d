//! The assessment as it stands in the record.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Adjustment, Metrology, NotAssessable, Profile, Step};
use crate::pipeline::grouping::DeviceAgreement;
use crate::pipeline::limits::{Name, Split, VehicleKind};
use crate::pipeline::passage::Passage;
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

/// What is over.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The gross mass.
    GrossMass,
    /// An axle group only, which supports no case unless the site's configuration says from where.
    AxleGroup,
}

/// The two fixed alarms (law.md section 5).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Alarm {
    /// Gross mass at or above 100 000 kg: 百吨王.
    HundredTonnes,
    /// Rate, as it is shown with two decimals, at or above 100 %.
    HundredPercent,
}

/// Bucket of the rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Tier {
    /// Lower edge, included; nothing that is not over is in a bucket.
    pub from_permyriad: PerMyriad,
    /// Upper edge, excluded; `None` in the last bucket.
    pub to_permyriad: Option<PerMyriad>,
}

/// One way to read the axle pattern, with its limit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Reading {
    /// Vehicle kind of the row, such as `rigid` or `articulated`.
    pub vehicle: VehicleKind,
    /// Axle groups front to rear, such as `1+2+3`.
    pub split: Split,
    /// The limit table.
    pub table: Name,
    /// Row of the limit table.
    pub limit_id: Name,
    /// That row's limit after the adjustments.
    pub limit_kg: Kilograms,
    /// Whether it holds within the regime as the profile takes the unknown; the others are the
    /// readings that cannot be excluded.
    pub in_regime: bool,
    /// Adjustments that were applied, in order.
    pub adjustments: Vec<Adjustment>,
}

/// One axle group against GB 1589.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct GroupAssessment {
    /// First axle of the group, counted from 1.
    pub first_axle: u8,
    /// Axles in the group.
    pub axles: u8,
    /// Whether every reading of the spacings has this group.
    pub certain: bool,
    /// Sum of its loads; `None` when one was not measured.
    pub load_kg: Option<Kilograms>,
    /// Row of the limit table; `None` when no limit is known for such a group.
    pub limit_id: Option<Name>,
    /// Its limit.
    pub limit_kg: Option<Kilograms>,
    /// The highest limit that cannot be excluded, which a case is held against.
    pub most_favourable_kg: Option<Kilograms>,
    /// Load beyond the limit.
    pub excess_kg: Option<Kilograms>,
    /// Excess by limit, half-up.
    pub rate_permyriad: Option<PerMyriad>,
}

impl GroupAssessment {
    /// Whether it is over its limit, in every reading of the spacings.
    pub(super) fn is_over(&self) -> bool {
        self.certain && self.excess_kg.is_some_and(|excess| excess.0 > 0)
    }

    /// Whether it is over the highest limit that cannot be excluded, by more than `margin` of it,
    /// in every reading of the spacings.
    pub(super) fn is_over_by(&self, margin: PerMyriad) -> bool {
        let beyond = |(load, limit): (Kilograms, Kilograms)| {
            let excess = u64::from(load.0.saturating_sub(limit.0));
            excess * 10_000 > u64::from(limit.0) * u64::from(margin.0)
        };
        self.certain && self.load_kg.zip(self.most_favourable_kg).is_some_and(beyond)
    }
}

/// A limit table that was consulted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct ConsultedTable {
    /// Its id.
    pub id: Name,
    /// SHA-256 of its text, lower-case hex.
    pub sha256: Name,
}

/// The assessment of one passage. Every figure is an integer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Assessment {
    /// Measured gross mass, raw.
    pub gross_kg: Option<Kilograms>,
    /// What the tolerance profile takes off it.
    pub deduction_kg: Option<Kilograms>,
    /// Gross mass after the tolerance profile's deduction.
    pub corrected_gross_kg: Option<Kilograms>,
    /// The tolerance profile in use.
    pub tolerance_profile: Name,
    /// The verification of the scale.
    pub metrology: Metrology,
    /// The limit that decided, by law.
    pub limit_kg: Option<Kilograms>,
    /// Its row in the limit table.
    pub limit_id: Option<Name>,
    /// That limit after the tolerance profile's factor.
    pub judged_limit_kg: Option<Kilograms>,
    /// True when several readings with different limits were admissible.
    pub limit_ambiguous: bool,
    /// The highest limit of all readings.
    pub most_favourable_kg: Option<Kilograms>,
    /// Corrected gross beyond the judged limit; zero when within it.
    pub excess_kg: Option<Kilograms>,
    /// Excess by judged limit, half-up.
    pub rate_permyriad: Option<PerMyriad>,
    /// Raw gross beyond the limit, by the limit, without any tolerance.
    pub raw_rate_permyriad: Option<PerMyriad>,
    /// Width of the guard band above the judged limit; `None` when the lane's accuracy is not
    /// configured.
    pub guard_kg: Option<Kilograms>,
    /// The verdict on the gross mass.
    pub verdict: Verdict,
    /// Whether the corrected gross is over the most favourable limit too, beyond its guard band.
    pub over_every_reading: bool,
    /// What is over, when something is.
    pub basis: Option<Basis>,
    /// Whether any axle group is over its limit; information, not the verdict.
    pub axle_overload: bool,
    /// Bucket of the rate; `None` when not over.
    pub tier: Option<Tier>,
    /// Why there is no verdict; sorted, empty otherwise.
    pub not_assessable: Vec<NotAssessable>,
    /// Alarms that it raises.
    pub alarms: Vec<Alarm>,
    /// Axle groups, with uncertain spacings taken as between groups; `None` when the axles cannot
    /// be grouped.
    pub split: Option<Split>,
    /// Axle groups with uncertain spacings taken as inside a group; `None` when none is uncertain.
    pub or_split: Option<Split>,
    /// What the cross-check with the device's own groups gave.
    pub device_groups: DeviceAgreement,
    /// Every admissible reading.
    pub readings: Vec<Reading>,
    /// Every axle group.
    pub groups: Vec<GroupAssessment>,
    /// The limit table in force: its id; empty when none was used.
    pub table: Name,
    /// SHA-256 of the limit table, lower-case hex; empty when none was used.
    pub table_sha256: Name,
    /// The other tables that were consulted: those that gave a limit to a pattern which the one in
    /// force does not draw, the compared ones, and the axle-group limits.
    pub other_tables: Vec<ConsultedTable>,
    /// How the figures were derived, in order.
    pub derivation: Vec<Step>,
}

/// Steps of a usual derivation, so that the list does not grow; with one more it would be larger than what
/// glibc keeps at hand for each thread (1 032 bytes).
const USUAL_STEPS: usize = 11;

impl Assessment {
    /// Nothing but the measurement, not judged yet.
    pub(super) fn new(passage: &Passage, profile: &Profile) -> Self {
        let gross_kg = passage.gross();
        let mut derivation = Vec::with_capacity(USUAL_STEPS);
        derivation.push(Step::SumOfAxles {
            loads_kg: passage.axles.iter().map(|axle| axle.load_kg).collect(),
            gross_kg,
        });
        Self {
            gross_kg,
            deduction_kg: None,
            corrected_gross_kg: None,
            tolerance_profile: profile.tolerance.id.clone(),
            metrology: Metrology::of(passage, profile),
            limit_kg: None,
            limit_id: None,
            judged_limit_kg: None,
            limit_ambiguous: false,
            most_favourable_kg: None,
            excess_kg: None,
            rate_permyriad: None,
            raw_rate_permyriad: None,
            guard_kg: None,
            verdict: Verdict::NotAssessable,
            over_every_reading: false,
            basis: None,
            axle_overload: false,
            tier: None,
            not_assessable: Vec::new(),
            alarms: Vec::new(),
            split: None,
            or_split: None,
            device_groups: DeviceAgreement::NotCompared,
            readings: Vec::new(),
            groups: Vec::new(),
            table: Name::default(),
            table_sha256: Name::default(),
            other_tables: Vec::new(),
            derivation,
        }
    }

    /// Gives no verdict, for these reasons.
    pub(super) fn refuse(&mut self, reasons: Vec<NotAssessable>) {
        self.verdict = Verdict::NotAssessable;
        let steps = reasons.iter().map(|reason| Step::NotAssessable { reason: *reason });
        self.derivation.extend(steps);
        self.not_assessable = reasons;
    }
}
