//! Commits per second with 1, 8 and 64 in flight, beside a bare `fdatasync` loop over the same
//! bytes on the same disk.
//!
//! `cargo bench --bench store`

#![allow(missing_docs, reason = "criterion's macros write undocumented functions")]

use std::fs::File;
use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use wimd::clock::{Clock, Timestamp};
use wimd::io::store::chain::verify::{Keys, check};
use wimd::io::store::{Bounds, Signer, Store, StoreOptions, codec};
use wimd::pipeline::record::{Audit, Body, RECORD_VERSION, Record, Site};
use wimd::pipeline::{Action, Arrival, Input, Seal};

/// Commits that wait together.
const IN_FLIGHT: [u64; 3] = [1, 8, 64];

fn text(n: u64) -> Audit {
    Audit {
        source: "controller 1".to_owned(),
        event: format!("event {n}"),
        before: "0".repeat(200),
        after: "1".repeat(200),
    }
}

/// An input of some 600 bytes with its raw frames.
fn arrival(n: u64) -> Arrival {
    Arrival {
        received_at: Timestamp(1_795_000_000_000_000),
        input: Input::Audit(text(n)),
        raw: vec![0xA5; 160],
    }
}

/// A record of some 600 bytes.
fn seal(n: u64) -> Vec<Action> {
    let record = Record {
        version: RECORD_VERSION,
        id: format!("site-{n}"),
        site: Site::default(),
        occurred_at: Timestamp(1_795_000_000_000_000),
        body: Body::Audit(text(n)),
        provenance: Default::default(),
    };
    vec![Action::Seal(Box::new(Seal { record, raw: Vec::new(), consumes: Vec::new() }))]
}

fn folder() -> TempDir {
    // beside the build, not in a temporary file system that may be memory
    TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory on the disk")
}

fn open(dir: &Path) -> Store {
    let signer = Signer::from_seed(&[7; 32]);
    // nothing drains it here: the bounds of a site would end the measurement
    let most = u64::MAX;
    let bounds = Bounds {
        inbox_entries: most,
        inbox_bytes: most,
        outbox_entries: most,
        ..Bounds::default()
    };
    let options = StoreOptions { bounds, ..StoreOptions::at(dir) };
    let opened = Store::open(&options, signer, Clock::system());
    opened.expect("opened").0
}

/// Runs `commits` with `in_flight` callers, each a task that waits for its own answer.
async fn in_flight<F, C>(store: &Store, in_flight: u64, commits: u64, one: F) -> Duration
where
    F: Fn(Store, u64) -> C + Copy + Send + 'static,
    C: Future<Output = ()> + Send,
{
    let started = Instant::now();
    let callers = (0..in_flight).map(|caller| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut n = caller;
            while n < commits {
                one(store.clone(), n).await;
                n += in_flight;
            }
        })
    });
    for ended in futures_util::future::join_all(callers).await {
        ended.expect("no panic");
    }
    started.elapsed()
}

/// The same bytes, appended and synced once for as many commits as wait together.
fn bare(file: &mut File, bytes: usize, callers: u64, commits: u64) -> Duration {
    let batch = vec![0xA5_u8; bytes * callers as usize];
    let started = Instant::now();
    for _ in 0..commits.div_ceil(callers) {
        file.write_all(&batch).expect("written");
        file.sync_data().expect("synced");
    }
    started.elapsed()
}

/// What has to be on the disk for one input, and for one record.
fn sizes(runtime: &Runtime) -> (usize, usize) {
    let dir = folder();
    let store = open(dir.path());
    runtime.block_on(store.commit(seal(1))).expect("committed");
    let record = store.sealed(1).expect("readable").expect("sealed");
    (codec::encode(&arrival(1)).expect("encoded").len(), record.payload().len())
}

fn commits(c: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let (input, record) = sizes(&runtime);
    println!("bytes of an input {input}, of a sealed record {record}");
    let mut group = c.benchmark_group("store");
    group.throughput(Throughput::Elements(1)).sample_size(10);
    for callers in IN_FLIGHT {
        let dir = folder();
        let store = open(dir.path());
        let mut file = File::create(dir.path().join("bare")).expect("created");
        group.bench_function(BenchmarkId::new("accept", callers), |b| {
            b.iter_custom(|commits| {
                runtime.block_on(in_flight(&store, callers, commits, |store, n| async move {
                    let ids = store.accept(vec![arrival(n)], vec![]).await.expect("accepted");
                    black_box(ids);
                }))
            });
        });
        group.bench_function(BenchmarkId::new("bare_fdatasync_of_inputs", callers), |b| {
            b.iter_custom(|commits| bare(&mut file, input, callers, commits));
        });
        group.bench_function(BenchmarkId::new("seal", callers), |b| {
            b.iter_custom(|commits| {
                runtime.block_on(in_flight(&store, callers, commits, |store, n| async move {
                    black_box(store.commit(seal(n)).await.expect("committed"));
                }))
            });
        });
        group.bench_function(BenchmarkId::new("bare_fdatasync_of_records", callers), |b| {
            b.iter_custom(|commits| bare(&mut file, record, callers, commits));
        });
    }
    group.finish();
}

fn verify(c: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let dir = folder();
    let store = open(dir.path());
    let actions = (0..256).flat_map(seal).collect();
    runtime.block_on(store.commit(actions)).expect("committed");
    let records = store.export(1, u64::MAX).expect("open");
    let lines: Vec<_> =
        (1..).zip(records.map(|record| record.expect("readable").payload().to_vec())).collect();
    let keys: Keys = [Signer::from_seed(&[7; 32]).public_key()].into_iter().collect();
    let mut group = c.benchmark_group("verify");
    group.throughput(Throughput::Elements(256)).sample_size(10);
    group.bench_function("256_records_one_thread", |b| {
        b.iter(|| black_box(check(&keys, &lines)));
    });
    group.finish();
}

criterion_group!(benches, commits, verify);
criterion_main!(benches);
