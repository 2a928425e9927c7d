//! What cannot be sealed or sent is kept, told by an alarm, and stops nothing else.

mod store_support;

use store_support::*;
use tempfile::TempDir;
use wimd::clock::Timestamp;
use wimd::io::store::{
    Aside, AsideReason, Bounds, Lane, Origin, OutboxItem, OutboxKey, Store, StoreOptions,
};
use wimd::pipeline::record::{Alarm, Body, Channel, Record};

/// More than a record may have, less than the store could encode.
fn enormous(n: u64) -> Record {
    let text = "x".repeat(17 << 20);
    record(n, Body::Alarm(Alarm { name: "test".to_owned(), lane: None, text }))
}

fn bodies(store: &Store) -> Vec<Body> {
    let records = store.export(1, u64::MAX).expect("open");
    let body = |json: &[u8]| serde_json::from_slice::<Record>(json).expect("a record").body;
    records.map(|record| body(&record.expect("readable").record_json)).collect()
}

fn first(seq: u64) -> OutboxKey {
    OutboxKey { lane: Lane::First, seq, item: 0 }
}

async fn set_aside(store: &Store, seq: u64) {
    set_entry_aside(store, first(seq), Channel::Alarm).await;
}

async fn set_entry_aside(store: &Store, key: OutboxKey, channel: Channel) {
    let what = OutboxItem::Record { seq: key.seq, channel };
    let aside = Aside { what, reason: AsideReason::Oversize, packet_bytes: 9, at: Timestamp(5) };
    let alarm = Origin::default().alarm("s", Timestamp(5), "told", "aside".to_owned());
    store.outbox_set_aside(key, aside, Some(alarm)).await.expect("set aside");
}

#[tokio::test]
async fn a_record_without_a_stored_form_is_kept_with_its_inputs_and_told_and_stops_no_other() {
    let dir = TempDir::new().expect("a directory");
    let (store, _) = open(dir.path());
    let ids = store.accept(vec![input(1), input(2)], vec![]).await.expect("accepted");
    let steps = vec![seal(enormous(1), &ids[..1]), seal(audit_record(2), &ids[1..])];
    let proofs = store.commit(steps).await.expect("committed");

    assert_eq!(proofs.iter().map(|proof| proof.seq).collect::<Vec<_>>(), [1, 2]);
    let bodies = bodies(&store);
    let Body::Alarm(alarm) = &bodies[0] else { panic!("{bodies:?}") };
    assert_eq!(alarm.name, "record_unsealable");
    assert!(alarm.text.contains("record site-1 has"), "{}", alarm.text);
    assert_eq!(bodies[1], audit_record(2).body);
    assert_eq!(store.pending().expect("readable"), []);
    let counts = store.status().counts;
    assert_eq!((counts.unsealable, counts.quarantined, counts.missing_inputs), (1, 1, 0));
}

#[tokio::test]
async fn what_cannot_be_sealed_is_kept_up_to_a_bound_and_counted_beyond_also_after_a_restart() {
    let dir = TempDir::new().expect("a directory");
    // room for one of them
    let bounds = Bounds { quarantine_bytes: 20 << 20, ..Bounds::default() };
    let options = StoreOptions { bounds, ..StoreOptions::at(dir.path()) };
    let (mut store, _) = open_with(&options);
    for (number, discarded) in [(1, 0), (2, 1)] {
        let ids = store.accept(vec![input(number)], vec![]).await.expect("accepted");
        store.commit(vec![seal(enormous(number), &ids)]).await.expect("committed");
        let counts = store.status().counts;
        // a record is larger than its bound, an input smaller than the room that is left
        assert_eq!((counts.unsealable, counts.quarantine_discarded), (1, discarded));
        assert!((17 << 20..20 << 20).contains(&counts.quarantine_bytes), "{counts:?}");
        let kept = counts.quarantine_bytes;
        assert_eq!(store.pending().expect("readable"), [], "no input stays where it was");
        store.close().await.expect("closed");
        (store, _) = open_with(&options);
        assert_eq!(store.status().counts.quarantine_bytes, kept);
    }
}

#[tokio::test]
async fn what_is_set_aside_leaves_the_outbox_and_is_there_after_a_restart() {
    let dir = TempDir::new().expect("a directory");
    let (store, _) = open(dir.path());
    let steps = vec![seal(alarm_record(1), &[]), seal(alarm_record(2), &[])];
    store.commit(steps).await.expect("committed");
    set_aside(&store, 1).await;
    set_aside(&store, 1).await;
    let waiting = |store: &Store| -> Vec<OutboxKey> {
        store.outbox_next(None, 9).expect("readable").iter().map(|entry| entry.key).collect()
    };
    assert_eq!(waiting(&store), [first(2), first(3)], "told once");
    store.close().await.expect("closed");

    let (store, _) = open(dir.path());
    let asides = store.asides().expect("readable");
    assert_eq!(asides.len(), 1);
    assert_eq!((asides[0].0, asides[0].1.reason), (first(1), AsideReason::Oversize));
    assert_eq!(store.status().counts.aside, 1);
    assert_eq!(store.outbox_release(vec![first(1), first(1)]).await.expect("released"), 1);
    assert_eq!(waiting(&store), [first(1), first(2), first(3)]);
    assert_eq!((store.asides().expect("readable").len(), store.status().counts.aside), (0, 0));
}

#[tokio::test]
async fn retention_never_takes_a_record_of_which_something_is_set_aside() {
    let dir = TempDir::new().expect("a directory");
    let bounds = Bounds { ledger_entries: 1, ..Bounds::default() };
    let (store, _) = open_with(&StoreOptions { bounds, ..StoreOptions::at(dir.path()) });
    store.commit(vec![seal(alarm_record(1), &[])]).await.expect("committed");
    set_aside(&store, 1).await;
    store.outbox_remove(vec![first(2)]).await.expect("delivered");
    assert!(store.accept(vec![input(1)], vec![]).await.is_err_and(|error| error.is_full()));
    assert!(store.sealed(1).expect("readable").is_some());
}

#[tokio::test]
async fn what_is_delivered_because_it_was_asked_for_is_not_aside_any_more() {
    let dir = TempDir::new().expect("a directory");
    let (store, _) = open(dir.path());
    store.commit(vec![seal(alarm_record(1), &[])]).await.expect("committed");
    set_aside(&store, 1).await;
    let entries = store.entries_again(1).expect("readable").expect("there");
    store.outbox_again(entries, audit_record(2)).await.expect("entered");
    assert_eq!(store.status().counts.aside, 1);
    let waiting = store.outbox_next(None, 99).expect("readable");
    store.outbox_remove(waiting.iter().map(|it| it.key).collect()).await.expect("delivered");
    assert_eq!(store.asides().expect("readable"), []);
    assert_eq!((store.status().counts.aside, store.status().outbox_entries()), (0, 0));
    store.close().await.expect("closed");
    let (_, recovery) = wait_until_free(|| try_open(dir.path()));
    assert_eq!(recovery.missing, None);
}

#[tokio::test]
async fn what_is_asked_for_again_while_it_is_set_aside_or_waits_is_counted_once() {
    let dir = TempDir::new().expect("a directory");
    let (store, _) = open(dir.path());
    store.commit(vec![seal(audit_record(1), &[])]).await.expect("committed");
    let key = OutboxKey { lane: Lane::Second, seq: 1, item: 0 };
    let again = async |n: u64| {
        let entries = store.entries_again(1).expect("readable").expect("there");
        store.outbox_again(entries, audit_record(n)).await.expect("entered")
    };
    set_entry_aside(&store, key, Channel::Passage).await;
    assert_eq!(again(2).await, 1);
    let waiting = store.outbox_next(None, 99).expect("readable");
    let asked_for = waiting.iter().find(|entry| entry.key.seq == 1).expect("it waits");
    set_entry_aside(&store, asked_for.key, Channel::Passage).await;
    assert_eq!((store.asides().expect("readable").len(), store.status().counts.aside), (1, 1));

    let both = tokio::join!(again(3), again(4));
    assert_eq!(both.0 + both.1, 1, "one of two that share a commit");
    assert_eq!(store.outbox_release(vec![key]).await.expect("released"), 1);
    let waiting = store.outbox_next(None, 99).expect("readable").len() as u64;
    assert_eq!((store.status().outbox_entries(), store.status().counts.aside), (waiting, 0));
    store.close().await.expect("closed");
    let (_, recovery) = wait_until_free(|| try_open(dir.path()));
    assert_eq!(recovery.missing, None);
}
