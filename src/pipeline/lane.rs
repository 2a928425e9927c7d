//! The open window of one lane: its vehicles, in order, and what its cameras have said of them.
//!
//! In: passages and events of this lane. Out: passages of which every camera's answer is decided.

mod fuller;
mod halves;
mod open;
mod past;
mod second;

use super::InputId;
use super::assess::Profile;
use super::counts::{Counts, LaneStatus, SightStatus};
use super::drift::DriftWatch;
use super::evasion::around::End;
use super::evasion::halves::Trace;
use super::pairing::clock::Crossing;
use super::pairing::expected::{expected, measured_speed};
use super::pairing::sight::{Decision, Sight, Wanting};
use super::pairing::slot::{Decided, Slot};
use super::pairing::{self, PairingOutcome};
use super::parameters::LaneParameters;
use super::plate::held::Reads;
use crate::clock::Timestamp;
use crate::units::Micros;
use std::collections::VecDeque;

pub(super) use fuller::Standing;
pub(super) use open::OpenPassage;
pub(super) use past::PastVehicle;

/// Vehicles open at once in one lane; beyond, the oldest is decided with what is there.
const MOST_OPEN: usize = 128;
/// Longest a window waits for a camera that the vehicle reaches later.
const LONGEST_TRAVEL: Micros = Micros::from_secs(30);
/// Sealed vehicles remembered for a second half that comes late.
const TRACES: usize = 16;

/// What settling a lane needs from outside it.
pub(super) struct Settling<'a> {
    pub(super) now: Timestamp,
    pub(super) reads: &'a mut Reads,
    pub(super) parameters: &'a pairing::Parameters,
    pub(super) counts: &'a mut Counts,
    pub(super) assessment: &'a Profile,
}

/// One lane.
#[derive(Clone, Debug)]
pub(super) struct LaneWindow {
    pub(super) parameters: LaneParameters,
    pub(super) sights: Vec<Sight>,
    pub(super) drift: DriftWatch,
    /// Whether a neighbouring lane is weighed too.
    pub(super) has_neighbour: bool,
    /// Something came in since the last settling.
    pub(super) touched: bool,
    open: Vec<OpenPassage>,
    traces: VecDeque<Trace>,
    past: past::Past,
    last_passage: Option<Timestamp>,
    last_end: Option<(String, End)>,
    outcomes: [u64; 3],
    wanting: Vec<Wanting>,
    decisions: Vec<Decision>,
}

impl LaneWindow {
    pub(super) fn new(parameters: LaneParameters, has_neighbour: bool) -> Self {
        Self {
            sights: parameters.cameras.iter().cloned().map(Sight::new).collect(),
            drift: DriftWatch::default(),
            parameters,
            has_neighbour,
            touched: false,
            open: Vec::new(),
            traces: VecDeque::new(),
            past: past::Past::default(),
            last_passage: None,
            last_end: None,
            outcomes: [0; 3],
            wanting: Vec::new(),
            decisions: Vec::new(),
        }
    }

    /// Takes a vehicle in, in order of its instant; true when the lane is so crowded that
    /// its oldest vehicle had to be made due.
    pub(super) fn enter(
        &mut self,
        now: Timestamp,
        parameters: &pairing::Parameters,
        mut entering: OpenPassage,
        trace: Option<Trace>,
    ) -> bool {
        self.touched = true;
        let passage = &entering.passage;
        entering.slots = self
            .sights
            .iter()
            .map(|sight| Slot { expected: expected(passage, &sight.placement), decided: None })
            .collect();
        for (sight, slot) in self.sights.iter_mut().zip(&entering.slots) {
            if !slot.expected.teaches {
                continue;
            }
            let (received_at, expected) = (passage.received_at, slot.expected.at);
            sight.expect(Crossing { received_at, expected });
        }
        let latest = entering.slots.iter().map(|slot| slot.expected.at).max();
        let travel = latest.map_or(Micros(0), |at| at.min(now + LONGEST_TRAVEL).since(now));
        entering.deadline = now + Micros(travel.0.max(0)) + parameters.window;
        let may_be_half = trace.as_ref().is_some_and(|trace| !trace.is_whole());
        if may_be_half && entering.around.halves.is_empty() {
            entering.hold_until = Some(now + parameters.half_window);
        }
        self.last_passage = self.last_passage.max(Some(passage.began_at));
        self.look_around(now, &mut entering);
        if self.traces.len() == TRACES {
            self.traces.pop_front();
        }
        self.traces.extend(trace);
        let key = |open: &OpenPassage| (open.passage.began_at, open.passage.source);
        let place = self.open.partition_point(|open| key(open) <= key(&entering));
        self.open.insert(place, entering);
        let crowded = self.open.len() > MOST_OPEN;
        if crowded {
            self.open[0].deadline = now;
            self.open[0].hold_until = None;
            self.open[0].rest_by = None;
        }
        crowded
    }

    /// Decides what can be decided and hands out the vehicles that are complete, in order.
    pub(super) fn settle(&mut self, settling: &mut Settling<'_>) -> Vec<OpenPassage> {
        let now = settling.now;
        self.touched = false;
        for place in 0..self.sights.len() {
            self.sights[place].keep_shared(|input| settling.reads.is_open(input));
            while self.decide(place, settling) {}
        }
        for open in self.open.iter_mut().filter(|open| open.is_complete(now)) {
            open.wait_for_rest(now, settling.assessment);
        }
        let mut ready: Vec<OpenPassage> =
            self.open.extract_if(.., |open| open.is_complete(now)).collect();
        for passage in &mut ready {
            self.find_heads(passage, settling.reads);
            for (sight, slot) in self.sights.iter_mut().zip(&passage.slots) {
                if !slot.expected.teaches {
                    continue;
                }
                let tick = slot.decided.as_ref().and_then(|decided| decided.tick);
                sight.learn(slot.expected.at, tick);
            }
        }
        ready
    }

    /// One round for one camera; true when it decided anything.
    fn decide(&mut self, place: usize, settling: &mut Settling<'_>) -> bool {
        let Settling { now, reads, parameters, counts, .. } = settling;
        let now = *now;
        let mut wanting = std::mem::take(&mut self.wanting);
        wanting.clear();
        wanting.extend(self.wanting(place, now));
        self.wanting = wanting;
        if self.wanting.is_empty() {
            return false;
        }
        self.decisions.clear();
        let sight = &mut self.sights[place];
        sight.decide(&self.wanting, parameters, &mut self.decisions);
        for decision in &self.decisions {
            let open = &mut self.open[decision.index];
            let runner_up =
                decision.runner_up.and_then(|(input, _)| reads.plate(input)).map(str::to_owned);
            let taken = decision.event.and_then(|input| {
                sight.forget(input);
                reads.take(input, &open.id)
            });
            count(decision, counts);
            let read = taken.map(|(read, superseded)| {
                counts.superseded_plate_reads += superseded.len() as u64;
                open.superseded.extend(superseded);
                *read
            });
            let decided = Decided::new(sight.placement.role, decision, read, runner_up);
            open.slots[place].decided = Some(Box::new(decided));
        }
        !self.decisions.is_empty()
    }

    /// Vehicles for which this camera is undecided, in order.
    fn wanting(&self, place: usize, now: Timestamp) -> impl Iterator<Item = Wanting> {
        let undecided =
            move |(_, open): &(usize, &OpenPassage)| open.slots[place].decided.is_none();
        let open = self.open.iter().enumerate().filter(undecided);
        open.map(move |(index, open)| Wanting {
            index,
            expected: open.slots[place].expected,
            direction: open.passage.direction,
            speed: measured_speed(&open.passage),
            size: open.passage.size(),
            trigger: open.passage.trigger_id,
            due: open.deadline <= now,
        })
    }

    /// Whether a vehicle of this lane could have caused an event of that camera.
    pub(super) fn wants(
        &self,
        place: usize,
        input: InputId,
        now: Timestamp,
        parameters: &pairing::Parameters,
    ) -> bool {
        self.sights[place].suits(input, self.wanting(place, now), parameters)
    }

    /// When something here is due by time alone.
    pub(super) fn wake_at(&self) -> Option<Timestamp> {
        self.open.iter().filter_map(OpenPassage::due_at).min()
    }

    /// Forgets the last vehicles, which nobody of another time follows.
    pub(super) fn forget_the_last(&mut self) {
        self.traces.clear();
        self.last_end = None;
    }

    /// How often a camera's clock was learnt anew since this was last asked.
    pub(super) fn clock_restarts(&mut self) -> u64 {
        let restarts = |sight: &mut Sight| sight.clock.take_restarts();
        self.sights.iter_mut().map(restarts).sum()
    }

    /// Notes how a vehicle's pairing ended.
    pub(super) fn note(&mut self, outcome: PairingOutcome) {
        self.outcomes[outcome as usize] += 1;
    }

    /// For `status`.
    pub(super) fn status(&self) -> LaneStatus {
        let sight = |sight: &Sight| SightStatus {
            camera: sight.placement.camera.clone(),
            role: sight.placement.role,
            learnt: sight.clock.is_learnt(),
            offset_us: sight.clock.offset(),
            drift_ppb: sight.clock.drift_ppb(),
            latency_us: sight.clock.latency(),
            spread_us: sight.clock.spread(),
            last_event: sight.last_event,
            open: sight.open(),
        };
        let [paired, ambiguous, unpaired] = self.outcomes;
        LaneStatus {
            lane: self.parameters.lane,
            last_passage: self.last_passage,
            open: self.open.len(),
            paired,
            ambiguous,
            unpaired,
            drift: self.drift.status(),
            cameras: self.sights.iter().map(sight).collect(),
        }
    }
}

fn count(decision: &Decision, counts: &mut Counts) {
    if decision.by_trigger {
        counts.decided_by_trigger += 1;
    } else if decision.early {
        counts.decided_early += 1;
    } else {
        counts.decided_at_close += 1;
    }
}
