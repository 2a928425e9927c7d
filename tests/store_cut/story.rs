//! What the recorded process does with its store, one step after the other, and the plain model
//! of what must be there after each step.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;

use wimd::io::intake::{CursorUpdate, LinkCursor};
use wimd::io::store::{Compaction, Lane, OutboxKey, Store};
use wimd::pipeline::InputId;
use wimd::pipeline::record::Record;

use crate::store_support::{alarm_record, audit_record, input, number, open, seal};

/// One commit, or a restart.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// So many inputs, and a cursor.
    Accept(u64),
    /// Records of the oldest inputs, the first of them in the first lane.
    Seal(usize),
    /// The oldest entries of the outbox.
    Deliver(usize),
    /// Everything into a fresh database, which takes the place of the old one.
    Compact,
    Restart,
}

/// Records of each round of the long day.
const ROUND: u64 = 40;

/// What the recorded process goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Story {
    /// Steps of every kind, with values from some bytes to more than one of sled's segments.
    EveryStep { rounds: u64 },
    /// Traffic without a restart, until sled writes over segments whose pages have moved.
    LongDay { rounds: u64 },
}

impl Story {
    pub(crate) fn steps(self) -> Vec<Step> {
        match self {
            Self::EveryStep { rounds } => every_step(rounds),
            Self::LongDay { rounds } => long_day(rounds),
        }
    }

    /// Steps after which the store is compared with the model while it is recorded: reading all records
    /// of the long day after each of its steps takes longer than the day.
    fn compared_every(self) -> usize {
        match self {
            Self::EveryStep { .. } => 1,
            Self::LongDay { .. } => 50,
        }
    }

    /// As one word, and back.
    pub(crate) fn name(self) -> String {
        match self {
            Self::EveryStep { rounds } => format!("every-step/{rounds}"),
            Self::LongDay { rounds } => format!("long-day/{rounds}"),
        }
    }

    pub(crate) fn named(name: &str) -> Self {
        let (kind, rounds) = name.split_once('/').expect("a story");
        let rounds = rounds.parse().expect("a number");
        match kind {
            "every-step" => Self::EveryStep { rounds },
            _ => Self::LongDay { rounds },
        }
    }
}

fn long_day(rounds: u64) -> Vec<Step> {
    let all = ROUND as usize;
    let round = |_| [Step::Accept(ROUND), Step::Seal(all), Step::Deliver(all)];
    (0..rounds).flat_map(round).collect()
}

fn every_step(rounds: u64) -> Vec<Step> {
    let round = |n| {
        let restart = (n % 4 == 3).then_some(Step::Restart);
        let steps = [Step::Accept(1 + n % 3 * 20), Step::Seal(1 + n as usize % 3 * 15)];
        let deliver = Step::Deliver(n as usize % 3 * 10);
        let compact = (n % 6 == 4).then_some(Step::Compact);
        steps.into_iter().chain(compact).chain([deliver]).chain(restart)
    };
    (0..rounds).flat_map(round).collect()
}

/// What is in the store, as far as its users can see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Model {
    /// Number and what it was told apart by.
    pub(crate) inbox: BTreeMap<InputId, u64>,
    pub(crate) ledger: Vec<String>,
    pub(crate) outbox: BTreeSet<OutboxKey>,
    pub(crate) cursor: Option<LinkCursor>,
    given: u64,
}

impl Model {
    /// The model after `step`.
    pub(crate) fn after(mut self, step: Step) -> Self {
        match step {
            Step::Accept(count) => {
                let numbers = self.given + 1..=self.given + count;
                self.given += count;
                self.inbox.extend(numbers.map(|n| (InputId(n), n)));
                self.cursor = Some(cursor(self.given));
            }
            Step::Seal(count) => {
                for (place, n) in self.oldest(count).into_iter().enumerate() {
                    self.inbox.remove(&InputId(n));
                    self.ledger.push(record(place, n).id);
                    let lane = if place == 0 { Lane::First } else { Lane::Second };
                    let seq = self.ledger.len() as u64;
                    self.outbox.insert(OutboxKey { lane, seq, item: 0 });
                }
            }
            Step::Deliver(count) => {
                self.outbox = self.outbox.into_iter().skip(count).collect();
            }
            Step::Compact | Step::Restart => {}
        }
        self
    }

    fn oldest(&self, count: usize) -> Vec<u64> {
        self.inbox.values().copied().take(count).collect()
    }

    /// What a store holds.
    pub(crate) fn of(store: &Store, given: u64) -> Self {
        let pending = store.pending().expect("readable");
        let records = store.export(1, u64::MAX).expect("open");
        let outbox = store.outbox_next(None, usize::MAX).expect("readable");
        // a store counts its inputs from the instant at which it was new
        let first = pending.first().map_or(0, |(id, arrival)| id.0 - number(arrival));
        let counted = |id: &InputId| InputId(id.0.wrapping_sub(first));
        Self {
            inbox: pending.iter().map(|(id, arrival)| (counted(id), number(arrival))).collect(),
            ledger: records.map(|record| record.expect("readable").id).collect(),
            outbox: outbox.iter().map(|entry| entry.key).collect(),
            cursor: store.cursors().remove("c"),
            given,
        }
    }

    /// Inputs that were acknowledged so far.
    pub(crate) fn given(&self) -> u64 {
        self.given
    }

    /// Inputs that wait or have become records; a record that came twice counts twice.
    pub(crate) fn inputs(&self) -> Vec<u64> {
        let sealed = self.ledger.iter().filter_map(|id| id.strip_prefix("site-")?.parse().ok());
        self.inbox.values().copied().chain(sealed).collect()
    }
}

fn record(place: usize, n: u64) -> Record {
    if place == 0 { alarm_record(n) } else { audit_record(n) }
}

fn cursor(given: u64) -> LinkCursor {
    let acknowledged = u32::try_from(given).expect("few");
    LinkCursor { acknowledged, ..LinkCursor::default() }
}

/// Carries out the story and says when each step begins and when it has been acknowledged.
pub(crate) async fn live(dir: &Path, story: Story) {
    let mut model = Model::default();
    let mut store = open(dir).0;
    say("opened");
    for (n, step) in (1..).zip(story.steps()) {
        say("begins");
        store = carry_out(store, step, &model, dir).await;
        say("done");
        model = model.after(step);
        if n % story.compared_every() == 0 {
            assert_eq!(Model::of(&store, model.given), model);
        }
    }
}

async fn carry_out(store: Store, step: Step, model: &Model, dir: &Path) -> Store {
    match step {
        Step::Accept(count) => {
            let arrivals = (model.given + 1..=model.given + count).map(input).collect();
            let cursor = cursor(model.given + count);
            let update = CursorUpdate { controller: "c".to_owned(), cursor };
            store.accept(arrivals, vec![update]).await.expect("accepted");
        }
        Step::Seal(count) => {
            let oldest = model.oldest(count).into_iter().enumerate();
            let pending = store.pending().expect("readable");
            let ids: BTreeMap<u64, InputId> =
                pending.iter().map(|(id, arrival)| (number(arrival), *id)).collect();
            let seals = oldest.map(|(place, n)| seal(record(place, n), &[ids[&n]]));
            store.commit(seals.collect()).await.expect("committed");
        }
        Step::Deliver(count) => {
            let keys = model.outbox.iter().copied().take(count).collect();
            store.outbox_remove(keys).await.expect("removed");
        }
        Step::Compact => {
            let compacted = store.compact().await.expect("compacted");
            assert!(matches!(compacted, Compaction::Done { .. }), "{compacted:?}");
        }
        Step::Restart => {
            store.close().await.expect("closed");
            return open(dir).0;
        }
    }
    store
}

/// One call of the kernel, so that its moment is known.
fn say(text: &str) {
    let line = format!("{text}\n");
    std::io::stderr().lock().write_all(line.as_bytes()).expect("recorded");
}
