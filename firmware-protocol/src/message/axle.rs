//! Event: one axle of a vehicle.

use super::Payload;
use crate::Flags;
use crate::code::codes;
use crate::wire::{Reader, Writer};

codes! {
    /// Tyres on each side of an axle.
    Tyres {
        /// One tyre each side.
        Single = 1,
        /// Two tyres each side.
        Dual = 2,
        /// Not measured.
        NotMeasured = 0xFF,
    }
}

/// One axle, sent front to rear.
///
/// Loads have 16 bits: the sensors in use end at 30 t to 40 t. A load beyond 65 534 kg is not
/// measured and flagged [`Flags::SENSOR_FAULT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axle {
    /// Vehicle it belongs to.
    pub vehicle: u32,
    /// Position from the front, from 1.
    pub number: u8,
    /// When its centre crossed the scale, in microseconds since the start of the controller.
    pub at_us: u64,
    /// Load of the whole axle in kg.
    pub load_kg: Option<u16>,
    /// Load of the left wheels in the direction of travel in kg.
    pub left_kg: Option<u16>,
    /// Load of the right wheels in kg.
    pub right_kg: Option<u16>,
    /// Distance to the axle before it in mm; `None` on the first axle.
    pub spacing_mm: Option<u32>,
    /// Speed in 0.1 km/h.
    pub speed_dkmh: Option<u16>,
    /// Tyres each side.
    pub tyres: Tyres,
    /// Remarks on this axle.
    pub flags: Flags,
}

impl Payload for Axle {
    const KIND: u8 = 0xA2;
    const LEN: usize = 28;

    fn write(&self, to: &mut Writer) {
        to.u32(self.vehicle);
        to.u8(self.number);
        to.u64(self.at_us);
        to.measured_u16("load_kg", self.load_kg);
        to.measured_u16("left_kg", self.left_kg);
        to.measured_u16("right_kg", self.right_kg);
        to.measured_u32("spacing_mm", self.spacing_mm);
        to.measured_u16("speed_dkmh", self.speed_dkmh);
        to.u8(self.tyres.code());
        to.u16(self.flags.0);
    }

    #[inline]
    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            vehicle: from.u32()?,
            number: from.u8()?,
            at_us: from.u64()?,
            load_kg: from.measured_u16()?,
            left_kg: from.measured_u16()?,
            right_kg: from.measured_u16()?,
            spacing_mm: from.measured_u32()?,
            speed_dkmh: from.measured_u16()?,
            tyres: Tyres::from_code(from.u8()?),
            flags: Flags(from.u16()?),
        })
    }
}
