//! Event: how the controller and its sensors are.

use super::Payload;
use crate::code::codes;
use crate::wire::{Reader, Writer};

codes! {
    /// What a sensor is for.
    SensorKind {
        /// Weighs: strip, plate, bending beam.
        Load = 1,
        /// Induction loop.
        Loop = 2,
        /// Light curtain or laser that separates vehicles.
        Separator = 3,
        /// Tells single from dual tyres.
        Tyre = 4,
        /// Thermometer in the road or on the scale.
        Temperature = 5,
    }
}

codes! {
    /// How a sensor is.
    SensorHealth {
        /// Works within its limits.
        Good = 1,
        /// Works, but its zero or gain has left its limits.
        Drifted = 2,
        /// Does not work.
        Faulty = 3,
        /// Works, but is covered, such as by mud or a parked vehicle.
        Blocked = 4,
        /// Not measured.
        NotMeasured = 0xFF,
    }
}

/// One sensor and its health.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sensor {
    /// Lane as the controller counts it, from 1; 0 when it belongs to none.
    pub lane: u8,
    /// What it is for.
    pub kind: SensorKind,
    /// Number among those of its kind in the lane, from 1.
    pub number: u8,
    /// How it is.
    pub health: SensorHealth,
}

impl Sensor {
    /// The four bytes on the wire.
    pub const fn codes(&self) -> [u8; 4] {
        [self.lane, self.kind.code(), self.number, self.health.code()]
    }

    /// The sensor that four bytes on the wire mean.
    pub const fn from_codes([lane, kind, number, health]: [u8; 4]) -> Self {
        let kind = SensorKind::from_code(kind);
        Self { lane, kind, number, health: SensorHealth::from_code(health) }
    }
}

/// The sensors of a controller, kept as on the wire.
#[derive(Clone, Copy)]
pub struct Sensors {
    count: u8,
    codes: [[u8; 4]; Self::MAX],
}

impl Sensors {
    /// Sensors at most: four lanes with eight each.
    pub const MAX: usize = 32;

    /// A copy of `sensors`; `None` when there are more than [`Self::MAX`].
    pub fn new(sensors: &[Sensor]) -> Option<Self> {
        let mut copy =
            Self { count: u8::try_from(sensors.len()).ok()?, codes: [[0; 4]; Self::MAX] };
        let slots = copy.codes.get_mut(..sensors.len())?;
        for (slot, sensor) in slots.iter_mut().zip(sensors) {
            *slot = sensor.codes();
        }
        Some(copy)
    }

    /// The sensors in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Sensor> + '_ {
        self.codes().iter().copied().map(Sensor::from_codes)
    }

    fn codes(&self) -> &[[u8; 4]] {
        self.codes.get(..usize::from(self.count)).unwrap_or(&[])
    }

    #[inline]
    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let mut copy = Self { count: from.u8()?, codes: [[0; 4]; Self::MAX] };
        let slots = copy.codes.get_mut(..usize::from(copy.count))?.as_flattened_mut();
        slots.copy_from_slice(from.bytes(slots.len())?);
        Some(copy)
    }
}

impl PartialEq for Sensors {
    fn eq(&self, other: &Self) -> bool {
        self.codes() == other.codes()
    }
}

impl Eq for Sensors {}

impl core::fmt::Debug for Sensors {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Sent every 60 s and at each change of a sensor's health.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ControllerStatus {
    /// When, in microseconds since the start of the controller.
    pub at_us: u64,
    /// Temperature inside the controller in 0.1 °C.
    pub temperature_dc: Option<i16>,
    /// Supply in mV.
    pub supply_mv: Option<u16>,
    /// Each sensor's health.
    pub sensors: Sensors,
}

impl Payload for ControllerStatus {
    const KIND: u8 = 0xA4;
    const LEN: usize = 13;

    #[inline]
    fn fits(payload: &[u8]) -> bool {
        payload.split_at_checked(Self::LEN).is_some_and(|(fields, codes)| {
            let count = fields.last().map_or(0, |count| usize::from(*count));
            count <= Sensors::MAX && count * 4 <= codes.len()
        })
    }

    fn write(&self, to: &mut Writer) {
        to.u64(self.at_us);
        to.measured_i16("temperature_dc", self.temperature_dc);
        to.measured_u16("supply_mv", self.supply_mv);
        to.u8(self.sensors.count);
        to.bytes(self.sensors.codes().as_flattened());
    }

    #[inline]
    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            at_us: from.u64()?,
            temperature_dc: from.measured_i16()?,
            supply_mv: from.measured_u16()?,
            sensors: Sensors::read(from)?,
        })
    }
}
