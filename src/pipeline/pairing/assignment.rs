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
    /// One choice per passage, in order. `costs` is row-major, one row per passage, each as long
    /// as there are `events`.
    pub(in crate::pipeline) fn solve(
        &mut self,
        costs: &[u32],
        events: usize,
        prices: Prices,
        choices: &mut Vec<Choice>,
    ) {
        let passages = costs.len().checked_div(events).unwrap_or(0);
        self.fill_forward(costs, passages, events, prices);
        self.fill_backward(costs, passages, events, prices);
        choices.clear();
        choices.extend((0..passages).map(|row| self.choose(costs, row, events, prices)));
    }

    fn fill_forward(&mut self, costs: &[u32], passages: usize, events: usize, prices: Prices) {
        let width = events + 1;
        self.forward.clear();
        self.forward.resize((passages + 1) * width, 0);
        for row in 0..=passages {
            for column in 0..=events {
                let mut best = if row == 0 && column == 0 {
                    0
                } else {
                    IMPOSSIBLE
                };
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

    fn fill_backward(&mut self, costs: &[u32], passages: usize, events: usize, prices: Prices) {
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

    fn choose(&self, costs: &[u32], row: usize, events: usize, prices: Prices) -> Choice {
        let width = events + 1;
        let alone = (0..=events)
            .map(|column| {
                self.forward[row * width + column]
                    .saturating_add(prices.no_plate)
                    .saturating_add(self.backward[(row + 1) * width + column])
            })
            .min()
            .unwrap_or(IMPOSSIBLE);
        let mut best = (IMPOSSIBLE, None);
        let mut second = (IMPOSSIBLE, None);
        for column in 0..events {
            let total = self.forward[row * width + column]
                .saturating_add(costs[row * events + column])
                .saturating_add(self.backward[(row + 1) * width + column + 1]);
            if total < best.0 {
                second = best;
                best = (total, Some(column));
            } else if total < second.0 {
                second = (total, Some(column));
            }
        }
        if alone < best.0 {
            return Choice {
                event: None,
                margin: best.0 - alone,
                runner_up: best.1,
            };
        }
        Choice {
            event: best.1,
            margin: alone.min(second.0) - best.0,
            runner_up: second.1,
        }
    }
}
