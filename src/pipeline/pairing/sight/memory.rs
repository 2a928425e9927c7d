//! What a sight keeps over a restart.

use super::Sight;
use crate::clock::{Continuity, Timestamp};
use crate::pipeline::pairing::clock::known::KnownClock;

impl Sight {
    /// What a restart must not forget.
    pub(in crate::pipeline) fn take_known(&mut self) -> Option<KnownClock> {
        self.clock.take_known()
    }

    /// Takes up what was known before a restart.
    pub(in crate::pipeline) fn recall(&mut self, now: Timestamp, known: KnownClock) {
        self.clock.recall(now, known);
        self.place_again();
    }

    /// Our own time is another from now on.
    pub(in crate::pipeline) fn change_time(&mut self, continuity: Continuity) {
        self.clock.change_time(continuity);
        self.place_again();
    }
}
