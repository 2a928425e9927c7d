//! The derivation: what was done, in order, with the figures that went in and came out. From its
//! steps alone every figure of the verdict can be computed again.

mod adjustment;

pub use adjustment::Adjustment;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AccuracyClass, Alarm, NotAssessable, Stage, Verdict};
use crate::pipeline::configuration::Body;
use crate::pipeline::grouping::{CodeScheme, DeviceAgreement};
use crate::pipeline::limits::{Citation, Day, Name, Split, Suspension};
use crate::units::{Kilograms, Millimetres, PerMyriad};

/// One step of the derivation: the rule, its inputs, its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "rule", rename_all = "kebab-case")]
pub enum Step {
    /// Axles were counted, and their loads added to the gross mass.
    SumOfAxles {
        /// The loads, front to rear; `None` where one was not measured.
        loads_kg: Vec<Option<Kilograms>>,
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
        /// The spacings, front to rear, one fewer than axles; `None` where one was not measured.
        spacings_mm: Vec<Option<Millimetres>>,
        /// Spacing up to which two axles are one group.
        same_group_mm: Millimetres,
        /// Spacing up to which both readings are kept.
        uncertain_mm: Millimetres,
        /// Spacing up to which the first two axles are a twin-steer pair.
        twin_steer_mm: Millimetres,
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
        document: Citation,
    },
    /// The table draws no such pattern; the limit was taken from another one.
    PatternNotDrawn {
        /// The reading that is not drawn.
        split: Split,
        /// The table that gave the limit.
        derived_from: Name,
        /// Its document.
        document: Citation,
    },
    /// The vehicle is longer than a kind may be, so that it is none of that kind.
    KindTooLong {
        /// The kind.
        body: Body,
        /// Measured length.
        length_mm: Millimetres,
        /// By how much it may be measured too long.
        error_mm: Millimetres,
        /// Maximum length of the kind.
        most_mm: Millimetres,
        /// Its row.
        limit_id: Name,
        /// The document it stands in.
        document: Citation,
    },
    /// One of the first two axles carries dual tyres, so that they are no twin-steer pair.
    NoTwinSteer {
        /// The axle, counted from 1.
        axle: u8,
    },
    /// A row asks for dual tyres on every drive axle, and single ones were measured there.
    RowNeedsDualTyres {
        /// Row.
        limit_id: Name,
        /// First axle of the drive group, counted from 1.
        first_axle: u8,
        /// Axles in the group.
        axles: u8,
    },
    /// Two driven axles are told of a pattern that has room for one only: the pattern counts.
    DriveContradicted,
    /// Nobody measured the suspension.
    SuspensionUnknown {
        /// How it was taken.
        taken_as: Suspension,
    },
    /// The row that decides: of the readings within the regime the one whose limit is the highest
    /// after its adjustments, which follow as steps of their own.
    LimitChosen {
        /// Row.
        limit_id: Name,
        /// Its limit as the table has it.
        row_kg: Kilograms,
        /// Document.
        document: Citation,
        /// Place in it.
        article: Citation,
        /// Readings within the regime that it was chosen from.
        of_readings: u8,
    },
    /// The row is the one for air suspension and dual tyres on every drive axle (`adj-air`).
    AirSuspension {
        /// Whether the suspension is known; else the profile takes it so.
        known: bool,
    },
    /// Axles with single tyres behind the truck or tractor lowered the limit.
    SingleTyres {
        /// Rule of the table.
        adjustment: Adjustment,
        /// Such axles.
        axles: u8,
        /// For each of them.
        each_kg: Kilograms,
        /// Taken off the limit.
        deducted_kg: Kilograms,
        /// What is left of it.
        limit_kg: Kilograms,
    },
    /// Such axles lowered nothing, because their tyres are wide (`adj-wide-tyre`).
    WideTyres {
        /// Such axles.
        axles: u8,
    },
    /// The registered total mass is the limit, or bounds it.
    RegisteredMass {
        /// Which of the two rules.
        adjustment: Adjustment,
        /// Registered total mass.
        registered_kg: Kilograms,
        /// The limit from here on.
        limit_kg: Kilograms,
    },
    /// The registered total mass of a farm vehicle lies above the limit, and does not raise it: no
    /// registration can allow more than the maxima of GB 1589.
    RegisteredAboveLimit {
        /// Registered total mass.
        registered_kg: Kilograms,
        /// The limit, which stays.
        limit_kg: Kilograms,
    },
    /// 5 t for each metre of wheelbase bound the limit (`adj-wheelbase`).
    Wheelbase {
        /// First to last axle.
        wheelbase_mm: Millimetres,
        /// The limit from here on.
        limit_kg: Kilograms,
    },
    /// The sum of the axle-group limits (`adj-axle-sum`).
    AxleSum {
        /// The sum.
        sum_kg: Kilograms,
        /// The limit from here on; `None` where the sum does not bound it and is information.
        limit_kg: Option<Kilograms>,
    },
    /// Some reading that cannot be excluded has a higher limit.
    MoreFavourable {
        /// Row.
        limit_id: Name,
        /// Its limit.
        limit_kg: Kilograms,
    },
    /// The tolerance profile was applied.
    Tolerance {
        /// Profile.
        profile: Name,
        /// Measured gross mass.
        gross_kg: Kilograms,
        /// Part of it that is deducted.
        deduct_permyriad: PerMyriad,
        /// Taken off the gross mass, half-up.
        deducted_kg: Kilograms,
        /// What is left.
        corrected_kg: Kilograms,
        /// The limit by law.
        limit_kg: Kilograms,
        /// Its factor; one from 100 000 kg gross on.
        factor_permyriad: PerMyriad,
        /// The limit after it, rounded down.
        judged_limit_kg: Kilograms,
        /// Rate without any tolerance, half-up.
        raw_rate_permyriad: PerMyriad,
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
        /// The error, of the limit.
        permissible_permyriad: PerMyriad,
        /// The least error, whatever the limit.
        least_kg: Kilograms,
        /// The greater of the two.
        guard_kg: Kilograms,
        /// The greatest reading that is not certainly over.
        threshold_kg: Kilograms,
    },
    /// An overload was held against the most favourable reading too.
    EveryReading {
        /// The greatest reading that is not certainly over that one's limit.
        threshold_kg: Kilograms,
        /// Whether the corrected mass is beyond it.
        over: bool,
    },
    /// An axle group is over its limit.
    AxleGroup {
        /// First axle of the group, counted from 1.
        first_axle: u8,
        /// Axles in the group.
        axles: u8,
        /// Sum of its loads.
        load_kg: Kilograms,
        /// Row of the limit table.
        limit_id: Name,
        /// Its limit.
        limit_kg: Kilograms,
        /// The document it stands in.
        document: Citation,
        /// Load beyond it.
        excess_kg: Kilograms,
        /// Excess by limit, half-up.
        rate_permyriad: PerMyriad,
        /// The highest limit that cannot be excluded, which a case is held against.
        most_favourable_kg: Kilograms,
        /// Rate beyond which the site lets a group support a case; `None` when none ever does.
        case_beyond_permyriad: Option<PerMyriad>,
    },
    /// Bucket of the rate.
    Tier {
        /// Lower edge, included.
        from_permyriad: PerMyriad,
        /// Upper edge, excluded; `None` in the last bucket.
        to_permyriad: Option<PerMyriad>,
    },
    /// A fixed alarm.
    Alarm {
        /// Which.
        alarm: Alarm,
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
