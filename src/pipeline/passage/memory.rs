//! The passages seen of late, so that a repeated one is known.

use std::collections::{HashSet, VecDeque};

use super::PassageSource;

/// Passages remembered: an hour of the busiest site. The scale door drops repeats by its own
/// durable cursor; this is the second fence.
const REMEMBERED: usize = 4_096;

/// The last passages' sources.
#[derive(Clone, Debug, Default)]
pub(in crate::pipeline) struct PassageMemory {
    order: VecDeque<PassageSource>,
    known: HashSet<PassageSource>,
}

impl PassageMemory {
    /// Notes a passage; false when it was there already.
    pub(in crate::pipeline) fn note(&mut self, source: PassageSource) -> bool {
        if !self.known.insert(source) {
            return false;
        }
        let oldest = (self.order.len() == REMEMBERED).then(|| self.order.pop_front()).flatten();
        if let Some(oldest) = oldest {
            self.known.remove(&oldest);
        }
        self.order.push_back(source);
        true
    }
}
