//! Event: a vehicle has come onto the scale.

use super::Payload;
use crate::code::codes;
use crate::wire::{Reader, Writer};

codes! {
    /// Direction of travel relative to the lane's own.
    Direction {
        /// As the lane is meant to be driven.
        WithTraffic = 1,
        /// Against it.
        AgainstTraffic = 2,
        /// Not measured.
        NotMeasured = 0xFF,
    }
}

/// First axle on the scale. Vehicles of several lanes overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VehicleBegin {
    /// Number of the vehicle since the start of the controller, from 1.
    pub vehicle: u32,
    /// Lane as the controller counts it, from 1.
    pub lane: u8,
    /// Direction by the order of the sensors.
    pub direction: Direction,
    /// When, in microseconds since the start of the controller.
    pub at_us: u64,
    /// Number sent with the camera trigger; `None` when no camera was triggered yet.
    pub trigger_id: Option<u32>,
}

impl Payload for VehicleBegin {
    const KIND: u8 = 0xA1;
    const LEN: usize = 18;

    fn write(&self, to: &mut Writer) {
        to.u32(self.vehicle);
        to.u8(self.lane);
        to.u8(self.direction.code());
        to.u64(self.at_us);
        to.measured_u32("trigger_id", self.trigger_id);
    }

    #[inline]
    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            vehicle: from.u32()?,
            lane: from.u8()?,
            direction: Direction::from_code(from.u8()?),
            at_us: from.u64()?,
            trigger_id: from.measured_u32()?,
        })
    }
}
