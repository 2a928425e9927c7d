//! What a backlog costs: bytes written for each byte of a sealed record, memory with everything
//! waiting, the time until the store is open again, and the space that comes back.
//!
//! `cargo bench --bench backlog -- 1000000`; without a number 100 000 records.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::runtime::Runtime;
use wimd::clock::{Clock, Timestamp};
use wimd::io::store::{Bounds, Footprint, Signer, Store, StoreOptions};
use wimd::pipeline::record::{Audit, Body, RECORD_VERSION, Record, Site};
use wimd::pipeline::{Action, Seal};

/// Records of one commit in a burst.
const BURST: u64 = 64;

/// Records of each measurement of what is written.
const WRITTEN: u64 = 20_000;

/// Of them, one commit each.
const TRICKLED: u64 = 500;

fn main() {
    // cargo adds `--bench`
    let number = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let records = number.unwrap_or(100_000);
    let runtime = Runtime::new().expect("a runtime");
    println!("bytes written for each byte of a sealed record:");
    amplification(&runtime, "burst of 64", BURST, WRITTEN);
    amplification(&runtime, "one by one", 1, TRICKLED);
    backlog(&runtime, records);
}

/// A record of some 600 bytes.
fn seal(n: u64) -> Action {
    let audit = Audit {
        source: "controller 1".to_owned(),
        event: format!("event {n}"),
        before: "0".repeat(200),
        after: "1".repeat(200),
    };
    let record = Record {
        version: RECORD_VERSION,
        id: format!("site-{n}"),
        site: Site::default(),
        occurred_at: Timestamp(1_795_000_000_000_000),
        body: Body::Audit(audit),
        provenance: Default::default(),
    };
    Action::Seal(Box::new(Seal { record, raw: Vec::new(), consumes: Vec::new() }))
}

fn folder() -> TempDir {
    // beside the build, not in a temporary file system that may be memory
    TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory on the disk")
}

fn open(dir: &Path, kept: u64) -> Store {
    let bounds = Bounds { ledger_entries: kept, ..Bounds::default() };
    let options = StoreOptions { bounds, ..StoreOptions::at(dir) };
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        match Store::open(&options, Signer::from_seed(&[7; 32]), Clock::system()) {
            Ok((store, _)) => return store,
            Err(error) => assert!(Instant::now() < deadline, "{error}"),
        }
    }
}

fn commit(runtime: &Runtime, store: &Store, from: u64, to: u64, together: u64) {
    let mut n = from;
    while n < to {
        let actions = (n..to.min(n + together)).map(seal).collect();
        runtime.block_on(store.commit(actions)).expect("committed");
        n += together;
    }
}

fn amplification(runtime: &Runtime, name: &str, together: u64, records: u64) {
    let dir = folder();
    let store = open(dir.path(), u64::MAX);
    let before = own("io", "write_bytes:");
    commit(runtime, &store, 0, records, together);
    let written = own("io", "write_bytes:") - before;
    let payloads = store.export(1, u64::MAX).expect("open");
    let payloads: Vec<_> = payloads.map(|record| record.expect("readable").payload()).collect();
    let bytes: u64 = payloads.iter().map(|payload| payload.len() as u64).sum();

    let before = own("io", "write_bytes:");
    let mut file = File::create(dir.path().join("bare")).expect("created");
    for batch in payloads.chunks(together as usize) {
        file.write_all(&batch.concat()).expect("written");
        file.sync_data().expect("synced");
    }
    let bare = own("io", "write_bytes:") - before;
    println!(
        "  {name}: {} (bare append of the same bytes: {})",
        tenths(written, bytes),
        tenths(bare, bytes)
    );
}

fn backlog(runtime: &Runtime, records: u64) {
    let dir = folder();
    let idle = own("status", "VmRSS:");
    let store = open(dir.path(), 1_000);
    let began = Instant::now();
    commit(runtime, &store, 0, records, 500);
    println!("{records} records sealed in {:.1?}", began.elapsed());
    println!(
        "memory: {} KiB before, {} KiB with all of them waiting",
        idle,
        own("status", "VmRSS:")
    );
    let status = store.status();
    println!(
        "ledger {} records, outbox {} entries",
        status.ledger.entries,
        status.outbox_entries()
    );
    tell(store.footprint().expect("readable"));
    runtime.block_on(store.close()).expect("closed");

    let began = Instant::now();
    let store = open(dir.path(), 1_000);
    println!("open again after {:.3?}, memory {} KiB", began.elapsed(), own("status", "VmRSS:"));
    let began = Instant::now();
    while store.status().ledger.entries > 1_000 {
        let entries = store.outbox_next(None, 1_000).expect("readable");
        let keys = entries.iter().map(|entry| entry.key).collect();
        runtime.block_on(store.outbox_remove(keys)).expect("removed");
    }
    println!("delivered and pruned to 1000 in {:.1?}", began.elapsed());
    tell(store.footprint().expect("readable"));
    let began = Instant::now();
    let compacted = runtime.block_on(store.compact()).expect("compacted");
    println!(
        "compacted in {:.3?}: {compacted:?}, memory {} KiB",
        began.elapsed(),
        own("status", "VmRSS:")
    );
    tell(store.footprint().expect("readable"));
}

fn tell(footprint: Footprint) {
    let Footprint { on_disk, live } = footprint;
    println!("database {on_disk} bytes on the disk, {live} alive, {} times", tenths(on_disk, live));
}

/// A quotient with one decimal.
fn tenths(one: u64, other: u64) -> String {
    let tenths = one * 10 / other.max(1);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// A figure that the kernel keeps of this process.
fn own(file: &str, name: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/self/{file}")).expect("readable");
    let line = text.lines().find_map(|line| line.strip_prefix(name)).expect("known");
    line.split_whitespace().next().expect("a number").parse().expect("a number")
}
