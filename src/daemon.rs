//! (daemon)
pub mod watchdog;
pub mod provenance;
