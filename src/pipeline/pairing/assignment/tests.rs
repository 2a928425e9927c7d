//! The dynamic programme against an enumeration of every order-preserving assignment.

use super::*;
use proptest::prelude::*;

const PRICES: Prices = Prices { no_plate: 3_500, no_passage: 7_000 };

/// Every assignment of the passages from `row` on to events from `column` on, with its cost.
fn enumerate(
    costs: &[u32],
    events: usize,
    row: usize,
    column: usize,
) -> Vec<(Vec<Option<usize>>, u64)> {
    let passages = costs.len() / events;
    if row == passages {
        let left = u64::try_from(events - column).expect("small");
        return vec![(Vec::new(), left * u64::from(PRICES.no_passage))];
    }
    let mut all = Vec::new();
    let mut add = |choice: Option<usize>, cost: u64, next: usize| {
        for (mut rest, total) in enumerate(costs, events, row + 1, next) {
            rest.insert(0, choice);
            all.push((rest, total + cost));
        }
    };
    add(None, u64::from(PRICES.no_plate), column);
    for event in column..events {
        let skipped = u64::try_from(event - column).expect("small") * u64::from(PRICES.no_passage);
        let pair = costs[row * events + event];
        if pair != IMPOSSIBLE {
            add(Some(event), skipped + u64::from(pair), event + 1);
        }
    }
    all
}

fn solve(costs: &[u32], events: usize) -> Vec<Choice> {
    let mut choices = Vec::new();
    let window = Window { costs, events, prices: PRICES };
    Assignment::default().solve(window, &mut choices);
    choices
}

#[test]
fn each_of_two_passages_gets_its_own_event() {
    let choices = solve(&[10, 5_000, 5_000, 20], 2);
    let events: Vec<_> = choices.iter().map(|choice| choice.event).collect();
    assert_eq!(events, [Some(0), Some(1)]);
}

#[test]
fn an_impossible_pair_leaves_both_alone() {
    let choice = Choice { event: None, margin: IMPOSSIBLE - 10_500, runner_up: None };
    assert_eq!(solve(&[IMPOSSIBLE], 1), [choice]);
}

#[test]
fn events_are_never_crossed() {
    // crossing would cost 20; keeping the order is dearer but the only way
    let choices = solve(&[9_000, 10, 10, 9_000], 2);
    let events: Vec<_> = choices.iter().filter_map(|choice| choice.event).collect();
    assert!(events.is_sorted());
}

fn windows() -> impl Strategy<Value = (Vec<u32>, usize)> {
    let cost = prop_oneof![4 => 0_u32..12_000, 1 => Just(IMPOSSIBLE)];
    (1_usize..5, 1_usize..5).prop_flat_map(move |(passages, events)| {
        (prop::collection::vec(cost.clone(), passages * events), Just(events))
    })
}

proptest! {
    #[test]
    fn choices_and_margins_are_those_of_the_enumeration((costs, events) in windows()) {
        let all = enumerate(&costs, events, 0, 0);
        let least = all.iter().map(|(_, total)| *total).min().expect("at least one");
        for (row, choice) in solve(&costs, events).into_iter().enumerate() {
            let with = |wanted: bool| {
                all.iter()
                    .filter(|(assignment, _)| (assignment[row] == choice.event) == wanted)
                    .map(|(_, total)| *total)
                    .min()
            };
            prop_assert_eq!(with(true), Some(least));
            let margin = with(false).map_or(u64::from(IMPOSSIBLE) - least, |other| other - least);
            prop_assert_eq!(u64::from(choice.margin), margin);
        }
    }
}
