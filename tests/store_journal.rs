//! The journal of the last commits: what sled's own files do not have yet is there after a kill, and
//! damage to it is told.

mod bare_database;
mod store_support;

use std::collections::HashMap;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use proptest::prelude::*;
use store_support::damage::{copy, damage, journal, kinds};
use store_support::*;
use tempfile::TempDir;
use wimd::io::intake::{CursorUpdate, LinkCursor};
use wimd::io::store::{LedgerCopy, StoreError, codec};

#[tokio::test]
async fn what_a_database_has_lost_of_its_last_commits_comes_back_from_the_journal() {
    let (dir, cut) = (TempDir::new().expect("a directory"), TempDir::new().expect("a directory"));
    filled(dir.path()).await;
    copy(dir.path(), cut.path());
    let (store, _) = open(dir.path());
    let proofs = store.commit(vec![seal(audit_record(11), &[])]).await.expect("committed");
    for file in ["mark", "sled/journal"] {
        fs::copy(dir.path().join(file), cut.path().join(file)).expect("copied");
    }
    let (store, recovery) = open(cut.path());
    assert_eq!((recovery.lost, recovery.moved_aside), (None, None));
    assert_eq!(recovery.head, proofs[0].head());
    let ids: Vec<_> = all(&store).into_iter().map(|record| record.id).collect();
    assert_eq!(ids, (1..=11).map(|n| format!("site-{n}")).collect::<Vec<_>>());
    assert_eq!(store.pending().expect("readable").len(), 2);
    assert_goes_on_after(&store, proofs[0].head()).await;
}

#[tokio::test]
async fn a_damaged_journal_of_a_store_that_was_cut_off_is_told() {
    let (dir, cut) = (TempDir::new().expect("a directory"), TempDir::new().expect("a directory"));
    let (store, _) = open(dir.path());
    let proofs = store.commit(vec![seal(audit_record(1), &[])]).await.expect("committed");
    store.accept(vec![input(1)], vec![]).await.expect("accepted");
    // what a kill leaves of it
    copy(dir.path(), cut.path());
    let bytes = fs::read(journal(cut.path())).expect("read");
    let last = bytes.iter().rposition(|&byte| byte != 0).expect("written");
    let file = File::options().write(true).open(journal(cut.path())).expect("opened");
    file.write_all_at(&[!bytes[last]], last as u64).expect("damaged");

    let (store, recovery) = open(cut.path());
    let first = recovery.lost.expect("lost");
    assert_eq!((first.commits, first.records), (1, None), "{first:?}");
    assert!(first.inputs.is_some(), "{first:?}");
    assert!(alarms(&store).contains(&"store_lost_commits".to_owned()));
    assert_goes_on_after(&store, proofs[0].head()).await;
}

#[tokio::test]
async fn what_only_the_journal_holds_is_there_after_a_kill_and_in_a_copy_for_reading() {
    let (dir, cut) = (TempDir::new().expect("a directory"), TempDir::new().expect("a directory"));
    let (store, _) = open(dir.path());
    let proofs = store.commit(vec![seal(audit_record(1), &[])]).await.expect("committed");
    store.accept(vec![input(1)], vec![]).await.expect("accepted");
    copy(dir.path(), cut.path());
    let without = TempDir::new().expect("a directory");
    copy(cut.path(), without.path());
    fs::remove_file(journal(without.path())).expect("removed");
    let moved = open(without.path()).1.moved_aside.expect("nothing is there without");
    assert_eq!(moved.reason, "the database is empty");

    let ledger = LedgerCopy::of(cut.path()).expect("copied");
    let read: Vec<_> = ledger.range(1, 9).map(|record| record.expect("readable").proof).collect();
    assert_eq!(read, proofs);
    let (store, recovery) = open(cut.path());
    assert_eq!((recovery.lost, recovery.moved_aside), (None, None));
    assert_eq!(recovery.head, proofs[0].head());
    assert_eq!(store.pending().expect("readable").len(), 1);
}

#[tokio::test]
async fn a_journal_that_is_removed_under_way_is_told_and_made_anew() {
    let dir = TempDir::new().expect("a directory");
    let (store, _) = open(dir.path());
    let first = store.accept(vec![input(1)], vec![]).await.expect("accepted");
    fs::remove_file(journal(dir.path())).expect("removed");
    let refused = store.accept(vec![input(2)], vec![]).await;
    assert!(matches!(refused, Err(StoreError::Write(_))), "{refused:?}");
    let second = until_accepted(&store, 2).await;
    let own: Vec<_> = store.own_inputs().into_iter().map(|(id, _)| id).collect();
    let accepted = store.pending().expect("readable").into_iter().map(|(id, _)| id);
    let accepted: Vec<_> = accepted.filter(|id| !own.contains(id)).collect();
    assert_eq!(accepted, [first, second].concat());
    let cut = TempDir::new().expect("a directory");
    copy(dir.path(), cut.path());
    let (store, recovery) = open(cut.path());
    assert_eq!((recovery.lost, recovery.moved_aside), (None, None));
    assert_eq!(store.pending().expect("readable").len(), accepted.len() + own.len());
}

/// A commit that was told as failed may be in the database after all: its input goes, and so does the
/// cursor that would acknowledge it to its sender.
#[tokio::test]
async fn a_failed_commit_that_is_there_after_all_moves_no_cursor() {
    let dir = TempDir::new().expect("a directory");
    let (store, _) = open(dir.path());
    let cursor = |acknowledged| LinkCursor { acknowledged, ..LinkCursor::default() };
    let update = CursorUpdate { controller: "c".to_owned(), cursor: cursor(7) };
    let first = store.accept(vec![input(1)], vec![update]).await.expect("accepted");
    fs::remove_file(journal(dir.path())).expect("removed");
    store.accept(vec![input(2)], vec![]).await.expect_err("refused");
    let bare = bare_database::open(dir.path());
    let [inbox, meta] = ["inbox", "meta"].map(|name| bare.open_tree(name).expect("there"));
    let value = inbox.get(first[0].0.to_be_bytes()).expect("readable").expect("accepted");
    inbox.insert((first[0].0 + 1).to_be_bytes(), value).expect("written");
    for controller in ["c", "d"] {
        let key = format!("cursor/{controller}");
        meta.insert(key, codec::encode(&cursor(8)).expect("encoded")).expect("written");
    }
    drop((inbox, meta, bare));

    until_accepted(&store, 3).await;
    let expected = HashMap::from([("c".to_owned(), cursor(7))]);
    assert_eq!(store.cursors(), expected);
    assert_eq!(store.status().counts.unacknowledged_inputs_removed, 1);
    store.close().await.expect("closed");
    assert_eq!(open(dir.path()).0.cursors(), expected);
}

/// As damage leaves it that cuts off the end of the database: its last commit by halves, and no journal.
/// The record is there, its entry for the platform is not, and its input is still there.
#[tokio::test]
async fn half_a_commit_is_taken_up_and_told() {
    let dir = TempDir::new().expect("a directory");
    filled(dir.path()).await;
    let (store, _) = open(dir.path());
    let ids = store.accept(vec![input(11)], vec![]).await.expect("accepted");
    store.close().await.expect("closed");
    let bare = bare_database::open(dir.path());
    let [inbox, outbox, meta] =
        ["inbox", "outbox", "meta"].map(|name| bare.open_tree(name).expect("there"));
    let whole =
        |tree: &sled::Tree| tree.iter().map(|entry| entry.expect("readable")).collect::<Vec<_>>();
    let before = [whole(&inbox), whole(&outbox), whole(&meta)];
    drop((inbox, outbox, meta, bare));
    let (store, _) = wait_until_free(|| try_open(dir.path()));
    let proofs = store.commit(vec![seal(alarm_record(21), &ids)]).await.expect("committed");
    let sent = store.outbox_next(None, usize::MAX).expect("readable");
    store.close().await.expect("closed");
    let bare = bare_database::open(dir.path());
    for (name, before) in ["inbox", "outbox", "meta"].into_iter().zip(before) {
        let tree = bare.open_tree(name).expect("there");
        tree.clear().expect("written");
        for (key, value) in before {
            tree.insert(key, value).expect("written");
        }
    }
    drop(bare);

    let (store, recovery) = wait_until_free(|| try_open(dir.path()));
    assert_eq!((recovery.moved_aside.as_ref(), recovery.unfinished), (None, Some((11, 11))));
    assert_eq!(recovery.head, proofs[0].head());
    assert!(alarms(&store).contains(&"store_lost_commits".to_owned()), "{:?}", alarms(&store));
    assert_eq!(store.outbox_next(None, usize::MAX).expect("readable"), sent);
    // its input is fed once more, and gives the same record
    let again = store.commit(vec![seal(alarm_record(21), &ids)]).await.expect("committed");
    assert_eq!(again, proofs);
    assert!(store.pending().expect("readable").iter().all(|(id, _)| !ids.contains(id)));
    assert_goes_on_after(&store, proofs[0].head()).await;
    assert_eq!(verified(&all(&store)).problems, []);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// The database of a closed store has everything.
    #[test]
    fn damage_of_the_journal_of_a_closed_store_is_none(
        kind in kinds(),
        place in any::<prop::sample::Index>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let dir = TempDir::new().expect("a directory");
            let head = filled(dir.path()).await;
            damage(&journal(dir.path()), &kind, place);

            let (store, recovery) = open(dir.path());
            assert_eq!((recovery.lost, recovery.moved_aside, recovery.head), (None, None, head));
            assert_eq!((all(&store).len(), store.pending().expect("readable").len()), (10, 2));
            assert_goes_on_after(&store, head).await;
        });
    }
}
