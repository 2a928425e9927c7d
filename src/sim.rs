//! An invented site whose truth is known: trucks, a controller, cameras, a broker and a platform.
//!
//! Used by `demo`, `simulate`, the tests and the benches. Everything follows from a seed; nothing
//! here is ever used to judge a real vehicle.

pub mod archetype;
pub mod broker;
pub mod camera;
pub mod controller;
pub mod mosquitto;
pub mod plan;
pub mod platform;
pub mod reference;
pub mod scenario;
pub mod score;
pub mod site;
pub mod stage;
pub mod traffic;
pub mod truck;
pub mod truth;
pub mod weighed;
