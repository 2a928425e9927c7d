//! How far one lane of the outbox has been read, and when it is read again.

use std::time::{Duration, Instant};

/// Pause before a lane is read again that the store could not read. Our choice: a store that is
/// opened again after a failed commit is back within a second or two.
pub(super) const READ_AGAIN: Duration = Duration::from_secs(1);

/// One lane's place.
#[derive(Clone, Copy, Debug)]
pub(super) struct LanePlace<K> {
    /// Last key that was handled; `None` at the beginning.
    pub(super) after: Option<K>,
    /// Nothing comes after it, as far as is known.
    empty: bool,
    /// A read failed: the lane counts as empty until then.
    unreadable_until: Option<Instant>,
    /// Some entries were left out because too many waited: read from the beginning again when
    /// there is room.
    incomplete: bool,
}

impl<K> Default for LanePlace<K> {
    fn default() -> Self {
        Self { after: None, empty: false, unreadable_until: None, incomplete: false }
    }
}

impl<K: Copy + Ord> LanePlace<K> {
    /// There may be more to read.
    pub(super) fn changed(&mut self) {
        self.empty = false;
        self.unreadable_until = None;
    }

    /// Nothing comes after the place.
    pub(super) fn ended(&mut self) {
        self.empty = true;
        self.unreadable_until = None;
    }

    /// The store could not be read.
    pub(super) fn failed(&mut self, now: Instant) {
        self.unreadable_until = Some(now + READ_AGAIN);
    }

    /// When a failed read is tried again.
    pub(super) fn wake_at(&self) -> Option<Instant> {
        self.unreadable_until
    }

    /// Whether there is something to read now.
    pub(super) fn is_readable(&self, now: Instant) -> bool {
        !self.empty && self.unreadable_until.is_none_or(|until| until <= now)
    }

    /// This entry has been handled.
    pub(super) fn pass(&mut self, key: K) {
        self.after = self.after.max(Some(key));
        self.unreadable_until = None;
    }

    /// Everything up to `last` is left out for now; what comes after it is read.
    pub(super) fn skip_to(&mut self, last: Option<K>) {
        self.after = self.after.max(last);
        self.incomplete = true;
    }

    /// An entry that had been handled has been forgotten.
    pub(super) fn forget(&mut self) {
        self.incomplete = true;
    }

    /// Whether entries were left out.
    pub(super) fn is_incomplete(&self) -> bool {
        self.incomplete
    }

    /// Reads from the beginning again.
    pub(super) fn restart(&mut self) {
        *self = Self::default();
    }
}
