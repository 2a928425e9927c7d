//! A control chart of one figure: a two-sided cumulative sum (CUSUM) against a learnt baseline.
//!
//! A plain mean needs 340 to 400 tractors for ±2 % (scales.md section 3), and would have to be
//! looked at again and again. The cumulative sum of what each value deviates beyond an allowance
//! notices a lasting shift of twice the allowance soonest at a given rate of false alarms. How far
//! it may grow follows from the spread that the traffic itself has.

use serde::{Deserialize, Serialize};

use super::ChartStatus;
use crate::units::PartsPerMillion;

/// Allowance of the first limit, ppm: half of the 3 % shift that is to be noticed.
pub const FIRST_LIMIT: PartsPerMillion = PartsPerMillion(15_000);

/// Allowance of the second limit, ppm: a class 5 scale may be off by 2.5 % at verification and by
/// 5 % in service (scales.md section 2.1), and non-stop points weigh within class 5 (2.2). A mean
/// that has moved by more than the difference takes single vehicles beyond what is permitted.
pub const SECOND_LIMIT: PartsPerMillion = PartsPerMillion(25_000);

/// The baseline is known once its standard error is so small: a fifth of the first limit.
const BASELINE_ERROR: u64 = 3_000;
/// Fewest tractors that make a baseline: ±2 % at 95 % (scales.md section 3).
const LEAST: u64 = 400;
/// Most: traffic of a coefficient of variation of 0.23 has reached [`BASELINE_ERROR`] by then;
/// one that is more mixed gets wider limits from its spread, and is watched all the same.
const MOST: u64 = 6_000;
/// A sum grows without a shift to PATIENCE × spread² / (2 × allowance) about once in
/// e^PATIENCE × spread² / (2 × allowance²) values: once in 100 million tractors of a spread of
/// 0.2. The baseline is never exact, so that it is more often: of 400 invented baselines with
/// 100 000 tractors each, 8 led to a warning.
const PATIENCE: i64 = 14;
/// Spreads below are taken as this, ppm: vehicles one after the other are not as independent as
/// the limit supposes. Our choice.
const LEAST_SPREAD: i64 = 50_000;
/// Spreads above are taken as this, ppm.
const MOST_SPREAD: i64 = 500_000;
/// A value further off than so many spreads counts as so far off: one lorry is no drift.
const FARTHEST: i64 = 3;
/// Beyond the first limit it is over once both sums are below this part of it, where steady traffic
/// keeps them three times of four.
const OVER: i64 = 10;
/// Weight of the newest value in the mean that is shown: 1 / RECENT.
const RECENT: i64 = 400;

/// The sums of one limit, ppm × values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Sums {
    up: i64,
    down: i64,
}

impl Sums {
    fn add(&mut self, deviation: i64, allowance: i64, most: i64) {
        self.up = (self.up + deviation - allowance).clamp(0, most);
        self.down = (self.down - deviation - allowance).clamp(0, most);
    }

    fn greatest(self) -> i64 {
        self.up.max(self.down)
    }
}

/// The chart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Chart {
    /// Values of the baseline, their sum and the sum of their squares.
    count: u64,
    sum: u64,
    squares: u128,
    /// Of the baseline, ppm of its mean; 0 while it is learnt.
    spread: i64,
    first: Sums,
    second: Sums,
    /// Beyond the first limit, and not well within it since.
    off: bool,
    /// Moving mean of the deviation, ppm × RECENT.
    recent: i64,
}

impl Chart {
    /// Takes a value in, at most 2^32.
    pub(super) fn take(&mut self, value: u64) {
        if self.is_learning() {
            self.learn(value);
            return;
        }
        let off = i128::from(value) * i128::from(self.count) - i128::from(self.sum);
        let off = off * 1_000_000 / i128::from(self.sum.max(1));
        let far = i128::from(self.spread * FARTHEST);
        let deviation = i64::try_from(off.clamp(-far, far)).unwrap_or(0);
        self.recent += deviation - self.recent / RECENT;
        self.first.add(deviation, FIRST_LIMIT.0, self.most(FIRST_LIMIT));
        self.second.add(deviation, SECOND_LIMIT.0, self.most(SECOND_LIMIT));
        let (sum, most) = (self.first.greatest(), self.most(FIRST_LIMIT));
        self.off = sum == most || self.off && sum > most / OVER;
    }

    fn learn(&mut self, value: u64) {
        self.count += 1;
        self.sum += value;
        self.squares += u128::from(value) * u128::from(value);
        if self.count < LEAST {
            return;
        }
        let (count, sum) = (u128::from(self.count), u128::from(self.sum.max(1)));
        let variance = (count * self.squares).saturating_sub(sum * sum);
        // the spread in ppm of the mean, squared
        let variance = variance.saturating_mul(1_000_000_000_000) / (sum * sum);
        if self.count == MOST || variance <= u128::from(BASELINE_ERROR).pow(2) * count {
            let spread = i64::try_from(variance.isqrt()).unwrap_or(MOST_SPREAD);
            self.spread = spread.clamp(LEAST_SPREAD, MOST_SPREAD);
        }
    }

    /// Where the sum of this allowance is too great.
    fn most(&self, allowance: PartsPerMillion) -> i64 {
        PATIENCE * self.spread * self.spread / (2 * allowance.0)
    }

    pub(super) fn is_learning(&self) -> bool {
        self.spread == 0
    }

    /// Beyond the first limit.
    pub(super) fn is_off(&self) -> bool {
        self.off
    }

    /// Beyond the second limit.
    pub(super) fn is_far(&self) -> bool {
        !self.is_learning() && self.second.greatest() == self.most(SECOND_LIMIT)
    }

    pub(super) fn status(&self) -> ChartStatus {
        if self.is_learning() {
            return ChartStatus::default();
        }
        ChartStatus {
            baseline: Some(self.sum / self.count.max(1)),
            spread_ppm: Some(PartsPerMillion(self.spread)),
            deviation_ppm: Some(PartsPerMillion(self.recent / RECENT)),
        }
    }
}
