//! Vehicles for unit tests.

use crate::clock::Timestamp;
use crate::pipeline::passage::{Axle, Passage, PassageSource};
use crate::units::{Kilograms, Lane, Millimetres};

/// Noon of 2026-11-23 in China.
const NOON: Timestamp = Timestamp(1_795_406_400_000_000);

/// A vehicle without faults; loads and spacings front to rear.
pub(crate) fn vehicle(loads: &[u32], spacings: &[u32]) -> Passage {
    let source = PassageSource { controller: 1, boot_id: 1, vehicle: 1 };
    let spacings = std::iter::once(None).chain(spacings.iter().map(|mm| Some(Millimetres(*mm))));
    let axle = |(load, spacing_mm): (&u32, _)| Axle {
        load_kg: Some(Kilograms(*load)),
        spacing_mm,
        ..Axle::unmeasured(NOON)
    };
    let axles = loads.iter().zip(spacings.chain(std::iter::repeat(None))).map(axle).collect();
    Passage { axles, ..Passage::unmeasured(source, Lane(1), NOON) }
}
