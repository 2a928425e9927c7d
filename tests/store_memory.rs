//! A store does not take the more memory the more is in it, however large its records are.
//!
//! Each measures a process of its own, which is this test binary once more.

mod store_support;

use std::fs;
use std::path::Path;
use std::process::Command;

use store_support::*;
use tempfile::TempDir;
use wimd::pipeline::Action;
use wimd::pipeline::record::{Audit, Body};

const VICTIM_DIR: &str = "WIMD_TEST_MEMORY_DIR";

/// Records as large as those of passages.
const RECORDS: u64 = 40_000;
const RECORD_BYTES: usize = 7_500;

/// Of 300 MB, how much may be in memory, which is four times what the cache of the database is to have.
const MOST_KIB: u64 = 64 * 1024;

/// Not a test of its own.
#[test]
fn victim_that_seals() {
    let Some(dir) = std::env::var_os(VICTIM_DIR) else {
        return;
    };
    runtime().block_on(async {
        let (store, _) = open(Path::new(&dir));
        let before = resident_kib();
        for first in (1..=RECORDS).step_by(50) {
            let large: Vec<Action> = (first..first + 50).map(large).collect();
            store.commit(large).await.expect("committed");
        }
        expect_little_since(before);
        store.close().await.expect("closed");
    });
}

/// Nor this.
#[test]
fn victim_that_reads() {
    let Some(dir) = std::env::var_os(VICTIM_DIR) else {
        return;
    };
    let _runtime = runtime().enter();
    let (store, _) = open(Path::new(&dir));
    let before = resident_kib();
    let records = store.export(1, u64::MAX).expect("open");
    assert_eq!(records.filter(|record| record.is_ok()).count() as u64, RECORDS);
    expect_little_since(before);
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("a runtime")
}

fn large(n: u64) -> Action {
    let text = Audit {
        source: "controller 1".to_owned(),
        event: format!("event {n}"),
        before: "0".repeat(RECORD_BYTES),
        after: n.to_string(),
    };
    seal(record(n, Body::Audit(text)), &[])
}

fn expect_little_since(before: u64) {
    let more = resident_kib().saturating_sub(before);
    assert!(more <= MOST_KIB, "{more} KiB more than before, {MOST_KIB} are allowed");
}

fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("readable");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let figure = line.and_then(|line| line.trim().strip_suffix(" kB"));
    figure.and_then(|figure| figure.parse().ok()).expect("a figure in kB")
}

#[test]
fn neither_sealing_nor_reading_a_long_ledger_takes_its_size_in_memory() {
    let dir = TempDir::new().expect("a directory");
    for victim in ["victim_that_seals", "victim_that_reads"] {
        let output = Command::new(std::env::current_exe().expect("our path"))
            .args([victim, "--exact", "--nocapture", "--test-threads=1"])
            .env(VICTIM_DIR, dir.path())
            .output()
            .expect("run");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{victim}: {}: {text}", output.status);
    }
}
