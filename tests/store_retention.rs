//! Room comes back by value, a record tells what went, and the rest still proves itself.

#[path = "store_retention/age.rs"]
mod age;
#[allow(dead_code, unused_imports)]
#[path = "uplink_support/bodies.rs"]
mod bodies;
#[path = "store_retention/disk.rs"]
mod disk;
#[path = "store_retention/search.rs"]
mod search;
mod store_support;

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::Path;

use store_support::*;
use tempfile::TempDir;
use wimd::clock::{Clock, Timestamp};
use wimd::io::store::chain::verify::{Keys, Problem, Report, Verifier, check};
use wimd::io::store::{Bound, Bounds, Store, StoreError, StoreOptions};
use wimd::pipeline::record::{Body, Evicted, Eviction, Record, Span};

fn bounded(dir: &Path, bounds: Bounds) -> StoreOptions {
    StoreOptions { bounds, ..StoreOptions::at(dir) }
}

fn ledger_of(records: u64) -> Bounds {
    Bounds { ledger_entries: records, ..Bounds::default() }
}

async fn seal_some(store: &Store, numbers: RangeInclusive<u64>) {
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

/// What a verifier says of the records that are left.
fn report(store: &Store, left: impl Fn(u64) -> bool) -> Report {
    let records = store.export(1, u64::MAX).expect("open");
    let records = records.map(|record| record.expect("readable")).filter(|r| left(r.seq));
    let lines: Vec<_> = (1..).zip(records.map(|record| record.payload().to_vec())).collect();
    let keys: Keys = [signer().public_key()].into_iter().collect();
    let mut verifier = Verifier::new(false);
    verifier.absorb(check(&keys, &lines));
    verifier.finish()
}

fn assert_proves_itself(store: &Store) {
    let report = report(store, |_| true);
    assert!(report.is_good(), "{report:?}");
    assert_eq!(report.after, Some(store.status().anchor));
}

#[tokio::test]
async fn a_full_ledger_loses_its_oldest_delivered_records_and_goes_on() {
    let dir = TempDir::new().expect("a directory");
    let (store, _) = open_with(&bounded(dir.path(), ledger_of(4)));
    seal_some(&store, 1..=6).await;
    deliver(&store, 4).await;
    store.accept(vec![input(1)], vec![]).await.expect("room was made");
    assert_eq!(sequences(&store), [5, 6, 7], "the last tells of the first four");
    assert_eq!(store.status().counts.pruned, 4);
    assert_proves_itself(&store);
    store.accept(vec![input(2)], vec![]).await.expect("accepted");
    assert_eq!(sequences(&store), [5, 6, 7], "told once");
    store.close().await.expect("closed");
    let (store, recovery) = open_with(&bounded(dir.path(), ledger_of(4)));
    assert_eq!((recovery.moved_aside, recovery.lost), (None, None));
    seal_some(&store, 7..=7).await;
    assert_eq!(sequences(&store), [5, 6, 7, 8]);
    assert_proves_itself(&store);
}

#[tokio::test]
async fn a_record_that_was_not_delivered_stays_and_the_doors_wait() {
    let dir = TempDir::new().expect("a directory");
    let (store, _) = open_with(&bounded(dir.path(), ledger_of(4)));
    seal_some(&store, 1..=5).await;
    let refused = store.accept(vec![input(1)], vec![]).await;
    let bound = Bound::Ledger;
    assert!(matches!(refused, Err(StoreError::Full { bound: b }) if b == bound));
    assert_eq!(sequences(&store), [1, 2, 3, 4, 5]);
    deliver(&store, 5).await;
    store.accept(vec![input(1)], vec![]).await.expect("room was made");
}

/// A sighting: nobody's business, or with a sign of evasion.
fn sighting(n: u64, compliant: bool) -> Record {
    let mut body = bodies::sighting(Vec::new());
    if let (Body::Supplement(supplement), true) = (&mut body, compliant) {
        supplement.evasion.clear();
    }
    record(n, body)
}

/// Records of which those named are somebody's business.
async fn seal_traffic(store: &Store, numbers: RangeInclusive<u64>, violations: &[u64]) {
    let records = numbers.map(|n| seal(sighting(n, !violations.contains(&n)), &[]));
    store.commit(records.collect()).await.expect("committed");
}

async fn deliver_up_to(store: &Store, seq: u64) {
    let entries = store.outbox_next(None, 1_000).expect("readable");
    let delivered = entries.iter().map(|entry| entry.key).filter(|key| key.seq <= seq);
    store.outbox_remove(delivered.collect()).await.expect("removed");
}

fn eviction(store: &Store, seq: u64) -> Eviction {
    let sealed = store.sealed(seq).expect("readable").expect("sealed");
    let record: Record = serde_json::from_slice(&sealed.record_json).expect("a record");
    let Body::Eviction(eviction) = record.body else { panic!("{record:?}") };
    eviction
}

fn spans(some: &[(u64, u64)]) -> Vec<Span> {
    some.iter().map(|&(first, last)| Span { first, last }).collect()
}

fn waiting(store: &Store) -> BTreeSet<u64> {
    let entries = store.outbox_next(None, 1_000).expect("readable");
    entries.iter().map(|entry| entry.key.seq).collect()
}

#[tokio::test]
async fn compliant_traffic_goes_first_and_what_is_left_proves_that_nothing_else_is_missing() {
    let dir = TempDir::new().expect("a directory");
    let (store, _) = open_with(&bounded(dir.path(), ledger_of(10)));
    seal_traffic(&store, 1..=9, &[2, 5]).await;
    deliver_up_to(&store, 6).await;
    seal_traffic(&store, 10..=10, &[]).await;
    store.accept(vec![input(1)], vec![]).await.expect("room was made");
    assert_eq!(sequences(&store), [2, 4, 5, 6, 7, 8, 9, 10, 11]);
    let told = eviction(&store, 11);
    assert_eq!((told.what, told.count()), (Evicted::Records, 2));
    assert_eq!(told.spans, spans(&[(1, 1), (3, 3)]));
    assert!(waiting(&store).contains(&11), "and the platform is told");
    assert_proves_itself(&store);
}

#[tokio::test]
async fn what_is_delivered_goes_before_what_is_not_and_unsent_violations_never() {
    let dir = TempDir::new().expect("a directory");
    let (store, _) = open_with(&bounded(dir.path(), ledger_of(6)));
    seal_traffic(&store, 1..=5, &[1, 4]).await;
    deliver_up_to(&store, 4).await;
    seal_traffic(&store, 6..=8, &[6, 7]).await;
    store.accept(vec![input(1)], vec![]).await.expect("room was made");
    assert_eq!(sequences(&store), [5, 6, 7, 8, 9], "delivered ones are enough");
    seal_traffic(&store, 11..=18, &[11, 12, 13, 14, 15, 16, 17, 18]).await;
    let refused = store.accept(vec![input(2)], vec![]).await;
    assert!(matches!(refused, Err(StoreError::Full { bound: Bound::Ledger })), "{refused:?}");
    let left: BTreeSet<u64> = sequences(&store).into_iter().collect();
    assert!(left.is_superset(&[6, 7].into()) && !left.contains(&5) && !left.contains(&8));
    assert!(left.is_superset(&(10..=17).collect()), "{left:?}");
    assert!(waiting(&store).is_superset(&[6, 7, 9].into()) && !waiting(&store).contains(&5));
    assert_proves_itself(&store);
}

#[tokio::test]
async fn a_full_outbox_gives_up_compliant_traffic_keeps_its_records_and_tells() {
    let dir = TempDir::new().expect("a directory");
    let bounds = Bounds { outbox_entries: 10, ..Bounds::default() };
    let (store, _) = open_with(&bounded(dir.path(), bounds));
    seal_traffic(&store, 1..=12, &[2, 5]).await;
    store.accept(vec![input(1)], vec![]).await.expect("room was made");
    let told = eviction(&store, 13);
    assert_eq!((told.what, told.count()), (Evicted::Unsent, 4));
    assert_eq!(told.spans, spans(&[(1, 1), (3, 4), (6, 6)]));
    assert_eq!(waiting(&store), [2, 5, 7, 8, 9, 10, 11, 12, 13].into());
    assert_eq!(sequences(&store).len(), 13, "all are in the ledger");
    assert_eq!(store.status().counts.unsent_evicted, 4);
    assert_proves_itself(&store);
}

#[tokio::test]
async fn a_record_that_is_missing_without_a_word_is_a_gap_beside_those_that_had_to_go() {
    let dir = TempDir::new().expect("a directory");
    let (store, _) = open_with(&bounded(dir.path(), ledger_of(10)));
    seal_traffic(&store, 1..=9, &[1, 2]).await;
    deliver_up_to(&store, 5).await;
    seal_traffic(&store, 10..=10, &[]).await;
    store.accept(vec![input(1)], vec![]).await.expect("room was made");
    assert_eq!(eviction(&store, 11).spans, spans(&[(3, 4)]));
    let report = report(&store, |seq| seq != 5);
    assert_eq!(report.problems, [Problem::Gap { first: 5, last: 5 }]);
    assert_eq!(report.evicted, 2);
}
