//! Order-preserving least-cost assignment of passages to events.
//!
//! In: a cost for each pair, both sides in order of time, and the prices of leaving one alone.
//! Out: for each passage the choice in the cheapest whole, and how much dearer the cheapest whole
//! without that choice is. It knows nothing of time, cameras or vehicles.

/// A pair that cannot be.
pub(in crate::pipeline) const IMPOSSIBLE: u32 = u32::MAX;

/// What leaving one side alone costs.
#[derive(Clone, Copy, Debug)]
pub(in crate::pipeline) struct Prices {
    /// A passage without event.
    pub(in crate::pipeline) no_plate: u32,
    /// An event without passage.
    pub(in crate::pipeline) no_passage: u32,
}

/// One window to solve.
#[derive(Clone, Copy, Debug)]
pub(in crate::pipeline) struct Window<'a> {
    /// Row-major, one row per passage, each as long as there are events.
    pub(in crate::pipeline) costs: &'a [u32],
    /// Events, at least one.
    pub(in crate::pipeline) events: usize,
    /// What leaving one side alone costs.
    pub(in crate::pipeline) prices: Prices,
}

/// What one passage gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pipeline) struct Choice {
    /// Index of the event; `None` when it stays alone.
    pub(in crate::pipeline) event: Option<usize>,
    /// Cheapest whole without this choice, minus the cheapest whole.
    pub(in crate::pipeline) margin: u32,
    /// The event with the cheapest whole among the others.
    pub(in crate::pipeline) runner_up: Option<usize>,
}

/// The tables of the dynamic programme, kept between calls so that none allocates.
#[derive(Clone, Debug, Default)]
pub(in crate::pipeline) struct Assignment {
    forward: Vec<u32>,
    backward: Vec<u32>,
}

impl Assignment {
    /// One choice per passage, in order.
    pub(in crate::pipeline) fn solve(&mut self, window: Window<'_>, choices: &mut Vec<Choice>) {
        let passages = window.costs.len().checked_div(window.events).unwrap_or(0);
        self.fill_forward(window, passages);
        self.fill_backward(window, passages);
        choices.clear();
        let mut column = 0;
        for row in 0..passages {
            let chosen = self.follow(window, row, &mut column);
            choices.push(self.weigh(window, row, chosen));
        }
    }

    /// The event of `row` on the cheapest path that starts at `column`; moves `column` behind it.
    /// Of equal paths the one with the earliest event, so that choices never cross.
    fn follow(&self, window: Window<'_>, row: usize, column: &mut usize) -> Option<usize> {
        let Window { costs, events, prices } = window;
        let width = events + 1;
        let rest = |row: usize, column: usize| self.backward[row * width + column];
        while *column < events {
            let here = rest(row, *column);
            let pair = costs[row * events + *column];
            if here == pair.saturating_add(rest(row + 1, *column + 1)) {
                *column += 1;
                return Some(*column - 1);
            }
            if here != rest(row, *column + 1).saturating_add(prices.no_passage) {
                return None;
            }
            *column += 1;
        }
        None
    }

    fn fill_forward(&mut self, window: Window<'_>, passages: usize) {
        let Window { costs, events, prices } = window;
        let width = events + 1;
        self.forward.clear();
        self.forward.resize((passages + 1) * width, 0);
        for row in 0..=passages {
            for column in 0..=events {
                let mut best = if row == 0 && column == 0 { 0 } else { IMPOSSIBLE };
                if row > 0 {
                    let above = self.forward[(row - 1) * width + column];
                    best = best.min(above.saturating_add(prices.no_plate));
                }
                if column > 0 {
                    let left = self.forward[row * width + column - 1];
                    best = best.min(left.saturating_add(prices.no_passage));
                }
                if row > 0 && column > 0 {
                    let pair = costs[(row - 1) * events + column - 1];
                    let before = self.forward[(row - 1) * width + column - 1];
                    best = best.min(before.saturating_add(pair));
                }
                self.forward[row * width + column] = best;
            }
        }
    }

    fn fill_backward(&mut self, window: Window<'_>, passages: usize) {
        let Window { costs, events, prices } = window;
        let width = events + 1;
        self.backward.clear();
        self.backward.resize((passages + 1) * width, 0);
        for row in (0..=passages).rev() {
            for column in (0..=events).rev() {
                let end = row == passages && column == events;
                let mut best = if end { 0 } else { IMPOSSIBLE };
                if row < passages {
                    let below = self.backward[(row + 1) * width + column];
                    best = best.min(below.saturating_add(prices.no_plate));
                }
                if column < events {
                    let right = self.backward[row * width + column + 1];
                    best = best.min(right.saturating_add(prices.no_passage));
                }
                if row < passages && column < events {
                    let pair = costs[row * events + column];
                    let after = self.backward[(row + 1) * width + column + 1];
                    best = best.min(after.saturating_add(pair));
                }
                self.backward[row * width + column] = best;
            }
        }
    }

    /// How much dearer the whole is without the chosen event, and the next best one.
    fn weigh(&self, window: Window<'_>, row: usize, chosen: Option<usize>) -> Choice {
        let Window { costs, events, prices } = window;
        let width = events + 1;
        let total = |column: usize, cost: u32, next: usize| {
            self.forward[row * width + column]
                .saturating_add(cost)
                .saturating_add(self.backward[(row + 1) * width + next])
        };
        let alone = (0..=events)
            .map(|column| total(column, prices.no_plate, column))
            .min()
            .unwrap_or(IMPOSSIBLE);
        let paired = |column: usize| total(column, costs[row * events + column], column + 1);
        let runner_up = (0..events)
            .filter(|column| Some(*column) != chosen)
            .map(|column| (paired(column), column))
            .min()
            .filter(|(total, _)| *total < IMPOSSIBLE);
        let other = runner_up.map_or(IMPOSSIBLE, |(total, _)| total);
        let margin = match chosen {
            Some(column) => alone.min(other) - paired(column),
            None => other - alone,
        };
        Choice { event: chosen, margin, runner_up: runner_up.map(|(_, column)| column) }
    }
}

#[cfg(test)]
mod tests;
