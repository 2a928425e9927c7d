//! The words of the timelines: `truck(1).at(5_000)`, `plate("赣H12345").of(&truck)`, `run`.
//! All instants are milliseconds since the start of the timeline.

mod event;
mod outcome;
mod timeline;
mod truck;

pub(crate) use event::{Event, plate};
pub(crate) use outcome::{Outcome, Seen, UNPAIRED, paired};
pub(crate) use timeline::{Player, Timeline};
pub(crate) use truck::{Truck, truck};

use wimd::clock::Timestamp;
use wimd::config::limits::standard_profile;
use wimd::pipeline::pairing::Parameters as PairingParameters;
use wimd::pipeline::plate::CameraRole;
use wimd::pipeline::record::{Provenance, Site};
use wimd::pipeline::{CameraPlacement, LaneParameters, Parameters};
use wimd::units::{Lane, Micros};

/// Start of every timeline.
pub(crate) const START: Timestamp = Timestamp(1_795_000_000_000_000);
/// Front camera, millimetres after the scale.
pub(crate) const FRONT_MM: i32 = 20_000;
/// Rear camera, millimetres after the scale.
pub(crate) const REAR_MM: i32 = 12_000;

pub(crate) fn at(millis: i64) -> Timestamp {
    START + Micros::from_millis(millis)
}

/// One front camera that sees both of two lanes.
pub(crate) fn wide_site() -> Parameters {
    let mut parameters = site(2, false);
    for lane in &mut parameters.lanes {
        lane.cameras = vec![camera("front-1".to_owned(), CameraRole::Front, FRONT_MM)];
    }
    parameters
}

fn camera(name: String, role: CameraRole, distance_mm: i32) -> CameraPlacement {
    CameraPlacement { camera: name, role, distance_mm }
}

/// A site with that many lanes, each with a front and, on request, a rear camera.
pub(crate) fn site(lanes: u8, rear: bool) -> Parameters {
    let lane = |number: u8| LaneParameters {
        lane: Lane(number),
        cameras: [
            Some(camera(format!("front-{number}"), CameraRole::Front, FRONT_MM)),
            rear.then(|| camera(format!("rear-{number}"), CameraRole::Rear, REAR_MM)),
        ]
        .into_iter()
        .flatten()
        .collect(),
        required_pictures: vec![CameraRole::Front],
        min_speed: None,
        max_speed: None,
    };
    Parameters {
        site: Site { id: "s1".into(), name: "test".into() },
        provenance: Provenance::default(),
        lanes: (1..=lanes).map(lane).collect(),
        assessment: standard_profile(),
        pairing: PairingParameters::default(),
        clips: Vec::new(),
    }
}

/// The cameras stand before the scale, where they stand behind it in all other tests.
pub(crate) fn cameras_before() -> Parameters {
    let mut parameters = site(2, false);
    for camera in parameters.lanes.iter_mut().flat_map(|lane| &mut lane.cameras) {
        camera.distance_mm = -FRONT_MM;
    }
    parameters
}

/// At 60 km/h a vehicle is there so much earlier.
pub(crate) fn seen_before(event: Event) -> Event {
    let stamp = event.read.stamp.expect("stamped").at;
    event.at(stamp.since(at(0)).0 / 1_000 - 2_400)
}
