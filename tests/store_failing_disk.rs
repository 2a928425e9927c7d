//! A disk that refuses to write, a directory that is removed under way: the callers are told, the process stays up, and everything that
//! was acknowledged is there when the disk writes again.
//!
//! The refusal is a limit on the size of files, set in a process of its own.

mod store_support;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SigSet, Signal};
use store_support::*;
use tempfile::TempDir;
use wimd::clock::Clock;
use wimd::io::store::{Store, StoreError, StoreOptions};
use wimd::pipeline::{Arrival, Input, InputId};

const VICTIM_DIR: &str = "WIMD_TEST_FAILING_DIR";

/// Bytes of a file up to which a failing disk writes: more than the journal of one commit here.
const WRITTEN_UP_TO: u64 = 4 << 20;

/// Not a test of its own: the process whose disk fails.
#[test]
fn victim() {
    as_victim(fail_and_recover);
}

/// Nor this: the database's file cannot be written, and the journal can.
#[test]
fn victim_with_a_journal() {
    as_victim(fail_behind_the_journal);
}

fn as_victim(live: impl AsyncFnOnce(&Path)) {
    let Some(dir) = std::env::var_os(VICTIM_DIR) else {
        return;
    };
    // a write beyond the limit is then an error and not the end
    let mut signals = SigSet::empty();
    signals.add(Signal::SIGXFSZ);
    signals.thread_block().expect("blocked");
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(live(Path::new(&dir)));
}

async fn fail_behind_the_journal(dir: &Path) {
    let (store, _) = open(dir);
    let database = dir.join("sled").join("db");
    let size = || std::fs::metadata(&database).expect("it is there").len();
    let mut given = 0;
    while size() < WRITTEN_UP_TO + (1 << 20) {
        accept_large(&store, &mut given, 100).await;
    }
    // nothing of these is still on its way into the database
    store.close().await.expect("closed");
    let (store, _) = open(dir);
    let (soft, hard) = getrlimit(Resource::RLIMIT_FSIZE).expect("asked");
    setrlimit(Resource::RLIMIT_FSIZE, WRITTEN_UP_TO, hard).expect("limited");
    let last = *accept_large(&store, &mut given, 1_500).await.last().expect("many");
    // the input is durable and perhaps never comes into this database: that is no reason to find nothing
    // to seal
    let step = vec![seal(audit_record(1), &[last])];
    let first = store.commit(step.clone()).await;
    until("the store has failed", || store.status().failed).await;
    setrlimit(Resource::RLIMIT_FSIZE, soft, hard).expect("lifted");
    // nobody asks it for anything
    until("the store is open again", || !store.status().failed).await;
    let proofs = match first {
        Ok(proofs) => proofs,
        Err(_) => store.commit(step).await.expect("committed"),
    };
    assert_eq!(proofs.iter().map(|proof| proof.seq).collect::<Vec<_>>(), [1]);
    let own = store.own_inputs();
    assert_eq!(alarms(&own), ["store_write_failed"]);
    let pending = store.pending().expect("readable");
    let accepted = pending.iter().filter(|input| !own.contains(input));
    let accepted: Vec<_> = accepted.map(|(_, arrival)| number(arrival)).collect();
    assert_eq!(accepted, (1..given).collect::<Vec<_>>(), "acknowledged and nothing else");
    store.close().await.expect("closed");
    let (_, recovery) = open(dir);
    assert_eq!((recovery.moved_aside, recovery.lost), (None, None));
}

async fn accept_large(store: &Store, given: &mut u64, count: u64) -> Vec<InputId> {
    let large = |n| Arrival { raw: vec![7; 2_000], ..input(n) };
    let arrivals = (*given + 1..=*given + count).map(large).collect();
    *given += count;
    store.accept(arrivals, vec![]).await.expect("accepted")
}

async fn until(what: &str, reached: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !reached() {
        assert!(Instant::now() < deadline, "{what}: not yet");
        tokio::task::yield_now().await;
    }
}

async fn fail_and_recover(dir: &Path) {
    let (store, _) = open(dir);
    let ids = accept_many(&store, 1..=20).await;
    let proofs = store.commit(vec![seal(audit_record(1), &ids[..1])]).await.expect("committed");

    let (soft, hard) = getrlimit(Resource::RLIMIT_FSIZE).expect("asked");
    setrlimit(Resource::RLIMIT_FSIZE, 0, hard).expect("limited");
    let refused = store.accept(vec![input(100)], vec![]).await;
    assert!(matches!(refused, Err(StoreError::Write(_))), "{refused:?}");
    let again = vec![seal(audit_record(2), &ids[1..2])];
    let refused = store.commit(again.clone()).await;
    assert!(matches!(refused, Err(StoreError::Write(_))), "{refused:?}");
    assert!(store.status().failed);

    setrlimit(Resource::RLIMIT_FSIZE, soft, hard).expect("lifted");
    let deadline = Instant::now() + Duration::from_secs(30);
    let second = loop {
        match store.commit(again.clone()).await {
            Ok(proofs) => break proofs,
            Err(error) => assert!(Instant::now() < deadline, "{error}"),
        }
        tokio::task::yield_now().await;
    };
    assert_eq!((second[0].seq, second[0].prev), (2, proofs[0].hash));
    let own = store.own_inputs();
    let pending = store.pending().expect("readable");
    let accepted = pending.iter().filter(|input| !own.contains(input));
    let accepted: Vec<_> = accepted.map(|(id, arrival)| (*id, number(arrival))).collect();
    let expected: Vec<_> = ids[2..].iter().copied().zip(3..=20).collect();
    assert_eq!(accepted, expected, "acknowledged and nothing else");
    assert_eq!(alarms(&own), ["store_write_failed"]);
    let status = store.status();
    assert!(!status.failed && status.counts.reopened >= 1, "{status:?}");
    store.close().await.expect("closed");
    let (store, recovery) = open(dir);
    assert_eq!((recovery.moved_aside, recovery.lost), (None, None));
    assert_eq!(store.status().head.seq, 2);
}

/// Somebody removes the directory of a store that works: nobody can save what was in it, and
/// nobody may believe that it was never there.
#[tokio::test]
async fn a_directory_removed_while_it_is_used_is_told_and_the_chain_goes_on() {
    let parent = TempDir::new().expect("a directory");
    let dir = parent.path().join("state");
    let (store, _) = open(&dir);
    let given = accept_many(&store, 1..=3).await;
    let proof = store.commit(vec![seal(audit_record(1), &given[..1])]).await.expect("committed")[0];
    std::fs::remove_dir_all(&dir).expect("removed");

    let refused = store.accept(vec![input(4)], vec![]).await;
    assert!(matches!(refused, Err(StoreError::Write(_))), "{refused:?}");
    let ids = until_accepted(&store, 4).await;
    assert!(ids[0] > given[2], "{ids:?} after {given:?}");
    assert_eq!(alarms(&store.own_inputs()), ["store_moved_aside", "store_write_failed"]);
    assert_eq!(store.own_inputs(), [], "told once");
    let next = store.commit(vec![seal(audit_record(2), &ids)]).await.expect("committed")[0];
    assert_eq!((next.seq, next.prev), (proof.seq + 1, proof.hash));

    let second = Store::open(&StoreOptions::at(&dir), signer(), Clock::system());
    assert!(matches!(second, Err(StoreError::Held { .. })), "the lock is there again");
    store.close().await.expect("closed");
    let (store, recovery) = open(&dir);
    assert_eq!((recovery.moved_aside, recovery.lost), (None, None));
    assert_eq!(store.status().head, next.head());
}

fn alarms(inputs: &[(InputId, Arrival)]) -> Vec<&str> {
    let told = inputs.iter().filter_map(|(_, arrival)| match &arrival.input {
        Input::Alarm(alarm) => Some(alarm.name.as_str()),
        _ => None,
    });
    told.collect()
}

async fn accept_many(store: &Store, numbers: std::ops::RangeInclusive<u64>) -> Vec<InputId> {
    let arrivals = numbers.map(input).collect();
    store.accept(arrivals, vec![]).await.expect("accepted")
}

#[test]
fn a_disk_that_refuses_to_write_is_told_and_survived() {
    survives("victim");
}

#[test]
fn what_is_acknowledged_and_does_not_come_into_the_database_comes_from_the_journal() {
    survives("victim_with_a_journal");
}

fn survives(victim: &str) {
    let dir = TempDir::new().expect("a directory");
    let output = Command::new(std::env::current_exe().expect("our path"))
        .args([victim, "--exact", "--nocapture", "--test-threads=1"])
        .env(VICTIM_DIR, dir.path())
        .output()
        .expect("run");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {text}", output.status);
}
