//! Invented trucks: every configuration of the 124号 table, loaded from empty to beyond 100 t.

use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use super::archetype::{Archetype, HUNDRED_TONNES};
use crate::pipeline::passage::Tyres;
use crate::pipeline::plate::PlateColour;
use crate::units::{DeciKmh, Kilograms, Millimetres};

/// One axle of an invented truck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TruckAxle {
    /// Load of the left wheels.
    pub left: Kilograms,
    /// Load of the right wheels.
    pub right: Kilograms,
    /// Tyres each side.
    pub tyres: Tyres,
}

impl TruckAxle {
    /// Load of the axle.
    pub fn load(&self) -> Kilograms {
        Kilograms(self.left.0 + self.right.0)
    }
}

/// One invented truck.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truck {
    /// What kind it is.
    pub archetype: Archetype,
    /// Front to rear.
    pub axles: Vec<TruckAxle>,
    /// Distances between the axles.
    pub spacings: Vec<Millimetres>,
    /// Bumper to bumper.
    pub length: Millimetres,
    /// Its constant speed.
    pub speed: DeciKmh,
    /// Plate at the front.
    pub plate: String,
    /// Plate at the rear: the trailer's, or the same.
    pub rear_plate: String,
    /// Colour of both.
    pub colour: PlateColour,
}

impl Truck {
    /// The truth about its gross mass.
    pub fn gross(&self) -> Kilograms {
        Kilograms(self.axles.iter().map(|axle| axle.load().0).sum())
    }

    /// The truth about its overload; zero when within the limit.
    pub fn excess(&self) -> Kilograms {
        Kilograms(self.gross().0.saturating_sub(self.archetype.limit_kg))
    }

    /// From the first axle to the last.
    pub fn wheelbase(&self) -> Millimetres {
        Millimetres(self.spacings.iter().map(|spacing| spacing.0).sum())
    }
}

/// How a truck is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loading {
    /// Anything between empty and far beyond the limit.
    Any,
    /// At least 100 t.
    HundredTonnes,
    /// So many kilograms gross.
    Gross(u32),
}

/// Invents a truck of the given kind.
pub fn invent(rng: &mut ChaCha8Rng, archetype: Archetype, loading: Loading) -> Truck {
    let spacings: Vec<Millimetres> = archetype
        .spacings
        .iter()
        .map(|nominal| Millimetres(nominal + rng.random_range(0..=20) - 10))
        .collect();
    let wheelbase: u32 = spacings.iter().map(|spacing| spacing.0).sum();
    let overhangs = rng.random_range(2_300..=3_600);
    let plate = plate(rng, false);
    let rear_plate = if archetype.trailer { self::plate(rng, true) } else { plate.clone() };
    let gross = gross(rng, archetype, loading);
    Truck {
        axles: axles(rng, archetype, gross),
        spacings,
        length: Millimetres(wheelbase + overhangs),
        speed: DeciKmh(rng.random_range(250..=850)),
        plate,
        rear_plate,
        colour: PlateColour::Yellow,
        archetype,
    }
}

/// Shares out of a hundred are our choice: far more overloads than the 1 % of a real road
/// (law.md section 12), so that a short demonstration shows each kind.
fn gross(rng: &mut ChaCha8Rng, archetype: Archetype, loading: Loading) -> u32 {
    let limit = archetype.limit_kg;
    let per_cent = |rng: &mut ChaCha8Rng, of: u32, from: u32, to: u32| {
        let share = rng.random_range(from * 100..to * 100);
        of / 100 * share / 100 + rng.random_range(0..10)
    };
    match loading {
        Loading::Any => {}
        Loading::HundredTonnes => return HUNDRED_TONNES + rng.random_range(0..18_000),
        Loading::Gross(gross) => return gross,
    }
    match rng.random_range(0..100) {
        0..20 => per_cent(rng, archetype.tare_kg, 100, 115),
        20..80 => per_cent(rng, limit, 60, 99),
        80..82 => limit,
        82..84 => limit + 1,
        84..95 => per_cent(rng, limit, 103, 160),
        _ => per_cent(rng, limit, 200, 230),
    }
}

/// Steering axles carry about half of what the others do; the rest is even, give or take 3 %.
fn axles(rng: &mut ChaCha8Rng, archetype: Archetype, gross: u32) -> Vec<TruckAxle> {
    let weights: Vec<u32> = archetype
        .tyres
        .chars()
        .map(|tyres| {
            let nominal = if tyres == 's' { 560 } else { 1_000 };
            nominal + rng.random_range(0..60) - 30
        })
        .collect();
    let whole: u32 = weights.iter().sum();
    let mut loads: Vec<u32> = weights
        .iter()
        .map(|weight| {
            let load = u64::from(gross) * u64::from(*weight) / u64::from(whole);
            u32::try_from(load).unwrap_or(gross)
        })
        .collect();
    let shared: u32 = loads.iter().sum();
    if let Some(last) = loads.last_mut() {
        *last += gross - shared;
    }
    loads
        .into_iter()
        .zip(archetype.tyres.chars())
        .map(|(load, tyres)| {
            let left = load * rng.random_range(480..=520) / 1_000;
            TruckAxle {
                left: Kilograms(left),
                right: Kilograms(load - left),
                tyres: if tyres == 's' { Tyres::Single } else { Tyres::Dual },
            }
        })
        .collect()
}

/// Provinces that are seen in Jingdezhen, Jiangxi's own most often; our choice.
const PROVINCES: [char; 10] = ['赣', '赣', '赣', '赣', '赣', '皖', '浙', '鄂', '闽', '湘'];

/// Letters and digits of a serial: neither I nor O (law.md section 8).
const SERIAL: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ0123456789";

fn plate(rng: &mut ChaCha8Rng, trailer: bool) -> String {
    let province = PROVINCES.choose(rng).copied().unwrap_or('赣');
    let mut plate = String::from(province);
    plate.push(char::from(b"ABCDEFGHJKLM"[rng.random_range(0..12)]));
    let characters = if trailer { 4 } else { 5 };
    for _ in 0..characters {
        plate.push(char::from(SERIAL[rng.random_range(0..SERIAL.len())]));
    }
    if trailer {
        plate.push('挂');
    }
    plate
}
