//! Files that were damaged while nobody looked: the store opens by itself, keeps what it cannot
//! use, says so, and never gives a sequence twice.

mod store_support;

use std::fs::{self, File};
use std::path::Path;

use proptest::prelude::*;
use store_support::damage::{damage, database, journal, kinds, put_back};
use store_support::*;
use tempfile::TempDir;
use wimd::clock::Timestamp;
use wimd::io::store::{Inspection, Lost, Recovery, Store};

fn assert_moved_aside(recovery: &Recovery, dir: &Path) {
    let moved = recovery.moved_aside.as_ref().expect("moved aside");
    assert!(moved.to.starts_with(dir), "{moved:?}");
    assert!(!moved.reason.is_empty());
}

#[tokio::test]
async fn an_emptied_database_is_moved_aside_and_the_chain_goes_on() {
    let dir = TempDir::new().expect("a directory");
    let head = filled(dir.path()).await;
    File::create(database(dir.path())).expect("emptied");
    File::create(journal(dir.path())).expect("emptied");
    let (store, recovery) = open(dir.path());
    assert_moved_aside(&recovery, dir.path());
    let kept = recovery.moved_aside.expect("moved").to.join("db");
    assert!(kept.exists(), "the old files are kept");
    assert_eq!(alarms(&store), ["store_moved_aside"]);
    assert_goes_on_after(&store, head).await;
}

#[tokio::test]
async fn a_vanished_database_is_no_silent_fresh_start() {
    let dir = TempDir::new().expect("a directory");
    let head = filled(dir.path()).await;
    fs::remove_dir_all(dir.path().join("sled")).expect("removed");
    let (store, recovery) = open(dir.path());
    assert!(recovery.fresh);
    assert_eq!(alarms(&store), ["store_moved_aside"]);
    assert_goes_on_after(&store, head).await;
}

#[tokio::test]
async fn input_numbers_do_not_come_back_after_a_fresh_start() {
    let dir = TempDir::new().expect("a directory");
    let (store, _) = open(dir.path());
    let last = store.accept(vec![input(1), input(2)], vec![]).await.expect("accepted")[1];
    store.close().await.expect("closed");
    fs::remove_dir_all(dir.path().join("sled")).expect("removed");
    let (store, _) = open(dir.path());
    let next = store.accept(vec![input(3)], vec![]).await.expect("accepted")[0];
    assert!(next > last, "{next:?} after {last:?}");
}

#[tokio::test]
async fn a_configuration_of_garbage_is_moved_aside() {
    let dir = TempDir::new().expect("a directory");
    let head = filled(dir.path()).await;
    fs::write(dir.path().join("sled/conf"), [0xA5; 300]).expect("written");
    let (store, recovery) = open(dir.path());
    assert_moved_aside(&recovery, dir.path());
    assert_eq!(alarms(&store), ["store_moved_aside"]);
    assert_goes_on_after(&store, head).await;
}

/// sled takes its unfinished snapshot for the newest one: a start that was cut short would cost
/// the store.
#[tokio::test]
async fn a_snapshot_that_was_not_finished_is_no_damage() {
    let dir = TempDir::new().expect("a directory");
    let head = filled(dir.path()).await;
    let half = dir.path().join("sled/snap.FFFFFFFFFFFFFFFF.generating");
    fs::write(half, [0xA5; 984]).expect("written");
    let (store, recovery) = open(dir.path());
    assert_eq!((recovery.moved_aside, recovery.head), (None, head));
    assert_goes_on_after(&store, head).await;
}

#[tokio::test]
async fn an_older_copy_put_back_is_noticed_and_no_sequence_is_given_twice() {
    let dir = TempDir::new().expect("a directory");
    let head = put_back(dir.path()).await;
    fs::remove_file(journal(dir.path())).expect("removed");

    let (store, recovery) = open(dir.path());
    let lost = Lost {
        commits: 2, // opening the store is one, too
        records: Some((11, 11)),
        inputs: None,
    };
    assert_eq!(recovery.lost, Some(lost));
    assert!(alarms(&store).contains(&"store_lost_commits".to_owned()));
    assert_goes_on_after(&store, head).await;
    store.close().await.expect("closed");
    let (_, recovery) = open(dir.path());
    assert_eq!((recovery.lost, recovery.moved_aside), (None, None), "told once");
}

#[tokio::test]
async fn a_note_of_a_panic_while_opening_moves_the_files_aside() {
    let dir = TempDir::new().expect("a directory");
    let head = filled(dir.path()).await;
    fs::write(dir.path().join("panicked"), "opening: index out of bounds\n").expect("written");
    let (store, recovery) = open(dir.path());
    let moved = recovery.moved_aside.expect("moved aside");
    assert_eq!(moved.reason, "the library panicked: index out of bounds");
    assert_goes_on_after(&store, head).await;
    store.close().await.expect("closed");
    let (_, recovery) = open(dir.path());
    assert_eq!(recovery.moved_aside, None, "acted on once");
}

#[tokio::test]
async fn a_note_of_a_panic_while_running_has_all_read_again() {
    let dir = TempDir::new().expect("a directory");
    filled(dir.path()).await;
    fs::write(dir.path().join("panicked"), "running: a bug\n").expect("written");
    let (store, recovery) = open(dir.path());
    assert_eq!((recovery.moved_aside, recovery.panicked), (None, Some("a bug".to_owned())));
    assert_eq!(alarms(&store), ["store_panicked"]);
    assert_eq!(store.status().ledger.entries, 10);
}

#[tokio::test]
async fn a_directory_that_cannot_be_written_is_an_error_and_stays_where_it_is() {
    let dir = TempDir::new().expect("a directory");
    let file = dir.path().join("not-a-directory");
    fs::write(&file, "").expect("written");
    let options = wimd::io::store::StoreOptions::at(&file);
    let refused = Store::open(&options, signer(), wimd::clock::Clock::system());
    assert!(matches!(refused, Err(wimd::io::store::StoreError::Directory { .. })));
    assert!(file.exists());
}

/// Enough for eight of sled's segments.
const RECORDS: u64 = 4_000;

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Where sled notices nothing, the inspection does.
    #[test]
    fn damage_in_a_ledger_of_many_segments_is_survived_and_never_silent(
        kind in kinds(),
        place in any::<prop::sample::Index>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let dir = TempDir::new().expect("a directory");
            let head = filled_with(RECORDS, dir.path()).await;
            damage(&database(dir.path()), &kind, place);

            let (store, recovery) = open(dir.path());
            let there = store.export(1, u64::MAX).expect("open").filter(Result::is_ok).count();
            let told = match (&recovery.moved_aside, recovery.lost) {
                (Some(_), _) => 0,
                (None, Some(lost)) => lost.records.map_or(RECORDS, |(first, _)| first - 1),
                (None, None) => RECORDS,
            };
            let found = store.inspect(&inspector(), Timestamp(2_000_000)).await.expect("readable");
            let expected = match told - there as u64 {
                0 => Inspection::Whole(told),
                missing => Inspection::Damaged { missing, unreadable: 0 },
            };
            assert_eq!(found, expected, "{recovery:?}");
            if found == Inspection::Whole(told) {
                assert_goes_on_after(&store, head).await;
            }
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the damage: the store opens, everything that is missing is told, and the chain
    /// goes on where it had come to.
    #[test]
    fn damage_anywhere_is_survived_and_never_silent(
        kind in kinds(),
        place in any::<prop::sample::Index>(),
        has_journal in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let dir = TempDir::new().expect("a directory");
            let head = filled(dir.path()).await;
            damage(&database(dir.path()), &kind, place);
            if !has_journal {
                fs::remove_file(journal(dir.path())).expect("removed");
            }

            let (store, recovery) = open(dir.path());
            assert_eq!(recovery.head, head);
            let there = store.export(1, u64::MAX).expect("open").filter(Result::is_ok).count();
            let waiting = store.pending().expect("readable").len() - alarms(&store).len();
            if (there, waiting) != (10, 2) {
                let told = recovery.moved_aside.is_some() || recovery.lost.is_some();
                assert!(told && !alarms(&store).is_empty(), "{there} records, {waiting} inputs: {recovery:?}");
            }
            assert_goes_on_after(&store, head).await;
        });
    }
}
