//! Scenarios: a site and its traffic, described in TOML and drawn from a seed.
//!
//! In: a scenario and a seed. Out: vehicles in the order of time, what the scale and the cameras
//! make of each, and what is true. Distributions are piecewise linear quantile functions, so that
//! nothing but integers is needed and the same seed gives the same traffic on every machine.

mod dice;
mod lane;
mod mix;
mod motion;
mod plates;
mod timeline;
mod vehicle;
mod watch;
mod weigh;

pub use timeline::{Happening, START, Timeline};
pub use vehicle::{Incident, Vehicle};
pub(super) use watch::name as device_name;

use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use crate::pipeline::plate::CameraRole;

/// One point of a quantile function: this share of the vehicles, in 1/10 000, stays below the
/// value.
pub type Quantile = (u32, i64);

/// Why a scenario cannot be played.
#[derive(Debug, Error)]
pub enum ScenarioError {
    /// The file cannot be read.
    #[error("cannot read the scenario {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// It is no scenario; the cause names line and key.
    #[error("{} is no scenario", path.display())]
    Parse {
        /// Which file.
        path: PathBuf,
        /// What is wrong, and where.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A value is out of its range.
    #[error("{}: {what}", path.display())]
    Value {
        /// Which file.
        path: PathBuf,
        /// Key, value and range.
        what: String,
    },
}

/// A site and its traffic.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Weighed lanes, 1 to 8, numbered from 1.
    pub lanes: u8,
    /// Who drives there.
    pub traffic: Traffic,
    /// How well the scale measures.
    pub scale: Scale,
    /// The cameras, each over every lane.
    pub camera: Vec<Camera>,
    /// What goes wrong, each as a share of the vehicles in 1/10 000.
    #[serde(default)]
    pub failures: Failures,
}

/// Who drives there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traffic {
    /// Nose to nose in one lane, milliseconds; raised where the vehicle before is too long.
    pub headways: Vec<Quantile>,
    /// Speed at the scale when nobody is in the way, 0.1 km/h.
    pub speeds: Vec<Quantile>,
    /// From the tail of one vehicle to the nose of the next at least, milliseconds.
    pub least_gap_ms: i64,
    /// Greatest acceleration or braking between scale and camera, mm/s²; half of the vehicles keep
    /// their speed, the others draw evenly up to it.
    pub acceleration_mmps2: i64,
    /// Passenger cars among the vehicles, 1/10 000.
    pub cars: u32,
    /// Trucks that are over their limit, 1/10 000 of the trucks.
    pub overloaded: u32,
}

/// How well the scale measures and the controller tells.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// Spread of the measured speed, 1/10 000 of it.
    pub speed_error: i64,
    /// Spread of the axle instants, microseconds.
    pub time_error_us: i64,
    /// Spread of the measured loads, 1/10 000 of them.
    pub load_error: i64,
    /// How often the controller names a manoeuvre itself, 1/10 000.
    pub flags: u32,
    /// From the vehicle's end to its last frame at least, milliseconds; up to three times that.
    pub delay_ms: i64,
}

/// One camera of each lane, or of a group of lanes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Camera {
    /// What it sees of the vehicle.
    pub role: CameraRole,
    /// Distance from the scale along the lane, millimetres; negative before it.
    pub distance_mm: i32,
    /// Lanes that one device serves; it tells which.
    #[serde(default = "one")]
    pub lanes_each: u8,
    /// From the picture to the last byte here at least, milliseconds.
    pub delay_ms: i64,
    /// Spread of that delay; only to the later side.
    pub delay_spread_ms: i64,
    /// Events that are held up on their way, 1/10 000.
    #[serde(default)]
    pub held_up: u32,
    /// How long at most, milliseconds.
    #[serde(default)]
    pub held_up_ms: i64,
    /// Spread of the instant of the picture.
    pub jitter_ms: i64,
    /// Its clock minus true time at the beginning, milliseconds; each further device of the same
    /// entry is off by another 1.7 s.
    #[serde(default)]
    pub offset_ms: i64,
    /// Drift of its clock, parts per million.
    #[serde(default)]
    pub drift_ppm: i64,
    /// Steps of its clock: seconds since the beginning, and by how many milliseconds.
    #[serde(default)]
    pub steps: Vec<(i64, i64)>,
    /// Stamps whole seconds.
    #[serde(default)]
    pub whole_seconds: bool,
    /// Vehicles that it does not notice, 1/10 000.
    #[serde(default)]
    pub missed: u32,
    /// Plates with one or two wrong characters, 1/10 000.
    #[serde(default)]
    pub misread: u32,
    /// Of those, plates whose wrong characters are read with full confidence, 1/10 000.
    #[serde(default)]
    pub confident: u32,
    /// Vehicles that it names a car or a truck, 1/10 000; one name in ten is wrong.
    #[serde(default)]
    pub classed: u32,
    /// Plates that it calls absent though there is one, 1/10 000.
    #[serde(default)]
    pub false_absent: u32,
    /// Vehicles that trigger it twice, with two ids, 1/10 000.
    #[serde(default)]
    pub double: u32,
    /// Events that are sent twice with the same id, 1/10 000.
    #[serde(default)]
    pub resent: u32,
    /// Every so many seconds its line is down; 0 is never.
    #[serde(default)]
    pub outage_every_s: i64,
    /// For so many seconds; what happens meanwhile comes afterwards in one burst, marked as late.
    #[serde(default)]
    pub outage_s: i64,
}

const fn one() -> u8 {
    1
}

/// What goes wrong, each as a share of the vehicles in 1/10 000; at most one of them a vehicle.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Failures {
    /// Wheels on two lanes.
    pub straddling: u32,
    /// Lane change between scale and camera.
    pub lane_change: u32,
    /// Nose to tail, so that the controller makes one vehicle of two.
    pub tailgating: u32,
    /// The controller makes two vehicles of one.
    pub split: u32,
    /// Stops on the scale.
    pub stop_and_go: u32,
    /// Drives on and reverses off again.
    pub reversing_off: u32,
    /// Against the traffic.
    pub wrong_way: u32,
    /// Winds over the scale.
    pub s_driving: u32,
    /// Plates covered.
    pub covered_plate: u32,
    /// No plates.
    pub absent_plate: u32,
    /// The controller misses the vehicle.
    pub missed_passage: u32,
    /// An axle is lifted on the scale.
    pub lifted_axle: u32,
    /// Over the solid line, told by the camera.
    pub solid_line: u32,
    /// In the emergency lane beside its own, told by the camera for heads.
    pub emergency_lane: u32,
}

impl Scenario {
    /// Reads one file.
    ///
    /// # Errors
    /// [`ScenarioError`] names the file and what is wrong in it.
    pub fn load(path: &Path) -> Result<Self, ScenarioError> {
        let path = path.to_path_buf();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(source) => return Err(ScenarioError::Read { path, source }),
        };
        let scenario: Self = match toml::from_str(&text) {
            Ok(scenario) => scenario,
            Err(source) => return Err(ScenarioError::Parse { path, source: Box::new(source) }),
        };
        match scenario.contradiction() {
            None => Ok(scenario),
            Some(what) => Err(ScenarioError::Value { path, what }),
        }
    }

    fn contradiction(&self) -> Option<String> {
        if !(1..=8).contains(&self.lanes) {
            return Some(format!("lanes = {}, but a site has 1 to 8", self.lanes));
        }
        for (key, points) in
            [("headways", &self.traffic.headways), ("speeds", &self.traffic.speeds)]
        {
            let whole = points.first().is_some_and(|point| point.0 == 0)
                && points.last().is_some_and(|point| point.0 == 10_000);
            let ascends = points.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1);
            if !whole || !ascends || points[0].1 <= 0 {
                return Some(format!(
                    "traffic.{key} must ascend from [0, x] to [10000, y], x above 0"
                ));
            }
        }
        let distant = self.camera.iter().find(|camera| camera.distance_mm.abs() > 60_000);
        if let Some(camera) = distant {
            return Some(format!("distance_mm = {}, but at most 60 m", camera.distance_mm));
        }
        self.camera.is_empty().then(|| "there is no [[camera]]".to_owned())
    }
}
