//! What is known of the vehicle at hand, gathered once for all rows.

use super::{Facts, LaneLaw, Profile};
use crate::pipeline::configuration::{self, Configuration};
use crate::pipeline::grouping::Grouping;
use crate::pipeline::limits::{Day, Suspension};
use crate::pipeline::passage::{Passage, Tyres};
use crate::units::{Kilograms, Millimetres};

/// One vehicle on one day.
pub(super) struct Case<'a> {
    pub(super) passage: &'a Passage,
    pub(super) facts: &'a Facts,
    pub(super) lane: Option<&'a LaneLaw>,
    pub(super) day: Day,
    pub(super) grouping: Grouping,
    pub(super) configurations: Vec<Configuration>,
    pub(super) last_spacing: Option<Millimetres>,
    pub(super) unknown_suspension: Suspension,
    /// Sum of the axle-group limits, when the profile bounds the gross limit by it.
    pub(super) axle_sum: Option<Kilograms>,
}

impl<'a> Case<'a> {
    pub(super) fn new(
        passage: &'a Passage,
        facts: &'a Facts,
        profile: &'a Profile,
        day: Day,
    ) -> Option<Self> {
        let grouping = Grouping::of(passage, &profile.grouping)?;
        Some(Self {
            passage,
            facts,
            lane: profile.lane(passage.lane),
            day,
            grouping,
            configurations: configuration::admissible(&grouping),
            last_spacing: passage.axles.last().and_then(|axle| axle.spacing_mm),
            unknown_suspension: profile.unknown_suspension,
            axle_sum: None,
        })
    }

    pub(super) fn axles(&self) -> usize {
        self.grouping.axles()
    }

    /// Tyres of an axle (from 0) as they were measured, never by the device's group codes: where
    /// the two contradict each other, a measurement less would lower a limit.
    pub(super) fn tyres(&self, axle: usize) -> Tyres {
        self.passage.axles.get(axle).map_or(Tyres::Unknown, |axle| axle.tyres)
    }

    /// Distance from the first axle to the last; `None` when a spacing was not measured.
    pub(super) fn wheelbase(&self) -> Option<u64> {
        self.passage
            .axles
            .iter()
            .skip(1)
            .map(|axle| axle.spacing_mm.map(|spacing| u64::from(spacing.0)))
            .sum()
    }
}
