//! Kinds of vehicles with the gross limits that they have in law: the truth of the simulator.

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
    Archetype { split, spacings, tyres, limit_kg, tare_kg, trailer }
}

/// Every configuration of the 124号 table, and one of seven axles (which falls under six or more).
pub const ARCHETYPES: [Archetype; 23] = [
    archetype("1+1", &[4_500], "sd", (18_000, 6_200), false),
    archetype("1+2", &[4_000, 1_350], "sdd", (25_000, 9_600), false),
    archetype("2+1", &[1_850, 4_800], "ssd", (25_000, 9_100), false),
    archetype("1+1+1", &[3_400, 7_200], "sdd", (27_000, 11_000), true),
    archetype("1+1+1", &[4_800, 5_600], "sdd", (27_000, 10_400), true),
    archetype("2+2", &[1_850, 3_700, 1_350], "ssdd", (31_000, 12_600), false),
    archetype("1+1+2", &[3_400, 6_800, 1_320], "sddd", (36_000, 13_000), true),
    archetype("1+1+2", &[4_900, 5_400, 1_300], "sddd", (36_000, 12_500), true),
    archetype("1+2+1", &[4_300, 1_350, 5_600], "sddd", (35_000, 13_200), true),
    archetype("1+1+1+1", &[4_700, 3_600, 4_900], "sddd", (36_000, 12_800), true),
    archetype("1+2+2", &[3_300, 1_350, 6_600, 1_320], "sdddd", (43_000, 14_800), true),
    archetype("2+1+2", &[1_850, 2_700, 6_800, 1_320], "ssddd", (43_000, 14_500), true),
    archetype("1+1+3", &[3_400, 6_300, 1_310, 1_310], "sdddd", (42_000, 14_600), true),
    archetype("1+2+2", &[4_300, 1_350, 5_600, 1_300], "sdddd", (43_000, 15_000), true),
    archetype("2+1+2", &[1_850, 4_300, 5_600, 1_300], "ssddd", (43_000, 14_900), true),
    archetype("1+2+1+1", &[4_300, 1_350, 3_600, 4_800], "sdddd", (43_000, 15_200), true),
    archetype("2+1+1+1", &[1_850, 4_500, 3_600, 4_800], "ssddd", (43_000, 15_100), true),
    archetype("1+2+3", &[3_300, 1_350, 6_500, 1_310, 1_310], "sddddd", (49_000, 15_800), true),
    archetype("2+1+3", &[1_850, 2_700, 6_500, 1_310, 1_310], "ssdddd", (46_000, 15_600), true),
    archetype("1+2+3", &[4_300, 1_350, 5_800, 1_310, 1_310], "sddddd", (49_000, 16_000), true),
    archetype("2+2+2", &[1_850, 3_700, 1_350, 5_600, 1_300], "ssdddd", (49_000, 16_400), true),
    archetype("2+2+1+1", &[1_850, 3_700, 1_350, 3_600, 4_900], "ssdddd", (49_000, 16_600), true),
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
