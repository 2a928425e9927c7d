//! The rows of a limit table and the conditions under which each holds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Citation, Day, Name, Split};
use crate::units::{Kilograms, Millimetres};

/// What a row calls the vehicle it is for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum VehicleKind {
    /// Whatever it is.
    Any,
    /// A truck without trailer (载货汽车), also one with twin steering.
    Rigid,
    /// A truck or a tractor without trailer.
    RigidOrTractor,
    /// Any truck or tractor with a trailer (汽车列车).
    Combination,
    /// Tractor and semi-trailer (铰接列车).
    Articulated,
    /// Truck with a centre-axle trailer (中置轴挂车列车).
    CentreAxle,
    /// Truck with a full trailer (全挂汽车列车).
    FullTrailer,
    /// A semi-trailer by itself: never a whole passing vehicle.
    SemiTrailerAlone,
    /// A drawbar trailer by itself: never a whole passing vehicle.
    DrawbarTrailerAlone,
    /// A centre-axle trailer by itself: never a whole passing vehicle.
    CentreAxleTrailerAlone,
    /// Cannot be told from other trucks by axles: never matched.
    LowSpeedGoodsVehicle,
    /// Cannot be told from other vehicles by axles: never matched.
    ThreeWheeler,
}

/// Axle suspension, as far as a row depends on it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Suspension {
    /// Steel springs or unlike on some drive axle.
    Plain,
    /// Air suspension and dual tyres on every drive axle.
    Air,
}

/// Driven axles of the tractor or truck.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Drive {
    /// One driven axle.
    Single,
    /// Two driven axles.
    Double,
}

/// How sure we are of a row's figure (law.md, head).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Read in the original or in several independent copies.
    Verified,
    /// Read in a restatement.
    Secondary,
    /// Not confirmed.
    Unverified,
}

/// From a day to a day, both included; open where `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Period {
    /// First day.
    pub from: Option<Day>,
    /// Last day.
    pub to: Option<Day>,
}

impl Period {
    /// Whether `day` lies inside.
    pub fn contains(&self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }

    /// Whether a day lies in both.
    pub fn overlaps(&self, other: &Self) -> bool {
        let starts_before_end =
            |from: Option<Day>, to: Option<Day>| from.zip(to).is_none_or(|(from, to)| from <= to);
        starts_before_end(self.from, other.to) && starts_before_end(other.from, self.to)
    }
}

/// One limit on the gross mass of a vehicle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrossRow {
    /// Id, unique over all tables.
    pub id: Name,
    /// Axles of the vehicle; `None` where the count does not matter, and then never matched.
    pub axles: Option<u8>,
    /// Whether more axles fall under this row too.
    pub or_more: bool,
    /// Axle groups that the row is drawn for; empty when any.
    pub splits: Vec<Split>,
    /// For which vehicles.
    pub vehicle: VehicleKind,
    /// Suspension that it requires.
    pub suspension: Option<Suspension>,
    /// Driven axles that it requires; `Double` also holds when they are unknown.
    pub drive: Option<Drive>,
    /// Least distance between the last two axles.
    pub trailer_spacing_min: Option<Millimetres>,
    /// The limit.
    pub limit: Kilograms,
    /// Place in the document.
    pub article: Citation,
    /// When it holds.
    pub effective: Period,
    /// How sure the figure is.
    pub confidence: Confidence,
}

/// What part of the vehicle an axle-group row is for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AxleBearer {
    /// Either.
    Any,
    /// Truck or tractor.
    MotorVehicle,
    /// Trailer or semi-trailer.
    Trailer,
}

/// Tyres each side that a row requires.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RowTyres {
    /// One.
    Single,
    /// Two.
    Dual,
}

/// One limit on the load of an axle or axle group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AxleRow {
    /// Id, unique over all tables.
    pub id: Name,
    /// Axles in the group.
    pub axles: u8,
    /// On which part of the vehicle.
    pub bearer: AxleBearer,
    /// Tyres that it requires.
    pub tyres: Option<RowTyres>,
    /// Least nominal section width of the tyres, mm.
    pub tyre_width_min: Option<Millimetres>,
    /// Whether the group is driven.
    pub driven: Option<bool>,
    /// Suspension that it requires.
    pub suspension: Option<Suspension>,
    /// Least spacing inside the group, included.
    pub spacing_min: Option<Millimetres>,
    /// Greatest spacing inside the group, included.
    pub spacing_max: Option<Millimetres>,
    /// The limit.
    pub limit: Kilograms,
    /// Place in the document.
    pub article: Citation,
    /// When it holds.
    pub effective: Period,
    /// How sure the figure is.
    pub confidence: Confidence,
}

/// How long vehicles of a kind may be. A maximum is a rule, not a measurement: it narrows what a
/// measured vehicle may be, and gives no limit of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LengthRow {
    /// Id, unique over all tables.
    pub id: Name,
    /// For which vehicles.
    pub vehicle: VehicleKind,
    /// The greatest length.
    pub most: Millimetres,
    /// Place in the document.
    pub article: Citation,
    /// When it holds.
    pub effective: Period,
    /// How sure the figure is.
    pub confidence: Confidence,
}
