//! The field behind a reason why there is no verdict.

use super::{FieldError, Fields};
use crate::pipeline::assess::NotAssessable;

/// `reason` as an error that names the field at fault. Flags never come from a description.
pub(in crate::command::assess) fn fault(reason: NotAssessable, fields: &Fields) -> FieldError {
    let (field, what) = match reason {
        NotAssessable::LoadZero => (fields.loads, "an axle load must be more than 0 kg"),
        NotAssessable::LoadMissing => (fields.loads, "the load of each axle is needed"),
        NotAssessable::LoadImplausible => (fields.loads, "an axle load is beyond 40 000 kg"),
        NotAssessable::SidesImplausible => {
            (fields.sides, "one side of an axle carries more than 3 times the other")
        }
        NotAssessable::SpacingZero => (fields.spacings, "a spacing must be more than 0 mm"),
        NotAssessable::SpacingsExceedLength => {
            (fields.length, "the axles are further apart than the vehicle is long")
        }
        NotAssessable::NoLimitInForce => (fields.date, "no limit table is in force on that day"),
        NotAssessable::NoLimitForVehicle => {
            (fields.table, "the table has no row for such a vehicle")
        }
        _ => (fields.loads, "these axles cannot be judged"),
    };
    FieldError::new(field, what)
}
