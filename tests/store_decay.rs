//! A disk that decays where nobody reads: the database opens from its snapshot as if nothing was, and
//! what cannot be read shows when it is asked for. It is told, and what lies behind it is counted.

mod bare_database;
mod store_support;

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;

use proptest::prelude::*;
use store_support::damage::{copy, damage, database, kinds};
use store_support::*;
use tempfile::TempDir;
use wimd::clock::{Clock, Timestamp};
use wimd::io::store::{Bounds, Inspection, Store, StoreError, StoreOptions};
use wimd::pipeline::record::{Body, Record};

/// Two segments of sled's.
const RECORDS: u64 = 1_000;

const NOW: Timestamp = Timestamp(2_000_000);

/// A closed store whose log is behind a snapshot: nothing of it is read when it is opened.
async fn at_rest(dir: &Path) {
    filled_with(RECORDS, dir).await;
    tidy(&bare_database::open(dir));
    // its last snapshot knows all
    drop(bare_database::open(dir));
}

/// Has sled clean its segments, of which each write does a little: it fails where it cannot read what
/// it has to move.
fn tidy(database: &sled::Db) {
    for _ in 0..2_000 {
        database.insert("tidy", &[0; 16]).expect("written");
        database.remove("tidy").expect("written");
    }
    database.flush().expect("written");
}

/// Changes a byte of this record wherever it lies.
fn decay(dir: &Path, seq: u64) {
    let path = database(dir);
    let bytes = fs::read(&path).expect("read");
    let text = format!(r#""after":"{seq}""#);
    let places = bytes.windows(text.len()).enumerate();
    let places = places.filter(|(_, window)| *window == text.as_bytes());
    let file = File::options().write(true).open(&path).expect("opened");
    for (at, _) in places {
        file.write_all_at(b"#", at as u64).expect("written");
    }
}

/// Whether a record cannot be read, asked for by itself. While sled moves pages out of a segment, one
/// that it cannot move fails who reads another, once.
fn is_unreadable(store: &Store, seq: u64) -> bool {
    (0..3).all(|_| matches!(store.sealed(seq), Err(StoreError::Read { .. })))
}

fn unreadable(store: &Store) -> Vec<u64> {
    (1..=RECORDS).filter(|seq| is_unreadable(store, *seq)).collect()
}

fn text_of_alarm(store: &Store, seq: u64) -> String {
    let sealed = store.sealed(seq).expect("readable").expect("sealed");
    let record: Record = serde_json::from_slice(&sealed.record_json).expect("a record");
    let Body::Alarm(alarm) = record.body else { panic!("{record:?}") };
    assert_eq!(alarm.name, "ledger_damaged");
    alarm.text
}

/// A store of which the disk has changed a record behind sled's back, in a copy of the one at rest in
/// `pristine`: one from the middle, of which nothing shows at the opening.
fn decayed(pristine: &Path, bounds: &Bounds) -> (TempDir, Store) {
    for seq in (300..800).step_by(7) {
        let dir = TempDir::new().expect("a directory");
        copy(pristine, dir.path());
        decay(dir.path(), seq);
        let options = StoreOptions { bounds: *bounds, ..StoreOptions::at(dir.path()) };
        let opened = || Store::open(&options, signer(), Clock::system());
        let (store, recovery) = wait_until_free(opened);
        let shows = recovery.moved_aside.is_some() || recovery.lost.is_some();
        if !shows && !unreadable(&store).is_empty() {
            return (dir, store);
        }
    }
    panic!("sled has noticed each");
}

/// As an alarm names them.
fn spans(sequences: &[u64]) -> Vec<String> {
    let stretches = sequences.chunk_by(|one, next| one + 1 == *next);
    let span = |stretch: &[u64]| match *stretch {
        [only] => only.to_string(),
        [first, .., last] => format!("{first} to {last}"),
        [] => String::new(),
    };
    stretches.map(span).collect()
}

#[tokio::test]
async fn records_that_cannot_be_read_are_told_once_and_holes_behind_them_too() {
    let pristine = TempDir::new().expect("a directory");
    filled_with(RECORDS, pristine.path()).await;
    let bare = bare_database::open(pristine.path());
    let ledger = bare.open_tree("ledger").expect("there");
    assert!(ledger.remove(900_u64.to_be_bytes()).expect("written").is_some());
    drop(ledger);
    tidy(&bare);
    drop(bare);
    drop(bare_database::open(pristine.path()));
    let (_dir, store) = decayed(pristine.path(), &Bounds::default());
    let gone = unreadable(&store);
    assert!(gone.iter().all(|seq| *seq < 900), "{gone:?}");
    let count = gone.len() as u64;

    let inspect = async || store.inspect(&inspector(), NOW).await.expect("looked at");
    assert_eq!(inspect().await, Inspection::Damaged { missing: 1, unreadable: count });
    let text = format!(
        "1 sealed records are not in the database, which is damaged: 900; {count} sealed records \
         cannot be read in the database, which is damaged: {}",
        spans(&gone).join(", ")
    );
    assert_eq!(text_of_alarm(&store, RECORDS + 1), text);
    assert_eq!(inspect().await, Inspection::Damaged { missing: 0, unreadable: count });
    let status = store.status();
    assert_eq!(status.head.seq, RECORDS + 1, "no second alarm");
    assert_eq!((status.counts.missing_records, status.counts.unreadable_records), (1, count));

    let exported: Vec<_> = store.export(1, u64::MAX).expect("open").collect();
    let readable = exported.iter().filter(|record| record.is_ok()).count() as u64;
    assert_eq!(readable, RECORDS - count - 1 + 1, "and the alarm");
    let errors = exported.into_iter().filter_map(Result::err);
    let errors: Vec<String> = errors.map(|error| error.to_string()).collect();
    let told = |span: &[u64]| {
        let (first, last) = (span[0], span[span.len() - 1]);
        format!("cannot read records {first} to {last} of the ledger")
    };
    let expected: Vec<_> = gone.chunk_by(|one, next| one + 1 == *next).map(told).collect();
    assert_eq!(errors, expected);
}

/// Delivers the newest records and seals others until retention has removed some.
async fn until_pruned(store: &Store) -> Result<(), StoreError> {
    // what is before has not been delivered and stays
    let waiting = store.outbox_next(None, usize::MAX).expect("readable");
    let delivered = waiting.iter().map(|it| it.key).filter(|key| key.seq > RECORDS - 100);
    store.outbox_remove(delivered.collect()).await?;
    while store.status().counts.pruned == 0 {
        let n = store.status().head.seq + 1;
        store.commit(vec![seal(audit_record(n), &[])]).await?;
        assert!(n < RECORDS + 100, "{:?}", store.status());
    }
    Ok(())
}

/// Retention looks for what may go from the front on, in the commit of others.
#[tokio::test]
async fn retention_leaves_what_cannot_be_read_and_nobody_is_refused() {
    let bounds = Bounds { ledger_entries: RECORDS, ..Bounds::default() };
    for _ in 0..10 {
        let pristine = TempDir::new().expect("a directory");
        at_rest(pristine.path()).await;
        let (_dir, store) = decayed(pristine.path(), &bounds);
        assert!(unreadable(&store).iter().all(|seq| *seq < RECORDS - 100));
        let pruned = until_pruned(&store).await;
        assert_eq!(store.status().counts.failed_retentions, 0);
        match pruned {
            Ok(()) => return,
            // sled itself had to move what it cannot read, which is another matter
            Err(StoreError::Write(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    panic!("sled has moved it each time");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn decay_anywhere_is_survived_and_never_silent(kind in kinds(), place in any::<prop::sample::Index>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let dir = TempDir::new().expect("a directory");
            at_rest(dir.path()).await;
            damage(&database(dir.path()), &kind, place);

            let (store, recovery) = wait_until_free(|| try_open(dir.path()));
            let told = match (&recovery.moved_aside, recovery.lost) {
                (Some(_), _) => 0,
                (None, Some(lost)) => lost.records.map_or(RECORDS, |(first, _)| first - 1),
                (None, None) => RECORDS,
            };
            let there = |seq: &u64| (0..3).any(|_| matches!(store.sealed(*seq), Ok(Some(_))));
            let there = (1..=RECORDS).filter(there).count();
            let found = store.inspect(&inspector(), NOW).await.expect("looked at");
            let lost = match found {
                Inspection::Whole(records) => told - records,
                Inspection::Damaged { missing, unreadable } => missing + unreadable,
                Inspection::InUse => panic!("nobody uses it"),
            };
            assert_eq!(lost, told - there as u64, "{found:?} {recovery:?}");
            assert_eq!(found == Inspection::Whole(told), lost == 0);
        });
    }
}
