//! One camera's answer to one passage, from open to decided.

use super::clock::Tick;
use super::expected::Expected;
use super::sight::Decision;
use super::{Chosen, PairingOutcome, RolePairing};
use crate::pipeline::InputId;
use crate::pipeline::plate::{CameraRole, PlateRead};

/// A decided pairing with the event itself.
#[derive(Clone, Debug)]
pub(in crate::pipeline) struct Decided {
    /// The event's input; `None` when unpaired.
    pub(in crate::pipeline) input: Option<InputId>,
    /// The event as the camera's clock saw it; only of a clear pairing, to learn from.
    pub(in crate::pipeline) tick: Option<Tick>,
    /// Whether the camera's clock was learnt when it was located.
    pub(in crate::pipeline) trusted: bool,
    /// For the record.
    pub(in crate::pipeline) pairing: RolePairing,
}

/// What one camera owes to one passage.
#[derive(Clone, Debug)]
pub(in crate::pipeline) struct Slot {
    /// When the camera should have seen the vehicle.
    pub(in crate::pipeline) expected: Expected,
    /// Its answer, once decided.
    pub(in crate::pipeline) decided: Option<Box<Decided>>,
}

impl Decided {
    /// Makes the record's entry from the decision and the event that was taken for it.
    pub(in crate::pipeline) fn new(
        role: CameraRole,
        decision: &Decision,
        read: Option<PlateRead>,
        runner_up_plate: Option<String>,
    ) -> Self {
        let mut reasons: Vec<String> = decision.reasons().map(str::to_owned).collect();
        let outcome = if read.is_some() { decision.outcome } else { PairingOutcome::Unpaired };
        if read.is_none() && reasons.is_empty() {
            reasons.push("no_event".to_owned());
        }
        Self {
            input: read.as_ref().and(decision.event),
            tick: decision.tick.filter(|_| outcome == PairingOutcome::Paired),
            trusted: decision.trusted || decision.by_trigger,
            pairing: RolePairing {
                role,
                outcome,
                chosen: read.map(|plate_read| Chosen {
                    plate_read,
                    cost: decision.cost,
                    residual_us: decision.residual,
                    margin: decision.margin,
                    runner_up_cost: decision.runner_up.map(|(_, cost)| cost),
                    runner_up_plate,
                }),
                reasons,
            },
        }
    }

    /// A pairing that turns out not to be clear.
    pub(in crate::pipeline) fn leave_open(&mut self, reason: &str) {
        self.tick = None;
        self.pairing.outcome = PairingOutcome::Ambiguous;
        self.pairing.reasons.push(reason.to_owned());
    }
}
