//! Who else could have caused an event: what one passage leaves open, no other gets for certain.
//!
//! The assignment keeps the order, because nobody overtakes within a lane. But two pictures that
//! jitter by more than the vehicles are apart change places, and then the order names both vehicles
//! wrongly and with certainty. So an exchange that is nearly as cheap leaves both open. And a
//! passage that is decided leaves the window: whoever is decided after it must still know what
//! nearly went to it.

use super::super::Parameters;
use super::super::assignment::IMPOSSIBLE;
use super::Sight;
use crate::pipeline::InputId;

impl Sight {
    /// Finds the pairs of passages whose events could be exchanged.
    pub(super) fn find_crossings(&mut self, parameters: &Parameters) {
        self.crossings.clear();
        self.crossings.resize(self.choices.len(), None);
        let events = self.glimpses.len();
        let mut before: Option<(usize, usize)> = None;
        for row in 0..self.choices.len() {
            let Some(column) = self.choices[row].event else {
                continue;
            };
            if let Some((other, others)) = before {
                let cost = |row: usize, column: usize| self.costs[row * events + column];
                let kept = cost(other, others).saturating_add(cost(row, column));
                let exchanged = cost(other, column).saturating_add(cost(row, others));
                let exchanged = exchanged.saturating_add(parameters.crossing_price);
                if exchanged < kept.saturating_add(parameters.margin) {
                    (self.crossings[row], self.crossings[other]) = (Some(other), Some(row));
                }
            }
            before = Some((row, column));
        }
    }

    pub(super) fn is_crossed(&self, row: usize) -> bool {
        self.crossings.get(row).is_some_and(Option::is_some)
    }

    /// Events that this passage nearly got, now that it is decided.
    pub(super) fn contested_by(
        &self,
        row: usize,
        parameters: &Parameters,
    ) -> impl Iterator<Item = InputId> {
        let choice = self.choices[row];
        let events = self.glimpses.len();
        let possible = |column: &usize| self.costs[row * events + column] < IMPOSSIBLE;
        let runner_up = choice.runner_up.filter(possible);
        let next = runner_up.filter(|_| choice.margin < parameters.margin);
        let exchanged = self.crossings.get(row).copied().flatten();
        let exchanged = exchanged.and_then(|other| self.choices[other].event);
        let doubtful = self.doubtful.get(row).copied().unwrap_or(false);
        let other = self.other_choices.get(row).copied().flatten().filter(|_| doubtful);
        next.into_iter().chain(exchanged).chain(other).map(|column| self.glimpses[column].id)
    }
}
