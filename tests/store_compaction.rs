//! The disk gets back what a drained backlog has left in the database, while the store goes on.

mod store_support;

use std::path::Path;

use store_support::*;
use tempfile::TempDir;
use wimd::clock::Clock;
use wimd::io::store::{Bounds, Compaction, Store, StoreOptions};
use wimd::pipeline::{Arrival, Input};

/// The file may have twice what is alive and 16 MiB; these make far more.
const BACKLOG: u64 = 16_000;

/// Records that stay.
const KEPT: u64 = 1_000;

fn options(dir: &Path) -> StoreOptions {
    let bounds = Bounds { ledger_entries: KEPT, ..Bounds::default() };
    StoreOptions { bounds, ..StoreOptions::at(dir) }
}

fn fat_record(n: u64) -> wimd::pipeline::Action {
    let mut action = seal(audit_record(n), &[]);
    if let wimd::pipeline::Action::Seal(seal) = &mut action {
        seal.raw = vec![0xA5; 1_500];
    }
    action
}

/// Seals and delivers so many records; of them retention has left the newest.
async fn after_a_backlog(dir: &Path) -> Store {
    let (store, _) = open_with(&options(dir));
    for n in (0..BACKLOG).step_by(1_000) {
        store.commit((n..n + 1_000).map(fat_record).collect()).await.expect("committed");
    }
    while store.status().ledger.entries >= KEPT {
        let entries = store.outbox_next(None, 1_000).expect("readable");
        let keys = entries.iter().map(|entry| entry.key).collect();
        store.outbox_remove(keys).await.expect("removed");
    }
    store
}

fn sequences_of_a_whole_chain(store: &Store) -> (u64, u64) {
    let report = verified(&all(store));
    assert!(report.is_good(), "{report:?}");
    (report.after.expect("records").seq + 1, report.head.expect("records").seq)
}

fn waiting(store: &Store) -> Vec<wimd::io::store::OutboxEntry> {
    store.outbox_next(None, usize::MAX).expect("readable")
}

#[tokio::test]
async fn space_comes_back_and_nothing_else_changes() {
    let dir = TempDir::new().expect("a directory");
    let store = after_a_backlog(dir.path()).await;
    let before = store.footprint().expect("readable");
    assert!(before.is_beyond(), "{before:?}");
    store.accept(vec![input(1), input(2)], vec![]).await.expect("accepted");
    let (span, waits) = (sequences_of_a_whole_chain(&store), waiting(&store));

    let compacted = store.compact().await.expect("compacted");
    assert!(matches!(compacted, Compaction::Done { .. }), "{compacted:?}");
    let after = store.footprint().expect("readable");
    assert!(!after.is_beyond() && after.on_disk * 4 < before.on_disk, "{before:?} {after:?}");
    let inbox = |store: &Store| -> Vec<u64> {
        let pending = store.pending().expect("readable");
        // beside them may be an alarm, that the ledger was full
        let of_doors = |arrival: &&Arrival| matches!(arrival.input, Input::Audit(_));
        pending.iter().map(|(_, arrival)| arrival).filter(of_doors).map(number).collect()
    };
    assert_eq!(sequences_of_a_whole_chain(&store), span);
    assert_eq!((waiting(&store), inbox(&store)), (waits.clone(), vec![1, 2]));

    store.commit(vec![fat_record(BACKLOG)]).await.expect("it goes on");
    let status = store.status();
    store.close().await.expect("closed");
    assert!(!dir.path().join("sled.compact").exists());
    let (store, recovery) = open_with(&options(dir.path()));
    assert_eq!((recovery.moved_aside, recovery.lost), (None, None));
    let again = store.status();
    assert_eq!((again.head, again.ledger, again.inbox), (status.head, status.ledger, status.inbox));
    assert_eq!(sequences_of_a_whole_chain(&store).1, status.head.seq);
}

#[tokio::test]
async fn commits_go_on_meanwhile_and_none_is_lost() {
    let dir = TempDir::new().expect("a directory");
    let store = after_a_backlog(dir.path()).await;
    let writer = store.clone();
    let writing = tokio::spawn(async move {
        for n in BACKLOG..BACKLOG + 200 {
            writer.commit(vec![fat_record(n)]).await.expect("committed");
        }
    });
    let compacted = store.compact().await.expect("compacted");
    assert!(matches!(compacted, Compaction::Done { .. }), "{compacted:?}");
    writing.await.expect("written");
    let head = store.status().head.seq;
    assert_eq!(sequences_of_a_whole_chain(&store).1, head);
}

#[tokio::test]
async fn a_database_that_is_read_is_left_alone_and_so_is_one_with_a_backlog() {
    let dir = TempDir::new().expect("a directory");
    let store = after_a_backlog(dir.path()).await;
    let reading = store.export(1, u64::MAX).expect("open");
    assert_eq!(store.compact().await.expect("looked at"), Compaction::InUse);
    drop(reading);
    let many = (0..11).map(|n| (0..1_000).map(|m| fat_record(n * 1_000 + m)).collect());
    for actions in many {
        store.commit(actions).await.expect("committed");
    }
    assert_eq!(store.compact().await.expect("looked at"), Compaction::NotNow);
    assert_eq!(sequences_of_a_whole_chain(&store).1, store.status().head.seq);
}

#[tokio::test]
async fn what_a_copy_that_was_cut_short_has_left_is_removed_at_the_next_start() {
    let dir = TempDir::new().expect("a directory");
    let left = dir.path().join("sled.compact");
    std::fs::create_dir_all(left.join("blobs")).expect("made");
    std::fs::write(left.join("db"), b"half of a copy").expect("written");
    let opened = || Store::open(&StoreOptions::at(dir.path()), signer(), Clock::system());
    let (store, recovery) = wait_until_free(opened);
    assert!(recovery.fresh && !left.exists());
    store.commit(vec![fat_record(1)]).await.expect("committed");
}
