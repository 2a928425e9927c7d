//! The drift watch over the traffic of a scenario: what is ordinary raises no alarm, and a scale
//! that begins to weigh otherwise is told, lowers its lane, and is good again after a calibration.

use std::path::Path;

use wimd::config::limits::standard_profile;
use wimd::pipeline::calibration::{Calibration, LaneCalibration, Reference, WHOLE};
use wimd::pipeline::drift::DriftState;
use wimd::pipeline::record::{Body, Provenance, Record, Site, Unenforceable};
use wimd::pipeline::{Action, Arrival, Input, InputId, Parameters, Pipeline, pairing};
use wimd::sim::scenario::{Happening, Scenario, Timeline};
use wimd::units::{Kilograms, Lane};

/// A site in memory, whose scale weighs so much of the truth.
struct Site1 {
    pipeline: Pipeline,
    inputs: u64,
    per_mille: u32,
    alarms: Vec<String>,
    /// Of the newest passage.
    spoilt: bool,
}

fn scenario(lanes: u8) -> Scenario {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/scenarios/busy.toml");
    let scenario = Scenario::load(Path::new(path)).expect("in the tree");
    Scenario { lanes, ..scenario }
}

impl Site1 {
    fn new(timeline: &Timeline) -> Self {
        let pipeline = Pipeline::new(Parameters {
            site: Site { id: "s1".into(), name: "test".into() },
            provenance: Provenance::default(),
            lanes: timeline.lanes(),
            assessment: standard_profile(),
            pairing: pairing::Parameters::default(),
            clips: Vec::new(),
        });
        Self { pipeline, inputs: 0, per_mille: 1_000, alarms: Vec::new(), spoilt: false }
    }

    /// Plays on until the timeline ends or `enough`.
    fn play(&mut self, timeline: &mut Timeline, enough: impl Fn(&Self) -> bool) {
        while !enough(self) {
            let Some(happening) = timeline.next() else { return };
            let Happening::Received(now, input) = happening else { continue };
            while let Some(wake) = self.pipeline.wake_at().filter(|wake| *wake < now) {
                let actions = self.pipeline.tick(wake);
                self.take(actions);
            }
            let input = self.weigh(input);
            let arrival = Arrival { received_at: now, input, raw: Vec::new() };
            self.inputs += 1;
            let actions = self.pipeline.handle(now, InputId(self.inputs), arrival);
            self.take(actions);
        }
    }

    fn weigh(&self, mut input: Input) -> Input {
        if let Input::Passage(passage) = &mut input {
            let loads = passage
                .axles
                .iter_mut()
                .flat_map(|axle| [&mut axle.load_kg, &mut axle.left_kg, &mut axle.right_kg]);
            for load in loads.chain([&mut passage.reported_gross_kg]).flatten() {
                *load = Kilograms(load.0 * self.per_mille / 1_000);
            }
            // halves and tons rounded one by one need not add up any more
            passage.reported_gross_kg = passage.gross();
        }
        input
    }

    fn take(&mut self, actions: Vec<Action>) {
        for action in actions {
            if let Action::Seal(seal) = action {
                self.see(&seal.record);
            }
        }
    }

    fn see(&mut self, record: &Record) {
        match &record.body {
            Body::Alarm(alarm) => self.alarms.push(alarm.name.clone()),
            Body::Passage(passage) => {
                self.spoilt = passage.unenforceable.contains(&Unenforceable::ScaleDrift);
            }
            _ => {}
        }
    }

    fn state(&self) -> DriftState {
        self.pipeline.status().lanes[0].drift.state
    }

    fn tractors(&self) -> u64 {
        self.pipeline.status().lanes[0].drift.tractors
    }

    fn calibrate(&mut self) {
        let lane = LaneCalibration {
            lane: Lane(1),
            scale: None,
            factor_before_permyriad: None,
            factor_permyriad: WHOLE,
            as_found: Default::default(),
            with_factor: Default::default(),
            bands: Vec::new(),
            runs: Vec::new(),
        };
        let reference =
            Reference { plate: None, gross_kg: Kilograms(1), axles_kg: Vec::new(), axles: 2 };
        let calibration = Calibration { performed_by: "test".into(), reference, lanes: vec![lane] };
        let at = wimd::sim::scenario::START;
        let input = Input::Calibration(Box::new(calibration));
        self.inputs += 1;
        let arrival = Arrival { received_at: at, input, raw: Vec::new() };
        let actions = self.pipeline.handle(at, InputId(self.inputs), arrival);
        self.take(actions);
    }
}

#[test]
fn ordinary_traffic_of_100_000_vehicles_raises_no_alarm() {
    let mut timeline = Timeline::new(scenario(2), 100_000, 1);
    let mut site = Site1::new(&timeline);
    site.play(&mut timeline, |_| false);
    let lanes = site.pipeline.status().lanes;
    assert_eq!(site.alarms, Vec::<String>::new());
    for lane in lanes {
        assert_eq!(lane.drift.state, DriftState::Steady, "{:?}", lane.drift);
    }
}

/// The simulated loads spread twice as far as real ones (a coefficient of variation of 0.4, not
/// 0.2), so that it takes four times the tractors: at most 13 000 instead of 3 300
/// (`pipeline/drift/tests.rs`).
#[test]
fn a_scale_that_weighs_three_per_cent_too_much_is_told_and_lowered_until_it_is_calibrated() {
    let mut timeline = Timeline::new(scenario(1), 200_000, 2);
    let mut site = Site1::new(&timeline);
    site.play(&mut timeline, |site| site.state() == DriftState::Steady);
    let learnt = site.tractors();
    site.per_mille = 1_030;
    site.play(&mut timeline, |site| site.state() == DriftState::Warning);
    let noticed = site.tractors() - learnt;
    assert!(noticed <= 13_000, "noticed after {noticed} tractors, learnt from {learnt}");
    assert_eq!(site.alarms, ["scale_drift_warning"]);
    assert!(!site.spoilt, "a warning spoils no record");
    site.per_mille = 1_060;
    site.play(&mut timeline, |site| site.spoilt);
    assert_eq!(site.alarms, ["scale_drift_warning", "scale_drift_statistics"]);

    site.calibrate();
    assert_eq!((site.state(), site.tractors()), (DriftState::Learning, 0));
    assert_eq!(site.pipeline.status().calibrations, 1);
    site.play(&mut timeline, |site| !site.spoilt);
    assert!(!site.spoilt, "records support cases again");
}

#[test]
fn what_was_learnt_outlives_a_restart() {
    let mut timeline = Timeline::new(scenario(1), 3_000, 3);
    let mut site = Site1::new(&timeline);
    site.calibrate();
    site.play(&mut timeline, |_| false);
    let known = site.pipeline.take_known();
    let mut again = Site1::new(&timeline);
    again.pipeline.recall(wimd::sim::scenario::START, known);
    let told = |site: &Site1| {
        let status = site.pipeline.status();
        (status.calibrations, status.lanes[0].drift)
    };
    assert!(site.tractors() > 500, "{}", site.tractors());
    assert_eq!(told(&again), told(&site));
}
