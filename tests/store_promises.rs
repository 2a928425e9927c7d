//! What the store promises to its callers, each on a real directory.

mod store_support;

use store_support::*;
use tempfile::TempDir;
use wimd::io::intake::{ChangeCounts, CursorUpdate, KnownScale, LinkCursor};
use wimd::io::store::{Bound, Bounds, Lane, OutboxItem, Store, StoreError, StoreOptions};
use wimd::pipeline::record::Channel;
use wimd::pipeline::{Arrival, InputId};

fn cursor(acknowledged: u32) -> CursorUpdate {
    CursorUpdate {
        controller: "scale-1/7".to_owned(),
        cursor: LinkCursor {
            boot_id: 9,
            acknowledged,
            stored_vehicles: vec![4, 6],
            bad_sensors: vec![[1, 1, 2, 3]],
            scale: KnownScale::Changed(ChangeCounts { calibration: Some(3), configuration: None }),
            repeats: 2,
        },
    }
}

async fn accept(store: &Store, numbers: &[u64]) -> Vec<InputId> {
    let arrivals: Vec<Arrival> = numbers.iter().map(|&n| input(n)).collect();
    store.accept(arrivals, Vec::new()).await.expect("accepted")
}

fn pending(store: &Store) -> Vec<(InputId, u64)> {
    let pending = store.pending().expect("readable");
    pending.iter().map(|(id, a)| (*id, number(a))).collect()
}

#[tokio::test]
async fn accepted_inputs_and_cursors_are_there_after_a_restart_in_order() {
    let dir = TempDir::new().expect("a directory");
    let (store, recovery) = open(dir.path());
    assert!(recovery.fresh);
    let first = accept(&store, &[10, 11]).await;
    let second = store.accept(vec![input(12)], vec![cursor(55)]).await.expect("accepted");
    store.close().await.expect("closed");

    let (store, recovery) = open(dir.path());
    assert_eq!((recovery.fresh, recovery.pending), (false, 3));
    assert_eq!(pending(&store), [(first[0], 10), (first[1], 11), (second[0], 12)]);
    assert_eq!(store.cursors(), [("scale-1/7".to_owned(), cursor(55).cursor)].into());
}

#[tokio::test]
async fn a_commit_seals_in_order_and_takes_the_inputs_out() {
    let dir = TempDir::new().expect("a directory");
    let (store, _) = open(dir.path());
    let ids = accept(&store, &[1, 2, 3, 4]).await;
    let proofs = store
        .commit(vec![seal(audit_record(1), &ids[..2]), discard(ids[2]), seal(alarm_record(2), &[])])
        .await
        .expect("committed");

    assert_eq!(proofs.iter().map(|p| p.seq).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(proofs[1].prev, proofs[0].hash);
    assert_eq!(pending(&store), [(ids[3], 4)]);
    let sealed = store.sealed(2).expect("readable").expect("there");
    assert_eq!((sealed.id.as_str(), sealed.proof), ("site-2", proofs[1]));
    assert_eq!(sealed.raw, vec![0xAB; 16]);
    assert_eq!(store.sealed(3).expect("readable"), None);
    let status = store.status();
    assert_eq!(status.head, proofs[1].head());
    assert_eq!((status.inbox.entries, status.ledger.entries), (1, 2));
    assert_eq!(status.counts.dropped.values().sum::<u64>(), 1);
}

#[tokio::test]
async fn an_alarm_leaves_before_older_passages_also_after_a_restart() {
    let dir = TempDir::new().expect("a directory");
    let (store, _) = open(dir.path());
    let steps =
        vec![seal(audit_record(1), &[]), seal(audit_record(2), &[]), seal(alarm_record(3), &[])];
    store.commit(steps).await.expect("committed");
    store.close().await.expect("closed");

    let (store, _) = open(dir.path());
    let entries = store.outbox_next(None, 10).expect("readable");
    let leaving: Vec<_> = entries.iter().map(|e| (e.key.lane, e.what.clone())).collect();
    let item = |seq, channel| OutboxItem::Record { seq, channel };
    assert_eq!(
        leaving,
        [
            (Lane::First, item(3, Channel::Alarm)),
            (Lane::Second, item(1, Channel::Passage)),
            (Lane::Second, item(2, Channel::Passage)),
        ]
    );
    let after_first = store.outbox_next(Some(entries[0].key), 1).expect("readable");
    assert_eq!(after_first, entries[1..2]);
}

#[tokio::test]
async fn a_delivered_entry_does_not_come_back() {
    let dir = TempDir::new().expect("a directory");
    let (store, _) = open(dir.path());
    let mut changes = store.outbox_changed();
    changes.mark_unchanged();
    store
        .commit(vec![seal(audit_record(1), &[]), seal(audit_record(2), &[])])
        .await
        .expect("committed");
    let told = tokio::time::timeout(std::time::Duration::from_secs(30), changes.changed()).await;
    told.expect("told").expect("open");
    let entries = store.outbox_next(None, 10).expect("readable");
    let gone = vec![entries[0].key, entries[0].key];
    store.outbox_remove(gone).await.expect("removed");
    let counts = store.status().counts;
    assert_eq!((counts.delivered, counts.missing_outbox_entries), (1, 1));
    store.close().await.expect("closed");
    let (store, _) = open(dir.path());
    assert_eq!(store.outbox_next(None, 10).expect("readable"), entries[1..]);
    assert_eq!(store.status().outbox_second.entries, 1);
}

#[tokio::test]
async fn a_record_whose_inputs_are_gone_is_not_sealed_twice() {
    let dir = TempDir::new().expect("a directory");
    let (store, _) = open(dir.path());
    let ids = accept(&store, &[1]).await;
    let once = store.commit(vec![seal(audit_record(1), &ids)]).await;
    assert_eq!(once.expect("committed").len(), 1);
    let twice = store.commit(vec![seal(audit_record(1), &ids)]).await;
    assert_eq!(twice.expect("committed"), []);
    let status = store.status();
    assert_eq!((status.head.seq, status.counts.already_sealed), (1, 1));
}

#[tokio::test]
async fn at_the_bound_inputs_are_refused_until_space_comes_back() {
    let dir = TempDir::new().expect("a directory");
    let mut options = StoreOptions::at(dir.path());
    options.bounds = Bounds { inbox_entries: 2, ..Bounds::default() };
    let (store, _) = open_with(&options);
    let ids = accept(&store, &[1, 2]).await;
    let refused = store.accept(vec![input(3)], vec![cursor(1)]).await;
    let bound = Bound::Inbox;
    assert!(matches!(refused, Err(StoreError::Full { bound: b }) if b == bound));
    assert_eq!(store.status().full, Some(Bound::Inbox));
    assert!(store.cursors().is_empty(), "a refused cursor is not stored");
    // the alarm that the inbox was full waits in it too
    store.commit(vec![discard(ids[0]), discard(ids[1])]).await.expect("committed");
    accept(&store, &[3]).await;
    assert_eq!(store.status().counts.refused, [(Bound::Inbox, 1)].into());
}

#[tokio::test]
async fn without_free_disk_nothing_is_taken_and_deliveries_still_leave() {
    let dir = TempDir::new().expect("a directory");
    let (store, _) = open(dir.path());
    store.commit(vec![seal(audit_record(1), &[])]).await.expect("committed");
    store.close().await.expect("closed");
    let mut options = StoreOptions::at(dir.path());
    options.bounds.min_free_bytes = u64::MAX;
    let (store, _) = open_with(&options);
    assert!(store.accept(vec![input(1)], vec![]).await.is_err_and(|e| e.is_full()));
    assert!(store.commit(vec![seal(audit_record(2), &[])]).await.is_err_and(|e| e.is_full()));
    let keys = store.outbox_next(None, 1).expect("readable").iter().map(|e| e.key).collect();
    store.outbox_remove(keys).await.expect("removed");
    assert_eq!(store.status().outbox_second.entries, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inputs_that_come_together_share_few_syncs() {
    let dir = TempDir::new().expect("a directory");
    let (store, _) = open(dir.path());
    let before = store.status().counts;
    let offers = (0..64).map(|n| {
        let store = store.clone();
        tokio::spawn(async move { store.accept(vec![input(n)], vec![]).await })
    });
    let mut ids = Vec::new();
    for offer in offers.collect::<Vec<_>>() {
        ids.extend(offer.await.expect("no panic").expect("accepted"));
    }
    ids.sort();
    ids.dedup();
    let after = store.status().counts;
    assert_eq!((ids.len(), after.commits - before.commits), (64, 64));
    let syncs = after.syncs - before.syncs;
    assert!(syncs <= 16, "64 commits that came together took {syncs} syncs");
}

#[tokio::test]
async fn a_second_store_in_the_same_directory_is_told_who_holds_it() {
    let dir = TempDir::new().expect("a directory");
    let (_store, _) = open(dir.path());
    let clock = wimd::clock::Clock::system();
    let second = Store::open(&StoreOptions::at(dir.path()), signer(), clock);
    match second {
        Err(StoreError::Held { holder, .. }) => {
            assert_eq!(holder, format!("pid {}", std::process::id()));
        }
        other => panic!("expected to be held, got {other:?}"),
    }
}

#[tokio::test]
async fn a_closed_store_says_so_and_frees_its_directory() {
    let dir = TempDir::new().expect("a directory");
    let (store, _) = open(dir.path());
    let other = store.clone();
    store.close().await.expect("closed");
    assert!(matches!(other.pending(), Err(StoreError::Closed)));
    let refused = other.accept(vec![input(1)], vec![]).await;
    assert!(matches!(refused, Err(StoreError::Closed)));
    open(dir.path());
}

/// A platform may confirm a record as soon as it can be read; the figures of `status` follow later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_reads_an_entry_finds_its_record_and_its_sequence_at_once() {
    const RECORDS: u64 = 3_000;
    let dir = TempDir::new().expect("a directory");
    let (store, _) = open(dir.path());
    let reader = store.clone();
    let reading = std::thread::spawn(move || {
        let mut seen = 0;
        while seen < RECORDS {
            let Some(last) = reader.outbox_last(Lane::Second).expect("readable") else { continue };
            let head = reader.last_seq();
            assert!(last.seq <= head, "entry {} beyond the last record {head}", last.seq);
            assert!(reader.sealed(last.seq).expect("readable").is_some());
            seen = last.seq;
        }
    });
    for n in 1..=RECORDS {
        store.commit(vec![seal(audit_record(n), &[])]).await.expect("committed");
    }
    reading.join().expect("no entry without its record");
    assert_eq!(store.outbox_last(Lane::First).expect("readable"), None);
}
