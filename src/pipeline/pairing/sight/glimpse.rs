//! An open event: what the costs need of it, and the costs.

use super::decision::Wanting;
use crate::clock::Timestamp;
use crate::pipeline::InputId;
use crate::pipeline::pairing::assignment::IMPOSSIBLE;
use crate::pipeline::pairing::clock::{Located, Tick};
use crate::pipeline::pairing::{Parameters, cost};
use crate::pipeline::passage::Direction;
use crate::pipeline::passage::size::Size;
use crate::pipeline::plate::PlateRead;
use crate::units::{DeciKmh, Micros};

/// One open event.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glimpse {
    pub(super) id: InputId,
    pub(super) tick: Tick,
    pub(super) located: Located,
    pub(super) trigger: Option<u32>,
    pub(super) more_follows: bool,
    /// The camera serves several lanes and does not tell which.
    pub(super) shared: bool,
    /// It is shared, and a vehicle of another lane could have caused it as well.
    pub(super) contested: bool,
    direction: Direction,
    speed: Option<DeciKmh>,
    size: Option<Size>,
}

impl Glimpse {
    pub(super) fn new(
        id: InputId,
        read: &PlateRead,
        (tick, located): (Tick, Located),
        shared: bool,
    ) -> Self {
        Self {
            id,
            tick,
            located,
            trigger: read.trigger_id,
            more_follows: read.more_follows,
            shared,
            contested: false,
            direction: read.direction,
            speed: read.speed_dkmh,
            size: read.size(),
        }
    }

    /// Takes on what a fuller event tells; its instant stays.
    pub(super) fn fill(&mut self, id: InputId, read: &PlateRead) {
        self.id = id;
        self.more_follows = read.more_follows;
        self.trigger = read.trigger_id.or(self.trigger);
        if read.direction != Direction::Unknown {
            self.direction = read.direction;
        }
        self.speed = read.speed_dkmh.or(self.speed);
        self.size = read.size().or(self.size);
    }

    /// What it costs to believe that the passage caused it.
    pub(super) fn cost(&self, passage: &Wanting, prices: &Parameters) -> u32 {
        match (passage.trigger, self.trigger) {
            (Some(ours), Some(theirs)) if ours == theirs => return 0,
            (Some(_), Some(_)) => return IMPOSSIBLE,
            _ => {}
        }
        self.cost_at(passage, self.residual(passage), prices)
    }

    /// The same with that residual.
    fn cost_at(&self, passage: &Wanting, residual: Micros, prices: &Parameters) -> u32 {
        cost::of_residual(residual, self.spread(passage))
            + cost::of_slack(self.located.spread, passage.expected.slack)
            + cost::of_direction(passage.direction, self.direction, prices.direction_price)
            + cost::of_speed(passage.speed, self.speed, prices.speed_price)
            + cost::of_size(passage.size, self.size, prices.size_price)
    }

    /// Its instant minus the expected one; while in doubt, that of its instants which fits better.
    pub(super) fn residual(&self, passage: &Wanting) -> Micros {
        let residual = |at: Timestamp| at.since(passage.expected.at);
        let first = residual(self.located.at);
        let second = self.located.or_at.map_or(first, residual);
        if second.0.saturating_abs() < first.0.saturating_abs() { second } else { first }
    }

    /// When it happened, if the clock runs on although stamp and receipt disagree.
    pub(super) fn other_at(&self) -> Timestamp {
        self.located.or_at.unwrap_or(self.located.at)
    }

    /// Whether its stamp says, as far as it is believed, that it belongs to none of the vehicles before
    /// the oldest open one. If only its receipt speaks for an open one it may be of any: a camera that
    /// has fallen behind sends nothing else.
    pub(super) fn is_of_an_open_one(&self, oldest: &Wanting, parameters: &Parameters) -> bool {
        let first = oldest.expected.at + Micros(parameters.least_headway.0.saturating_neg());
        self.located.or_at.is_some_and(|stamped| stamped >= first)
    }

    /// What it costs to believe that the passage caused it at that instant.
    pub(super) fn cost_then(&self, passage: &Wanting, at: Timestamp, prices: &Parameters) -> u32 {
        match (passage.trigger, self.trigger) {
            (Some(ours), Some(theirs)) if ours == theirs => 0,
            (Some(_), Some(_)) => IMPOSSIBLE,
            _ => self.cost_at(passage, at.since(passage.expected.at), prices),
        }
    }

    /// Whether nothing that comes later can win against it. Another event or passage is at least
    /// the least headway away from this one, so on the near side of the expected instant its
    /// residual is that headway less ours; even that must cost a whole margin more.
    pub(super) fn is_final(&self, passage: &Wanting, cost: u32, parameters: &Parameters) -> bool {
        let ours = self.residual(passage).0.saturating_abs();
        let theirs = Micros(parameters.least_headway.0.saturating_sub(ours).max(0));
        let best_later = cost::of_residual(theirs, self.spread(passage));
        best_later >= cost.saturating_add(parameters.margin)
    }

    fn spread(&self, passage: &Wanting) -> Micros {
        let slack = passage.expected.slack.0;
        Micros(self.located.spread.0.saturating_add(slack))
    }
}
