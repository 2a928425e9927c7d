//! The events that the host has not acknowledged, in a ring of fixed size.

use crate::Event;

/// Result of keeping an event.
pub(super) struct Recorded {
    pub(super) sequence: u32,
    /// Events that had to go for it.
    pub(super) overflowed: u32,
}

/// Events `oldest..=newest`, each in the slot of its sequence.
#[derive(Clone, Debug)]
pub(super) struct EventStore<const EVENTS: usize> {
    slots: [Option<Event>; EVENTS],
    oldest: u32,
    newest: u32,
}

impl<const EVENTS: usize> EventStore<EVENTS> {
    pub(super) const fn new() -> Self {
        const { assert!(EVENTS > 0, "a store without room loses every event") };
        Self { slots: [None; EVENTS], oldest: 1, newest: 0 }
    }

    pub(super) const fn oldest(&self) -> u32 {
        self.oldest
    }

    pub(super) const fn newest(&self) -> u32 {
        self.newest
    }

    /// `None` when all sequence numbers are used. The last is never given, so that
    /// `newest + 1` always exists.
    pub(super) fn push(&mut self, event: Event) -> Option<Recorded> {
        let sequence = self.newest.checked_add(1).filter(|sequence| *sequence < u32::MAX)?;
        let full = (sequence - self.oldest) as usize >= EVENTS;
        if full {
            self.oldest += 1;
        }
        *self.slot(sequence) = Some(event);
        self.newest = sequence;
        Some(Recorded { sequence, overflowed: u32::from(full) })
    }

    pub(super) fn get(&self, sequence: u32) -> Option<Event> {
        if !(self.oldest..=self.newest).contains(&sequence) {
            return None;
        }
        self.slots.get(sequence as usize % EVENTS).copied().flatten()
    }

    /// Drops all up to `sequence`; false, and nothing done, when it is newer than the newest.
    pub(super) fn drop_to(&mut self, sequence: u32) -> bool {
        if sequence > self.newest {
            return false;
        }
        self.oldest = self.oldest.max(sequence + 1);
        true
    }

    fn slot(&mut self, sequence: u32) -> &mut Option<Event> {
        &mut self.slots[sequence as usize % EVENTS]
    }
}
