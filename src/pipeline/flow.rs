//! How an input enters the pipeline: into the window of its lane, or straight out again.

use super::evasion::halves::{Half, Trace};
use super::evasion::signs::is_beside_the_scale;
use super::lane::{OpenPassage, Standing};
use super::pairing::clock::Tick;
use super::passage::{Passage, QualityFlag};
use super::plate::PlateRead;
use super::plate::held::Admission;
use super::record::SupplementReason;
use super::referent::Referent;
use super::{DropReason, InputId, Pipeline, adjacent};
use crate::clock::Timestamp;

/// Events of one camera open at once over one lane; beyond, the oldest is sealed alone.
const MOST_OPEN_READS: usize = 256;

impl Pipeline {
    pub(super) fn enter_passage(
        &mut self,
        now: Timestamp,
        input: InputId,
        mut passage: Box<Passage>,
        raw: Vec<u8>,
    ) {
        self.counts.passages += 1;
        if !self.memory.note(passage.source) {
            self.drop_input(input, DropReason::DuplicatePassage);
            return;
        }
        let id = self.sealer.passage_id(passage.source);
        let lane = passage.lane;
        let place = self.lanes.iter().position(|window| window.parameters.lane == lane);
        let Some(place) = place else {
            self.counts.unknown_lane_passages += 1;
            name(&mut passage, QualityFlag::LaneUnmapped);
            let open = OpenPassage::new(input, id, passage, raw, Vec::new());
            self.seal_passage(None, open);
            return;
        };
        let trace = self.lanes[place].has_neighbour.then(|| Trace::new(&id, &passage));
        let mut halves: Vec<Half> = Vec::new();
        if let Some(trace) = &trace {
            let beside = |window: &&mut super::LaneWindow| adjacent(window.parameters.lane, lane);
            let neighbours = self.lanes.iter_mut().filter(beside);
            halves.extend(neighbours.filter_map(|window| window.find_half(trace)));
        }
        self.counts.straddles_joined += u64::from(!halves.is_empty());
        let together: Vec<String> =
            halves.iter().map(|half| half.record.clone()).chain([id.clone()]).collect();
        let open = OpenPassage::new(input, id, passage, raw, halves);
        let crowded = self.lanes[place].enter(now, &self.pairing, open, trace);
        self.counts.crowded_passages += u64::from(crowded);
        self.seal_together(&together);
    }

    /// Halves of one vehicle are sealed at the same instant: after a crash between the two the
    /// second one would know of no first.
    fn seal_together(&mut self, halves: &[String]) {
        let deadlines: Vec<_> = halves
            .iter()
            .filter_map(|id| self.lanes.iter().find_map(|window| window.deadline_of(id)))
            .collect();
        if let (2.., Some(latest)) = (deadlines.len(), deadlines.iter().max()) {
            for window in &mut self.lanes {
                halves.iter().for_each(|id| window.hold(id, *latest));
            }
        }
    }

    pub(super) fn enter_read(&mut self, now: Timestamp, input: InputId, mut read: Box<PlateRead>) {
        self.counts.plate_reads += 1;
        match self.reads.admit(&read) {
            Admission::New if read.late.is_some() => {
                let record = self.find_past(&read);
                self.pass_read(input, read, SupplementReason::Late, record);
            }
            Admission::New => {
                let seen = Tick::of(&read);
                self.place_read(now, input, read, seen);
            }
            Admission::Duplicate => {
                self.drop_input(input, DropReason::DuplicatePlateRead);
            }
            Admission::Better(old) => {
                if self.reads.has_sign_beyond(old, &read) {
                    self.seal_alone(old);
                } else {
                    self.forget(&read.camera, old);
                    let superseded = self.reads.discard(old);
                    self.drop_superseded(superseded);
                    self.drop_input(old, DropReason::DuplicatePlateRead);
                }
                let seen = Tick::of(&read);
                self.place_read(now, input, read, seen);
            }
            Admission::Fuller(old) => {
                let inherits = self.inherit_offence(old, &mut read);
                let needs_first = inherits || read.late.is_some();
                let mut superseded = self.supersede(now, old, input, read);
                superseded.push(old);
                if needs_first && self.reads.is_open(input) {
                    // fed again after a restart without the first, it would be less or of no vehicle
                    self.reads.keep_with(input, superseded);
                } else {
                    self.drop_superseded(superseded);
                }
            }
            Admission::Repeats(taken, record) => self.repeat_read(input, read, taken, record),
            Admission::Adds(record) => {
                let record = record.filter(|_| !is_beside_the_scale(&read));
                self.pass_read(input, read, SupplementReason::Repeated, record);
            }
        }
    }

    /// A fuller event has the offence of the first, where it tells none; whether that was so.
    fn inherit_offence(&self, old: InputId, read: &mut PlateRead) -> bool {
        let told = self.reads.open_read(old).and_then(|first| first.offence_code.as_ref());
        let inherited = told.filter(|_| read.offence_code.is_none()).cloned();
        let inherits = inherited.is_some();
        read.offence_code = inherited.or_else(|| read.offence_code.take());
        inherits
    }

    /// A fuller event stands where the open one stood, or, when it tells that the vehicle was elsewhere,
    /// there. When it happened is told by the first: the fuller one comes seconds later. Gives back those
    /// whose place the first had.
    fn supersede(
        &mut self,
        now: Timestamp,
        old: InputId,
        input: InputId,
        read: Box<PlateRead>,
    ) -> Vec<InputId> {
        let first = self.reads.open_read(old).filter(|first| is_elsewhere(&read, first));
        if let Some(seen) = first.map(Tick::of) {
            self.forget(&read.camera, old);
            let superseded = self.reads.discard(old);
            self.place_read(now, input, read, seen);
            return superseded;
        }
        for (lane, sight) in self.cameras.get(&read.camera).into_iter().flatten() {
            self.lanes[*lane].sights[*sight].replace(old, input, &read);
            self.lanes[*lane].touched = true;
        }
        self.reads.replace(old, input, read)
    }

    /// A fuller event takes the place of the one that an open passage was given, if it tells all of that;
    /// else it goes out by itself, as after the seal, and one that contradicts leaves the pairing open.
    fn repeat_read(
        &mut self,
        input: InputId,
        read: Box<PlateRead>,
        taken: InputId,
        record: Referent,
    ) {
        match self.find_standing(taken, &read) {
            Some((lane, sight, place, Standing::Fuller)) => {
                self.reads.refill(taken, input, &read);
                self.lanes[lane].fill(sight, place, (input, *read));
                self.counts.superseded_plate_reads += 1;
            }
            Some((lane, sight, place, Standing::Contradicting)) => {
                self.reads.note_repetition(&read);
                self.lanes[lane].contradict(sight, place, (input, read));
            }
            None => {
                self.reads.note_repetition(&read);
                self.supplement(input, read, SupplementReason::Repeated, Some(record));
            }
        }
    }

    /// Lane, sight and place of the open passage that was given an event, and how this one stands to it.
    /// With such a one it stays there, and the record need not be sealed first.
    pub(super) fn find_standing(
        &self,
        taken: InputId,
        again: &PlateRead,
    ) -> Option<(usize, usize, usize, Standing)> {
        self.cameras.get(&again.camera).into_iter().flatten().find_map(|(lane, sight)| {
            let (place, standing) = self.lanes[*lane].standing(*sight, taken, again)?;
            Some((*lane, *sight, place, standing))
        })
    }

    /// Seals an event that waits for no passage, and knows it when it is sent again.
    fn pass_read(
        &mut self,
        input: InputId,
        read: Box<PlateRead>,
        reason: SupplementReason,
        refers_to: Option<Referent>,
    ) {
        self.reads.pass(input, &read, &self.sealer.other_id("supplement", input));
        self.supplement(input, read, reason, refers_to);
    }

    /// The sealed record that a late event belongs to; none when several lanes have one, or when it says
    /// that the vehicle was beside the scale.
    pub(super) fn find_past(&self, read: &PlateRead) -> Option<Referent> {
        if is_beside_the_scale(read) {
            return None;
        }
        let places = self.cameras.get(&read.camera).into_iter().flatten();
        let mut found = places
            .filter(|(lane, _)| {
                read.lane.is_none_or(|number| self.lanes[*lane].parameters.lane == number)
            })
            .filter_map(|(lane, sight)| self.lanes[*lane].find_past(*sight, read));
        found.next().filter(|_| found.next().is_none())
    }

    /// Lays an event into the window of its lane, or of every lane of a camera that tells none.
    fn place_read(&mut self, now: Timestamp, input: InputId, read: Box<PlateRead>, seen: Tick) {
        if is_beside_the_scale(&read) {
            // due at once: remembered, so that a repeat is known, and sealed alone
            self.reads.hold(input, read, now);
            return;
        }
        let lanes = &self.lanes;
        let told = |(lane, _): &&(usize, usize)| {
            read.lane.is_none_or(|number| lanes[*lane].parameters.lane == number)
        };
        let places: Vec<(usize, usize)> =
            self.cameras.get(&read.camera).into_iter().flatten().filter(told).copied().collect();
        let Some((first, _)) = places.first() else {
            self.counts.unplaced_plate_reads += 1;
            self.pass_read(input, read, SupplementReason::NoPassage, None);
            return;
        };
        let shared = places.iter().any(|(lane, _)| lane != first);
        let mut crowded = None;
        for (lane, sight) in &places {
            let window = &mut self.lanes[*lane];
            window.touched = true;
            let sight = &mut window.sights[*sight];
            sight.see(input, &read, seen, shared);
            if sight.open() > MOST_OPEN_READS {
                crowded = crowded.or(sight.oldest());
            }
        }
        self.reads.hold(input, read, now + self.pairing.event_window);
        if let Some(oldest) = crowded {
            self.counts.crowded_plate_reads += 1;
            self.seal_alone(oldest);
        }
    }
}

/// Whether the fuller event tells another place than the first, where only another vehicle may get it.
fn is_elsewhere(fuller: &PlateRead, first: &PlateRead) -> bool {
    is_beside_the_scale(fuller) || (fuller.lane.is_some() && fuller.lane != first.lane)
}

/// Adds a flag where it belongs in the order.
fn name(passage: &mut Passage, flag: QualityFlag) {
    if let Err(place) = passage.flags.binary_search(&flag) {
        passage.flags.insert(place, flag);
    }
}
