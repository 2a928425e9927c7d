//! Axles to groups by their spacing. In: spacings, thresholds, the device's own codes. Out: every
//! way to group the axles that the spacings admit.
//!
//! It never decides between two readings: a spacing in the valley, or one that was not measured,
//! leaves both open.

mod device;

pub use device::{CodeScheme, DeviceAgreement};

use super::limits::{MAX_AXLES, Split};
use super::passage::Passage;
use crate::units::Millimetres;

/// Spacings that decide whether two neighbours are in one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Thresholds {
    /// Up to this spacing, included, two axles are one group. Default 2 000 mm, which reproduces
    /// every group label of a public data set of 5 000 trucks (scales.md section 5).
    pub same_group: Millimetres,
    /// Up to this spacing, included, and beyond `same_group`, both readings are kept. Default
    /// 2 500 mm, the end of the natural valley in the spacings (scales.md section 5).
    pub uncertain: Millimetres,
    /// Up to this spacing, included, the first two axles are a twin-steer pair. Default 2 000 mm:
    /// our choice, the same as any group, since no source gives another.
    pub twin_steer: Millimetres,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            same_group: Millimetres(2_000),
            uncertain: Millimetres(2_500),
            twin_steer: Millimetres(2_000),
        }
    }
}

/// Every admissible grouping of a vehicle, as sets of gaps. Bit `i` is the gap between axles `i`
/// and `i + 1`, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Grouping {
    axles: u8,
    joined: u32,
    separate: u32,
}

impl Grouping {
    /// Groups the axles of a passage; `None` for no axle or more than [`MAX_AXLES`].
    pub fn of(passage: &Passage, thresholds: &Thresholds) -> Option<Self> {
        let count = passage.axles.len();
        if count == 0 || count > MAX_AXLES {
            return None;
        }
        let mut grouping = Self { axles: u8::try_from(count).ok()?, joined: 0, separate: 0 };
        for (gap, axle) in passage.axles.iter().skip(1).enumerate() {
            let same_group = if gap == 0 { thresholds.twin_steer } else { thresholds.same_group };
            match axle.spacing_mm {
                Some(spacing) if spacing <= same_group => grouping.joined |= 1 << gap,
                Some(spacing) if spacing > thresholds.uncertain.max(same_group) => {
                    grouping.separate |= 1 << gap;
                }
                Some(_) | None => {}
            }
        }
        Some(grouping)
    }

    /// Axles of the vehicle, 1 to [`MAX_AXLES`].
    pub fn axles(&self) -> usize {
        usize::from(self.axles)
    }

    /// Gaps that may be inside a group or between two.
    pub fn uncertain_gaps(&self) -> u32 {
        all_gaps(self.axles()) & !self.joined & !self.separate
    }

    /// Whether some gap leaves two readings open.
    pub fn is_uncertain(&self) -> bool {
        self.uncertain_gaps() != 0
    }

    /// Whether `split` is one of the readings.
    pub fn admits(&self, split: &Split) -> bool {
        split.axles() == self.axles() && self.admits_gaps(split.joined())
    }

    /// Whether the grouping with exactly the gaps in `joined` closed is one of the readings.
    pub fn admits_gaps(&self, joined: u32) -> bool {
        joined & self.separate == 0 && self.joined & !joined == 0
    }

    /// Whether gap `gap` may lie between two groups.
    pub fn may_separate(&self, gap: usize) -> bool {
        self.joined & (1 << gap) == 0
    }

    /// Whether gap `gap` may lie inside a group.
    pub fn may_join(&self, gap: usize) -> bool {
        self.separate & (1 << gap) == 0
    }

    /// The reading that takes every uncertain gap as one between groups.
    pub fn widest(&self) -> Split {
        Split::from_joined(self.axles(), self.joined)
            .expect("the constructor refuses counts that a split cannot hold")
    }

    /// The reading that takes every uncertain gap as one inside a group.
    pub fn tightest(&self) -> Split {
        Split::from_joined(self.axles(), self.joined | self.uncertain_gaps())
            .expect("the constructor refuses counts that a split cannot hold")
    }
}

fn all_gaps(axles: usize) -> u32 {
    (1 << axles.saturating_sub(1)) - 1
}

#[cfg(test)]
mod tests;
