//! A few vehicles through the pipeline, so that the records are always those of today's types.

use crate::clock::{SystemClockState, Timestamp};
use crate::config::limits::standard_profile;
use crate::pipeline::pairing::Parameters as PairingParameters;
use crate::pipeline::passage::{Axle, Passage, PassageSource, TimeMapping, Tyres};
use crate::pipeline::plate::{
    CameraRole, CameraStamp, Plate, PlateRead, StampPrecision, ZoneBasis,
};
use crate::pipeline::record::{Provenance, Record, Site};
use crate::pipeline::{
    Action, Arrival, CameraPlacement, Input, InputId, LaneParameters, Parameters, Pipeline,
};
use crate::units::{DeciKmh, Kilograms, Lane, Micros, Millimetres};

/// Loads in kilograms, each with the spacing to the axle before in millimetres.
type Axles = &'static [(u32, u32)];

/// Lane, plate, axles.
const VEHICLES: [(u8, &str, Axles); 7] = [
    (1, "赣HAB123", &[(6_000, 0), (9_500, 3_600), (9_500, 1_350)]),
    (2, "浙C2UT49", &[(6_900, 0), (21_300, 4_300), (21_200, 4_000), (21_000, 5_200)]),
    (1, "湘BDXG3E", &[(4_800, 0), (8_300, 5_100), (8_400, 6_300), (8_700, 1_310)]),
    (2, "赣L2M52L", &[(6_000, 0), (12_000, 4_500)]),
    (
        1,
        "闽C3B1ZW",
        &[
            (7_000, 0),
            (11_500, 3_300),
            (11_500, 1_350),
            (9_000, 6_500),
            (9_000, 1_310),
            (9_000, 1_310),
        ],
    ),
    (2, "鄂DSKQL3", &[(6_000, 0), (12_001, 4_500)]),
    (
        2,
        "赣JJDCVD",
        &[
            (9_000, 0),
            (19_500, 3_300),
            (19_500, 1_350),
            (21_000, 6_500),
            (21_000, 1_310),
            (21_000, 1_310),
        ],
    ),
];

/// Their records, the last ones some seconds before `now`.
pub(super) fn records(now: Timestamp) -> Vec<Record> {
    let mut pipeline = Pipeline::new(parameters());
    let mut actions = Vec::new();
    let mut at = now + Micros::from_secs(-30);
    for (number, vehicle) in (1_u32..).zip(VEHICLES) {
        at = at + Micros::from_secs(3);
        let inputs = [
            Input::Passage(Box::new(passage(number, vehicle, at))),
            Input::PlateRead(Box::new(read(number, vehicle, at))),
        ];
        for (place, input) in (0..).zip(inputs) {
            let id = InputId(u64::from(number) * 2 + place);
            let arrival = Arrival { received_at: at, input, raw: Vec::new() };
            actions.extend(pipeline.handle(at, id, arrival));
        }
    }
    actions.extend(pipeline.tick(at + Micros::from_secs(60)));
    let records = actions.into_iter().filter_map(|action| match action {
        Action::Seal(seal) => Some(seal.record),
        Action::Drop { .. } => None,
    });
    let mut records: Vec<Record> = records.collect();
    records.sort_by_key(|record| record.occurred_at);
    records
}

fn parameters() -> Parameters {
    let lane = |number| LaneParameters {
        lane: Lane(number),
        cameras: vec![CameraPlacement {
            camera: format!("front-{number}"),
            role: CameraRole::Front,
            distance_mm: 20_000,
        }],
        required_pictures: Vec::new(),
        min_speed: None,
        max_speed: None,
    };
    Parameters {
        site: Site { id: "JDZ-1".into(), name: "Fuliang".into() },
        provenance: Provenance::default(),
        lanes: vec![lane(1), lane(2)],
        assessment: standard_profile(),
        pairing: PairingParameters::default(),
        clips: Vec::new(),
    }
}

fn passage(number: u32, (lane, _, axles): (u8, &str, Axles), at: Timestamp) -> Passage {
    let source = PassageSource { controller: 1, boot_id: 7, vehicle: number };
    let axles = axles.iter().map(|(load, spacing)| Axle {
        load_kg: Some(Kilograms(*load)),
        spacing_mm: (*spacing > 0).then_some(Millimetres(*spacing)),
        tyres: if *spacing > 0 { Tyres::Dual } else { Tyres::Single },
        ..Axle::unmeasured(at)
    });
    Passage {
        axles: axles.collect(),
        speed_dkmh: Some(DeciKmh(612)),
        length_mm: Some(Millimetres(14_700)),
        trigger_id: Some(number),
        time: TimeMapping {
            error_us: Some(Micros(500)),
            system: SystemClockState {
                synchronised: Some(true),
                max_error_us: Some(500),
                step_us: 0,
            },
        },
        ..Passage::unmeasured(source, Lane(lane), at)
    }
}

fn read(number: u32, (lane, plate, _): (u8, &str, Axles), at: Timestamp) -> PlateRead {
    PlateRead {
        lane: Some(Lane(lane)),
        stamp: Some(CameraStamp {
            at,
            precision: StampPrecision::Millisecond,
            zone: ZoneBasis::Explicit,
        }),
        plate: Plate::read(plate),
        trigger_id: Some(number),
        ..PlateRead::untold(format!("front-{lane}"), CameraRole::Front, at)
    }
}
