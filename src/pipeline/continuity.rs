//! The run before had another time: what it left is finished in its own, and carried over where it
//! can be.
//!
//! In: what has become of the time. Out: everything that was open, settled as it then stands. A
//! vehicle of which the camera's answer comes later is left open; that is rare, and a vehicle of one
//! time never meets an event of the other.

use super::{Action, Pipeline};
use crate::clock::Continuity;
use crate::pipeline::lane::LaneWindow;

impl Pipeline {
    /// To be called after [`Pipeline::recall`] and after the inputs that were pending were handed in
    /// at their own instants, before the first of the new time.
    pub fn change_time(&mut self, continuity: Continuity) -> Vec<Action> {
        let mut actions = Vec::new();
        if continuity == Continuity::Unbroken {
            return actions;
        }
        while let Some(wake) = self.wake_at() {
            actions.extend(self.tick(wake));
        }
        for window in &mut self.lanes {
            window.change_time(continuity);
        }
        actions
    }
}

impl LaneWindow {
    fn change_time(&mut self, continuity: Continuity) {
        for sight in &mut self.sights {
            sight.change_time(continuity);
        }
        self.forget_the_last();
        self.move_past(continuity);
    }
}
