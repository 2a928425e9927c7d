//! A vehicle's events to its passage, and the names of what is wrong with them.

use std::collections::BTreeSet;

use firmware_protocol as wire;
use sha2::{Digest, Sha256};

use super::super::time_map::Mapped;
use super::faults;
use super::vehicle::Vehicle;
use super::{Assembler, Closed, Surroundings};
use crate::clock::{SystemClockState, Timestamp};
use crate::pipeline::passage::{
    Axle, DeviceGroups, Direction, Passage, PassageSource, QualityFlag, ScaleIdentity, TimeMapping,
    Tyres,
};
use crate::units::{
    DeciCelsius, DeciKmh, Kilograms, Lane, Micros, Millimetres, MillimetresPerSecond2,
};

/// Lane of a vehicle whose lane nobody told or the configuration does not map: the passage is
/// flagged so. The controller's own number is in the raw frames and in the status.
const NO_LANE: Lane = Lane(0);

/// Controller instants of one vehicle to ours, all by the same exchange, so that the distances
/// between them stay the controller's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instants {
    pub(super) anchor_us: u64,
    pub(super) anchor: Timestamp,
    pub(super) error: Option<Micros>,
}

/// What the frames of a vehicle do not say.
#[derive(Clone, Debug)]
pub(super) struct Told<'a> {
    pub(super) source: PassageSource,
    pub(super) lane: Lane,
    pub(super) received_at: Timestamp,
    pub(super) scale: Option<&'a ScaleIdentity>,
    pub(super) system: SystemClockState,
}

impl Instants {
    /// Without a known clock the vehicle is taken to have ended on arrival.
    fn new(vehicle: &Vehicle, around: Surroundings<'_>) -> Self {
        let anchor_us = vehicle.ended_us();
        match around.time.map(anchor_us) {
            Some(Mapped { at, error }) => Self { anchor_us, anchor: at, error: Some(error) },
            None => Self { anchor_us, anchor: around.received_at, error: None },
        }
    }

    fn at(&self, controller_us: u64) -> Timestamp {
        let later = i128::from(controller_us) - i128::from(self.anchor_us);
        let clamped = later.clamp(i64::MIN.into(), i64::MAX.into());
        self.anchor + Micros(i64::try_from(clamped).unwrap_or(0))
    }
}

impl Assembler {
    pub(super) fn build(
        &mut self,
        number: u32,
        mut vehicle: Vehicle,
        around: Surroundings<'_>,
    ) -> Closed {
        let mut flags = BTreeSet::new();
        if drop_contradicted_begin(&mut vehicle) {
            self.counts.contradicted_begins += 1;
        }
        if faults::name_all(&vehicle, &mut flags) {
            self.counts.unknown_remarks += 1;
        }

        let instants = Instants::new(&vehicle, around);
        if instants.error.is_none() {
            flags.insert(QualityFlag::TimeUnmapped);
        }
        let device_lane = device_lane(&vehicle);
        if self.is_faulty(device_lane.unwrap_or(0)) {
            flags.insert(QualityFlag::SensorFault);
        }
        let lane = self.site_lane(device_lane);
        if lane.is_none() {
            flags.insert(QualityFlag::LaneUnmapped);
        }
        let told = Told {
            source: PassageSource {
                controller: self.address,
                boot_id: self.boot_id.wrapping_add(self.repeats),
                vehicle: number,
            },
            lane: lane.unwrap_or(NO_LANE),
            received_at: around.received_at,
            scale: around.scale,
            system: SystemClockState::default(),
        };
        let passage = passage(&vehicle, &instants, told, flags);
        Closed { passage, last_sequence: vehicle.last_sequence(), raw: vehicle.raw }
    }

    fn site_lane(&mut self, device_lane: Option<u8>) -> Option<Lane> {
        let Some(told) = device_lane else {
            self.counts.untold_lanes += 1;
            return None;
        };
        let mapped = self.config.site_lane(self.address, told);
        if mapped.is_none() {
            self.counts.unmapped_lanes += 1;
            self.counts.unmapped_device_lanes.insert(told);
        }
        mapped
    }
}

/// A begin in another lane or direction belongs to another vehicle: the end is believed, because
/// it was sent with everything known. Returns whether there was one.
pub(super) fn drop_contradicted_begin(vehicle: &mut Vehicle) -> bool {
    let (Some(begin), Some(end)) = (vehicle.begin, vehicle.end) else {
        return false;
    };
    let turned = matches!(
        (begin.direction, end.direction),
        (wire::Direction::WithTraffic, wire::Direction::AgainstTraffic)
            | (wire::Direction::AgainstTraffic, wire::Direction::WithTraffic)
    );
    let contradicted = begin.lane != end.lane || turned;
    if contradicted {
        vehicle.begin = None;
        vehicle.contradicted = true;
    }
    contradicted
}

/// The passage that the vehicle's events and what is told beside them make.
pub(super) fn passage(
    vehicle: &Vehicle,
    instants: &Instants,
    told: Told<'_>,
    flags: BTreeSet<QualityFlag>,
) -> Passage {
    let end = vehicle.end;
    Passage {
        source: told.source,
        lane: told.lane,
        direction: direction(vehicle),
        began_at: instants.at(vehicle.began_us()),
        ended_at: instants.at(vehicle.ended_us()),
        received_at: told.received_at,
        axles: vehicle.axles.iter().map(|axle| axle_of(axle, instants)).collect(),
        reported_gross_kg: end.and_then(|end| end.gross_kg).map(Kilograms),
        length_mm: end.and_then(|end| end.length_mm).map(Millimetres),
        speed_dkmh: end.and_then(|end| end.speed_dkmh).map(DeciKmh),
        acceleration_mmps2: end.and_then(|end| end.acceleration_mmps2).map(MillimetresPerSecond2),
        temperature_dc: end.and_then(|end| end.temperature_dc).map(DeciCelsius),
        device_groups: end
            .and_then(|end| end.groups)
            .map(|groups| DeviceGroups { codes: groups.as_slice().to_vec() }),
        trigger_id: end
            .and_then(|end| end.trigger_id)
            .or(vehicle.begin.and_then(|begin| begin.trigger_id)),
        flags: flags.into_iter().collect(),
        scale: told.scale.cloned(),
        time: TimeMapping { error_us: instants.error, system: told.system },
        raw_sha256: hex::encode(Sha256::digest(&vehicle.raw)),
    }
}

fn device_lane(vehicle: &Vehicle) -> Option<u8> {
    let end = vehicle.end.map(|end| end.lane);
    end.or(vehicle.begin.map(|begin| begin.lane))
}

fn direction(vehicle: &Vehicle) -> Direction {
    let begin = vehicle.begin.map(|begin| begin.direction);
    let end = vehicle.end.map(|end| end.direction);
    [end, begin]
        .into_iter()
        .flatten()
        .find_map(|direction| match direction {
            wire::Direction::WithTraffic => Some(Direction::WithTraffic),
            wire::Direction::AgainstTraffic => Some(Direction::AgainstTraffic),
            wire::Direction::NotMeasured | wire::Direction::Other(_) => None,
        })
        .unwrap_or_default()
}

fn axle_of(axle: &wire::Axle, instants: &Instants) -> Axle {
    let kilograms = |load: u16| Kilograms(load.into());
    Axle {
        at: instants.at(axle.at_us),
        load_kg: axle.load_kg.map(kilograms),
        left_kg: axle.left_kg.map(kilograms),
        right_kg: axle.right_kg.map(kilograms),
        spacing_mm: axle.spacing_mm.map(Millimetres),
        speed_dkmh: axle.speed_dkmh.map(DeciKmh),
        tyres: match axle.tyres {
            wire::Tyres::Single => Tyres::Single,
            wire::Tyres::Dual => Tyres::Dual,
            wire::Tyres::NotMeasured | wire::Tyres::Other(_) => Tyres::Unknown,
        },
    }
}
