//! A disk that does not let delivered entries be removed.
//!
//! The refusal is a limit on the size of files, set in a process of its own.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod uplink_support;

use std::process::Command;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SigSet, Signal};
use uplink_support::*;
use wimd::sim::broker::Broker;

const VICTIM: &str = "WIMD_TEST_FAILING_REMOVAL";

/// Not a test of its own: the process whose disk fails.
#[test]
fn victim() {
    if std::env::var_os(VICTIM).is_none() {
        return;
    }
    // a write beyond the limit is then an error and not the end
    let mut signals = SigSet::empty();
    signals.add(Signal::SIGXFSZ);
    signals.thread_block().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(fail_to_remove_and_recover());
}

async fn fail_to_remove_and_recover() {
    let broker = Broker::start().unwrap();
    let mut platform = platform(&broker.url).await;
    let mut rig = Rig::new(&broker.url);
    let mut ids = rig.seal(many(20, ordinary)).await;
    let (soft, hard) = getrlimit(Resource::RLIMIT_FSIZE).unwrap();
    setrlimit(Resource::RLIMIT_FSIZE, 0, hard).unwrap();
    rig.start();
    let status = rig.until("refused", |status| status.removal_failures >= 20).await;
    assert_eq!((status.removed, status.acknowledged), (0, 20));
    setrlimit(Resource::RLIMIT_FSIZE, soft, hard).unwrap();
    until_writable(&rig).await;
    ids.extend(rig.seal(many(1, ordinary)).await);
    let status = rig.until_drained().await;
    assert_eq!((status.connects, status.acknowledged), (1, 41), "each of the twenty twice");
    let heard = hear_all(&mut platform, &ids).await;
    assert_eq!(set(&ids), heard.into_keys().collect());
}

async fn until_writable(rig: &Rig) {
    tokio::time::timeout(LIMIT, async {
        while rig.store.status().failed {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
}

#[test]
fn what_could_not_be_removed_is_delivered_and_removed_when_the_disk_writes_again() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["victim", "--exact", "--nocapture", "--test-threads=1"])
        .env(VICTIM, "yes")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {text}", output.status);
}
