//! (sim)

pub mod camera;
