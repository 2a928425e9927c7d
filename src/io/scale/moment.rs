//! The two times of the link.

use std::time::Duration;

use crate::clock::Timestamp;

/// Now, twice: time-outs on the wire are real, instants of vehicles are steady and may run faster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Real time since the port's task began.
    pub real: Duration,
    /// Steady time.
    pub steady: Timestamp,
}
