//! (sim)

pub mod broker;
pub mod mosquitto;
pub mod platform;
