//! (daemon)
pub mod provenance;
pub mod watchdog;
