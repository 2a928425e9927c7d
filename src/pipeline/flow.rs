//! How an input goes through the pipeline: in by its kind, out as a seal or a named drop.

use super::evasion::halves::{Half, Trace};
use super::lane::{OpenPassage, Settling};
use super::pairing::PairingOutcome;
use super::passage::Passage;
use super::plate::PlateRead;
use super::plate::held::Admission;
use super::record::sealing::Settled;
use super::record::{Body, Record, SupplementReason};
use super::{Action, DropReason, InputId, Pipeline, Seal, adjacent};
use crate::clock::Timestamp;

/// Events of one camera open at once over one lane; beyond, the oldest is sealed alone.
const MOST_OPEN_READS: usize = 256;

impl Pipeline {
    pub(super) fn enter_passage(
        &mut self,
        now: Timestamp,
        input: InputId,
        passage: Box<Passage>,
        raw: Vec<u8>,
    ) {
        self.counts.passages += 1;
        if !self.memory.note(passage.source) {
            self.drop_input(input, DropReason::DuplicatePassage);
            return;
        }
        let id = self.sealer.passage_id(passage.source);
        let lane = passage.lane;
        let place = self
            .lanes
            .iter()
            .position(|window| window.parameters.lane == lane);
        let Some(place) = place else {
            self.counts.unknown_lane_passages += 1;
            let open = OpenPassage::new(input, id, passage, raw, Vec::new());
            self.seal_passage(None, open);
            return;
        };
        let trace = Trace::new(&id, &passage);
        let mut halves: Vec<Half> = Vec::new();
        if self.lanes[place].has_neighbour {
            let beside = |window: &&mut super::LaneWindow| adjacent(window.parameters.lane, lane);
            let neighbours = self.lanes.iter_mut().filter(beside);
            halves.extend(neighbours.filter_map(|window| window.find_half(&trace)));
        }
        self.counts.straddles_joined += u64::from(!halves.is_empty());
        let open = OpenPassage::new(input, id, passage, raw, halves);
        let crowded = self.lanes[place].enter(now, &self.pairing, open, trace);
        self.counts.crowded_passages += u64::from(crowded);
    }

    pub(super) fn enter_read(&mut self, now: Timestamp, input: InputId, read: Box<PlateRead>) {
        self.counts.plate_reads += 1;
        if read.late.is_some() {
            if self.reads.knows(&read) {
                self.drop_input(input, DropReason::DuplicatePlateRead);
            } else {
                self.supplement(input, read, SupplementReason::Late, None);
            }
            return;
        }
        match self.reads.admit(&read) {
            Admission::New => self.place_read(now, input, read),
            Admission::Duplicate => {
                self.drop_input(input, DropReason::DuplicatePlateRead);
            }
            Admission::Better(old) => {
                self.forget(&read.camera, old);
                self.reads.discard(old);
                self.drop_input(old, DropReason::DuplicatePlateRead);
                self.place_read(now, input, read);
            }
            Admission::Fuller(old) => {
                for (lane, sight) in self.cameras.get(&read.camera).into_iter().flatten() {
                    self.lanes[*lane].sights[*sight].replace(old, input, &read);
                    self.lanes[*lane].touched = true;
                }
                self.reads.replace(old, input, read);
                self.drop_input(old, DropReason::SupersededPlateRead);
            }
            Admission::Repeats(record) => {
                self.reads.note_repetition(&read);
                let reason = SupplementReason::Repeated;
                self.supplement(input, read, reason, Some(record));
            }
        }
    }

    /// Lays an event into the window of its lane, or of every lane of a camera that tells none.
    fn place_read(&mut self, now: Timestamp, input: InputId, read: Box<PlateRead>) {
        let lanes = &self.lanes;
        let told = |(lane, _): &&(usize, usize)| {
            read.lane
                .is_none_or(|number| lanes[*lane].parameters.lane == number)
        };
        let places: Vec<(usize, usize)> = self
            .cameras
            .get(&read.camera)
            .into_iter()
            .flatten()
            .filter(told)
            .copied()
            .collect();
        let Some((first, _)) = places.first() else {
            self.counts.unplaced_plate_reads += 1;
            self.supplement(input, read, SupplementReason::NoPassage, None);
            return;
        };
        let shared = places.iter().any(|(lane, _)| lane != first);
        let mut crowded = None;
        for (lane, sight) in &places {
            let window = &mut self.lanes[*lane];
            window.touched = true;
            let sight = &mut window.sights[*sight];
            sight.see(input, &read, shared);
            if sight.open() > MOST_OPEN_READS {
                crowded = crowded.or(sight.oldest());
            }
        }
        self.reads
            .hold(input, read, now + self.pairing.event_window);
        if let Some(oldest) = crowded {
            self.counts.crowded_plate_reads += 1;
            self.seal_alone(oldest);
        }
    }

    pub(super) fn notice(&mut self, kind: &str, input: InputId, at: Timestamp, body: Body) {
        self.counts.notices += 1;
        let id = self.sealer.other_id(kind, input);
        let record = self.sealer.record(id, at, body);
        self.seal(record, Vec::new(), vec![input]);
    }

    /// Settles every lane in which something came in or is due, then lets old events go.
    pub(super) fn pass_time(&mut self, now: Timestamp) {
        for place in 0..self.lanes.len() {
            let window = &mut self.lanes[place];
            if !window.touched && window.wake_at().is_none_or(|at| at > now) {
                continue;
            }
            let ready = window.settle(&mut Settling {
                now,
                reads: &mut self.reads,
                parameters: &self.pairing,
                counts: &mut self.counts,
            });
            let restarts = window.clock_restarts();
            self.counts.clock_restarts += restarts;
            for open in ready {
                self.seal_passage(Some(place), open);
            }
        }
        while let Some(input) = self.reads.expired(now) {
            self.seal_alone(input);
        }
    }

    fn seal_passage(&mut self, place: Option<usize>, open: OpenPassage) {
        let OpenPassage {
            input,
            id,
            passage,
            raw,
            slots,
            mut halves,
            ..
        } = open;
        let mut consumes = vec![input];
        let decided = slots.iter().filter_map(|slot| slot.decided.as_ref());
        consumes.extend(decided.filter_map(|decided| decided.input));
        halves.sort_unstable();
        let record = self.sealer.passage(Settled {
            id,
            passage: *passage,
            slots,
            halves: &halves,
            lane: place.map(|place| &self.lanes[place].parameters),
        });
        if let Body::Passage(sealed) = &record.body {
            let outcome = sealed.pairing.outcome;
            match outcome {
                PairingOutcome::Paired => self.counts.paired += 1,
                PairingOutcome::Ambiguous => self.counts.ambiguous += 1,
                PairingOutcome::Unpaired => self.counts.unpaired += 1,
            }
            self.counts.enforceable += u64::from(sealed.enforceable);
            self.counts.evasion += u64::from(!sealed.evasion.is_empty());
            if let Some(place) = place {
                self.lanes[place].note(outcome);
            }
        }
        self.seal(record, raw, consumes);
    }

    /// Seals an open event without passage.
    fn seal_alone(&mut self, input: InputId) {
        let record = self.sealer.other_id("supplement", input);
        if let Some(read) = self.reads.take(input, &record) {
            self.forget(&read.camera, input);
            self.supplement(input, read, SupplementReason::NoPassage, None);
        }
    }

    fn forget(&mut self, camera: &str, input: InputId) {
        for (lane, sight) in self.cameras.get(camera).into_iter().flatten() {
            self.lanes[*lane].sights[*sight].forget(input);
        }
    }

    fn supplement(
        &mut self,
        input: InputId,
        read: Box<PlateRead>,
        reason: SupplementReason,
        refers_to: Option<String>,
    ) {
        match reason {
            SupplementReason::NoPassage => self.counts.supplements_no_passage += 1,
            SupplementReason::Late => self.counts.supplements_late += 1,
            SupplementReason::Repeated => self.counts.supplements_repeated += 1,
        }
        let record = self.sealer.supplement(input, *read, reason, refers_to);
        self.seal(record, Vec::new(), vec![input]);
    }

    fn seal(&mut self, record: Record, raw: Vec<u8>, consumes: Vec<InputId>) {
        self.counts.records += 1;
        self.actions.push(Action::Seal(Box::new(Seal {
            record,
            raw,
            consumes,
        })));
    }

    fn drop_input(&mut self, input: InputId, reason: DropReason) {
        match reason {
            DropReason::DuplicatePlateRead => self.counts.duplicate_plate_reads += 1,
            DropReason::SupersededPlateRead => self.counts.superseded_plate_reads += 1,
            DropReason::DuplicatePassage => self.counts.duplicate_passages += 1,
        }
        self.actions.push(Action::Drop { input, reason });
    }
}
