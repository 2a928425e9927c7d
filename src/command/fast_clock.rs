//! The clock of a command that may look at a simulated site, whose time runs faster.

use clap::Args;

use crate::clock::{Clock, Timestamp};

/// Hidden arguments; `wimd simulate` prints them.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct FastClock {
    /// Run the clock this many times as fast as real time, for a simulated site.
    #[arg(long, hide = true, value_name = "N", requires = "anchor",
          value_parser = clap::value_parser!(u32).range(1..=1_000))]
    speed_up: Option<u32>,
    /// Instant at which the fast clock was equal to the system's.
    #[arg(long, hide = true, value_name = "TIMESTAMP", requires = "speed_up")]
    anchor: Option<Timestamp>,
}

impl FastClock {
    /// The system's clock, unless both arguments are given.
    pub(super) fn clock(self) -> Clock {
        match (self.anchor, self.speed_up) {
            (Some(anchor), Some(speed_up)) => Clock::scaled(anchor, speed_up),
            _ => Clock::system(),
        }
    }
}
