//! What came last, each once.

use std::collections::VecDeque;
use std::ops::Deref;

use super::sample::{Crossing, Tick};
use crate::clock::Timestamp;

/// Events and passages kept from which an unlearnt clock is learnt.
pub(super) const MAX_RECENT: usize = 64;

/// Something that was received.
pub(super) trait Received: PartialEq {
    fn received_at(&self) -> Timestamp;
}

impl Received for Tick {
    fn received_at(&self) -> Timestamp {
        self.received_at
    }
}

impl Received for Crossing {
    fn received_at(&self) -> Timestamp {
        self.received_at
    }
}

/// So many of them at most, in the order in which they came.
#[derive(Clone, Debug)]
pub(super) struct Recent<T> {
    items: VecDeque<T>,
    /// None of them was received later: what was is new without a look at each.
    latest: Option<Timestamp>,
}

impl<T: Received> Recent<T> {
    /// Takes one in; false when it is there already.
    pub(super) fn note(&mut self, item: T) -> bool {
        let at = item.received_at();
        let may_be_there = self.latest.is_some_and(|latest| at <= latest);
        if may_be_there && self.items.contains(&item) {
            return false;
        }
        self.latest = self.latest.max(Some(at));
        if self.items.len() == MAX_RECENT {
            self.items.pop_front();
        }
        self.items.push_back(item);
        true
    }

    /// Forgets all but the last so many.
    pub(super) fn keep_last(&mut self, count: usize) {
        self.items.drain(..self.items.len().saturating_sub(count));
    }

    pub(super) fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.items.retain(keep);
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self { items: VecDeque::new(), latest: None }
    }
}

impl<T: Received> From<Vec<T>> for Recent<T> {
    fn from(items: Vec<T>) -> Self {
        let latest = items.iter().map(T::received_at).max();
        Self { items: items.into(), latest }
    }
}

impl<T> Deref for Recent<T> {
    type Target = VecDeque<T>;
    fn deref(&self) -> &VecDeque<T> {
        &self.items
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crossing(received: i64, expected: i64) -> Crossing {
        Crossing { received_at: Timestamp(received), expected: Timestamp(expected) }
    }

    #[test]
    fn each_is_there_once_in_whatever_order_they_come() {
        let mut recent = Recent::default();
        let come = [(5, 1), (9, 2), (5, 1), (7, 3), (9, 2), (9, 4), (7, 3), (1, 0), (1, 0)];
        let new = come.map(|(received, expected)| recent.note(crossing(received, expected)));
        assert_eq!(new, [true, true, false, true, false, true, false, true, false]);
        let order: Vec<i64> = recent.iter().map(|crossing| crossing.expected.0).collect();
        assert_eq!(order, [1, 2, 3, 4, 0]);
    }

    #[test]
    fn those_of_before_a_restart_are_known() {
        let mut recent = Recent::from(vec![crossing(9, 2), crossing(5, 1)]);
        assert_eq!(
            [(9, 2), (5, 1), (6, 1)].map(|(r, e)| recent.note(crossing(r, e))),
            [false, false, true]
        );
    }

    #[test]
    fn the_one_that_came_first_goes_first() {
        let mut recent = Recent::default();
        for n in 0..MAX_RECENT as i64 + 2 {
            assert!(recent.note(crossing(-n, n)));
        }
        assert_eq!((recent.len(), recent[0].expected), (MAX_RECENT, Timestamp(2)));
        recent.keep_last(3);
        assert_eq!(recent.len(), 3);
    }
}
