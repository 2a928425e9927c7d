//! What is old goes by its age, and by no other.

use super::*;
use wimd::io::store::{Aside, AsideReason};
use wimd::units::Micros;

const DAY: i64 = 86_400_000_000;

/// The store, so many days later.
fn opened(options: &StoreOptions, days: i64) -> Store {
    // since its anchor, so many days ago, it has run twice as fast
    let clock = Clock::scaled(Timestamp(Clock::wall().0 - days * DAY), 2);
    wait_until_free(|| Store::open(options, signer(), clock)).0
}

#[tokio::test]
async fn delivered_records_leave_by_age_and_the_chain_goes_on_after_them() {
    let dir = TempDir::new().expect("a directory");
    let options = bounded(dir.path(), Bounds { ledger_days: Some(30), ..Bounds::default() });
    let store = opened(&options, 0);
    seal_some(&store, 1..=3).await;
    deliver(&store, 3).await;
    let head = store.status().head;
    store.close().await.expect("closed");

    let store = opened(&options, 29);
    store.accept(vec![input(1)], vec![]).await.expect("accepted");
    assert_eq!(sequences(&store), [1, 2, 3]);
    store.close().await.expect("closed");

    let store = opened(&options, 31);
    store.accept(vec![input(2)], vec![]).await.expect("accepted");
    assert_eq!(sequences(&store), [4], "which tells of the others");
    assert_eq!(store.status().anchor, head);
    store.close().await.expect("closed");
    let store = opened(&options, 31);
    seal_some(&store, 4..=4).await;
    assert_proves_itself(&store);
}

#[tokio::test]
async fn records_that_are_set_aside_hold_up_none_behind_them() {
    // more than go in one commit
    const ASIDE: u64 = 300;
    let dir = TempDir::new().expect("a directory");
    let options = bounded(dir.path(), Bounds { ledger_days: Some(30), ..Bounds::default() });
    let store = opened(&options, 0);
    let alarms = (1..=ASIDE + 5).map(|n| seal(alarm_record(n), &[])).collect();
    store.commit(alarms).await.expect("committed");
    for entry in store.outbox_next(None, 1_000).expect("readable") {
        if entry.key.seq > ASIDE {
            store.outbox_remove(vec![entry.key]).await.expect("delivered");
            continue;
        }
        let reason = AsideReason::PictureDamaged;
        let aside = Aside { what: entry.what, reason, packet_bytes: 0, at: Timestamp(5) };
        store.outbox_set_aside(entry.key, aside, None).await.expect("set aside");
    }
    store.close().await.expect("closed");
    // who told of others is told of with them
    for (days, last) in [(31, ASIDE + 6), (62, ASIDE + 7)] {
        let store = opened(&options, days);
        for n in 1..=2 {
            store.accept(vec![input(last + n)], vec![]).await.expect("accepted");
        }
        let left: Vec<u64> = (1..=ASIDE).chain([last]).collect();
        assert_eq!(sequences(&store), left, "the last tells of those behind");
        assert_eq!(eviction(&store, last).spans, spans(&[(ASIDE + 1, last - 1)]));
        assert_proves_itself(&store);
        deliver(&store, 1_000).await;
        store.close().await.expect("closed");
    }
}

#[tokio::test]
async fn nothing_is_old_by_a_clock_that_was_set_since_the_start() {
    let dir = TempDir::new().expect("a directory");
    let bounds = Bounds { ledger_days: Some(30), outbox_days: Some(30), ..Bounds::default() };
    let options = bounded(dir.path(), bounds);
    let store = opened(&options, 0);
    seal_traffic(&store, 1..=4, &[]).await;
    deliver_up_to(&store, 2).await;
    store.close().await.expect("closed");
    let ahead = Clock::system_set_by(Micros::from_secs(-31 * 86_400));
    let (store, _) = wait_until_free(|| Store::open(&options, signer(), ahead));
    store.accept(vec![input(1)], vec![]).await.expect("accepted");
    assert_eq!((sequences(&store), waiting(&store)), (vec![1, 2, 3, 4], [3, 4].into()));
}

#[tokio::test]
async fn compliant_traffic_that_has_waited_too_long_is_not_sent_any_more() {
    let dir = TempDir::new().expect("a directory");
    let options = bounded(dir.path(), Bounds { outbox_days: Some(30), ..Bounds::default() });
    let store = opened(&options, 0);
    seal_traffic(&store, 1..=4, &[2]).await;
    store.close().await.expect("closed");
    let store = opened(&options, 31);
    store.accept(vec![input(1)], vec![]).await.expect("accepted");
    assert_eq!(waiting(&store), [2, 5].into());
    assert_eq!(eviction(&store, 5).spans, spans(&[(1, 1), (3, 4)]));
}

#[tokio::test]
async fn what_the_platform_has_asked_for_waits_however_old_it_is() {
    let dir = TempDir::new().expect("a directory");
    let options = bounded(dir.path(), Bounds { outbox_days: Some(30), ..Bounds::default() });
    let store = opened(&options, 0);
    seal_traffic(&store, 1..=4, &[]).await;
    deliver_up_to(&store, 2).await;
    let again = store.entries_again(1).expect("readable").expect("there");
    store.outbox_again(again, alarm_record(5)).await.expect("entered");
    store.close().await.expect("closed");
    let store = opened(&options, 31);
    store.accept(vec![input(1)], vec![]).await.expect("accepted");
    assert_eq!(waiting(&store), [1, 5, 6].into());
    assert_eq!(eviction(&store, 6).spans, spans(&[(3, 4)]));
}
