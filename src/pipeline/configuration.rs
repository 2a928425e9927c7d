//! Grouped axles to vehicle kinds. In: every admissible grouping. Out: the *set* of vehicle kinds
//! that it admits, each with the axles of its truck or tractor and the drive that these allow.
//!
//! It never picks one kind. What was measured beside the axles narrows the set: see [`exclusions`].

mod exclusion;

pub use exclusion::{Exclusion, Seen, exclusions};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::grouping::Grouping;
use super::limits::VehicleKind;

/// What a passing vehicle may be.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// Truck or tractor without trailer.
    Rigid,
    /// Truck with a twin-steer pair, without trailer.
    TwinSteerRigid,
    /// Tractor and semi-trailer.
    Articulated,
    /// Truck and centre-axle trailer.
    CentreAxle,
    /// Truck and full trailer.
    FullTrailer,
}

/// One kind that the axles admit.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Configuration {
    /// The kind.
    pub body: Body,
    /// Axles of the truck or tractor, 2 to 4; the rest is the trailer's.
    pub motor_axles: u8,
    /// Whether the truck or tractor can have two driven axles; it can always have one.
    pub double_drive_possible: bool,
}

/// Axle layouts of trucks and tractors: axles, closed gaps, twin steering, room for two driven
/// axles. The splits of the 124号 table have no other front part.
const MOTOR_VEHICLES: [(usize, u32, bool, bool); 4] = [
    (2, 0b000, false, false),
    (3, 0b010, false, true),
    (3, 0b001, true, false),
    (4, 0b101, true, true),
];

/// A centre-axle trailer has one group of at most three axles (GB 1589-2016, law.md 1.4).
const CENTRE_AXLE_TRAILER_MAX_AXLES: usize = 3;

impl Configuration {
    /// Whether the truck or tractor steers with a pair of axles.
    pub fn has_twin_steer(&self) -> bool {
        MOTOR_VEHICLES.iter().any(|(axles, _, twin_steer, double_drive)| {
            *twin_steer
                && *axles == usize::from(self.motor_axles)
                && *double_drive == self.double_drive_possible
        })
    }
}

impl VehicleKind {
    /// Whether a row for this kind is for such a body too.
    pub const fn covers(self, body: Body) -> bool {
        let motor_alone = matches!(body, Body::Rigid | Body::TwinSteerRigid);
        match self {
            Self::Any => true,
            Self::Rigid | Self::RigidOrTractor => motor_alone,
            Self::Combination => !motor_alone,
            Self::Articulated => matches!(body, Body::Articulated),
            Self::CentreAxle => matches!(body, Body::CentreAxle),
            Self::FullTrailer => matches!(body, Body::FullTrailer),
            Self::SemiTrailerAlone
            | Self::DrawbarTrailerAlone
            | Self::CentreAxleTrailerAlone
            | Self::LowSpeedGoodsVehicle
            | Self::ThreeWheeler => false,
        }
    }

    /// Whether a row for this kind can be for a whole passing vehicle that is known by its axles.
    pub const fn is_whole_vehicle(self) -> bool {
        !matches!(
            self,
            Self::SemiTrailerAlone
                | Self::DrawbarTrailerAlone
                | Self::CentreAxleTrailerAlone
                | Self::LowSpeedGoodsVehicle
                | Self::ThreeWheeler
        )
    }

    /// Whether a row for this kind is for a vehicle with a trailer; `false` when it may be either.
    pub const fn has_trailer(self) -> bool {
        matches!(self, Self::Combination | Self::Articulated | Self::CentreAxle | Self::FullTrailer)
    }
}

/// Every kind that the grouping admits, none twice; empty when no known layout fits, as for a
/// group of four axles behind the steering axle.
pub fn admissible(grouping: &Grouping) -> Vec<Configuration> {
    let mut found = Vec::with_capacity(8);
    for (motor_axles, closed, twin_steer, double_drive_possible) in MOTOR_VEHICLES {
        if !fits_front(grouping, motor_axles, closed) {
            continue;
        }
        let mut add = |body| {
            found.push(Configuration {
                body,
                motor_axles: u8::try_from(motor_axles).unwrap_or(u8::MAX),
                double_drive_possible,
            });
        };
        let trailer_axles = grouping.axles() - motor_axles;
        if trailer_axles == 0 {
            add(if twin_steer { Body::TwinSteerRigid } else { Body::Rigid });
            continue;
        }
        if !grouping.may_separate(motor_axles - 1) {
            continue;
        }
        add(Body::Articulated);
        let mut inner = motor_axles..grouping.axles() - 1;
        if trailer_axles <= CENTRE_AXLE_TRAILER_MAX_AXLES
            && inner.clone().all(|gap| grouping.may_join(gap))
        {
            add(Body::CentreAxle);
        }
        // A full trailer steers with a front axle or group of its own.
        if inner.any(|gap| grouping.may_separate(gap)) {
            add(Body::FullTrailer);
        }
    }
    found
}

fn fits_front(grouping: &Grouping, axles: usize, closed: u32) -> bool {
    axles <= grouping.axles()
        && (0..axles - 1).all(|gap| {
            if closed & (1 << gap) == 0 {
                grouping.may_separate(gap)
            } else {
                grouping.may_join(gap)
            }
        })
}

#[cfg(test)]
mod tests;
