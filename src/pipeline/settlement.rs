//! How what went into the pipeline leaves it: as a sealed record or as a named drop.

use super::calibration::Calibration;
use super::lane::{OpenPassage, Settling};
use super::pairing::PairingOutcome;
use super::plate::PlateRead;
use super::record::sealing::Settled;
use super::record::{Body, Calibrated, Record, SupplementReason};
use super::referent::Referent;
use super::{Action, DropReason, InputId, Pipeline, Seal};
use crate::clock::Timestamp;

impl Pipeline {
    pub(super) fn notice(&mut self, kind: &str, input: InputId, at: Timestamp, body: Body) {
        self.counts.notices += 1;
        let id = self.sealer.other_id(kind, input);
        let record = self.sealer.record(id, at, body);
        self.seal(record, Vec::new(), vec![input]);
    }

    /// Seals a calibration under the next number.
    pub(super) fn calibrate(&mut self, input: InputId, at: Timestamp, calibration: Calibration) {
        let count = self.calibrations.raise();
        for calibrated in &calibration.lanes {
            if let Some(window) = self.window(calibrated.lane) {
                window.drift.begin_anew();
            }
        }
        let body = Body::Calibration(Box::new(Calibrated { count, calibration }));
        self.notice("calibration", input, at, body);
    }

    /// Settles every lane in which something came in or is due, then lets old events go.
    pub(super) fn pass_time(&mut self, now: Timestamp) {
        for place in 0..self.lanes.len() {
            let window = &mut self.lanes[place];
            if !window.touched && window.wake_at().is_none_or(|at| at > now) {
                continue;
            }
            self.contest_shared(now, place);
            let window = &mut self.lanes[place];
            let ready = window.settle(&mut Settling {
                now,
                reads: &mut self.reads,
                parameters: &self.pairing,
                counts: &mut self.counts,
                assessment: self.sealer.assessment(),
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

    /// Marks the events of this lane that a vehicle of another lane could have caused as well.
    fn contest_shared(&mut self, now: Timestamp, place: usize) {
        for sight in 0..self.lanes[place].sights.len() {
            let here = &self.lanes[place].sights[sight];
            let contested: Vec<InputId> = here
                .shared()
                .filter(|input| {
                    let places = self.cameras.get(&here.placement.camera);
                    let mut elsewhere = places.into_iter().flatten();
                    elsewhere.any(|(lane, sight)| {
                        let other = &self.lanes[*lane];
                        *lane != place && other.wants(*sight, *input, now, &self.pairing)
                    })
                })
                .collect();
            for input in contested {
                self.lanes[place].sights[sight].contest(input);
            }
        }
    }

    pub(super) fn seal_passage(&mut self, place: Option<usize>, open: OpenPassage) {
        let OpenPassage { input, id, passage, raw, slots, superseded, .. } = open;
        let OpenPassage { contradicting, mut around, .. } = open;
        let mut consumes = Vec::with_capacity(1 + slots.len());
        consumes.push(input);
        let decided = slots.iter().filter_map(|slot| slot.decided.as_ref());
        consumes.extend(decided.filter_map(|decided| decided.input));
        consumes.extend(superseded);
        if let Some(place) = place {
            self.lanes[place].remember(&id, &slots);
        }
        around.halves.sort_unstable();
        let record = self.sealer.passage(Settled {
            id,
            passage: *passage,
            slots,
            around: &around,
            drifted: place.is_some_and(|place| self.lanes[place].has_drifted()),
            lane: place.map(|place| &self.lanes[place].parameters),
        });
        let mut joint = None;
        let drift = place.and_then(|place| self.watch_drift(place, &record));
        if let Body::Passage(sealed) = &record.body {
            if !around.halves.is_empty() {
                joint = self.halves.join(&record.id, sealed);
            }
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
        let referent = Referent::unsealed(&record.id);
        self.seal(record, raw, consumes);
        for (input, other) in contradicting {
            self.supplement(input, other, SupplementReason::Repeated, Some(referent.clone()));
        }
        if let Some(alarm) = drift {
            self.seal(alarm, Vec::new(), Vec::new());
        }
        if let Some((id, at, joint)) = joint {
            let record = self.sealer.record(id, at, Body::Joint(Box::new(joint)));
            self.seal(record, Vec::new(), Vec::new());
        }
    }

    /// Seals an open event without passage.
    pub(super) fn seal_alone(&mut self, input: InputId) {
        let record = self.sealer.other_id("supplement", input);
        if let Some((read, superseded)) = self.reads.take(input, &record) {
            self.forget(&read.camera, input);
            self.supplement(input, read, SupplementReason::NoPassage, None);
            self.drop_superseded(superseded);
        }
    }

    pub(super) fn forget(&mut self, camera: &str, input: InputId) {
        for (lane, sight) in self.cameras.get(camera).into_iter().flatten() {
            self.lanes[*lane].sights[*sight].forget(input);
        }
    }

    pub(super) fn supplement(
        &mut self,
        input: InputId,
        read: Box<PlateRead>,
        reason: SupplementReason,
        refers_to: Option<Referent>,
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
        self.reads.settled(&consumes);
        self.actions.push(Action::Seal(Box::new(Seal { record, raw, consumes })));
    }

    pub(super) fn drop_superseded(&mut self, inputs: Vec<InputId>) {
        for input in inputs {
            self.drop_input(input, DropReason::SupersededPlateRead);
        }
    }

    pub(super) fn drop_input(&mut self, input: InputId, reason: DropReason) {
        match reason {
            DropReason::DuplicatePlateRead => self.counts.duplicate_plate_reads += 1,
            DropReason::SupersededPlateRead => self.counts.superseded_plate_reads += 1,
            DropReason::DuplicatePassage => self.counts.duplicate_passages += 1,
        }
        self.actions.push(Action::Drop { input, reason });
    }
}
