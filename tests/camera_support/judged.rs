//! What the pipeline makes of events beside weighed vehicles.

use wimd::clock::Timestamp;
use wimd::config::limits::standard_profile;
use wimd::pipeline::pairing::Parameters as PairingParameters;
use wimd::pipeline::passage::{Passage, PassageSource};
use wimd::pipeline::plate::{CameraRole, PlateRead};
use wimd::pipeline::record::Site as RecordSite;
use wimd::pipeline::record::{Body, PassageRecord, Provenance, Supplement};
use wimd::pipeline::{
    Action, Arrival, CameraPlacement, Input, InputId, LaneParameters, Parameters, Pipeline,
};
use wimd::units::{Lane, Micros};

/// Longer than any window.
const LATER: Micros = Micros::from_secs(120);

/// What came out.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) passages: Vec<PassageRecord>,
    pub(crate) supplements: Vec<Supplement>,
    pub(crate) dropped: usize,
}

/// The records of vehicles that were on the scale at these instants, with these events of the
/// camera `front-1`, which stands at the scale.
pub(crate) fn judged(reads: &[PlateRead], vehicles: &[Timestamp]) -> Judged {
    let mut pipeline = Pipeline::new(parameters());
    let passages = (0..).zip(vehicles).map(|(vehicle, at)| {
        let source = PassageSource { controller: 1, boot_id: 7, vehicle };
        Input::Passage(Box::new(Passage::unmeasured(source, Lane(1), *at)))
    });
    let reads = reads.iter().map(|read| Input::PlateRead(Box::new(read.clone())));
    let mut result = Judged::default();
    let mut last = Timestamp(0);
    for (number, input) in (1..).zip(passages.chain(reads)) {
        let received_at = match &input {
            Input::PlateRead(read) => read.received_at,
            _ => vehicles[0],
        };
        last = last.max(received_at);
        let arrival = Arrival { received_at, input, raw: Vec::new() };
        result.take(pipeline.handle(last, InputId(number), arrival));
    }
    result.take(pipeline.tick(last + LATER));
    result
}

impl Judged {
    fn take(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Drop { .. } => self.dropped += 1,
                Action::Seal(seal) => match seal.record.body {
                    Body::Passage(record) => self.passages.push(*record),
                    Body::Supplement(supplement) => self.supplements.push(*supplement),
                    _ => {}
                },
            }
        }
    }
}

fn parameters() -> Parameters {
    let camera =
        CameraPlacement { camera: "front-1".into(), role: CameraRole::Front, distance_mm: 0 };
    Parameters {
        site: RecordSite { id: "s1".into(), name: "test".into() },
        provenance: Provenance::default(),
        lanes: vec![LaneParameters {
            lane: Lane(1),
            cameras: vec![camera],
            required_pictures: Vec::new(),
            min_speed: None,
            max_speed: None,
        }],
        assessment: standard_profile(),
        pairing: PairingParameters::default(),
        clips: Vec::new(),
    }
}
