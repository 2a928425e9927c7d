//! A reference vehicle that is driven over each lane for a calibration: what `wimd calibrate` finds.

use super::archetype::{ARCHETYPES, SIX_AXLE_ARTICULATED};
use super::traffic::{Crossing, Incident, LANES, Sight, View, captured_at};
use super::truck::{Truck, TruckAxle};
use crate::clock::Timestamp;
use crate::pipeline::passage::Tyres;
use crate::pipeline::plate::{CameraRole, PlateColour};
use crate::units::{DeciKmh, Kilograms, Micros, Millimetres};

/// Its plate.
pub const PLATE: &str = "赣H12345";

/// Its gross mass by a static scale.
pub const GROSS: Kilograms = Kilograms(40_120);

/// Its axle loads by a static scale, front to rear, kilograms.
pub const AXLES: [u32; 6] = [6_480, 7_120, 7_080, 6_490, 6_480, 6_470];

/// One speed in each band of GB/T 21296 (scales.md section 2.2), the fastest first.
const SPEEDS: [DeciKmh; 3] = [DeciKmh(600), DeciKmh(300), DeciKmh(80)];

/// What the scale makes of each of the five runs of a band, per mille: about 1 % heavy.
const WEIGHED: [u32; 5] = [1_010, 1_009, 1_012, 1_010, 1_008];

/// From the end of a run to the begin of the next: longer than any window of the pairing lasts.
const TURN: Micros = Micros::from_secs(60);

/// The runs, numbered from `number`: five in each band of speed and lane, by a scale that weighs
/// 1 % heavy. The first begins a turn after `start`.
pub fn reference_runs(number: usize, start: Timestamp) -> Vec<Crossing> {
    let mut runs = Vec::new();
    let mut free = start;
    for speed in SPEEDS {
        for lane in LANES {
            for weighed in WEIGHED {
                let mut run = Crossing {
                    number: number + runs.len(),
                    truck: truck(speed, weighed),
                    lane,
                    incident: Incident::None,
                    began_at: free + TURN,
                    views: Vec::new(),
                };
                run.views = [CameraRole::Front, CameraRole::Rear]
                    .into_iter()
                    .map(|role| View {
                        role,
                        sight: Sight::Read,
                        captured_at: captured_at(&run, role),
                        delay: Micros::from_millis(200),
                    })
                    .collect();
                free = run.ended_at();
                runs.push(run);
            }
        }
    }
    runs
}

fn truck(speed: DeciKmh, weighed: u32) -> Truck {
    let archetype = ARCHETYPES[SIX_AXLE_ARTICULATED];
    let axle = |(load, tyres): (u32, char)| {
        let load = load * weighed / 1_000;
        TruckAxle {
            left: Kilograms(load / 2),
            right: Kilograms(load - load / 2),
            tyres: if tyres == 's' { Tyres::Single } else { Tyres::Dual },
        }
    };
    let spacings: Vec<Millimetres> = archetype.spacings.iter().copied().map(Millimetres).collect();
    Truck {
        axles: AXLES.into_iter().zip(archetype.tyres.chars()).map(axle).collect(),
        length: Millimetres(spacings.iter().map(|spacing| spacing.0).sum::<u32>() + 2_600),
        spacings,
        speed,
        plate: PLATE.to_owned(),
        rear_plate: PLATE.to_owned(),
        colour: PlateColour::Yellow,
        archetype,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_axles_together_weigh_what_it_weighs() {
        assert_eq!(AXLES.iter().sum::<u32>(), GROSS.0);
    }
}
