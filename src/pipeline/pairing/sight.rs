//! One camera's view of one lane: its open events, its clock, and who gets which event.
//!
//! In: events as they come, and the open passages. Out: decisions that no later event can change,
//! and, for passages whose window closes, the decision as it then stands.

mod decision;
mod glimpse;

use super::assignment::{Assignment, Choice, IMPOSSIBLE, Prices, Window};
use super::clock::{CameraClock, Tick};
use super::{PairingOutcome, Parameters};
use crate::clock::Timestamp;
use crate::pipeline::InputId;
use crate::pipeline::parameters::CameraPlacement;
use crate::pipeline::plate::PlateRead;

pub(in crate::pipeline) use decision::{Decision, Wanting};
use glimpse::Glimpse;

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
        let located = self.clock.locate(tick);
        let glimpse = Glimpse::new(id, read, (tick, located), shared);
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
        if self.glimpses.iter().any(|kept| kept.located.or_at.is_some()) {
            self.remove_doubts();
        }
    }

    /// Replaces an open event by a fuller one, without a second look at its instant.
    pub(in crate::pipeline) fn replace(&mut self, old: InputId, id: InputId, read: &PlateRead) {
        for glimpse in self.glimpses.iter_mut().filter(|glimpse| glimpse.id == old) {
            glimpse.fill(id, read);
        }
    }

    /// Lets an event go, because it was taken or its time is over.
    pub(in crate::pipeline) fn forget(&mut self, id: InputId) {
        self.glimpses.retain(|glimpse| glimpse.id != id);
    }

    /// Lets events go that another lane of the same camera has taken.
    pub(in crate::pipeline) fn keep_shared(&mut self, still_open: impl Fn(InputId) -> bool) {
        self.glimpses.retain(|glimpse| !glimpse.shared || still_open(glimpse.id));
    }

    /// Open events of a camera that serves several lanes and does not tell which.
    pub(in crate::pipeline) fn shared(&self) -> impl Iterator<Item = InputId> {
        let shared = self.glimpses.iter().filter(|glimpse| glimpse.shared);
        shared.map(|glimpse| glimpse.id)
    }

    /// Whether one of these passages could have caused the event.
    pub(in crate::pipeline) fn suits(
        &self,
        input: InputId,
        mut wanting: impl Iterator<Item = Wanting>,
        parameters: &Parameters,
    ) -> bool {
        let event = self.glimpses.iter().find(|glimpse| glimpse.id == input);
        event.is_some_and(|event| wanting.any(|w| event.cost(&w) < parameters.dearest_pair()))
    }

    /// Another lane's vehicle could have caused the event as well.
    pub(in crate::pipeline) fn contest(&mut self, input: InputId) {
        let events = self.glimpses.iter_mut();
        for event in events.filter(|glimpse| glimpse.id == input) {
            event.contested = true;
        }
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
        let dearest = parameters.dearest_pair();
        for passage in wanting {
            let possible = |event| match Glimpse::cost(event, passage) {
                cost if cost < dearest => cost,
                _ => IMPOSSIBLE,
            };
            self.costs.extend(self.glimpses.iter().map(possible));
        }
        let prices =
            Prices { no_plate: parameters.no_plate_price, no_passage: parameters.no_passage_price };
        let events = self.glimpses.len();
        let window = Window { costs: &self.costs, events, prices };
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
        let residual = event.residual(passage);
        let by_trigger = event.trigger.is_some() && event.trigger == passage.trigger;
        let clear = choice.margin >= parameters.margin;
        let early = clear
            && event.located.trusted
            && !event.more_follows
            && !event.shared
            && event.is_final(passage, costs[column], parameters);
        Decision {
            index: passage.index,
            event: Some(event.id),
            tick: Some(event.tick),
            outcome: if by_trigger || (clear && !event.contested) {
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
