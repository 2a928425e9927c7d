//! What an assessment is made with: tables by day, the readings of the unknown, the tolerance, and
//! what is known of each lane's scale.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Accuracy;
use crate::pipeline::grouping::{CodeScheme, Thresholds};
use crate::pipeline::limits::{Day, Drive, LimitTable, Name, Schedule, Suspension, Tables};
use crate::units::{DeciKmh, Kilograms, Lane, Millimetres, MillimetresPerSecond2, PerMyriad};

/// See [`Profile::length_error`].
pub const DEFAULT_LENGTH_ERROR: Millimetres = Millimetres(1_000);

/// Everything that `assess` needs beside the passage. The legally relevant parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Gross limits: the regime in force.
    pub regime: Schedule,
    /// Gross limits that are listed beside it where they differ, and that a gross mass must also
    /// exceed to support a case.
    pub comparison: Vec<Schedule>,
    /// Axle-group limits.
    pub axle: Schedule,
    /// Spacings that make a group.
    pub grouping: Thresholds,
    /// By how much a vehicle may be measured too long; a length excludes a kind only beyond it.
    /// Default 1 000 mm: our choice, since no certificate covers the length. A loop that switches
    /// 0.5 m early and 0.5 m late errs by as much.
    pub length_error: Millimetres,
    /// How to take a suspension that nobody measured. Default `Plain`.
    pub unknown_suspension: Suspension,
    /// Whether the sum of the axle-group limits bounds the gross limit. Default no: it rests on
    /// axle limits that are not confirmed (law.md section 6).
    pub apply_axle_sum: bool,
    /// Part of its limit by which an axle group must be over, and more, to support a case by
    /// itself; `None`, the default, lets none do so: axle limits are information (law.md section 2).
    /// It stands in for the permissible error, which the class of the gross mass does not give.
    pub axle_group_case_beyond: Option<PerMyriad>,
    /// Tolerance on top of the law.
    pub tolerance: Tolerance,
    /// Lower edges of the rate's buckets, ascending.
    pub tiers: Vec<PerMyriad>,
    /// What cannot be a measurement.
    pub plausibility: Plausibility,
    /// What is known of a lane's scale; a lane that is not listed has [`LaneLaw::default`].
    pub lanes: Vec<LaneLaw>,
}

/// Measurements beyond these are no measurements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Plausibility {
    /// Heaviest load of one axle. Default 40 000 kg: our choice, far above any axle and below
    /// the sum of two.
    pub axle_max: Kilograms,
    /// Greatest ratio of the two sides of an axle. Default 3: our choice; traffic studies clean
    /// at 1.5 (scales.md section 3).
    pub side_ratio_max: u32,
}

impl Default for Plausibility {
    fn default() -> Self {
        Self { axle_max: Kilograms(40_000), side_ratio_max: 3 }
    }
}

/// A tolerance profile: what an authority grants beyond the law (law.md section 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tolerance {
    /// Id, which stands in each record.
    pub id: Name,
    /// What it does.
    pub kind: ToleranceKind,
}

impl Default for Tolerance {
    fn default() -> Self {
        Self { id: Name::from("none"), kind: ToleranceKind::None }
    }
}

/// What a tolerance profile does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ToleranceKind {
    /// Nothing.
    #[default]
    None,
    /// Takes this part off the measured gross mass, half-up, at most all of it.
    Deduct(PerMyriad),
    /// Multiplies the limit by this factor, at least 1, rounded down; not at and above 100 000 kg
    /// gross (law.md section 4).
    LimitFactor(PerMyriad),
}

/// What is known of the scale in one lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneLaw {
    /// The lane.
    pub lane: Lane,
    /// Accuracy by the verification certificate; `None` means no guard band, so that no verdict
    /// is `uncertain`.
    pub accuracy: Option<Accuracy>,
    /// Speeds that the verification covers, both included.
    pub speed: Option<(DeciKmh, DeciKmh)>,
    /// Greatest mean acceleration or braking that the verification covers.
    pub acceleration_max: Option<MillimetresPerSecond2>,
    /// Certificate by the site's configuration; without it, what the scale tells counts.
    pub certificate: Option<Certificate>,
    /// Factor that the scale's maker or the calibration set, for the record; already applied by
    /// the scale, never applied here.
    pub calibration_factor: Option<PerMyriad>,
    /// Meaning of the scale's group codes; `None` means that they are not read.
    pub codes: Option<CodeScheme>,
}

impl Default for LaneLaw {
    fn default() -> Self {
        Self {
            lane: Lane(1),
            accuracy: None,
            speed: None,
            acceleration_max: None,
            certificate: None,
            calibration_factor: None,
            codes: None,
        }
    }
}

/// A verification certificate.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Certificate {
    /// Its number.
    pub number: Name,
    /// Who issued it; empty when unknown.
    pub institution: Name,
    /// Its last day.
    pub expiry: Option<Day>,
}

/// What is known of a vehicle from elsewhere, such as a registration; a point on the road knows
/// none of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Facts {
    /// Suspension of the drive axles.
    pub suspension: Option<Suspension>,
    /// Driven axles.
    pub drive: Option<Drive>,
    /// Whether single tyres are as wide as note 3 of 124号 asks.
    pub wide_tyres: Option<bool>,
    /// Total mass by the registration; zero counts as not known.
    pub registered: Option<Kilograms>,
    /// Whether it is a tractor (拖拉机), farm vehicle or low-speed truck.
    pub farm_vehicle: Option<bool>,
    /// Whether it is a dump truck.
    pub dump_truck: Option<bool>,
}

impl Profile {
    /// The default profile over these schedules: unknown suspension is plain, no tolerance, no
    /// guard band, buckets at 10, 20, 30, 50 and 100 % (law.md section 5).
    pub fn new(regime: Schedule, comparison: Vec<Schedule>, axle: Schedule) -> Self {
        Self {
            regime,
            comparison,
            axle,
            grouping: Thresholds::default(),
            length_error: DEFAULT_LENGTH_ERROR,
            unknown_suspension: Suspension::Plain,
            apply_axle_sum: false,
            axle_group_case_beyond: None,
            tolerance: Tolerance::default(),
            tiers: [0, 1_000, 2_000, 3_000, 5_000, 10_000].map(PerMyriad).to_vec(),
            plausibility: Plausibility::default(),
            lanes: Vec::new(),
        }
    }

    /// What is known of the scale in `lane`.
    pub fn lane(&self, lane: Lane) -> Option<&LaneLaw> {
        self.lanes.iter().find(|known| known.lane == lane)
    }

    /// Every table that an assessment may take a limit from, none twice, as the parameters' hash
    /// needs them.
    pub fn tables(&self) -> Tables {
        let mut tables = Tables::default();
        let schedules = std::iter::once(&self.regime)
            .chain(&self.comparison)
            .chain(std::iter::once(&self.axle));
        for term in schedules.flat_map(Schedule::terms) {
            let of_term = std::iter::once(&term.table).chain(&term.derived);
            of_term.for_each(|table| tables.put(LimitTable::clone(table)));
        }
        tables
    }
}
