//! Playing inputs and timers, and checking that every input is settled exactly once.

use super::outcome::{Outcome, TAUGHT};
use super::{Event, Truck, at, plate, truck};
use std::collections::BTreeSet;
use wimd::clock::Timestamp;
use wimd::pipeline::{Action, Arrival, Input, InputId, Parameters, Pipeline};

/// Things that happen, in any order; played in order of arrival.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timeline {
    inputs: Vec<(i64, Input)>,
}

impl Timeline {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Twelve lonely trucks per lane, long before zero, from which every clock is learnt.
    pub(crate) fn taught(lanes: u8, rear: bool, adjust: impl Fn(Event) -> Event) -> Self {
        let mut timeline = Self::new();
        for number in 0..12 {
            for lane in 1..=lanes {
                let vehicle = 1 + number * u32::from(lanes) + u32::from(lane);
                let began = -400_000 + i64::from(number) * 30_000 + i64::from(lane) * 9_000;
                let teacher = truck(vehicle).lane(lane).at(began);
                let text = format!("赣A{vehicle:05}");
                timeline.add_event(adjust(plate(&text).of(&teacher)));
                if rear {
                    timeline.add_event(adjust(plate(&text).rear_of(&teacher)));
                }
                timeline.add_truck(teacher);
            }
        }
        timeline
    }

    pub(crate) fn truck(mut self, truck: &Truck) -> Self {
        assert!(truck.passage.source.vehicle > TAUGHT, "numbers up to {TAUGHT} are taken");
        self.add_truck(truck.clone());
        self
    }

    pub(crate) fn event(mut self, event: Event) -> Self {
        self.add_event(event);
        self
    }

    pub(crate) fn add_truck(&mut self, truck: Truck) {
        self.inputs.push((truck.arrives, truck.into()));
    }

    pub(crate) fn add_event(&mut self, event: Event) {
        self.inputs.push((event.arrives, event.into()));
    }

    /// As [`Timeline::add_truck`], handed over at another instant than it was received.
    pub(crate) fn add_truck_at(&mut self, handed_over: i64, truck: Truck) {
        self.inputs.push((handed_over, truck.into()));
    }

    /// As [`Timeline::add_event`], handed over at another instant than it was received.
    pub(crate) fn add_event_at(&mut self, handed_over: i64, event: Event) {
        self.inputs.push((handed_over, event.into()));
    }

    /// Plays everything, then lets all windows close.
    pub(crate) fn run(&self, parameters: Parameters) -> Outcome {
        let mut player = Player::new(parameters);
        self.play(&mut player);
        player.finish()
    }

    /// Plays everything and leaves the windows open.
    pub(crate) fn play(&self, player: &mut Player) {
        let mut inputs = self.inputs.clone();
        inputs.sort_by_key(|(arrives, _)| *arrives);
        for (arrives, input) in inputs {
            player.arrive(at(arrives), input);
        }
    }
}

/// Plays inputs and timers, and checks that every input is settled exactly once.
pub(crate) struct Player {
    pub(crate) pipeline: Pipeline,
    next: u64,
    open: BTreeSet<InputId>,
    outcome: Outcome,
}

impl Player {
    pub(crate) fn new(parameters: Parameters) -> Self {
        Self {
            pipeline: Pipeline::new(parameters),
            next: 0,
            open: BTreeSet::new(),
            outcome: Outcome::default(),
        }
    }

    /// Lets the timers up to `now` fire, then hands the input in.
    pub(crate) fn arrive(&mut self, now: Timestamp, input: Input) {
        self.wait_until(now);
        self.arrive_unchecked(now, input);
        assert!(
            self.pipeline.wake_at().is_none_or(|wake| wake > now),
            "wants to be woken in the past"
        );
    }

    /// Hands the input in, whatever time it is.
    pub(crate) fn arrive_unchecked(&mut self, now: Timestamp, input: Input) {
        let id = InputId(self.next);
        self.next += 1;
        self.open.insert(id);
        let arrival = Arrival { received_at: now, input, raw: Vec::new() };
        let actions = self.pipeline.handle(now, id, arrival);
        self.take(now, actions);
    }

    fn wait_until(&mut self, now: Timestamp) {
        while let Some(wake) = self.pipeline.wake_at().filter(|wake| *wake < now) {
            let actions = self.pipeline.tick(wake);
            self.take(wake, actions);
            assert!(
                self.pipeline.wake_at().is_none_or(|next| next > wake),
                "a timer that changes nothing"
            );
        }
    }

    fn take(&mut self, now: Timestamp, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Seal(seal) => {
                    for input in &seal.consumes {
                        assert!(self.open.remove(input), "{input:?} settled twice");
                    }
                    self.outcome.sealed.push((now, seal.record));
                }
                Action::Drop { input, reason } => {
                    assert!(self.open.remove(&input), "{input:?} settled twice");
                    self.outcome.dropped.push(reason);
                }
            }
        }
    }

    pub(crate) fn finish(mut self) -> Outcome {
        self.wait_until(Timestamp(i64::MAX));
        assert_eq!(self.open, BTreeSet::new(), "inputs that were never settled");
        self.outcome.counts = self.pipeline.counts().clone();
        self.outcome.status = self.pipeline.status();
        self.outcome
    }
}
