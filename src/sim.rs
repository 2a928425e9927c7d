//! Invented parts of a site, for tests and the demonstration.

pub mod controller;
