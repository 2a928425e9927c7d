//! Event: a vehicle has left the scale; what it was as a whole.

use super::{Axle, Direction, Payload};
use crate::checksum::{CRC, Running};
use crate::wire::{Reader, Writer};
use crate::{EncodeError, Flags};

/// The controller's own axle groups, front to rear; the meaning of a code is its setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupCodes {
    count: u8,
    codes: [u8; Self::MAX],
}

impl GroupCodes {
    /// Groups at most: more than any vehicle in the reference data has axles.
    pub const MAX: usize = 20;

    /// A copy of `codes`; `None` when there are more than [`Self::MAX`].
    pub fn new(codes: &[u8]) -> Option<Self> {
        let mut copy = Self { count: u8::try_from(codes.len()).ok()?, codes: [0; Self::MAX] };
        copy.codes.get_mut(..codes.len())?.copy_from_slice(codes);
        Some(copy)
    }

    /// The codes.
    pub fn as_slice(&self) -> &[u8] {
        self.codes.get(..usize::from(self.count)).unwrap_or(&[])
    }
}

/// Checksum over the axles of one vehicle, front to rear: CRC-32C over what each axle payload
/// carries behind the event header in version 1. The number of an event is not part of it.
#[derive(Clone)]
pub struct AxlesChecksum(Running);

impl AxlesChecksum {
    /// Over no axle yet.
    pub fn new() -> Self {
        Self(CRC.digest())
    }

    /// Adds the next axle.
    ///
    /// # Errors
    /// As [`crate::encode`], when the axle cannot be written.
    pub fn add(&mut self, axle: &Axle) -> Result<(), EncodeError> {
        let mut writer = Writer::new();
        axle.write(&mut writer);
        self.0.update(writer.finish()?);
        Ok(())
    }

    /// The checksum for [`VehicleEnd::axles_crc`].
    pub fn value(&self) -> u32 {
        self.0.clone().finalize()
    }
}

impl Default for AxlesChecksum {
    fn default() -> Self {
        Self::new()
    }
}

/// Last axle has left, or the controller has given up waiting for it. Repeats lane and
/// direction, so that a vehicle whose begin was lost still has both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VehicleEnd {
    /// Vehicle that ended.
    pub vehicle: u32,
    /// Lane as the controller counts it, from 1.
    pub lane: u8,
    /// Direction by the order of the sensors.
    pub direction: Direction,
    /// When, in microseconds since the start of the controller.
    pub at_us: u64,
    /// Axles that were sent.
    pub axle_count: u8,
    /// [`AxlesChecksum`] over them.
    pub axles_crc: u32,
    /// The controller's own total in kg.
    pub gross_kg: Option<u32>,
    /// Bumper to bumper in mm.
    pub length_mm: Option<u32>,
    /// Mean speed in 0.1 km/h.
    pub speed_dkmh: Option<u16>,
    /// Mean acceleration in mm/s², negative when braking.
    pub acceleration_mmps2: Option<i16>,
    /// Temperature of road or scale in 0.1 °C.
    pub temperature_dc: Option<i16>,
    /// Remarks on the vehicle.
    pub flags: Flags,
    /// Number sent with the camera trigger; equal to that of the begin when both have one.
    pub trigger_id: Option<u32>,
    /// The controller's own grouping; `None` when it makes none.
    pub groups: Option<GroupCodes>,
}

impl Payload for VehicleEnd {
    const KIND: u8 = 0xA3;
    const LEN: usize = 40;

    #[inline]
    fn fits(payload: &[u8]) -> bool {
        match payload.split_at_checked(Self::LEN) {
            None => false,
            Some(([.., u8::MAX], _)) => true,
            Some((fields, codes)) => {
                let count = fields.last().map_or(0, |count| usize::from(*count));
                count <= GroupCodes::MAX && count <= codes.len()
            }
        }
    }

    fn write(&self, to: &mut Writer) {
        to.u32(self.vehicle);
        to.u8(self.lane);
        to.u8(self.direction.code());
        to.u64(self.at_us);
        to.u8(self.axle_count);
        to.u32(self.axles_crc);
        to.measured_u32("gross_kg", self.gross_kg);
        to.measured_u32("length_mm", self.length_mm);
        to.measured_u16("speed_dkmh", self.speed_dkmh);
        to.measured_i16("acceleration_mmps2", self.acceleration_mmps2);
        to.measured_i16("temperature_dc", self.temperature_dc);
        to.u16(self.flags.0);
        to.measured_u32("trigger_id", self.trigger_id);
        to.measured_u8("groups", self.groups.map(|groups| groups.count));
        to.bytes(self.groups.as_ref().map_or(&[], GroupCodes::as_slice));
    }

    #[inline]
    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            vehicle: from.u32()?,
            lane: from.u8()?,
            direction: Direction::from_code(from.u8()?),
            at_us: from.u64()?,
            axle_count: from.u8()?,
            axles_crc: from.u32()?,
            gross_kg: from.measured_u32()?,
            length_mm: from.measured_u32()?,
            speed_dkmh: from.measured_u16()?,
            acceleration_mmps2: from.measured_i16()?,
            temperature_dc: from.measured_i16()?,
            flags: Flags(from.u16()?),
            trigger_id: from.measured_u32()?,
            groups: match from.measured_u8()? {
                Some(count) => Some(GroupCodes::new(from.bytes(usize::from(count))?)?),
                None => None,
            },
        })
    }
}
