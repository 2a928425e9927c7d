//! Weighed vehicles, judged by the real pipeline.

use wimd::clock::Timestamp;
use wimd::config::limits::standard_profile;
use wimd::pipeline::pairing::Parameters as PairingParameters;
use wimd::pipeline::passage::{Axle, Passage, PassageSource, Tyres};
use wimd::pipeline::record::{Body, Provenance, Site};
use wimd::pipeline::{Action, Arrival, Input, InputId, LaneParameters, Parameters, Pipeline, Seal};
use wimd::units::{DeciKmh, Kilograms, Lane, Micros, Millimetres};

use super::SITE;

/// A six-axle vehicle with so much on each axle, weighed without a camera.
pub(crate) fn six_axles(load: Kilograms) -> Passage {
    let at = |metres: i64| Timestamp(1_795_000_000_000_000 + metres * 60_000);
    let axle = |(index, spacing): (i64, Option<u32>)| Axle {
        at: at(index * 3),
        load_kg: Some(load),
        left_kg: Some(Kilograms(load.0 / 2 + 100)),
        right_kg: None,
        spacing_mm: spacing.map(Millimetres),
        speed_dkmh: Some(DeciKmh(600)),
        tyres: Tyres::Unknown,
    };
    let spacings = [None, Some(3_300), Some(1_350), Some(6_500), Some(1_310), Some(1_310)];
    let source = PassageSource { controller: 1, boot_id: 7, vehicle: 1 };
    Passage {
        ended_at: at(16),
        received_at: at(17),
        axles: (0..).zip(spacings).map(axle).collect(),
        speed_dkmh: Some(DeciKmh(600)),
        raw_sha256: "0".repeat(64),
        ..Passage::unmeasured(source, Lane(1), at(0))
    }
}

/// Through the real pipeline.
pub(crate) fn judged(passage: Passage) -> Vec<Seal> {
    let now = passage.received_at;
    let mut pipeline = Pipeline::new(Parameters {
        site: Site { id: SITE.into(), name: "G4 K1032".into() },
        provenance: Provenance::default(),
        lanes: vec![LaneParameters {
            lane: passage.lane,
            cameras: Vec::new(),
            required_pictures: Vec::new(),
            min_speed: None,
            max_speed: None,
        }],
        assessment: standard_profile(),
        pairing: PairingParameters::default(),
        clips: Vec::new(),
    });
    let arrival =
        Arrival { received_at: now, input: Input::Passage(Box::new(passage)), raw: Vec::new() };
    let mut actions = pipeline.handle(now, InputId(1), arrival);
    actions.extend(pipeline.tick(now + Micros::from_secs(600)));
    let seals = actions.into_iter().filter_map(|action| match action {
        Action::Seal(mut seal) => {
            seal.consumes.clear();
            Some(*seal)
        }
        Action::Drop { .. } => None,
    });
    seals.collect()
}

/// What the record of such a vehicle is about.
pub(crate) fn weighed(load: Kilograms) -> Body {
    judged(six_axles(load)).remove(0).record.body
}
