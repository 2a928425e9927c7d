//! The store beside a plain model of it, through random operations and restarts.

mod store_support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;
use store_support::*;
use tempfile::TempDir;
use wimd::io::intake::{CursorUpdate, LinkCursor};
use wimd::io::store::{Head, Lane, OutboxKey, Store};
use wimd::pipeline::InputId;

#[derive(Clone, Debug)]
enum Operation {
    /// So many inputs with a cursor that stands at the number.
    Accept {
        inputs: u8,
        cursor: Option<u32>,
    },
    /// Seals a record of some of the inputs that wait.
    Seal {
        consumes: Vec<Index>,
        alarm: bool,
    },
    /// Names an input that is not there, or not any more.
    SealGone {
        id: u64,
    },
    Drop {
        input: Index,
    },
    Deliver {
        entries: Vec<Index>,
    },
    Compact,
    Restart,
}

fn operation() -> impl Strategy<Value = Operation> {
    let indexes = || prop::collection::vec(any::<Index>(), 0..3);
    prop_oneof![
        4 => (1..4_u8, any::<Option<u32>>())
            .prop_map(|(inputs, cursor)| Operation::Accept { inputs, cursor }),
        4 => (indexes(), any::<bool>())
            .prop_map(|(consumes, alarm)| Operation::Seal { consumes, alarm }),
        1 => (1..50_u64).prop_map(|id| Operation::SealGone { id }),
        1 => any::<Index>().prop_map(|input| Operation::Drop { input }),
        3 => indexes().prop_map(|entries| Operation::Deliver { entries }),
        1 => Just(Operation::Compact),
        2 => Just(Operation::Restart),
    ]
}

#[derive(Debug, Default, PartialEq)]
struct Model {
    inbox: BTreeMap<InputId, u64>,
    ledger: Vec<String>,
    outbox: BTreeSet<OutboxKey>,
    cursor: Option<LinkCursor>,
    numbers: u64,
}

impl Model {
    fn input(&self, index: Index) -> Option<InputId> {
        let ids: Vec<_> = self.inbox.keys().copied().collect();
        (!ids.is_empty()).then(|| *index.get(&ids))
    }

    fn seal(&mut self, id: String, alarm: bool) {
        self.ledger.push(id);
        self.outbox.insert(OutboxKey {
            lane: if alarm { Lane::First } else { Lane::Second },
            seq: self.ledger.len() as u64,
            item: 0,
        });
    }
}

async fn accept(store: &Store, model: &mut Model, inputs: u8, acknowledged: Option<u32>) {
    let numbers = model.numbers..model.numbers + u64::from(inputs);
    model.numbers = numbers.end;
    let cursor =
        acknowledged.map(|acknowledged| LinkCursor { acknowledged, ..LinkCursor::default() });
    let update = cursor.clone().map(|cursor| CursorUpdate { controller: "c".to_owned(), cursor });
    let arrivals = numbers.clone().map(input).collect();
    let ids = store.accept(arrivals, update.into_iter().collect()).await;
    let ids = ids.expect("accepted");
    model.inbox.extend(ids.into_iter().zip(numbers));
    model.cursor = cursor.or(model.cursor.take());
}

async fn apply(operation: Operation, store: Store, model: &mut Model, dir: &Path) -> Store {
    match operation {
        Operation::Accept { inputs, cursor } => accept(&store, model, inputs, cursor).await,
        Operation::Seal { consumes, alarm } => {
            let consumes: Vec<_> = consumes.iter().filter_map(|i| model.input(*i)).collect();
            model.numbers += 1;
            let record =
                if alarm { alarm_record(model.numbers) } else { audit_record(model.numbers) };
            model.seal(record.id.clone(), alarm);
            store.commit(vec![seal(record, &consumes)]).await.expect("committed");
            model.inbox.retain(|id, _| !consumes.contains(id));
        }
        Operation::SealGone { id } => {
            if !model.inbox.contains_key(&InputId(id)) {
                let sealed = store.commit(vec![seal(audit_record(0), &[InputId(id)])]).await;
                assert_eq!(sealed.expect("committed"), []);
            }
        }
        Operation::Drop { input } => {
            if let Some(id) = model.input(input) {
                store.commit(vec![discard(id)]).await.expect("committed");
                model.inbox.remove(&id);
            }
        }
        Operation::Deliver { entries } => {
            let waiting: Vec<_> = model.outbox.iter().copied().collect();
            if !waiting.is_empty() {
                let keys: Vec<_> = entries.iter().map(|i| *i.get(&waiting)).collect();
                model.outbox.retain(|key| !keys.contains(key));
                store.outbox_remove(keys).await.expect("removed");
            }
        }
        Operation::Compact => {
            store.compact().await.expect("compacted");
        }
        Operation::Restart => {
            store.close().await.expect("closed");
            return open(dir).0;
        }
    }
    store
}

fn observe(store: &Store, numbers: u64) -> Model {
    let pending = store.pending().expect("readable");
    let records = store.export(1, u64::MAX).expect("open");
    let outbox = store.outbox_next(None, usize::MAX).expect("readable");
    Model {
        inbox: pending.iter().map(|(id, a)| (*id, number(a))).collect(),
        ledger: records.map(|record| record.expect("readable").id).collect(),
        outbox: outbox.iter().map(|entry| entry.key).collect(),
        cursor: store.cursors().remove("c"),
        numbers,
    }
}

fn assert_figures_agree(store: &Store, model: &Model) {
    let status = store.status();
    let lane = |lane| model.outbox.iter().filter(|key| key.lane == lane).count() as u64;
    assert_eq!(
        (
            status.inbox.entries,
            status.ledger.entries,
            status.outbox_first.entries,
            status.outbox_second.entries
        ),
        (
            model.inbox.len() as u64,
            model.ledger.len() as u64,
            lane(Lane::First),
            lane(Lane::Second)
        ),
    );
    let links = store.export(1, u64::MAX).expect("open").map(|r| r.expect("readable").proof);
    let head = links.fold(Head::default(), |head, proof| {
        assert_eq!((proof.seq, proof.prev), (head.seq + 1, head.hash));
        proof.head()
    });
    assert_eq!(status.head, head);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_store_is_its_model(operations in prop::collection::vec(operation(), 1..30)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let dir = TempDir::new().expect("a directory");
            let mut store = open(dir.path()).0;
            let mut model = Model::default();
            for operation in operations {
                store = apply(operation, store, &mut model, dir.path()).await;
                assert_eq!(observe(&store, model.numbers), model);
                assert_figures_agree(&store, &model);
            }
        });
    }
}
