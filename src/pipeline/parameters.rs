//! What the pipeline is told at its start and never again: the site, its lanes and their cameras.

use super::assess;
use super::pairing;
use super::plate::CameraRole;
use super::record::{ClipSource, Provenance, Site};
use crate::units::{DeciKmh, Lane};

/// One camera as it looks at one lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameraPlacement {
    /// The camera's name in the configuration.
    pub camera: String,
    /// What it sees of the vehicle.
    pub role: CameraRole,
    /// Distance from the scale along the lane, millimetres; positive after the scale, so that a
    /// vehicle reaches it later. Counted to the point where the camera fires: on the head of the
    /// vehicle for front and side cameras, on its tail for rear cameras.
    pub distance_mm: i32,
}

/// One lane of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneParameters {
    /// Its number.
    pub lane: Lane,
    /// Every camera that looks at it.
    pub cameras: Vec<CameraPlacement>,
    /// Roles of which a complete record needs a picture.
    pub required_pictures: Vec<CameraRole>,
    /// Lowest speed at which the scale is approved; `None` when there is none.
    pub min_speed: Option<DeciKmh>,
    /// Highest speed at which the scale is approved; `None` when there is none.
    pub max_speed: Option<DeciKmh>,
}

/// Everything the pipeline is told.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// Where.
    pub site: Site,
    /// By which software and parameters.
    pub provenance: Provenance,
    /// The lanes; neighbours by number are neighbours on the road.
    pub lanes: Vec<LaneParameters>,
    /// How vehicles are assessed.
    pub assessment: assess::Profile,
    /// How plates are paired.
    pub pairing: pairing::Parameters,
    /// Recorders that film the lanes.
    pub clips: Vec<ClipSource>,
}
