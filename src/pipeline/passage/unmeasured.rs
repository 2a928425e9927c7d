//! A vehicle and an axle of which nothing has been measured yet, to be filled field by field.

use super::{Axle, Direction, Passage, PassageSource, TimeMapping, Tyres};
use crate::clock::Timestamp;
use crate::units::Lane;

impl Passage {
    /// A vehicle without axles that is on the scale at `at`, in `lane`, with the traffic.
    pub fn unmeasured(source: PassageSource, lane: Lane, at: Timestamp) -> Self {
        Self {
            source,
            lane,
            direction: Direction::WithTraffic,
            began_at: at,
            ended_at: at,
            received_at: at,
            axles: Vec::new(),
            reported_gross_kg: None,
            length_mm: None,
            speed_dkmh: None,
            acceleration_mmps2: None,
            temperature_dc: None,
            device_groups: None,
            trigger_id: None,
            flags: Vec::new(),
            scale: None,
            time: TimeMapping::default(),
            raw_sha256: String::new(),
        }
    }
}

impl Axle {
    /// An axle that crosses the scale at `at`.
    pub fn unmeasured(at: Timestamp) -> Self {
        Self {
            at,
            load_kg: None,
            left_kg: None,
            right_kg: None,
            spacing_mm: None,
            speed_dkmh: None,
            tyres: Tyres::Unknown,
        }
    }
}
