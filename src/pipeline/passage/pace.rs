//! Whether a vehicle kept its pace over the scale, by the instants of its axles.

use super::{Axle, Passage, QualityFlag};
use crate::units::{DeciKmh, Micros};

/// A vehicle that took at least twice as long from one axle to the next as their speeds say did
/// not keep its pace. Spacings and speeds are measured to a few per cent; our choice.
const SLOWER: i64 = 2;
/// Shorter delays are noise of the axle instants at walking pace.
const LEAST_DELAY: Micros = Micros::from_millis(300);

/// A vehicle that stood still or nearly so between two axles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pipeline) struct Halt {
    /// The axle that came late, from 1.
    pub(in crate::pipeline) axle: usize,
    /// How much later than by the speeds of both axles.
    pub(in crate::pipeline) delay: Micros,
}

/// The longest halt on the scale, when there was one.
pub(in crate::pipeline) fn halt(passage: &Passage) -> Option<Halt> {
    let pairs = passage.axles.windows(2).enumerate();
    let late = pairs.filter_map(|(place, pair)| {
        let (took, due) = step(&pair[0], &pair[1])?;
        let delay = Micros(took.0 - due.0);
        let halted = took.0 >= due.0 * SLOWER && delay >= LEAST_DELAY;
        halted.then_some(Halt { axle: place + 2, delay })
    });
    late.max_by_key(|halt| halt.delay)
}

/// Whether its speed on the scale tells little of when it is elsewhere.
pub(in crate::pipeline) fn is_unsteady(passage: &Passage) -> bool {
    passage.flags.contains(&QualityFlag::StopAndGo) || halt(passage).is_some()
}

/// How long it took from one axle to the next, and how long the slower of their speeds would.
fn step(before: &Axle, after: &Axle) -> Option<(Micros, Micros)> {
    let speeds = [before.speed_dkmh, after.speed_dkmh];
    let slower = speeds.into_iter().flatten().filter(|speed| *speed > DeciKmh(0)).min()?;
    Some((after.at.since(before.at), slower.time_for(after.spacing_mm?)?))
}
