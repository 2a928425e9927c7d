//! Vehicles for unit tests.

use crate::clock::Timestamp;
use crate::pipeline::passage::{Axle, Direction, Passage, PassageSource, TimeMapping, Tyres};
use crate::units::{Kilograms, Lane, Millimetres};

/// Noon of 2026-11-23 in China.
const NOON: Timestamp = Timestamp(1_795_406_400_000_000);

/// A vehicle without faults; loads and spacings front to rear.
pub(crate) fn vehicle(loads: &[u32], spacings: &[u32]) -> Passage {
    let mut before = std::iter::once(None).chain(spacings.iter().map(|mm| Some(Millimetres(*mm))));
    Passage {
        source: PassageSource { controller: 1, boot_id: 1, vehicle: 1 },
        lane: Lane(1),
        direction: Direction::WithTraffic,
        began_at: NOON,
        ended_at: NOON,
        received_at: NOON,
        axles: loads
            .iter()
            .map(|load| Axle {
                at: NOON,
                load_kg: Some(Kilograms(*load)),
                left_kg: None,
                right_kg: None,
                spacing_mm: before.next().flatten(),
                speed_dkmh: None,
                tyres: Tyres::Unknown,
            })
            .collect(),
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
