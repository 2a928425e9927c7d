//! Two half passages side by side: one vehicle astride two lanes.
//!
//! In: traces of vehicles in neighbouring lanes. Out: whether two are one vehicle, with figures.
//! Both originals stay records of their own.

use crate::clock::Timestamp;
use crate::pipeline::passage::{Passage, QualityFlag};
use crate::units::{Kilograms, Micros};

/// The wheels of one axle reach both lanes' sensors together; sensors of neighbouring lanes are
/// at most this far apart in time (3 m staggered at 22 km/h). Our choice.
const STAGGER: Micros = Micros::from_millis(500);
/// Every axle shows the same stagger to within this: 2 cm of spacing error at walking pace.
const SAME_STAGGER: Micros = Micros::from_millis(25);
/// Vehicles without any look of a half are one only when they were weighed as if by one sensor.
const TOGETHER: Micros = Micros::from_millis(15);
/// Share of the load on one side, per cent, from which a vehicle looks cut in half: a whole one
/// stays below 65 even with its load shifted. Our choice.
const ONE_SIDED_PERCENT: u64 = 80;

/// The other half of a vehicle.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::pipeline) struct Half {
    /// Its record.
    pub(in crate::pipeline) record: String,
    /// What makes the two one vehicle.
    pub(in crate::pipeline) figures: String,
}

/// What is remembered of a vehicle to recognise its other half.
#[derive(Clone, Debug)]
pub(in crate::pipeline) struct Trace {
    /// Its record.
    pub(in crate::pipeline) id: String,
    axles: Vec<Timestamp>,
    half: bool,
    /// Its load was measured on both sides and lies on both, and nobody says otherwise.
    whole: bool,
    gross: Option<Kilograms>,
}

impl Trace {
    pub(in crate::pipeline) fn new(id: &str, passage: &Passage) -> Self {
        Self {
            id: id.to_owned(),
            axles: passage.axles.iter().map(|axle| axle.at).collect(),
            half: looks_like_half(passage),
            whole: !looks_like_half(passage) && lies_on_both_sides(passage),
            gross: passage.gross(),
        }
    }

    /// Whether nothing speaks for another half of it in a neighbouring lane, nor can.
    pub(in crate::pipeline) fn is_whole(&self) -> bool {
        self.whole
    }

    /// The figures by which two traces of neighbouring lanes are one vehicle; `None` when not.
    pub(in crate::pipeline) fn same_vehicle(&self, other: &Self) -> Option<String> {
        if self.axles.len() != other.axles.len() || self.axles.len() < 2 {
            return None;
        }
        let mut staggers =
            self.axles.iter().zip(&other.axles).map(|(ours, theirs)| ours.since(*theirs).0);
        let first = staggers.next()?;
        let (low, high) = staggers
            .fold((first, first), |(low, high), stagger| (low.min(stagger), high.max(stagger)));
        let most = low.saturating_abs().max(high.saturating_abs());
        // a vehicle astride leaves one side of each lane's plates empty, so a whole one beside a half
        // is somebody else
        if self.whole || other.whole {
            return None;
        }
        let bound = if self.half || other.half { STAGGER } else { TOGETHER };
        if most > bound.0 || high.saturating_sub(low) > SAME_STAGGER.0 {
            return None;
        }
        let gross = |trace: &Self| trace.gross.map_or("not measured".to_owned(), |g| g.to_string());
        Some(format!(
            "{} axles each, at most {} ms apart; gross {} and {}",
            self.axles.len(),
            most / 1_000,
            gross(self),
            gross(other),
        ))
    }
}

/// The controller says so, or nearly all of the load is on one side.
pub(in crate::pipeline) fn looks_like_half(passage: &Passage) -> bool {
    let flagged = passage
        .flags
        .iter()
        .any(|flag| matches!(flag, QualityFlag::Straddling | QualityFlag::OffScale));
    flagged || one_sided(passage)
}

/// Whether both sides of every axle were measured and neither carries nearly all.
fn lies_on_both_sides(passage: &Passage) -> bool {
    let measured =
        |axle: &crate::pipeline::passage::Axle| axle.left_kg.is_some() && axle.right_kg.is_some();
    !passage.axles.is_empty() && passage.axles.iter().all(measured) && !one_sided(passage)
}

fn one_sided(passage: &Passage) -> bool {
    let side = |of: fn(&crate::pipeline::passage::Axle) -> Option<Kilograms>| {
        passage.axles.iter().try_fold(0_u64, |sum, axle| Some(sum + u64::from(of(axle)?.0)))
    };
    let (Some(left), Some(right)) = (side(|axle| axle.left_kg), side(|axle| axle.right_kg)) else {
        return false;
    };
    let total = left + right;
    total > 0 && left.max(right) * 100 >= total * ONE_SIDED_PERCENT
}
