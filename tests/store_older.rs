//! A store of the versions that gave each entry of the outbox a key of its own, and knew the records
//! of events and vehicles by their ids alone: it opens, and goes on.

mod bare_database;
mod store_support;

use std::path::Path;

use store_support::*;
use tempfile::TempDir;
use wimd::io::store::{Compaction, OutboxEntry, SealedRecord, Store};

/// First byte of a value that holds several entries.
const PACK: u8 = 0x80;

/// More than one pack of each lane.
const RECORDS: u64 = 200;

/// The entries of a pack: each a key with its length in one byte and a value with its length in
/// four.
fn unpacked(mut pack: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut entries = Vec::new();
    while let Some((&key_length, rest)) = pack.split_first() {
        let (key, rest) = rest.split_at(key_length.into());
        let (length, rest) = rest.split_at(4);
        let length = u32::from_be_bytes(length.try_into().expect("four bytes"));
        let (value, rest) = rest.split_at(length as usize);
        entries.push((key.to_vec(), value.to_vec()));
        pack = rest;
    }
    entries
}

/// Gives each entry its own key; how many were in packs.
fn make_older(dir: &Path) -> usize {
    let database = sled::open(dir.join("sled")).expect("opened");
    let mut parted = 0;
    let tree = database.open_tree("outbox").expect("opened");
    for stored in tree.iter() {
        let (key, value) = stored.expect("readable");
        if value[0] != PACK {
            continue;
        }
        tree.remove(&key).expect("removed");
        for (key, value) in unpacked(&value[1..]) {
            tree.insert(key, value).expect("inserted");
            parted += 1;
        }
    }
    database.flush().expect("written");
    parted
}

#[derive(Debug, PartialEq)]
struct Seen {
    records: Vec<SealedRecord>,
    outbox: Vec<OutboxEntry>,
    figures: String,
}

fn seen(store: &Store) -> Seen {
    let status = store.status();
    let usage = (status.head, status.ledger, status.outbox_first, status.outbox_second);
    Seen {
        records: all(store),
        outbox: store.outbox_next(None, usize::MAX).expect("readable"),
        figures: format!("{usage:?}"),
    }
}

fn assert_whole_chain(store: &Store, last: u64) {
    let report = verified(&all(store));
    assert!(report.is_good(), "{report:?}");
    assert_eq!(report.head.map(|head| head.seq), Some(last));
}

async fn older(dir: &Path) -> Seen {
    let (store, _) = open(dir);
    for n in 0..RECORDS {
        let record = if n % 3 == 0 { alarm_record(n) } else { audit_record(n) };
        store.commit(vec![seal(record, &[])]).await.expect("committed");
    }
    let before = seen(&store);
    store.close().await.expect("closed");
    assert!(make_older(dir) > RECORDS as usize / 2);
    before
}

#[tokio::test]
async fn an_older_store_has_all_that_it_had_and_goes_on() {
    let dir = TempDir::new().expect("a directory");
    let before = older(dir.path()).await;
    let (store, recovery) = wait_until_free(|| {
        Store::open(
            &wimd::io::store::StoreOptions::at(dir.path()),
            signer(),
            wimd::clock::Clock::system(),
        )
    });
    assert_eq!((recovery.fresh, recovery.moved_aside), (false, None));
    assert_eq!(seen(&store), before);

    let delivered: Vec<_> = before.outbox.iter().step_by(2).map(|entry| entry.key).collect();
    store.outbox_remove(delivered.clone()).await.expect("removed");
    for n in RECORDS..RECORDS + 50 {
        store.commit(vec![seal(audit_record(n), &[])]).await.expect("committed");
    }
    assert_eq!(store.sealed(7).expect("readable").as_ref(), before.records.get(6));
    let mut expected: Vec<_> = before
        .outbox
        .iter()
        .map(|entry| entry.key)
        .filter(|key| !delivered.contains(key))
        .collect();
    let waiting = || -> Vec<_> {
        let entries = store.outbox_next(None, usize::MAX).expect("readable");
        entries.iter().map(|entry| entry.key).collect()
    };
    expected.extend((RECORDS + 1..=RECORDS + 50).map(|seq| wimd::io::store::OutboxKey {
        lane: wimd::io::store::Lane::Second,
        seq,
        item: 0,
    }));
    assert_eq!(waiting(), expected);
    assert_whole_chain(&store, RECORDS + 50);

    let compacted = store.compact().await.expect("compacted");
    assert!(matches!(compacted, Compaction::Done { .. }), "{compacted:?}");
    assert_eq!(waiting(), expected);
    assert_whole_chain(&store, RECORDS + 50);
    store.close().await.expect("closed");
}

#[tokio::test]
async fn what_an_older_version_had_learnt_is_known() {
    let dir = TempDir::new().expect("a directory");
    open(dir.path()).0.close().await.expect("closed");
    let meta = bare_database::open(dir.path()).open_tree("meta").expect("there");
    let mut pieces = Vec::new();
    for piece in include_str!("../fixtures/store/known.txt").split("\n\n") {
        let line = |name: &str| piece.lines().find_map(|line| line.strip_prefix(name));
        let (Some(older), Some(key)) = (line("older "), line("key ")) else { continue };
        let bytes = hex::decode(older.replace(' ', "")).expect("hexadecimal");
        meta.insert(format!("known/{key}"), bytes).expect("written");
        pieces.extend(line("means ").map(str::to_owned));
    }
    assert_eq!(pieces.len(), 2, "an event and a vehicle");
    drop(meta);
    let (store, _) = wait_until_free(|| try_open(dir.path()));
    let known = store.known().expect("readable");
    assert_eq!(known.iter().map(|piece| format!("{piece:?}")).collect::<Vec<_>>(), pieces);
    store.accept(vec![input(1)], vec![]).await.expect("accepted");
    assert_eq!(store.status().counts.quarantined, 0);
}
