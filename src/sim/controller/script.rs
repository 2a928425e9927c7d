//! A vehicle as the sensors see it, and the events that a controller makes of it.

use firmware_protocol::{
    Axle, AxlesChecksum, Direction, Event, Flags, GroupCodes, Tyres, VehicleBegin, VehicleEnd,
};

use crate::clock::Timestamp;
use crate::units::{
    DeciCelsius, DeciKmh, Kilograms, Lane, Micros, Millimetres, MillimetresPerSecond2,
};

/// One axle of a [`SimVehicle`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimAxle {
    /// When its centre crosses the scale.
    pub at: Timestamp,
    /// Load of the whole axle, below 65 535 kg.
    pub load: Option<Kilograms>,
    /// Load of the left wheels, below 65 535 kg.
    pub left: Option<Kilograms>,
    /// Load of the right wheels, below 65 535 kg.
    pub right: Option<Kilograms>,
    /// Distance to the axle before it.
    pub spacing: Option<Millimetres>,
    /// Its speed.
    pub speed: Option<DeciKmh>,
    /// Tyres each side.
    pub tyres: Tyres,
    /// The controller's remarks on it.
    pub flags: Flags,
}

/// A vehicle on its way over the scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimVehicle {
    /// Lane as the controller counts it.
    pub lane: Lane,
    /// Direction by the order of the sensors.
    pub direction: Direction,
    /// First axle on the scale.
    pub began_at: Timestamp,
    /// Vehicle end.
    pub ended_at: Timestamp,
    /// Front to rear.
    pub axles: Vec<SimAxle>,
    /// The controller's own total.
    pub gross: Option<Kilograms>,
    /// Bumper to bumper.
    pub length: Option<Millimetres>,
    /// Mean speed.
    pub speed: Option<DeciKmh>,
    /// Mean acceleration.
    pub acceleration: Option<MillimetresPerSecond2>,
    /// Temperature of the road.
    pub temperature: Option<DeciCelsius>,
    /// The controller's remarks on it.
    pub flags: Flags,
    /// Number sent with the camera trigger.
    pub trigger_id: Option<u32>,
    /// The controller's own groups, at most 20.
    pub groups: Option<Vec<u8>>,
}

/// An event and when the controller makes it.
pub(super) struct Cue {
    pub(super) at: Timestamp,
    pub(super) event: Event,
}

impl SimVehicle {
    /// A vehicle in `lane` whose first axle crosses at `began_at`, then one axle each `spacing`
    /// at `speed`, each load split evenly between left and right.
    pub fn driving(
        lane: Lane,
        began_at: Timestamp,
        speed: DeciKmh,
        (loads, spacings): (&[Kilograms], &[Millimetres]),
    ) -> Self {
        let mut at = began_at;
        let mut axles = Vec::new();
        for (index, load) in loads.iter().enumerate() {
            let spacing = index.checked_sub(1).and_then(|before| spacings.get(before)).copied();
            at = at + spacing.and_then(|gap| speed.time_for(gap)).unwrap_or(Micros(0));
            axles.push(SimAxle {
                at,
                load: Some(*load),
                left: Some(Kilograms(load.0 - load.0 / 2)),
                right: Some(Kilograms(load.0 / 2)),
                spacing,
                speed: Some(speed),
                tyres: if index == 0 { Tyres::Single } else { Tyres::Dual },
                flags: Flags::NONE,
            });
        }
        let wheelbase: u32 = spacings.iter().map(|spacing| spacing.0).sum();
        Self {
            lane,
            direction: Direction::WithTraffic,
            began_at,
            ended_at: at + Micros::from_millis(50),
            gross: Some(Kilograms(loads.iter().map(|load| load.0).sum())),
            axles,
            length: Some(Millimetres(wheelbase + 2_500)),
            speed: Some(speed),
            acceleration: Some(MillimetresPerSecond2(0)),
            temperature: Some(DeciCelsius(215)),
            flags: Flags::NONE,
            trigger_id: None,
            groups: None,
        }
    }

    /// Its events as vehicle `number` of a controller whose clock was 0 at `booted_at`.
    pub(super) fn cues(&self, number: u32, booted_at: Timestamp) -> Vec<Cue> {
        let lane = self.lane.0;
        let micros = |at: Timestamp| u64::try_from(at.since(booted_at).0).unwrap_or(0);
        let begin = VehicleBegin {
            vehicle: number,
            lane,
            direction: self.direction,
            at_us: micros(self.began_at),
            trigger_id: self.trigger_id,
        };
        let mut cues = vec![Cue { at: self.began_at, event: Event::VehicleBegin(begin) }];
        let mut checksum = AxlesChecksum::new();
        for (axle, position) in self.axles.iter().zip(1_u8..) {
            let event = axle.event(number, position, micros(axle.at));
            // What cannot be encoded is refused by the session too, and counted there.
            let _ = checksum.add(&event);
            cues.push(Cue { at: axle.at, event: Event::Axle(event) });
        }
        let end = VehicleEnd {
            vehicle: number,
            lane,
            direction: self.direction,
            at_us: micros(self.ended_at),
            axle_count: u8::try_from(self.axles.len()).unwrap_or(u8::MAX),
            axles_crc: checksum.value(),
            gross_kg: self.gross.map(|gross| gross.0),
            length_mm: self.length.map(|length| length.0),
            speed_dkmh: self.speed.map(|speed| speed.0),
            acceleration_mmps2: self.acceleration.map(|acceleration| acceleration.0),
            temperature_dc: self.temperature.map(|temperature| temperature.0),
            flags: self.flags,
            trigger_id: self.trigger_id,
            groups: self.groups.as_deref().and_then(GroupCodes::new),
        };
        cues.push(Cue { at: self.ended_at, event: Event::VehicleEnd(end) });
        cues
    }
}

impl SimAxle {
    fn event(&self, vehicle: u32, number: u8, at_us: u64) -> Axle {
        let kilograms = |load: Option<Kilograms>| load.and_then(|load| u16::try_from(load.0).ok());
        Axle {
            vehicle,
            number,
            at_us,
            load_kg: kilograms(self.load),
            left_kg: kilograms(self.left),
            right_kg: kilograms(self.right),
            spacing_mm: self.spacing.map(|spacing| spacing.0),
            speed_dkmh: self.speed.map(|speed| speed.0),
            tyres: self.tyres,
            flags: self.flags,
        }
    }
}
