//! A database that has lost entries without a word, as when sled leaves out the rest of a segment whose
//! middle is damaged: what its figures count and it does not have is told by name and number.

mod bare_database;
mod store_support;

use std::path::Path;

use store_support::*;
use tempfile::TempDir;
use wimd::clock::Timestamp;
use wimd::io::store::{Compaction, Head, Inspection, Missing, StoreOptions};
use wimd::pipeline::record::{Body, Record};

/// A closed store of which the database has lost entries, as when sled leaves out the rest of a
/// damaged segment: three sealed records, one input and one entry for the platform.
async fn with_holes(dir: &Path) -> Head {
    let head = filled(dir).await;
    let database = bare_database::open(dir);
    let remove = |name: &str, key: Option<[u8; 8]>| {
        let tree = database.open_tree(name).expect("there");
        let last = || tree.last().expect("readable").expect("one").0.to_vec();
        let key = key.map_or_else(last, |key| key.to_vec());
        assert!(tree.remove(&key).expect("removed").is_some(), "{name} {key:?}");
    };
    for seq in [3_u64, 4, 7] {
        remove("ledger", Some(seq.to_be_bytes()));
    }
    remove("inbox", None);
    remove("outbox", None);
    database.flush().expect("written");
    head
}

#[tokio::test]
async fn queues_that_lack_what_their_figures_count_are_told_at_the_opening() {
    let dir = TempDir::new().expect("a directory");
    with_holes(dir.path()).await;
    let (store, recovery) = wait_until_free(|| try_open(dir.path()));
    let unsent = recovery.missing.expect("missing").unsent;
    assert_eq!(recovery.missing, Some(Missing { inputs: 1, records: 0, unsent }));
    assert!(unsent > 0);
    assert_eq!(alarms(&store), ["store_entries_missing"]);
    let status = store.status();
    let counted = (status.counts.missing_accepted, status.counts.missing_unsent);
    assert_eq!(counted, (1, unsent));
    let waiting = (status.inbox.entries, status.outbox_entries());
    assert_eq!(waiting, (2, 10 - unsent), "what is there, and the alarm");
    store.close().await.expect("closed");
    let (_, recovery) = wait_until_free(|| try_open(dir.path()));
    assert_eq!(recovery.missing, None, "told once");
}

/// sled falls back on a page that is older: what had gone is there again, what had come is not.
#[tokio::test]
async fn queues_with_as_many_entries_as_counted_and_yet_others_are_told_at_the_opening() {
    let dir = TempDir::new().expect("a directory");
    filled(dir.path()).await;
    let (store, _) = wait_until_free(|| try_open(dir.path()));
    let newer = store.accept(vec![input(3)], vec![]).await.expect("accepted")[0];
    let older = store.pending().expect("readable")[0].0;
    store.commit(vec![discard(older)]).await.expect("committed");
    store.close().await.expect("closed");
    let database = bare_database::open(dir.path());
    let inbox = database.open_tree("inbox").expect("there");
    let value = inbox.remove(newer.0.to_be_bytes()).expect("removed").expect("there");
    inbox.insert(older.0.to_be_bytes(), value).expect("put back");
    database.flush().expect("written");
    drop((inbox, database));
    let (store, recovery) = wait_until_free(|| try_open(dir.path()));
    assert_eq!(recovery.missing, Some(Missing { inputs: 1, records: 0, unsent: 0 }));
    assert_eq!(alarms(&store), ["store_entries_missing"]);
    store.close().await.expect("closed");
    let (_, recovery) = wait_until_free(|| try_open(dir.path()));
    assert_eq!(recovery.missing, None, "told once");
}

#[tokio::test]
async fn a_ledger_that_lacks_records_is_told_by_an_alarm_that_names_them() {
    let dir = TempDir::new().expect("a directory");
    with_holes(dir.path()).await;
    let (store, _) = wait_until_free(|| try_open(dir.path()));
    let now = Timestamp(2_000_000);
    let inspect = async || store.inspect(&inspector(), now).await.expect("readable");
    assert_eq!(inspect().await, Inspection::Damaged { missing: 3, unreadable: 0 });
    assert_eq!(inspect().await, Inspection::Whole(8), "seven of ten, and the alarm");
    assert_eq!(store.status().counts.missing_records, 3);
    let sealed = store.sealed(11).expect("readable").expect("the alarm");
    let record: Record = serde_json::from_slice(&sealed.record_json).expect("a record");
    let Body::Alarm(alarm) = record.body else { panic!("{record:?}") };
    let text = "3 sealed records are not in the database, which is damaged: 3 to 4, 7";
    assert_eq!((&*alarm.name, &*alarm.text), ("ledger_damaged", text));
}

/// Retention has taken some of them: only their number is known.
#[tokio::test]
async fn an_inspection_takes_nothing_for_damage_that_retention_has_removed() {
    let dir = TempDir::new().expect("a directory");
    let mut options = StoreOptions::at(dir.path());
    options.bounds.ledger_entries = 40;
    let (store, _) = open_with(&options);
    for n in 1..=60 {
        let proof = store.commit(vec![seal(audit_record(n), &[])]).await.expect("committed")[0];
        let waiting = store.outbox_next(None, 100).expect("readable");
        store.outbox_remove(waiting.into_iter().map(|it| it.key).collect()).await.expect("gone");
        assert!(proof.seq >= n);
    }
    let pruned = store.status().counts.pruned;
    assert!(pruned > 0);
    let kept = store.status().ledger.entries;
    let found = store.inspect(&inspector(), Timestamp(2_000_000)).await.expect("readable");
    assert_eq!(found, Inspection::Whole(kept));
}

/// Whoever puts back what was lost after an alarm has told of it finds figures that are too low:
/// they would hide the next loss, and no copy of the database would seem whole.
#[tokio::test]
async fn records_that_the_figures_do_not_count_are_no_damage_and_are_counted_from_then_on() {
    let dir = TempDir::new().expect("a directory");
    let head = filled(dir.path()).await;
    let bare = bare_database::open(dir.path());
    let ledger = bare.open_tree("ledger").expect("there");
    let lost = ledger.remove(4_u64.to_be_bytes()).expect("removed").expect("one");
    drop((ledger, bare));
    let (store, _) = wait_until_free(|| try_open(dir.path()));
    let now = Timestamp(2_000_000);
    let found = store.inspect(&inspector(), now).await.expect("readable");
    assert_eq!(found, Inspection::Damaged { missing: 1, unreadable: 0 });
    store.close().await.expect("closed");
    let bare = bare_database::open(dir.path());
    let ledger = bare.open_tree("ledger").expect("there");
    assert_eq!(ledger.insert(4_u64.to_be_bytes(), lost).expect("written"), None);
    drop((ledger, bare));

    let (store, _) = wait_until_free(|| try_open(dir.path()));
    let found = store.inspect(&inspector(), now).await.expect("readable");
    assert_eq!(found, Inspection::Whole(head.seq + 1), "and the alarm");
    let status = store.status();
    assert_eq!((status.counts.missing_records, status.counts.uncounted_records), (0, 1));
    assert_eq!((status.ledger.entries, status.head.seq), (head.seq + 1, head.seq + 1));
    let compacted = store.compact().await.expect("copied");
    assert!(matches!(compacted, Compaction::Done { .. }), "{compacted:?}");
    store.close().await.expect("closed");
    let (store, _) = wait_until_free(|| try_open(dir.path()));
    assert_eq!(store.status().ledger, status.ledger, "it is kept");
}
