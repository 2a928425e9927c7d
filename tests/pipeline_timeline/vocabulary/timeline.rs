//! Playing inputs and timers, and checking that every input is settled exactly once.

use super::outcome::{Outcome, TAUGHT};
use super::{Event, Truck, at, plate, truck};
use std::collections::BTreeMap;
use wimd::clock::{Continuity, Timestamp};
use wimd::io::store::codec;
use wimd::pipeline::record::Body;
use wimd::pipeline::{Action, Arrival, Input, InputId, Parameters, Pipeline};
use wimd::units::Micros;

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

    /// Plays everything; the pipeline is killed at each of these instants and comes back that
    /// much later, milliseconds.
    pub(crate) fn run_with_restarts(
        &self,
        parameters: Parameters,
        restarts: &[(i64, i64)],
    ) -> Outcome {
        let mut player = Player::new(parameters);
        let mut inputs = self.inputs.clone();
        inputs.sort_by_key(|(arrives, _)| *arrives);
        let mut restarts = restarts.iter().peekable();
        for (arrives, input) in inputs {
            let mut now = arrives;
            while let Some((killed, down)) = restarts.next_if(|(killed, _)| *killed <= arrives) {
                player.wait_until(at(*killed));
                player.restart(at(killed + down));
                now = now.max(killed + down);
            }
            // a sender that finds nobody sends again when somebody is there
            player.arrive(at(now), received_then(input, at(now)));
        }
        player.finish()
    }

    /// Plays everything; at `killed` the pipeline is killed and comes back `down` later, with a time
    /// of its own that is that much ahead of the time before, all in milliseconds. From then on
    /// everything comes in the new time, except what cameras stamp.
    pub(crate) fn run_with_a_step(
        &self,
        parameters: Parameters,
        (killed, down): (i64, i64),
        step: i64,
        told: impl Fn(Micros) -> Continuity,
    ) -> Outcome {
        let mut player = Player::new(parameters);
        let mut inputs = self.inputs.clone();
        inputs.sort_by_key(|(arrives, _)| *arrives);
        let (before, after) = inputs.split_at(inputs.partition_point(|it| it.0 < killed));
        for (arrives, input) in before {
            player.arrive(at(*arrives), input.clone());
        }
        player.wait_until(at(killed));
        let step = Micros::from_millis(step);
        player.resume_in_another_time(told(step));
        for (arrives, input) in after {
            let now = at((*arrives).max(killed + down)) + step;
            player.arrive(now, received_then(moved(input.clone(), step), now));
        }
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
    parameters: Parameters,
    next: u64,
    /// The inbox.
    open: BTreeMap<InputId, Arrival>,
    /// What the store keeps of what was learnt: only what came with a commit, as bytes.
    learnt: BTreeMap<String, Vec<u8>>,
    outcome: Outcome,
}

impl Player {
    pub(crate) fn new(parameters: Parameters) -> Self {
        Self {
            pipeline: Pipeline::new(parameters.clone()),
            parameters,
            next: 0,
            open: BTreeMap::new(),
            learnt: BTreeMap::new(),
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
        let arrival = Arrival { received_at: now, input, raw: Vec::new() };
        self.open.insert(id, arrival.clone());
        let actions = self.pipeline.handle(now, id, arrival);
        self.take(now, actions);
    }

    /// Kills the pipeline in this instant; at `now` a new one finds what the store has.
    pub(crate) fn restart(&mut self, now: Timestamp) {
        self.pipeline = Pipeline::new(self.parameters.clone());
        let learnt = self.learnt.values().map(|bytes| codec::decode(bytes).expect("as written"));
        self.pipeline.recall(now, learnt);
        for (id, arrival) in self.open.clone() {
            let actions = self.pipeline.handle(now, id, arrival);
            self.take(now, actions);
        }
    }

    /// Kills the pipeline in this instant; a new one finds what the store has, and another time.
    fn resume_in_another_time(&mut self, continuity: Continuity) {
        self.pipeline = Pipeline::new(self.parameters.clone());
        let learnt = self.learnt.values().map(|bytes| codec::decode(bytes).expect("as written"));
        let open = self.open.clone();
        let last = open.values().map(|arrival| arrival.received_at).max();
        self.pipeline.recall(last.unwrap_or_default(), learnt);
        for (id, arrival) in open {
            self.wait_until(arrival.received_at);
            let now = arrival.received_at;
            let actions = self.pipeline.handle(now, id, arrival);
            self.take(now, actions);
        }
        let actions = self.pipeline.change_time(continuity);
        self.take(last.unwrap_or_default(), actions);
        assert_eq!(self.open, BTreeMap::new(), "of the old time");
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

    /// One commit: the store seals the records under the next sequences and tells them.
    pub(crate) fn take(&mut self, now: Timestamp, actions: Vec<Action>) {
        let first = self.outcome.sealed.len();
        let learnt = if actions.is_empty() { Vec::new() } else { self.pipeline.take_known() };
        for action in actions {
            match action {
                Action::Seal(seal) => {
                    for input in &seal.consumes {
                        assert!(self.open.remove(input).is_some(), "{input:?} settled twice");
                    }
                    self.outcome.sealed.push((now, seal.record));
                }
                Action::Drop { input, reason } => {
                    assert!(self.open.remove(&input).is_some(), "{input:?} settled twice");
                    self.outcome.dropped.push(reason);
                }
            }
        }
        for mut known in learnt {
            known.resolve(|id| self.outcome.sequence(id));
            self.learnt.insert(known.key(), codec::encode(&known).expect("small"));
        }
        for (_, record) in &self.outcome.sealed[first..] {
            let seq = self.outcome.sequence(&record.id).expect("just sealed");
            self.pipeline.sealed(&record.id, seq);
        }
    }

    pub(crate) fn finish(mut self) -> Outcome {
        self.wait_until(Timestamp(i64::MAX));
        assert_eq!(self.open, BTreeMap::new(), "inputs that were never settled");
        for (at, record) in &self.outcome.sealed {
            let Body::Supplement(supplement) = &record.body else { continue };
            let own = self.outcome.sequence(&record.id).expect("sealed");
            let referent = supplement.refers_to.as_deref();
            let seq = referent.and_then(|id| self.outcome.sequence(id));
            // of a vehicle whose record is sealed later, or together with it, nobody knows it yet
            let mut sealed = self.outcome.sealed.iter();
            let together = sealed.any(|(then, it)| then == at && Some(&*it.id) == referent);
            let known = seq.filter(|seq| *seq < own);
            let told = supplement.refers_to_seq;
            assert!(told == known || (together && told.is_none()), "{referent:?}");
        }
        self.outcome.counts = self.pipeline.counts().clone();
        self.outcome.status = self.pipeline.status();
        self.outcome
    }
}

/// The input in a time that is so much ahead.
fn moved(mut input: Input, step: Micros) -> Input {
    match &mut input {
        Input::Passage(passage) => {
            for axle in &mut passage.axles {
                axle.at = axle.at + step;
            }
            for at in [&mut passage.began_at, &mut passage.ended_at, &mut passage.received_at] {
                *at = *at + step;
            }
        }
        Input::PlateRead(read) => read.received_at = read.received_at + step,
        _ => {}
    }
    input
}

/// The input as it looks when it is taken at that instant, not before.
fn received_then(mut input: Input, now: Timestamp) -> Input {
    match &mut input {
        Input::Passage(passage) => passage.received_at = passage.received_at.max(now),
        Input::PlateRead(read) => read.received_at = read.received_at.max(now),
        _ => {}
    }
    input
}
