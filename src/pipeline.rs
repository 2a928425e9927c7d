//! Passages and plate reads in, sealed records out. Pure: time is an argument, actions come out.
//!
//! It owns every window and every table; it never reads a clock, a file or a socket, draws no
//! random number and computes with integers only. The same object runs live, in replay, in tests
//! and in benches, and gives the same records for the same input.

pub mod assess;
pub mod calibration;
pub mod configuration;
mod continuity;
pub mod counts;
pub mod drift;
pub mod evasion;
mod flow;
pub mod grouping;
mod knowledge;
mod lane;
pub mod limits;
pub mod name;
pub mod pairing;
pub mod parameters;
pub mod passage;
pub mod plate;
pub mod record;
mod referent;
mod seam;
mod settlement;
mod watch;

pub use counts::{Counts, LaneStatus, PipelineStatus, SightStatus};
pub use knowledge::Known;
pub use parameters::{CameraPlacement, LaneParameters, Parameters};
pub use seam::{Action, Arrival, DropReason, Input, InputId, Seal};

use crate::clock::Timestamp;
use crate::units::Lane;
use lane::LaneWindow;
use passage::memory::PassageMemory;
use plate::held::Reads;
use record::Body;
use record::calibrated::Tally;
use record::joint::Halves;
use record::sealing::Sealer;
use std::collections::BTreeMap;

/// The whole of it.
#[derive(Clone, Debug)]
pub struct Pipeline {
    pairing: pairing::Parameters,
    sealer: Sealer,
    /// In order of number.
    lanes: Vec<LaneWindow>,
    /// For each camera the lanes and sights that it has.
    cameras: BTreeMap<String, Vec<(usize, usize)>>,
    reads: Reads,
    memory: PassageMemory,
    halves: Halves,
    /// Calibrations that were applied, ever.
    calibrations: Tally,
    counts: Counts,
    /// Of the call that is going on; empty between calls.
    actions: Vec<Action>,
}

impl Pipeline {
    /// An empty pipeline. A lane that is named twice is taken once, the first time.
    pub fn new(parameters: Parameters) -> Self {
        let mut configured = parameters.lanes;
        configured.sort_by_key(|lane| lane.lane);
        configured.dedup_by_key(|lane| lane.lane);
        let numbers: Vec<Lane> = configured.iter().map(|lane| lane.lane).collect();
        let lanes: Vec<LaneWindow> = configured
            .into_iter()
            .map(|lane| {
                let neighbour = numbers.iter().any(|other| adjacent(*other, lane.lane));
                LaneWindow::new(lane, neighbour)
            })
            .collect();
        let mut cameras: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
        for (lane, window) in lanes.iter().enumerate() {
            for (sight, placement) in window.parameters.cameras.iter().enumerate() {
                let places = cameras.entry(placement.camera.clone()).or_default();
                places.push((lane, sight));
            }
        }
        Self {
            pairing: parameters.pairing,
            sealer: Sealer {
                site: parameters.site,
                provenance: parameters.provenance,
                assessment: parameters.assessment,
                clips: parameters.clips,
            },
            lanes,
            cameras,
            reads: Reads::default(),
            memory: PassageMemory::default(),
            halves: Halves::default(),
            calibrations: Tally::default(),
            counts: Counts::default(),
            actions: Vec::new(),
        }
    }

    /// Takes one input in. Every input ends in exactly one action, now or later.
    pub fn handle(&mut self, now: Timestamp, id: InputId, arrival: Arrival) -> Vec<Action> {
        let received_at = arrival.received_at;
        match arrival.input {
            Input::Passage(passage) => {
                self.enter_passage(now, id, passage, arrival.raw);
            }
            Input::PlateRead(read) => self.enter_read(now, id, read),
            Input::Gap(gap) => self.notice("gap", id, received_at, Body::Gap(gap)),
            Input::Audit(audit) => {
                self.notice("audit", id, received_at, Body::Audit(audit));
            }
            Input::Alarm(alarm) => {
                self.notice("alarm", id, received_at, Body::Alarm(alarm));
            }
            Input::CameraGap(gap) => {
                self.notice("camera-gap", id, received_at, Body::CameraGap(gap));
            }
            Input::Calibration(calibration) => self.calibrate(id, received_at, *calibration),
        }
        self.pass_time(now);
        std::mem::take(&mut self.actions)
    }

    /// Closes every window whose time is over.
    pub fn tick(&mut self, now: Timestamp) -> Vec<Action> {
        self.pass_time(now);
        std::mem::take(&mut self.actions)
    }

    /// When [`Pipeline::tick`] has something to do by time alone; `None` while nothing is open.
    pub fn wake_at(&self) -> Option<Timestamp> {
        self.lanes.iter().filter_map(LaneWindow::wake_at).chain(self.reads.wake_at()).min()
    }

    /// Totals since the start.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Totals and the state of each lane.
    pub fn status(&self) -> PipelineStatus {
        PipelineStatus {
            counts: self.counts.clone(),
            calibrations: self.calibrations.count(),
            lanes: self.lanes.iter().map(LaneWindow::status).collect(),
        }
    }
}

fn adjacent(one: Lane, other: Lane) -> bool {
    one.0.abs_diff(other.0) == 1
}
