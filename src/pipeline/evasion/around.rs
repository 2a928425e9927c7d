//! What other passages and camera events tell about a vehicle: that it is half of one, a part of
//! one, or two.
//!
//! In: passages of the lane. Out: patterns of axles that need a second look, with the figures.

use super::halves::Half;
use crate::clock::Timestamp;
use crate::pipeline::passage::{Axle, Passage};
use crate::units::{DeciKmh, Micros, Millimetres};

/// Shortest wheelbase of a vehicle, millimetres: small vans have 2.3 m; axles closer to each other
/// are a group.
const LEAST_WHEELBASE: u32 = 2_200;
/// Between the last axle of a vehicle and the first of one that follows nose to tail there are
/// both overhangs, at least.
const LEAST_GAP: u32 = 2_200;
/// Between the steering axle, or a pair of them, and the axle behind it there is at least that.
const LEAST_STEERING_GAP: u32 = 1_700;
/// From the last axle of one part to the first of the next the longest vehicle has less.
const MOST_GAP_MM: i64 = 9_000;

/// The axles of a rest stand within that, mostly a trailer's group of three.
const REST_MM: u32 = 3_000;
/// From the last axle of a rest to its passage: a controller waits that no further axle comes. Our
/// choice.
const REST_ARRIVES: Micros = Micros::from_millis(500);
/// Longest wait for a rest, also behind a vehicle whose speed nobody measured. Our choice: 12 m at
/// 8 km/h.
const LONGEST_REST: Micros = Micros::from_secs(5);

/// What surrounds a passage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::pipeline) struct Around {
    /// Its other halves in the neighbouring lanes.
    pub(in crate::pipeline) halves: Vec<Half>,
    /// Heads of further vehicles that passed a camera during the passage, as figures.
    pub(in crate::pipeline) heads: Vec<String>,
    /// The controller made several passages of one vehicle, of which this is one.
    pub(in crate::pipeline) is_part: bool,
}

/// The axles, counted from 0, of which each would be the first of a second vehicle: both parts would be
/// vehicles of their own. Drawbar combinations look so as well, and one nose to tail with another
/// vehicle has a gap of each kind.
fn second_vehicles(passage: &Passage) -> Vec<usize> {
    let behind_first = passage.axles.get(1..).unwrap_or_default();
    if behind_first.iter().any(|axle| axle.spacing_mm.is_none()) {
        return Vec::new();
    }
    let gap = |axle: &Axle| axle.spacing_mm.map_or(0, |gap| gap.0);
    let stands = |axles: &[Axle]| axles.iter().map(gap).sum::<u32>() >= LEAST_WHEELBASE;
    // a steering axle or pair of them stands apart from the others, a trailer's group does not
    let steers = |axles: &[Axle]| axles.first().is_some_and(|axle| gap(axle) >= LEAST_STEERING_GAP);
    let cuts = (2..behind_first.len()).filter(|cut| {
        let (before, after) = (&behind_first[..cut - 1], &behind_first[*cut..]);
        gap(&behind_first[cut - 1]) >= LEAST_GAP && stands(before) && stands(after) && steers(after)
    });
    cuts.collect()
}

/// When the head of a second vehicle would pass the scale, after the first axle: between the axles on
/// both sides of its gap, one span for each.
pub(in crate::pipeline) fn second_heads(passage: &Passage) -> Vec<(Micros, Micros)> {
    let after = |place: usize| Some(passage.axles.get(place)?.at.since(passage.began_at));
    let between = |first: usize| Some((after(first.checked_sub(1)?)?, after(first)?));
    second_vehicles(passage).into_iter().filter_map(between).collect()
}

/// Where a passage ends and how fast, to tell whether the next one belongs to it.
#[derive(Clone, Copy, Debug)]
pub(in crate::pipeline) struct End {
    at: Timestamp,
    speed: Option<DeciKmh>,
}

impl End {
    pub(in crate::pipeline) fn new(passage: &Passage) -> Option<Self> {
        let last = passage.axles.last()?;
        Some(Self { at: last.at, speed: last.speed_dkmh.or(passage.speed_dkmh) })
    }

    /// When the rest of it, if there is one, has come. Behind a passage that comes late, sent again or
    /// taken up after a restart, it is as late.
    pub(in crate::pipeline) fn rest_by(&self, now: Timestamp) -> Timestamp {
        let most = u32::try_from(MOST_GAP_MM).unwrap_or(u32::MAX).saturating_add(REST_MM);
        let crossed = self.speed.and_then(|speed| speed.time_for(Millimetres(most)));
        let by = crossed.map_or(LONGEST_REST, |crossed| crossed.min(LONGEST_REST));
        now.max(self.at + REST_ARRIVES) + by
    }

    /// Whether this passage is the rest of the one that ended here: too short to be a vehicle, or
    /// without an axle that could steer, and as near as an axle of the same vehicle.
    pub(in crate::pipeline) fn goes_on_in(&self, next: &Passage) -> bool {
        let Some(first) = next.axles.first() else {
            return false;
        };
        let mut gaps = next.axles.iter().filter_map(|axle| axle.spacing_mm).map(|gap| gap.0);
        let wheelbase: u32 = gaps.clone().sum();
        let steers = gaps.next().is_some_and(|gap| gap >= LEAST_STEERING_GAP);
        let speed = self.speed.or(first.speed_dkmh).map_or(0, |speed| i64::from(speed.0));
        let behind = first.at.since(self.at).0;
        // 0.1 km/h are 1/36 mm per millisecond
        let gap = behind.saturating_mul(speed) / 36_000;
        let no_vehicle = wheelbase < LEAST_WHEELBASE || !steers;
        no_vehicle && behind >= 0 && gap <= MOST_GAP_MM
    }
}
