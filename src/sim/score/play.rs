//! Plays a scenario into the pipeline, in memory, as the daemon does: timers first, then the input.

use super::baseline::Baseline;
use super::{Figures, Score};
use crate::config::limits::standard_profile;
use crate::pipeline::record::{Provenance, Site};
use crate::pipeline::{Action, Arrival, Counts, InputId, Parameters, Pipeline, pairing};
use crate::sim::scenario::{Happening, Scenario, Timeline};

/// What came of it.
#[derive(Clone, Debug)]
pub struct Played {
    /// The comparison.
    pub figures: Figures,
    /// What the pipeline counted; `None` when it ran elsewhere.
    pub counts: Option<Counts>,
    /// One line for each record with a clear pairing that is wrong.
    pub remarks: Vec<String>,
}

/// Plays so many vehicles; holds only what is on its way.
pub fn play(scenario: &Scenario, vehicles: u64, seed: u64, pairing: pairing::Parameters) -> Played {
    let timeline = Timeline::new(scenario.clone(), vehicles, seed);
    let mut pipeline = Pipeline::new(Parameters {
        site: Site { id: "scenario".into(), name: "scenario".into() },
        provenance: Provenance::default(),
        lanes: timeline.lanes(),
        assessment: standard_profile(),
        pairing,
        clips: Vec::new(),
    });
    let mut score = Score::default();
    let mut baseline = Baseline::new(scenario);
    let mut inputs = 0;
    for happening in timeline {
        let (now, input) = match happening {
            Happening::Vehicles(group) => {
                score.expect(group);
                continue;
            }
            Happening::Received(now, input) => (now, input),
        };
        while let Some(wake) = pipeline.wake_at().filter(|wake| *wake < now) {
            take(&mut score, pipeline.tick(wake));
        }
        baseline.take(&input);
        let arrival = Arrival { received_at: now, input, raw: Vec::new() };
        take(&mut score, pipeline.handle(now, InputId(inputs), arrival));
        // the daemon stores what was learnt; nobody asks for it here
        drop(pipeline.take_known());
        inputs += 1;
        baseline.pass(now, &score.whose, &mut score.figures);
        score.pass(now);
    }
    while let Some(wake) = pipeline.wake_at() {
        take(&mut score, pipeline.tick(wake));
        baseline.pass(wake, &score.whose, &mut score.figures);
    }
    let counts = Some(pipeline.counts().clone());
    let (figures, remarks) = score.finish();
    Played { figures, counts, remarks }
}

fn take(score: &mut Score, actions: Vec<Action>) {
    for action in actions {
        if let Action::Seal(seal) = action {
            score.record(&seal.record);
        }
    }
}
