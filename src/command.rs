//! (commands)

pub mod assess;
