//! The lane's part in finding the other half of a vehicle, and in waiting for it.

use super::LaneWindow;
use crate::clock::Timestamp;
use crate::pipeline::evasion::halves::{Half, Trace};

impl LaneWindow {
    /// The other half of `trace` among the vehicles of this lane; tells it, when it is still open.
    pub(in crate::pipeline) fn find_half(&mut self, trace: &Trace) -> Option<Half> {
        let (other, figures) =
            self.traces.iter().rev().find_map(|other| Some((other, trace.same_vehicle(other)?)))?;
        let other_id = other.id.clone();
        let open = self.open.iter_mut().find(|open| open.id == other_id);
        if let Some(open) = open {
            self.touched = true;
            open.around.halves.push(Half { record: trace.id.clone(), figures: figures.clone() });
        }
        Some(Half { record: other_id, figures })
    }

    /// When the pairing of a vehicle that is open here is decided with what is there.
    pub(in crate::pipeline) fn deadline_of(&self, id: &str) -> Option<Timestamp> {
        self.open.iter().find(|open| open.id == id).map(|open| open.deadline)
    }

    /// A vehicle that is open here is not sealed before that instant.
    pub(in crate::pipeline) fn hold(&mut self, id: &str, until: Timestamp) {
        if let Some(open) = self.open.iter_mut().find(|open| open.id == id) {
            open.hold_until = Some(until);
        }
    }
}
