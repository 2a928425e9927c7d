//! Room comes back: delivered records leave the ledger, oldest first, and the rest still proves
//! itself.

mod store_support;

use std::path::Path;

use store_support::*;
use tempfile::TempDir;
use wimd::clock::{Clock, Timestamp};
use wimd::io::store::chain::verify::{Keys, Verifier, check};
use wimd::io::store::{Bound, Bounds, Store, StoreError, StoreOptions};

fn bounded(dir: &Path, bounds: Bounds) -> StoreOptions {
    StoreOptions { bounds, ..StoreOptions::at(dir) }
}

fn four_records() -> Bounds {
    Bounds { ledger_entries: 4, ..Bounds::default() }
}

async fn seal_some(store: &Store, numbers: std::ops::RangeInclusive<u64>) {
    let records = numbers.map(|n| seal(audit_record(n), &[])).collect();
    store.commit(records).await.expect("committed");
}

async fn deliver(store: &Store, count: usize) {
    let entries = store.outbox_next(None, count).expect("readable");
    let keys = entries.iter().map(|entry| entry.key).collect();
    store.outbox_remove(keys).await.expect("removed");
}

fn sequences(store: &Store) -> Vec<u64> {
    let records = store.export(1, u64::MAX).expect("open");
    records.map(|record| record.expect("readable").seq).collect()
}

fn assert_proves_itself(store: &Store) {
    let records = store.export(1, u64::MAX).expect("open");
    let payloads = records.map(|record| record.expect("readable").payload().to_vec());
    let lines: Vec<_> = (1..).zip(payloads).collect();
    let keys: Keys = [signer().public_key()].into_iter().collect();
    let mut verifier = Verifier::new(false);
    verifier.absorb(check(&keys, &lines));
    let report = verifier.finish();
    assert!(report.is_good(), "{report:?}");
    assert_eq!(report.after, Some(store.status().anchor));
}

#[tokio::test]
async fn a_full_ledger_loses_its_oldest_delivered_records_and_goes_on() {
    let dir = TempDir::new().expect("a directory");
    let (store, _) = open_with(&bounded(dir.path(), four_records()));
    seal_some(&store, 1..=6).await;
    deliver(&store, 4).await;
    store.accept(vec![input(1)], vec![]).await.expect("room was made");
    assert_eq!(sequences(&store), [4, 5, 6]);
    assert_eq!(store.status().counts.pruned, 3);
    assert_proves_itself(&store);
    store.close().await.expect("closed");
    let (store, recovery) = open_with(&bounded(dir.path(), four_records()));
    assert_eq!((recovery.moved_aside, recovery.lost), (None, None));
    seal_some(&store, 7..=7).await;
    assert_eq!(sequences(&store), [4, 5, 6, 7]);
    assert_proves_itself(&store);
}

#[tokio::test]
async fn a_record_that_was_not_delivered_stays_and_the_doors_wait() {
    let dir = TempDir::new().expect("a directory");
    let (store, _) = open_with(&bounded(dir.path(), four_records()));
    seal_some(&store, 1..=5).await;
    let refused = store.accept(vec![input(1)], vec![]).await;
    let bound = Bound::Ledger;
    assert!(matches!(refused, Err(StoreError::Full { bound: b }) if b == bound));
    assert_eq!(sequences(&store), [1, 2, 3, 4, 5]);
    deliver(&store, 5).await;
    store.accept(vec![input(1)], vec![]).await.expect("room was made");
}

#[tokio::test]
async fn delivered_records_leave_by_age_and_the_head_survives_an_empty_ledger() {
    const DAY: i64 = 86_400_000_000;
    let dir = TempDir::new().expect("a directory");
    let options = bounded(dir.path(), Bounds { ledger_days: Some(30), ..Bounds::default() });
    let open_at = |day: i64| {
        // since its anchor, so many days ago, it has run twice as fast
        let clock = Clock::scaled(Timestamp(Clock::wall().0 - day * DAY), 2);
        wait_until_free(|| Store::open(&options, signer(), clock)).0
    };
    let store = open_at(0);
    seal_some(&store, 1..=3).await;
    deliver(&store, 3).await;
    let head = store.status().head;
    store.close().await.expect("closed");

    let store = open_at(29);
    store.accept(vec![input(1)], vec![]).await.expect("accepted");
    assert_eq!(sequences(&store), [1, 2, 3]);
    store.close().await.expect("closed");

    let store = open_at(31);
    store.accept(vec![input(2)], vec![]).await.expect("accepted");
    assert_eq!(sequences(&store), [] as [u64; 0]);
    assert_eq!((store.status().anchor, store.status().head), (head, head));
    store.close().await.expect("closed");
    let store = open_at(31);
    seal_some(&store, 4..=4).await;
    assert_proves_itself(&store);
}
