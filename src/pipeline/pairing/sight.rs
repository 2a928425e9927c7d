//! One camera's view of one lane: its open events, its clock, and who gets which event.
//!
//! In: events as they come, and the open passages. Out: decisions that no later event can change,
//! and, for passages whose window closes, the decision as it then stands.

mod decision;

use super::assignment::{Assignment, Choice, IMPOSSIBLE, Prices, Window};
use super::clock::{CameraClock, Located, Tick};
use super::{PairingOutcome, Parameters, cost};
use crate::clock::Timestamp;
use crate::pipeline::InputId;
use crate::pipeline::parameters::CameraPlacement;
use crate::pipeline::passage::Direction;
use crate::pipeline::plate::PlateRead;
use crate::units::{DeciKmh, Micros};

pub(in crate::pipeline) use decision::{Decision, Wanting};

/// An open event: what the costs need of it.
#[derive(Clone, Copy, Debug)]
pub(in crate::pipeline) struct Glimpse {
    pub(in crate::pipeline) id: InputId,
    tick: Tick,
    located: Located,
    direction: Direction,
    speed: Option<DeciKmh>,
    trigger: Option<u32>,
    more_follows: bool,
    /// The camera serves several lanes and does not tell which.
    shared: bool,
}

/// One camera over one lane.
#[derive(Clone, Debug)]
pub(in crate::pipeline) struct Sight {
    pub(in crate::pipeline) placement: CameraPlacement,
    pub(in crate::pipeline) clock: CameraClock,
    pub(in crate::pipeline) last_event: Option<Timestamp>,
    glimpses: Vec<Glimpse>,
    assignment: Assignment,
    costs: Vec<u32>,
    choices: Vec<Choice>,
}

impl Sight {
    pub(in crate::pipeline) fn new(placement: CameraPlacement) -> Self {
        Self {
            placement,
            clock: CameraClock::default(),
            last_event: None,
            glimpses: Vec::new(),
            assignment: Assignment::default(),
            costs: Vec::new(),
            choices: Vec::new(),
        }
    }

    /// Takes an event in, in order of its instant.
    pub(in crate::pipeline) fn see(&mut self, id: InputId, read: &PlateRead, shared: bool) {
        let tick = Tick::new(read.stamp.as_ref(), read.received_at);
        let glimpse = Glimpse {
            id,
            tick,
            located: self.clock.locate(tick),
            direction: read.direction,
            speed: read.speed_dkmh,
            trigger: read.trigger_id,
            more_follows: read.more_follows,
            shared,
        };
        self.last_event = self.last_event.max(Some(read.received_at));
        self.glimpses.push(glimpse);
        self.remove_doubts();
        self.sort();
    }

    /// Places the events again that were in doubt, once the clock is not.
    fn remove_doubts(&mut self) {
        if self.clock.in_doubt() {
            return;
        }
        for kept in &mut self.glimpses {
            if kept.located.or_at.is_some() {
                kept.located = self.clock.without_doubt(kept.tick, kept.located);
            }
        }
        self.sort();
    }

    fn sort(&mut self) {
        self.glimpses
            .sort_unstable_by_key(|kept| (kept.located.at, kept.tick.received_at, kept.id));
    }

    /// A passage is settled: the clock learns from it.
    pub(in crate::pipeline) fn learn(&mut self, expected: Timestamp, paired: Option<Tick>) {
        self.clock.learn(expected, paired);
        if self
            .glimpses
            .iter()
            .any(|kept| kept.located.or_at.is_some())
        {
            self.remove_doubts();
        }
    }

    /// Replaces an open event by a fuller one, without a second look at its instant.
    pub(in crate::pipeline) fn replace(&mut self, old: InputId, id: InputId, read: &PlateRead) {
        for glimpse in self.glimpses.iter_mut().filter(|glimpse| glimpse.id == old) {
            glimpse.id = id;
            glimpse.more_follows = read.more_follows;
            glimpse.trigger = read.trigger_id.or(glimpse.trigger);
            glimpse.speed = read.speed_dkmh.or(glimpse.speed);
        }
    }

    /// Lets an event go, because it was taken or its time is over.
    pub(in crate::pipeline) fn forget(&mut self, id: InputId) {
        self.glimpses.retain(|glimpse| glimpse.id != id);
    }

    /// Lets events go that another lane of the same camera has taken.
    pub(in crate::pipeline) fn keep_shared(&mut self, still_open: impl Fn(InputId) -> bool) {
        self.glimpses
            .retain(|glimpse| !glimpse.shared || still_open(glimpse.id));
    }

    /// The open event that happened first.
    pub(in crate::pipeline) fn oldest(&self) -> Option<InputId> {
        self.glimpses.first().map(|glimpse| glimpse.id)
    }

    /// Events now open.
    pub(in crate::pipeline) fn open(&self) -> usize {
        self.glimpses.len()
    }

    /// Appends every decision that stands now; `wanting` is in order of time.
    pub(in crate::pipeline) fn decide(
        &mut self,
        wanting: &[Wanting],
        parameters: &Parameters,
        decisions: &mut Vec<Decision>,
    ) {
        if self.glimpses.is_empty() {
            decisions.extend(wanting.iter().filter(|w| w.due).map(Decision::alone));
            return;
        }
        self.costs.clear();
        // leaving both alone is cheaper than a dearer pair
        let dearest = parameters
            .no_plate_price
            .saturating_add(parameters.no_passage_price);
        for passage in wanting {
            let possible = |event| match pair_cost(passage, event) {
                cost if cost < dearest => cost,
                _ => IMPOSSIBLE,
            };
            self.costs.extend(self.glimpses.iter().map(possible));
        }
        let prices = Prices {
            no_plate: parameters.no_plate_price,
            no_passage: parameters.no_passage_price,
        };
        let events = self.glimpses.len();
        let window = Window {
            costs: &self.costs,
            events,
            prices,
        };
        self.assignment.solve(window, &mut self.choices);
        for (row, passage) in wanting.iter().enumerate() {
            let choice = self.choices[row];
            let costs = &self.costs[row * events..(row + 1) * events];
            let decision = self.weigh(passage, choice, costs, parameters);
            let settled = decision.early || decision.by_trigger;
            if settled || passage.due {
                decisions.push(decision);
            }
        }
    }

    fn weigh(
        &self,
        passage: &Wanting,
        choice: Choice,
        costs: &[u32],
        parameters: &Parameters,
    ) -> Decision {
        let Some(column) = choice.event else {
            return Decision::alone(passage);
        };
        let event = &self.glimpses[column];
        let residual = event.located.at.since(passage.expected.at);
        let by_trigger = event.trigger.is_some() && event.trigger == passage.trigger;
        let clear = choice.margin >= parameters.margin;
        let early = clear
            && event.located.trusted
            && !event.more_follows
            && !event.shared
            && no_later_can_win(passage, event, costs[column], parameters);
        Decision {
            index: passage.index,
            event: Some(event.id),
            tick: Some(event.tick),
            outcome: if clear || by_trigger {
                PairingOutcome::Paired
            } else {
                PairingOutcome::Ambiguous
            },
            cost: costs[column],
            residual: (!by_trigger).then_some(residual),
            margin: (!by_trigger).then_some(choice.margin),
            runner_up: choice
                .runner_up
                .filter(|other| costs[*other] < IMPOSSIBLE)
                .map(|other| (self.glimpses[other].id, costs[other])),
            trusted: event.located.trusted,
            early,
            by_trigger: by_trigger && !event.more_follows,
            shared: event.shared,
        }
    }
}

fn spread(passage: &Wanting, event: &Glimpse) -> Micros {
    Micros(
        event
            .located
            .spread
            .0
            .saturating_add(passage.expected.slack.0),
    )
}

fn pair_cost(passage: &Wanting, event: &Glimpse) -> u32 {
    match (passage.trigger, event.trigger) {
        (Some(ours), Some(theirs)) if ours == theirs => return 0,
        (Some(_), Some(_)) => return IMPOSSIBLE,
        _ => {}
    }
    let spread = spread(passage, event);
    let cost_at = |at: Timestamp| cost::of_residual(at.since(passage.expected.at), spread);
    let by_time = cost_at(event.located.at);
    event
        .located
        .or_at
        .map_or(by_time, |or_at| by_time.min(cost_at(or_at)))
        + cost::of_direction(passage.direction, event.direction)
        + cost::of_speed(passage.speed, event.speed)
}

/// Another event or passage is at least the least headway away from this one, so on the near side
/// of the expected instant its residual is that headway less ours. When even that costs a whole
/// margin more, nothing that comes later can win.
fn no_later_can_win(
    passage: &Wanting,
    event: &Glimpse,
    cost: u32,
    parameters: &Parameters,
) -> bool {
    let ours = event
        .located
        .at
        .since(passage.expected.at)
        .0
        .saturating_abs();
    let theirs = Micros(parameters.least_headway.0.saturating_sub(ours).max(0));
    let best_later = cost::of_residual(theirs, spread(passage, event));
    best_later >= cost.saturating_add(parameters.margin)
}
