//! The doors: everything that touches a wire, a socket or a disk.
//!
//! A door knows the pipeline's types, its own configuration section and the two seams
//! [`intake`] and [`pictures`]; it never knows another door. Only `uplink` drains `store`.

pub mod backoff;
pub mod camera;
pub mod free_space;
pub mod hands;
mod hint;
pub mod intake;
pub mod pem;
pub mod pictures;
pub mod recorder;
pub mod scale;
pub mod status;
pub mod store;
pub mod uplink;
