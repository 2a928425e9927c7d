//! What an open passage asks of a camera, and what it is answered.

use crate::pipeline::InputId;
use crate::pipeline::pairing::PairingOutcome;
use crate::pipeline::pairing::clock::Tick;
use crate::pipeline::pairing::expected::Expected;
use crate::pipeline::passage::Direction;
use crate::pipeline::passage::size::Size;
use crate::units::{DeciKmh, Micros};

/// An open passage: what the costs need of it.
#[derive(Clone, Copy, Debug)]
pub(in crate::pipeline) struct Wanting {
    /// Place in the lane's window.
    pub(in crate::pipeline) index: usize,
    pub(in crate::pipeline) expected: Expected,
    pub(in crate::pipeline) direction: Direction,
    pub(in crate::pipeline) speed: Option<DeciKmh>,
    pub(in crate::pipeline) size: Option<Size>,
    pub(in crate::pipeline) trigger: Option<u32>,
    /// Its window closes now.
    pub(in crate::pipeline) due: bool,
}

/// Who gets what, and why.
#[derive(Clone, Copy, Debug)]
pub(in crate::pipeline) struct Decision {
    pub(in crate::pipeline) index: usize,
    pub(in crate::pipeline) event: Option<InputId>,
    pub(in crate::pipeline) tick: Option<Tick>,
    pub(in crate::pipeline) outcome: PairingOutcome,
    pub(in crate::pipeline) cost: u32,
    pub(in crate::pipeline) residual: Option<Micros>,
    pub(in crate::pipeline) margin: Option<u32>,
    pub(in crate::pipeline) runner_up: Option<(InputId, u32)>,
    pub(in crate::pipeline) trusted: bool,
    /// Another assignment is nearly as good.
    pub(super) close: bool,
    pub(in crate::pipeline) early: bool,
    pub(in crate::pipeline) by_trigger: bool,
    pub(super) shared: bool,
}

impl Decision {
    /// Short names for the record. Whether it was decided early is no reason: that depends on
    /// when the inputs came, and the record must not.
    pub(in crate::pipeline) fn reasons(&self) -> impl Iterator<Item = &'static str> {
        let chosen = self.event.is_some();
        [
            (self.by_trigger, "trigger_id"),
            (self.close, "margin_too_small"),
            (chosen && !self.trusted && !self.by_trigger, "camera_clock_not_learnt"),
            (self.shared, "camera_tells_no_lane"),
        ]
        .into_iter()
        .filter_map(|(holds, name)| holds.then_some(name))
    }

    /// No event for this passage.
    pub(super) fn alone(passage: &Wanting) -> Self {
        Self {
            index: passage.index,
            event: None,
            tick: None,
            outcome: PairingOutcome::Unpaired,
            cost: 0,
            residual: None,
            margin: None,
            runner_up: None,
            trusted: false,
            close: false,
            early: false,
            by_trigger: false,
            shared: false,
        }
    }
}
