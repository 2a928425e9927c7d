//! A scenario before the real doors: the vehicles that a controller weighs, the events that cameras
//! post, and what is true of them.
//!
//! In: a scenario, a seed and an instant. Out: frames on a port, requests to the camera door, and
//! the truth with the numbers under which the controller reports each vehicle. Cameras speak the
//! neutral dialect, the only one in which everything that a scenario plays can be told.

mod post;
mod scale;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;

use tokio::task::JoinSet;

use super::controller::SimController;
use super::plan::{ADDRESS, camera_config, config_of};
use super::scenario::{Happening, START, Scenario, Timeline, device_name};
use super::score::Group;
use crate::clock::{Clock, Timestamp};
use crate::config::{CameraConfig, Config, Dialect};
use crate::pipeline::Input;
use crate::pipeline::passage::{Passage, PassageSource};
use crate::pipeline::plate::PlateRead;
use crate::units::Lane;

/// The configuration of the scenario's site, with everything of the daemon's below `dir`.
pub fn config(scenario: &Scenario, dir: &Path, broker: &str, speed_up: u32) -> Config {
    let lanes: Vec<Lane> = (1..=scenario.lanes).map(Lane).collect();
    let mut cameras: Vec<CameraConfig> = Vec::new();
    for camera in &scenario.camera {
        let names: BTreeSet<String> = lanes.iter().map(|lane| device_name(camera, *lane)).collect();
        for name in names {
            let served: Vec<Lane> =
                lanes.iter().copied().filter(|lane| device_name(camera, *lane) == name).collect();
            let view = (camera.role, camera.distance_mm);
            cameras.push(camera_config((&name, &token(&name)), Dialect::Neutral, view, &served));
        }
    }
    config_of((dir, broker, speed_up), "site of a scenario", &lanes, cameras)
}

fn token(camera: &str) -> String {
    format!("scenario-{camera}")
}

/// Everything that will happen, drawn and moved to its time.
#[derive(Debug)]
pub struct Stage {
    groups: Vec<Group>,
    passages: Vec<Passage>,
    reads: BTreeMap<String, Vec<PlateRead>>,
    clock: Clock,
}

impl Stage {
    /// Draws so many vehicles; the first comes soon after `start`.
    pub fn draw(
        scenario: &Scenario,
        (vehicles, seed): (u64, u64),
        (clock, start): (Clock, Timestamp),
    ) -> Self {
        let by = start.since(START);
        let mut stage =
            Self { groups: Vec::new(), passages: Vec::new(), reads: BTreeMap::new(), clock };
        for happening in Timeline::new(scenario.clone(), vehicles, seed) {
            match happening {
                Happening::Vehicles(mut group) => {
                    group.began_at = group.began_at + by;
                    stage.groups.push(group);
                }
                Happening::Received(_, Input::Passage(passage)) => {
                    stage.passages.push(scale::moved(*passage, by));
                }
                Happening::Received(_, Input::PlateRead(read)) => {
                    let events = stage.reads.entry(read.camera.clone()).or_default();
                    events.push(post::moved(*read, by));
                }
                Happening::Received(..) => {}
            }
        }
        stage.passages.sort_by_key(|passage| (passage.began_at, passage.lane));
        stage
    }

    /// Puts all vehicles on the road; what is true names them by the controller's numbers from
    /// now on.
    pub fn weigh(&mut self, controller: &mut SimController, boot_id: u32) {
        let mut numbers = BTreeMap::new();
        for passage in &self.passages {
            let vehicle = controller.play(scale::vehicle(passage));
            numbers.insert(passage.source, PassageSource { controller: ADDRESS, boot_id, vehicle });
        }
        let sources = self.groups.iter_mut().flat_map(|group| &mut group.passages);
        for source in sources {
            *source = numbers.get(source).copied().unwrap_or(*source);
        }
    }

    /// What is true, one group of vehicles after the other.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Vehicles as the scale reports them.
    pub fn weighings(&self) -> usize {
        self.passages.len()
    }

    /// Lets every camera post its events to the door at `address`, each when its time has come,
    /// until all are acknowledged; their number.
    pub async fn post(&mut self, address: SocketAddr) -> usize {
        let mut posting = JoinSet::new();
        for (camera, reads) in std::mem::take(&mut self.reads) {
            let path = format!("/camera/{}", token(&camera));
            posting.spawn(post::post(address, path, reads, self.clock));
        }
        posting.join_all().await.into_iter().sum()
    }
}
