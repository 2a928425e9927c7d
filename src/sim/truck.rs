//! Invented trucks: every configuration of the 124号 table, loaded from empty to beyond 100 t.

use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use crate::pipeline::passage::Tyres;
use crate::pipeline::plate::PlateColour;
use crate::units::{DeciKmh, Kilograms, Millimetres};

/// A kind of vehicle with the gross limit that it has in law.
///
/// The limits are written down here a second time, from law.md 1.2 and apart from the daemon's
/// own table, because this is the truth that the daemon is measured against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Archetype {
    /// Axle groups front to rear.
    pub split: &'static str,
    /// Distances between axles, millimetres; typical of such vehicles, our choice.
    pub spacings: &'static [u32],
    /// One letter an axle: `s` single tyres, `d` dual.
    pub tyres: &'static str,
    /// Gross limit in kilograms.
    pub limit_kg: u32,
    /// Mass without load, kilograms; typical, our choice.
    pub tare_kg: u32,
    /// Whether it draws a trailer with a plate of its own.
    pub trailer: bool,
}

const fn archetype(
    split: &'static str,
    spacings: &'static [u32],
    tyres: &'static str,
    (limit_kg, tare_kg): (u32, u32),
    trailer: bool,
) -> Archetype {
    Archetype {
        split,
        spacings,
        tyres,
        limit_kg,
        tare_kg,
        trailer,
    }
}

/// Every configuration of the 124号 table, and one of seven axles (which falls under six or more).
pub const ARCHETYPES: [Archetype; 23] = [
    archetype("1+1", &[4_500], "sd", (18_000, 6_200), false),
    archetype("1+2", &[4_000, 1_350], "sdd", (25_000, 9_600), false),
    archetype("2+1", &[1_850, 4_800], "ssd", (25_000, 9_100), false),
    archetype("1+1+1", &[3_400, 7_200], "sdd", (27_000, 11_000), true),
    archetype("1+1+1", &[4_800, 5_600], "sdd", (27_000, 10_400), true),
    archetype(
        "2+2",
        &[1_850, 3_700, 1_350],
        "ssdd",
        (31_000, 12_600),
        false,
    ),
    archetype(
        "1+1+2",
        &[3_400, 6_800, 1_320],
        "sddd",
        (36_000, 13_000),
        true,
    ),
    archetype(
        "1+1+2",
        &[4_900, 5_400, 1_300],
        "sddd",
        (36_000, 12_500),
        true,
    ),
    archetype(
        "1+2+1",
        &[4_300, 1_350, 5_600],
        "sddd",
        (35_000, 13_200),
        true,
    ),
    archetype(
        "1+1+1+1",
        &[4_700, 3_600, 4_900],
        "sddd",
        (36_000, 12_800),
        true,
    ),
    archetype(
        "1+2+2",
        &[3_300, 1_350, 6_600, 1_320],
        "sdddd",
        (43_000, 14_800),
        true,
    ),
    archetype(
        "2+1+2",
        &[1_850, 2_700, 6_800, 1_320],
        "ssddd",
        (43_000, 14_500),
        true,
    ),
    archetype(
        "1+1+3",
        &[3_400, 6_300, 1_310, 1_310],
        "sdddd",
        (42_000, 14_600),
        true,
    ),
    archetype(
        "1+2+2",
        &[4_300, 1_350, 5_600, 1_300],
        "sdddd",
        (43_000, 15_000),
        true,
    ),
    archetype(
        "2+1+2",
        &[1_850, 4_300, 5_600, 1_300],
        "ssddd",
        (43_000, 14_900),
        true,
    ),
    archetype(
        "1+2+1+1",
        &[4_300, 1_350, 3_600, 4_800],
        "sdddd",
        (43_000, 15_200),
        true,
    ),
    archetype(
        "2+1+1+1",
        &[1_850, 4_500, 3_600, 4_800],
        "ssddd",
        (43_000, 15_100),
        true,
    ),
    archetype(
        "1+2+3",
        &[3_300, 1_350, 6_500, 1_310, 1_310],
        "sddddd",
        (49_000, 15_800),
        true,
    ),
    archetype(
        "2+1+3",
        &[1_850, 2_700, 6_500, 1_310, 1_310],
        "ssdddd",
        (46_000, 15_600),
        true,
    ),
    archetype(
        "1+2+3",
        &[4_300, 1_350, 5_800, 1_310, 1_310],
        "sddddd",
        (49_000, 16_000),
        true,
    ),
    archetype(
        "2+2+2",
        &[1_850, 3_700, 1_350, 5_600, 1_300],
        "ssdddd",
        (49_000, 16_400),
        true,
    ),
    archetype(
        "2+2+1+1",
        &[1_850, 3_700, 1_350, 3_600, 4_900],
        "ssdddd",
        (49_000, 16_600),
        true,
    ),
    archetype(
        "2+2+3",
        &[1_850, 3_300, 1_350, 6_500, 1_310, 1_310],
        "ssddddd",
        (49_000, 17_800),
        true,
    ),
];

/// Where [`ARCHETYPES`] holds the six-axle articulated vehicle.
pub const SIX_AXLE_ARTICULATED: usize = 17;

/// Gross mass of a 百吨王, kilograms (law.md section 5).
pub const HUNDRED_TONNES: u32 = 100_000;

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
    let rear_plate = if archetype.trailer {
        self::plate(rng, true)
    } else {
        plate.clone()
    };
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
    if loading == Loading::HundredTonnes {
        return HUNDRED_TONNES + rng.random_range(0..18_000);
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
                tyres: if tyres == 's' {
                    Tyres::Single
                } else {
                    Tyres::Dual
                },
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
