//! A disk that refuses to write: the callers are told, the process stays up, and everything that
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
use wimd::io::store::{Store, StoreError};
use wimd::pipeline::InputId;

const VICTIM_DIR: &str = "WIMD_TEST_FAILING_DIR";

/// Not a test of its own: the process whose disk fails.
#[test]
fn victim() {
    let Some(dir) = std::env::var_os(VICTIM_DIR) else {
        return;
    };
    // a write beyond the limit is then an error and not the end
    let mut signals = SigSet::empty();
    signals.add(Signal::SIGXFSZ);
    signals.thread_block().expect("blocked");
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(fail_and_recover(Path::new(&dir)));
}

async fn fail_and_recover(dir: &Path) {
    let (store, _) = open(dir);
    let ids = accept_many(&store, 1..=20).await;
    let proofs = store.commit(vec![seal(audit_record(1), &ids[..1])]).await.expect("committed");

    let (soft, hard) = getrlimit(Resource::RLIMIT_FSIZE).expect("asked");
    setrlimit(Resource::RLIMIT_FSIZE, 4_096, hard).expect("limited");
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
    let pending: Vec<_> =
        store.pending().expect("readable").iter().map(|(id, a)| (*id, number(a))).collect();
    let expected: Vec<_> = ids[2..].iter().copied().zip(3..=20).collect();
    assert_eq!(pending, expected, "acknowledged and nothing else");
    let status = store.status();
    assert!(!status.failed && status.counts.reopened >= 1, "{status:?}");
    store.close().await.expect("closed");
    let (store, recovery) = open(dir);
    assert_eq!((recovery.moved_aside, recovery.lost), (None, None));
    assert_eq!(store.status().head.seq, 2);
}

async fn accept_many(store: &Store, numbers: std::ops::RangeInclusive<u64>) -> Vec<InputId> {
    let arrivals = numbers.map(input).collect();
    store.accept(arrivals, vec![]).await.expect("accepted")
}

#[test]
fn a_disk_that_refuses_to_write_is_told_and_survived() {
    let dir = TempDir::new().expect("a directory");
    let output = Command::new(std::env::current_exe().expect("our path"))
        .args(["victim", "--exact", "--nocapture", "--test-threads=1"])
        .env(VICTIM_DIR, dir.path())
        .output()
        .expect("run");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {text}", output.status);
}
