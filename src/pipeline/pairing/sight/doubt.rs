//! Two readings of one moment: an event was held up on its way, or its camera's clock was set.
//!
//! The events stand in another order under each, and an assignment that keeps the order can turn
//! out quite differently. The cheaper one is taken; where the other is nearly as cheap, a choice that
//! only one of them makes is not clear.

use super::super::Parameters;
use super::super::assignment::{Assignment, Choice, IMPOSSIBLE, Prices, Window};
use super::Sight;
use super::decision::Wanting;

/// One reading, with its choices by the places of the events.
struct Reading {
    choices: Vec<Choice>,
    total: u64,
}

impl Sight {
    /// Takes the cheaper reading and notes for each passage whether the other gives it another
    /// event.
    pub(super) fn weigh_doubt(&mut self, wanting: &[Wanting], parameters: &Parameters) {
        self.doubtful.clear();
        if self.glimpses.iter().all(|glimpse| glimpse.located.or_at.is_none()) {
            return;
        }
        let mut by_receipt = self.reading(wanting, parameters, false);
        let by_stamp = self.reading(wanting, parameters, true);
        by_receipt.total += u64::from(parameters.clock_set_price);
        let open = by_receipt.total.abs_diff(by_stamp.total) < u64::from(parameters.margin);
        let differs = |(one, other): (&Choice, &Choice)| open && one.event != other.event;
        let pairs = by_receipt.choices.iter().zip(&by_stamp.choices);
        self.doubtful.extend(pairs.map(differs));
        let (taken, other) = match by_receipt.total < by_stamp.total {
            true => (by_receipt, by_stamp),
            false => (by_stamp, by_receipt),
        };
        self.choices = taken.choices;
        self.other_choices = other.choices.iter().map(|choice| choice.event).collect();
    }

    fn reading(&self, wanting: &[Wanting], parameters: &Parameters, by_stamp: bool) -> Reading {
        let mut order: Vec<usize> = (0..self.glimpses.len()).collect();
        let at = |place: usize| {
            let glimpse = &self.glimpses[place];
            if by_stamp { glimpse.other_at() } else { glimpse.located.at }
        };
        order.sort_by_key(|place| {
            let glimpse = &self.glimpses[*place];
            (at(*place), glimpse.tick.received_at, glimpse.id)
        });
        let dearest = parameters.dearest_pair();
        let mut costs = Vec::with_capacity(wanting.len() * order.len());
        for passage in wanting {
            costs.extend(order.iter().map(|place| {
                let cost = self.glimpses[*place].cost_then(passage, at(*place), parameters);
                if cost < dearest { cost } else { IMPOSSIBLE }
            }));
        }
        let prices =
            Prices { no_plate: parameters.no_plate_price, no_passage: parameters.no_passage_price };
        let window = Window { costs: &costs, events: order.len(), prices };
        let mut choices = Vec::new();
        Assignment::default().solve(window, &mut choices);
        let total = total(&choices, window);
        for choice in &mut choices {
            choice.event = choice.event.map(|place| order[place]);
            choice.runner_up = choice.runner_up.map(|place| order[place]);
        }
        Reading { choices, total }
    }
}

/// What the whole assignment costs.
fn total(choices: &[Choice], window: Window<'_>) -> u64 {
    let mut total = 0;
    let mut taken = 0;
    for (row, choice) in choices.iter().enumerate() {
        let cost = choice.event.map(|column| window.costs[row * window.events + column]);
        taken += usize::from(cost.is_some());
        total += u64::from(cost.unwrap_or(window.prices.no_plate));
    }
    let alone = u64::try_from(window.events - taken).unwrap_or(0);
    total + alone * u64::from(window.prices.no_passage)
}
