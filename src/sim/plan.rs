//! The invented site as the daemon is told of it: two lanes, one controller, three cameras.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use super::traffic::{FRONT_CAMERA_DISTANCE, LANES, REAR_CAMERA_DISTANCE};
use crate::config::{
    CameraConfig, CameraDoorConfig, Config, Dialect, GroupingConfig, LaneConfig, LaneMapping,
    LimitsConfig, PairingConfig, ScaleConfig, SendPictures, SiteConfig, StatusConfig, StoreConfig,
    UplinkConfig,
};
use crate::pipeline::plate::CameraRole;
use crate::units::{Lane, Millimetres};

/// Code of the invented site.
pub const SITE: &str = "JDZ-DEMO";

/// Name of the line to its controller.
pub const SCALE: &str = "scale-1";

/// Address of the controller.
pub const ADDRESS: u8 = 1;

/// Real time that the pairing window must last at least, milliseconds: a scaled clock shrinks
/// the window, but the disk and the HTTP requests of the cameras do not become faster.
const LEAST_REAL_WINDOW_MS: u32 = 2_000;

/// Seconds that a passage waits for its plates at real speed (default of the configuration).
const WINDOW_MS: u32 = 5_000;

/// One invented camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedCamera {
    /// Name in the configuration.
    pub name: &'static str,
    /// Token in the path that it posts to.
    pub token: &'static str,
    /// What it sees.
    pub role: CameraRole,
    /// Lanes that it serves.
    pub lanes: &'static [Lane],
}

/// A front camera for each lane and one rear camera for both.
pub const CAMERAS: [PlannedCamera; 3] = [
    PlannedCamera {
        name: "front-1",
        token: "demo-front-lane-1",
        role: CameraRole::Front,
        lanes: &[Lane(1)],
    },
    PlannedCamera {
        name: "front-2",
        token: "demo-front-lane-2",
        role: CameraRole::Front,
        lanes: &[Lane(2)],
    },
    PlannedCamera {
        name: "rear",
        token: "demo-rear-lanes-12",
        role: CameraRole::Rear,
        lanes: &LANES,
    },
];

impl PlannedCamera {
    /// The camera that sees this role of this lane.
    pub fn of(role: CameraRole, lane: Lane) -> Option<&'static Self> {
        CAMERAS.iter().find(|camera| camera.role == role && camera.lanes.contains(&lane))
    }

    fn distance(&self) -> Millimetres {
        if self.role == CameraRole::Rear { REAR_CAMERA_DISTANCE } else { FRONT_CAMERA_DISTANCE }
    }

    fn config(&self) -> CameraConfig {
        let distance_mm = i32::try_from(self.distance().0).unwrap_or(i32::MAX);
        let dialect = Dialect::Isapi;
        camera_config((self.name, self.token), dialect, (self.role, distance_mm), self.lanes)
    }
}

/// A camera that calls its lanes as the site does and sees vehicles drive forward.
pub(super) fn camera_config(
    (name, token): (&str, &str),
    dialect: Dialect,
    (role, distance_mm): (CameraRole, i32),
    lanes: &[Lane],
) -> CameraConfig {
    let one = lanes.len() == 1;
    let mapping = |lane: &Lane| LaneMapping { device: lane.0, site: lane.0 };
    CameraConfig {
        lane: lanes.first().filter(|_| one).map(|lane| lane.0),
        lanes: if one { Vec::new() } else { lanes.iter().map(mapping).collect() },
        distance_mm,
        ..CameraConfig::new(name, token, dialect, role)
    }
}

/// Real seconds that a vehicle's events may pause, as after a pulled cable.
const LEAST_REAL_PAUSE_S: u32 = 20;

/// Shortest pause between two questions, real time, as the clock is sped up.
const LEAST_POLL_INTERVAL_MS: u32 = 20;

/// Highest factor of the clock: beyond it the windows above leave the ranges of the configuration.
pub const MAX_SPEED_UP: u32 = 60;

/// How long a passage waits for its plates on a clock that runs `speed_up` times as fast.
pub fn window_ms(speed_up: u32) -> u32 {
    WINDOW_MS.max(LEAST_REAL_WINDOW_MS.saturating_mul(speed_up))
}

/// The configuration of the invented site, with everything of the daemon's below `dir`: the
/// scale's port is `dir/scale`, cameras deliver to any free port of loopback.
pub fn config(dir: &Path, broker: &str, speed_up: u32) -> Config {
    let cameras = CAMERAS.iter().map(PlannedCamera::config).collect();
    config_of((dir, broker, speed_up), "invented site, two lanes", &LANES, cameras)
}

/// The same with these lanes and cameras.
pub(super) fn config_of(
    (dir, broker, speed_up): (&Path, &str, u32),
    name: &str,
    lanes: &[Lane],
    camera: Vec<CameraConfig>,
) -> Config {
    let window_ms = window_ms(speed_up);
    let scale = ScaleConfig::new(SCALE, dir.join("scale").to_string_lossy());
    Config {
        site: SiteConfig { id: SITE.into(), name: name.into() },
        limits: LimitsConfig::default(),
        grouping: GroupingConfig::default(),
        pairing: PairingConfig {
            window_ms,
            event_window_ms: window_ms.saturating_mul(2).max(20_000),
            half_window_ms: speed_up.saturating_mul(500).max(1_500),
        },
        store: StoreConfig {
            dir: dir.join("state"),
            key_file: dir.join("signing.key"),
            send_pictures: SendPictures::Violations,
            ..StoreConfig::default()
        },
        uplink: UplinkConfig::new(broker),
        status: StatusConfig { socket: dir.join("status.sock"), ..StatusConfig::default() },
        camera_door: CameraDoorConfig {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            max_requests_per_s: 10_000,
            ..CameraDoorConfig::default()
        },
        scale: vec![ScaleConfig {
            vehicle_timeout_s: speed_up.saturating_mul(LEAST_REAL_PAUSE_S).max(30),
            poll_interval_ms: (scale.poll_interval_ms / speed_up.max(1))
                .max(LEAST_POLL_INTERVAL_MS),
            ..scale
        }],
        lane: lanes.iter().map(|lane| LaneConfig::new(lane.0, SCALE)).collect(),
        camera,
        recorder: Vec::new(),
    }
}
