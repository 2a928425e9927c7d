//! Random numbers as integers.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::Quantile;

/// One stream of random numbers.
#[derive(Clone, Debug)]
pub(super) struct Dice(pub(super) ChaCha8Rng);

impl Dice {
    /// The same seed and stream give the same numbers everywhere.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self(rng)
    }

    /// True in this share of the cases, 1/10 000.
    pub(super) fn chance(&mut self, share: u32) -> bool {
        self.0.random_range(0..10_000) < share
    }

    /// Evenly between both, included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high.max(low))
    }

    /// One of them; there is at least one.
    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.0.random_range(0..from.len())]
    }

    /// A value of the quantile function.
    pub(super) fn quantile(&mut self, points: &[Quantile]) -> i64 {
        let share = i64::from(self.0.random_range(0..10_000_u32));
        let above = points.partition_point(|point| i64::from(point.0) <= share);
        let (Some(low), Some(high)) = (points.get(above.saturating_sub(1)), points.get(above))
        else {
            return points.last().map_or(0, |point| point.1);
        };
        let width = i64::from(high.0 - low.0).max(1);
        low.1 + (high.1 - low.1) * (share - i64::from(low.0)) / width
    }

    /// Nearly normal, by the sum of twelve even numbers; never beyond six spreads.
    pub(super) fn normal(&mut self, spread: i64) -> i64 {
        let sum: i64 = (0..12).map(|_| i64::from(self.0.random_range(0..65_536_u32))).sum();
        (sum - 6 * 65_536) * spread / 65_536
    }

    /// The value give or take a spread in 1/10 000 of it.
    pub(super) fn about(&mut self, value: i64, spread: i64) -> i64 {
        value + self.normal(value * spread) / 10_000
    }
}
