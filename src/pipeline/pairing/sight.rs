//! One camera's view of one lane: its open events, its clock, and who gets which event.
//!
//! In: events as they come, and the open passages. Out: decisions that no later event can change,
//! and, for passages whose window closes, the decision as it then stands.

mod decision;
mod doubt;
mod glimpse;
mod memory;
mod rivals;

use super::assignment::{Assignment, Choice, IMPOSSIBLE, Prices, Window};
use super::clock::{CameraClock, Crossing, Standing, Tick};
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
    /// Generation of the clock by which the events were placed.
    placed: u64,
    assignment: Assignment,
    costs: Vec<u32>,
    choices: Vec<Choice>,
    /// Passages of which the event depends on whether the clock was set.
    doubtful: Vec<bool>,
    /// The events that the other reading gives them.
    other_choices: Vec<Option<usize>>,
    /// For each passage another whose event would suit it nearly as well, in exchange.
    crossings: Vec<Option<usize>>,
}

impl Sight {
    pub(in crate::pipeline) fn new(placement: CameraPlacement) -> Self {
        Self {
            placement,
            clock: CameraClock::default(),
            last_event: None,
            glimpses: Vec::new(),
            placed: 0,
            assignment: Assignment::default(),
            costs: Vec::new(),
            choices: Vec::new(),
            doubtful: Vec::new(),
            other_choices: Vec::new(),
            crossings: Vec::new(),
        }
    }

    /// Takes an event in, in order of its instant.
    pub(in crate::pipeline) fn see(
        &mut self,
        id: InputId,
        read: &PlateRead,
        tick: Tick,
        shared: bool,
    ) {
        self.clock.observe(tick);
        let glimpse = Glimpse::new(id, read, (tick, self.clock.place(tick)), shared);
        self.last_event = self.last_event.max(Some(read.received_at));
        self.glimpses.push(glimpse);
        self.remove_doubts();
        self.place_again();
        self.sort();
    }

    /// Takes note of a vehicle that comes.
    pub(in crate::pipeline) fn expect(&mut self, crossing: Crossing) {
        self.clock.expect(crossing);
    }

    /// Places every open event again when the clock has become another.
    fn place_again(&mut self) {
        if self.placed == self.clock.generation() {
            return;
        }
        self.placed = self.clock.generation();
        for kept in &mut self.glimpses {
            kept.located = self.clock.place(kept.tick);
        }
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
        self.place_again();
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
        event.is_some_and(|event| {
            wanting.any(|w| event.cost(&w, parameters) < parameters.dearest_pair())
        })
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

    /// Open events of that span, both ends included.
    pub(in crate::pipeline) fn seen_within(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Iterator<Item = (InputId, Timestamp)> {
        let within = move |glimpse: &&Glimpse| (from..=to).contains(&glimpse.located.at);
        self.glimpses.iter().filter(within).map(|glimpse| (glimpse.id, glimpse.located.at))
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
        if !self.clock.is_learnt() && wanting.iter().any(|w| w.due) {
            self.clock.learn_now();
            self.place_again();
        }
        self.costs.clear();
        let dearest = parameters.dearest_pair();
        for passage in wanting {
            let possible = |event| match Glimpse::cost(event, passage, parameters) {
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
        self.weigh_doubt(wanting, parameters);
        self.find_crossings(parameters);
        let mut contested = Vec::new();
        for (row, passage) in wanting.iter().enumerate() {
            let decision = self.weigh(wanting, row, parameters);
            let settled = decision.early || decision.by_trigger;
            if settled || passage.due {
                contested.extend(self.contested_by(row, parameters));
                decisions.push(decision);
            }
        }
        for event in contested {
            self.contest(event);
        }
    }

    fn weigh(&self, wanting: &[Wanting], row: usize, parameters: &Parameters) -> Decision {
        let (passage, choice) = (&wanting[row], self.choices[row]);
        let Some(column) = choice.event else {
            return Decision::alone(passage);
        };
        let events = self.glimpses.len();
        let costs = &self.costs[row * events..(row + 1) * events];
        let event = &self.glimpses[column];
        let residual = event.residual(passage);
        let by_trigger = event.trigger.is_some() && event.trigger == passage.trigger;
        let doubtful = self.doubtful.get(row).copied().unwrap_or(false);
        let close = choice.margin < parameters.margin
            || event.contested
            || doubtful
            || self.is_crossed(row);
        let trusted = event.located.standing == Standing::Learnt;
        let known = match event.located.standing {
            Standing::Guessed => false,
            Standing::Doubtful => {
                self.is_alone(row, column, parameters.margin)
                    && event.is_of_an_open_one(&wanting[0], parameters)
            }
            Standing::Learnt => true,
        };
        let early = !close
            && trusted
            && !event.more_follows
            && !event.shared
            && event.is_final(passage, costs[column], parameters);
        Decision {
            index: passage.index,
            event: Some(event.id),
            tick: Some(event.tick),
            outcome: if by_trigger || (known && !close) {
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
            trusted,
            close: close && !by_trigger,
            early,
            by_trigger: by_trigger && !event.more_follows,
            shared: event.shared,
        }
    }

    /// Whether no other event suits the passage nearly as well, nor another passage the event.
    fn is_alone(&self, row: usize, column: usize, margin: u32) -> bool {
        let events = self.glimpses.len();
        let worse = self.costs[row * events + column].saturating_add(margin);
        self.costs.iter().enumerate().all(|(place, cost)| {
            let here = (place / events == row, place % events == column);
            *cost >= worse || matches!(here, (true, true) | (false, false))
        })
    }
}
