//! (config)

pub mod limits;
