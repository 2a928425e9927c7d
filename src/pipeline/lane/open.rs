//! A vehicle on its way from the scale to its record.

use crate::clock::Timestamp;
use crate::pipeline::InputId;
use crate::pipeline::assess::{Profile, Verdict, assess};
use crate::pipeline::evasion::around::Around;
use crate::pipeline::evasion::halves::Half;
use crate::pipeline::pairing::slot::Slot;
use crate::pipeline::passage::Passage;
use crate::pipeline::plate::PlateRead;

/// A vehicle whose record is not yet sealed.
#[derive(Clone, Debug)]
pub(in crate::pipeline) struct OpenPassage {
    pub(in crate::pipeline) input: InputId,
    pub(in crate::pipeline) id: String,
    pub(in crate::pipeline) passage: Box<Passage>,
    pub(in crate::pipeline) raw: Vec<u8>,
    pub(in crate::pipeline) slots: Vec<Slot>,
    /// Events in whose place fuller ones of the same id stand.
    pub(in crate::pipeline) superseded: Vec<InputId>,
    /// Events of the same ids that name other vehicles than those which it was given.
    pub(in crate::pipeline) contradicting: Vec<(InputId, Box<PlateRead>)>,
    /// What others tell of it so far.
    pub(in crate::pipeline) around: Around,
    /// When its pairing is decided with what is there.
    pub(super) deadline: Timestamp,
    /// Looks like half a vehicle: not sealed before the other half's chance has passed.
    pub(super) hold_until: Option<Timestamp>,
    /// When the rest of it would have come, if the controller made two vehicles of it; `None` once
    /// that was looked at.
    pub(super) rest_by: Option<Timestamp>,
}

impl OpenPassage {
    /// A vehicle that has just come, with the halves already found.
    pub(in crate::pipeline) fn new(
        input: InputId,
        id: String,
        passage: Box<Passage>,
        raw: Vec<u8>,
        halves: Vec<Half>,
    ) -> Self {
        Self {
            input,
            id,
            passage,
            raw,
            slots: Vec::new(),
            superseded: Vec::new(),
            contradicting: Vec::new(),
            around: Around { halves, ..Around::default() },
            deadline: Timestamp::default(),
            hold_until: None,
            rest_by: None,
        }
    }

    /// When it is due by time alone; `None` when it waits for nothing.
    pub(super) fn due_at(&self) -> Option<Timestamp> {
        let undecided = self.slots.iter().any(|slot| slot.decided.is_none());
        undecided.then_some(self.deadline).max(self.hold_until)
    }

    /// An overload waits for the rest of its vehicle: part of one may be heavier than a vehicle of its
    /// axles may be, and the whole of it lawful.
    pub(super) fn wait_for_rest(&mut self, now: Timestamp, profile: &Profile) {
        let Some(rest_by) = self.rest_by.take().filter(|rest_by| *rest_by > now) else {
            return;
        };
        if assess(&self.passage, profile).verdict == Verdict::Overload {
            self.hold_until = self.hold_until.max(Some(rest_by));
        }
    }

    /// Whether every camera's answer is decided and the other half's chance has passed.
    pub(super) fn is_complete(&self, now: Timestamp) -> bool {
        self.hold_until.is_none_or(|until| until <= now)
            && self.slots.iter().all(|slot| slot.decided.is_some())
    }
}
