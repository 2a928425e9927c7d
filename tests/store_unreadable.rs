//! A part of the database that cannot be read although it opens: what lies behind its last snapshot
//! sled looks at only when it is asked for it. What can be read is read, the reading ends, and the doors
//! do not wait for what cannot be mended.

mod store_support;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use store_support::damage::{Damage, copy, damage_where, database};
use store_support::*;
use tempfile::TempDir;
use wimd::clock::Clock;
use wimd::io::store::{Bounds, Store, StoreError, StoreOptions};

const RECORDS: u64 = 1_000;

/// Places at which the database is damaged, evenly spread.
const PLACES: usize = 60;

/// A closed store of delivered records, opened once more so that all of it lies behind a snapshot.
async fn settled(dir: &Path) {
    let (store, _) = open(dir);
    for first in (1..=RECORDS).step_by(100) {
        let part = (first..first + 100).map(|n| seal(audit_record(n), &[]));
        store.commit(part.collect()).await.expect("committed");
        let waiting = store.outbox_next(None, 200).expect("readable");
        let keys = waiting.into_iter().map(|entry| entry.key).collect();
        store.outbox_remove(keys).await.expect("delivered");
    }
    store.close().await.expect("closed");
    let (store, _) = wait_until_free(|| try_open(dir));
    store.close().await.expect("closed");
    drop(wait_until_free(|| try_open(dir)));
}

/// A copy of the store, damaged at that place of so many.
fn damaged_copy(of: &Path, place: usize) -> TempDir {
    let dir = TempDir::new().expect("a directory");
    copy(of, dir.path());
    let flip = Damage::Flip { bytes: 2 };
    damage_where(&database(dir.path()), &flip, |written| written * place / PLACES);
    dir
}

/// A store that has opened as if nothing were wrong, with the sequences that cannot be read.
struct Damaged {
    store: Store,
    unreadable: Vec<u64>,
    dir: TempDir,
}

impl Damaged {
    /// Whether the damaged database had to go, and retention found nothing in the fresh one.
    fn is_moved_aside(&self) -> bool {
        let mut files = fs::read_dir(self.dir.path()).expect("listed");
        files.any(|it| it.expect("listed").file_name().to_string_lossy().starts_with("sled.aside"))
    }
}

async fn damaged_stores(bounds: Bounds) -> Vec<Damaged> {
    let dir = TempDir::new().expect("a directory");
    settled(dir.path()).await;
    let damaged = (0..PLACES).filter_map(|place| {
        let copy = damaged_copy(dir.path(), place);
        let options = StoreOptions { bounds, ..StoreOptions::at(copy.path()) };
        // so that the pause after a failed commit is a short one
        let clock = Clock::scaled(Clock::wall(), 60);
        let (store, recovery) = Store::open(&options, signer(), clock).expect("opened");
        let is_unreadable = |seq: &u64| store.sealed(*seq).is_err_and(|error| error.is_damage());
        let unreadable: Vec<u64> = (1..=RECORDS).filter(is_unreadable).collect();
        let is_of_use = recovery.moved_aside.is_none() && !unreadable.is_empty();
        is_of_use.then_some(Damaged { store, unreadable, dir: copy })
    });
    let damaged: Vec<Damaged> = damaged.collect();
    assert!(!damaged.is_empty(), "no place was damaged so");
    damaged
}

/// As a door does it: offered again until it is taken.
async fn taken(store: &Store, n: u64) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while let Err(error) = store.commit(vec![seal(audit_record(n), &[])]).await {
        assert!(
            Instant::now() < deadline,
            "{n} is refused: {error:?}, {:?}",
            store.status().counts
        );
        assert!(matches!(error, StoreError::Write { .. }), "{error}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn retention_that_meets_what_cannot_be_read_shuts_the_doors_for_a_minute_at_most() {
    let (ledger_entries, ledger_days) = (RECORDS / 2, Some(1));
    let bounds = Bounds { ledger_entries, ledger_days, ..Bounds::default() };
    for damaged in damaged_stores(bounds).await {
        let Damaged { store, unreadable, .. } = &damaged;
        for n in 1..=12 {
            taken(store, RECORDS + n).await;
        }
        let status = store.status();
        assert!(status.head.seq >= RECORDS + 12, "{unreadable:?}: {status:?}");
        let made_room = status.counts.pruned > 0 || damaged.is_moved_aside();
        assert!(made_room, "{unreadable:?}: {status:?}");
    }
}
