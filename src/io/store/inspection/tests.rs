//! What the writer makes of a look at a ledger that changed meanwhile.

use tempfile::TempDir;

use super::judgement::Difference;
use super::*;
use crate::clock::Clock;
use crate::io::store::{Signer, StoreOptions, Usage, recovery};
use crate::pipeline::record::{Alarm, Body, RECORD_VERSION, Record, Site};
use crate::pipeline::{Action, Seal};

const NOW: Timestamp = Timestamp(2_000_000);

fn opened(options: &StoreOptions, clock: Clock) -> Store {
    Store::open(options, Signer::from_seed(&[7; 32]), clock).expect("the store opens").0
}

async fn seal(store: &Store, n: u64) -> Result<(), StoreError> {
    let text = format!("alarm {n}");
    let record = Record {
        version: RECORD_VERSION,
        id: format!("site-{n}"),
        site: Site { id: "site".into(), name: "G65".into() },
        occurred_at: NOW,
        body: Body::Alarm(Alarm { name: "test".to_owned(), lane: None, text }),
        provenance: Default::default(),
    };
    let seal = Seal { record, raw: Vec::new(), consumes: Vec::new() };
    store.commit(vec![Action::Seal(Box::new(seal))]).await.map(drop)
}

/// The writer's answer to a look that began with `before`.
async fn judged(store: &Store, before: &StoreStatus) -> Inspection {
    let _prunes_again = store.shared.pause_pruning().expect("nobody else has");
    let looked = store.look(before).expect("readable");
    store.have_judged(looked, &Origin::default(), NOW).await.expect("judged")
}

#[tokio::test]
async fn records_that_are_sealed_meanwhile_are_left_out() {
    let dir = TempDir::new().expect("a directory");
    let store = opened(&StoreOptions::at(dir.path()), Clock::system());
    for n in 1..=5 {
        seal(&store, n).await.expect("sealed");
    }
    let before = store.status();
    for n in 6..=8 {
        seal(&store, n).await.expect("sealed");
    }
    assert_eq!(judged(&store, &before).await, Inspection::Whole(5));
    assert_eq!(store.status().ledger.entries, 8);
}

/// A commit that prunes may be in the tree and not in the published figures yet.
#[tokio::test]
async fn a_look_at_what_a_pruning_commit_has_left_is_no_loss_against_the_figures_before_it() {
    let dir = TempDir::new().expect("a directory");
    let mut options = StoreOptions::at(dir.path());
    options.bounds.ledger_entries = 40;
    let store = opened(&options, Clock::system());
    for n in 1..=40 {
        seal(&store, n).await.expect("sealed");
    }
    let before = store.status();
    let waiting = store.outbox_next(None, 100).expect("readable");
    store.outbox_remove(waiting.into_iter().map(|it| it.key).collect()).await.expect("gone");
    for n in 41..=43 {
        seal(&store, n).await.expect("sealed");
    }
    let after = store.status();
    assert!(after.counts.pruned > before.counts.pruned, "{after:?}");

    assert_eq!(judged(&store, &before).await, Inspection::InUse);
    let now = store.status();
    assert_eq!((now.head, now.ledger, now.counts.missing_records), (after.head, after.ledger, 0));
    let found = store.inspect(&Origin::default(), NOW).await.expect("readable");
    assert_eq!(found, Inspection::Whole(now.ledger.entries));
}

/// Whoever opens the database again counts what is missing and tells it.
#[tokio::test]
async fn a_loss_that_was_told_when_the_database_was_opened_again_is_not_told_twice() {
    let dir = TempDir::new().expect("a directory");
    let now = Clock::wall();
    // the pause before it is opened again is over at once
    let store = opened(&StoreOptions::at(dir.path()), Clock::scaled(now, 1_000));
    for n in 1..=5 {
        seal(&store, n).await.expect("sealed");
    }
    let before = store.status();
    let file = recovery::database_dir(dir.path()).join("db");
    let aside = dir.path().join("db");
    std::fs::rename(&file, &aside).expect("taken away");
    seal(&store, 6).await.expect_err("its file is gone");
    std::fs::rename(&aside, &file).expect("put back");
    while seal(&store, 6).await.is_err() {
        tokio::task::yield_now().await;
    }
    let after = store.status();
    assert_eq!((before.counts.reopened, after.counts.reopened), (0, 1));
    assert_eq!(judged(&store, &before).await, Inspection::InUse);
    let now = store.status();
    assert_eq!((now.head, now.ledger), (after.head, after.ledger));
}

#[tokio::test]
async fn what_cannot_be_read_is_told_once_and_what_comes_to_it_again() {
    let dir = TempDir::new().expect("a directory");
    let store = opened(&StoreOptions::at(dir.path()), Clock::system());
    for n in 1..=9 {
        seal(&store, n).await.expect("sealed");
    }
    let all = store.status();
    let found = async |unreadable: &[(u64, u64)]| {
        let mut looked = store.look(&all).expect("readable");
        for (first, last) in unreadable {
            looked.note_unreadable(*first, *last);
            looked.there.entries -= last - first + 1;
            looked.there.bytes -= 1;
        }
        let found = store.have_judged(looked, &Origin::default(), NOW).await.expect("judged");
        let status = store.status();
        assert_eq!(status.ledger.entries, status.head.seq, "they are still counted");
        assert_eq!(status.counts.missing_records, 0);
        (found, status.counts.unreadable_records, status.head.seq)
    };
    let damaged = |unreadable| Inspection::Damaged { missing: 0, unreadable };
    assert_eq!(found(&[(2, 3)]).await, (damaged(2), 2, 10));
    assert_eq!(found(&[(2, 3)]).await, (damaged(2), 2, 10));
    assert_eq!(found(&[(2, 3), (5, 5)]).await, (damaged(3), 3, 11));
    assert_eq!(found(&[]).await, (Inspection::Whole(9), 0, 11));
    assert_eq!(found(&[(5, 5)]).await, (damaged(1), 1, 11));
}

#[test]
fn a_loss_is_what_the_ledger_lacks_and_cannot_have_on_pages_that_cannot_be_read() {
    let usage = |entries, bytes| Usage { entries, bytes };
    let cases = [
        // there, sequences that cannot be read, expected; missing, unreadable, surplus, right
        ((10, 100), 0, (10, 100), (0, 0, 0, (10, 100))),
        ((7, 70), 0, (10, 100), (3, 0, 0, (7, 70))),
        ((12, 120), 0, (10, 100), (0, 0, 2, (12, 120))),
        ((7, 70), 3, (10, 100), (0, 3, 0, (10, 100))),
        // retention has removed one of the three
        ((8, 80), 3, (10, 100), (0, 2, 0, (10, 100))),
        // of ten bytes each, as far as anybody knows
        ((5, 50), 3, (10, 100), (2, 3, 0, (8, 80))),
        ((10, 100), 3, (10, 100), (0, 3, 0, (10, 100))),
        ((10, 90), 0, (10, 100), (0, 0, 0, (10, 90))),
    ];
    for (there, hidden, expected, (missing, unreadable, surplus, right)) in cases {
        let mut looked = Looked::before(1, &StoreStatus::default());
        looked.there = usage(there.0, there.1);
        if hidden > 0 {
            looked.note_unreadable(1, hidden);
        }
        let found = Difference::between(&looked, usage(expected.0, expected.1));
        let right = usage(right.0, right.1);
        assert_eq!(found, Difference { missing, unreadable, surplus, right }, "{there:?}");
    }
}
