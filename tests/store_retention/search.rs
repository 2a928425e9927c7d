//! What may go is searched for with each commit, and nobody waits longer for it than there is need.

use super::*;

/// What may go lies behind more records than one commit looks at.
#[tokio::test]
async fn nobody_waits_while_what_may_go_is_searched_for() {
    let dir = TempDir::new().expect("a directory");
    let (store, _) = open_with(&bounded(dir.path(), ledger_of(2_000)));
    for first in (1..=1_950).step_by(50) {
        seal_some(&store, first..=first + 49).await;
    }
    let entries = store.outbox_next(None, 10_000).expect("readable");
    let delivered = entries.iter().map(|entry| entry.key).filter(|key| key.seq > 1_500);
    store.outbox_remove(delivered.collect()).await.expect("removed");
    for n in 1_951..=2_100 {
        store.accept(vec![input(n)], vec![]).await.expect("there is room");
        seal_some(&store, n..=n).await;
    }
    let left = sequences(&store);
    assert_eq!(left[..1_500], (1..=1_500).collect::<Vec<_>>(), "the platform has not got these");
    assert!(store.status().counts.pruned > 100, "{left:?}");
    assert_eq!(store.status().counts.refused, Default::default());
}

async fn deliver_all_but(store: &Store, stays: u64) {
    let entries = store.outbox_next(None, 1_000).expect("readable");
    let delivered = entries.iter().map(|entry| entry.key).filter(|key| key.seq != stays);
    store.outbox_remove(delivered.collect()).await.expect("removed");
}

/// What is kept is not looked through again, and compliant traffic among it is not forgotten.
#[tokio::test]
async fn compliant_traffic_that_was_passed_over_goes_first_once_it_is_delivered() {
    let dir = TempDir::new().expect("a directory");
    let (store, _) = open_with(&bounded(dir.path(), ledger_of(100)));
    let kept: Vec<u64> = (1..=60).filter(|n| n % 10 > 0).collect();
    seal_traffic(&store, 1..=60, &kept).await;
    for n in 61..=120 {
        seal_traffic(&store, n..=n, &[n]).await;
        deliver_all_but(&store, 20).await;
    }
    let left: BTreeSet<u64> = sequences(&store).into_iter().collect();
    assert!(left.is_disjoint(&[10, 30, 40, 50, 60].into()), "{left:?}");
    assert!(left.contains(&20) && !left.contains(&19), "delivered goes before waiting: {left:?}");
    deliver_all_but(&store, 0).await;
    for n in 121.. {
        seal_traffic(&store, n..=n, &[n]).await;
        if !sequences(&store).contains(&20) {
            break;
        }
        assert!(n < 130, "the next time that something goes");
    }
    let gone = left.iter().filter(|seq| !sequences(&store).contains(seq)).count();
    assert!(gone <= 3, "{gone}");
    assert_proves_itself(&store);
}

/// Where nothing may go it is not looked for with each commit, but with each that brings something.
#[tokio::test]
async fn a_ledger_full_of_what_waits_takes_up_the_search_when_there_is_something_to_find() {
    let dir = TempDir::new().expect("a directory");
    let (store, _) = open_with(&bounded(dir.path(), ledger_of(6)));
    seal_traffic(&store, 1..=6, &[1, 2, 3, 4, 5, 6]).await;
    for _ in 0..2 {
        let refused = store.accept(vec![input(1)], vec![]).await;
        assert!(matches!(refused, Err(StoreError::Full { bound: Bound::Ledger })), "{refused:?}");
    }
    // of an input that was taken before
    seal_traffic(&store, 7..=8, &[8]).await;
    seal_traffic(&store, 9..=9, &[9]).await;
    assert_eq!(
        sequences(&store),
        [1, 2, 3, 4, 5, 6, 8, 9, 10],
        "the oldest that may go, and the word of it"
    );
    deliver_all_but(&store, 1).await;
    store.accept(vec![input(1)], vec![]).await.expect("room was made");
}
