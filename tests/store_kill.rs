//! The process is killed at random moments; what was acknowledged must be there.
//!
//! The test binary runs itself as the victim: it accepts inputs, seals them and removes outbox
//! entries as fast as it can, and writes each acknowledgement to a pipe after the store gave it.

mod store_support;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rand::{Rng, SeedableRng};
use store_support::*;
use tempfile::TempDir;
use wimd::io::store::{OutboxItem, SealedRecord, Store};

/// Set for the victim: its store's directory.
const VICTIM_DIR: &str = "WIMD_TEST_STORE_DIR";

/// Set for the victim: the first number it may give to an input.
const VICTIM_FIRST: &str = "WIMD_TEST_FIRST";

/// How often the victim is killed.
const KILLS: u64 = 30;

/// Between two kills the victim uses at most so many numbers.
const STRIDE: u64 = 1_000_000;

/// Not a test of its own: the body of the victim.
#[test]
fn victim() {
    let Some(dir) = std::env::var_os(VICTIM_DIR) else {
        return;
    };
    let first: u64 = std::env::var(VICTIM_FIRST).expect("set").parse().expect("a number");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let (store, _) = open(Path::new(&dir));
        tokio::join!(take(&store, first), settle(&store), deliver(&store));
    });
}

fn say(text: &str) {
    let mut out = std::io::stderr().lock();
    out.write_all(text.as_bytes()).expect("the killer listens");
}

async fn take(store: &Store, first: u64) {
    for n in first..first + STRIDE {
        store.accept(vec![input(n)], vec![]).await.expect("accepted");
        say(&format!("accepted {n}\n"));
    }
}

/// The pipeline's part: each input becomes a record under its own number.
async fn settle(store: &Store) {
    loop {
        let pending = store.pending().expect("readable");
        let seals = pending
            .iter()
            .take(20)
            .map(|(id, arrival)| seal(audit_record(number(arrival)), &[*id]));
        let proofs = store.commit(seals.collect()).await.expect("committed");
        for proof in proofs {
            say(&format!("sealed {} {}\n", proof.seq, proof.hash));
        }
        tokio::task::yield_now().await;
    }
}

/// The uplink's part, slower than the pipeline, so that the outbox is never empty.
async fn deliver(store: &Store) {
    loop {
        let entries = store.outbox_next(None, 5).expect("readable");
        for entry in &entries {
            let OutboxItem::Record { seq, .. } = entry.what else {
                panic!("no pictures in this test");
            };
            say(&format!("sent {seq}\n"));
        }
        let keys = entries.iter().map(|entry| entry.key).collect();
        store.outbox_remove(keys).await.expect("removed");
        tokio::task::yield_now().await;
    }
}

fn spawn_victim(dir: &Path, first: u64) -> (Child, Receiver<String>) {
    let mut child = Command::new(std::env::current_exe().expect("our path"))
        .args(["victim", "--exact", "--nocapture", "--test-threads=1"])
        .env(VICTIM_DIR, dir)
        .env(VICTIM_FIRST, first.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("spawned");
    let lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    (child, receiver)
}

#[derive(Default)]
struct Acknowledged {
    accepted: BTreeSet<u64>,
    sealed: BTreeSet<(u64, String)>,
    sent: BTreeSet<u64>,
}

impl Acknowledged {
    fn note(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        let number = |text: &str| text.parse::<u64>().ok();
        match words[..] {
            ["accepted", n] => self.accepted.extend(number(n)),
            ["sealed", seq, hash] => {
                self.sealed.extend(number(seq).map(|seq| (seq, hash.to_owned())));
            }
            ["sent", seq] => self.sent.extend(number(seq)),
            _ => {}
        }
    }
}

#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed_thirty_times() {
    let dir = TempDir::new().expect("a directory");
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(7);
    let mut acknowledged = Acknowledged::default();
    for round in 0..KILLS {
        let (mut child, lines) = spawn_victim(dir.path(), round * STRIDE);
        // a number of acknowledgements, not a time, so that each round gets somewhere
        let patience = random.random_range(1..400);
        let deadline = Instant::now() + Duration::from_secs(30);
        for _ in 0..patience {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = lines.recv_timeout(left).expect("the victim gets somewhere");
            acknowledged.note(&line);
        }
        let pid = Pid::from_raw(i32::try_from(child.id()).expect("a pid"));
        kill(pid, Signal::SIGKILL).expect("killed");
        child.wait().expect("gone");
        for line in lines {
            acknowledged.note(&line);
        }
    }
    check_all(dir.path(), &acknowledged);
}

fn check_all(dir: &Path, acknowledged: &Acknowledged) {
    let (store, recovery) = open(dir);
    assert_eq!((recovery.moved_aside, recovery.lost), (None, None));
    let records = all(&store);
    assert_chain_is_whole(&records);
    assert_no_record_is_lost_or_doubled(&records, acknowledged);
    assert_no_input_is_lost(&store, &records, acknowledged);
    assert_nothing_left_unsent(&store, &records, acknowledged);
}

fn assert_chain_is_whole(records: &[SealedRecord]) {
    let report = verified(records);
    assert!(report.is_good(), "{report:?}");
    assert_eq!(report.records, records.last().expect("some").seq, "from 1");
}

fn assert_no_record_is_lost_or_doubled(records: &[SealedRecord], acknowledged: &Acknowledged) {
    let hashes = records.iter().map(|r| (r.seq, r.proof.hash.to_string()));
    let sealed: BTreeSet<_> = hashes.collect();
    let lost: Vec<_> = acknowledged.sealed.difference(&sealed).collect();
    assert!(lost.is_empty(), "acknowledged records are gone: {lost:?}");
    let ids: BTreeSet<&str> = records.iter().map(|record| record.id.as_str()).collect();
    assert_eq!(ids.len(), records.len(), "a record was sealed twice");
}

fn assert_no_input_is_lost(store: &Store, records: &[SealedRecord], acknowledged: &Acknowledged) {
    let pending = store.pending().expect("readable");
    let sealed = records.iter().filter_map(|r| r.id.strip_prefix("site-")?.parse().ok());
    let waiting = pending.iter().map(|(_, arrival)| number(arrival));
    let there: BTreeSet<u64> = waiting.chain(sealed).collect();
    let lost: Vec<_> = acknowledged.accepted.difference(&there).collect();
    assert!(lost.is_empty(), "acknowledged inputs are gone: {lost:?}");
}

fn assert_nothing_left_unsent(store: &Store, records: &[SealedRecord], done: &Acknowledged) {
    let waiting = store.outbox_next(None, usize::MAX).expect("readable");
    let waiting: BTreeSet<u64> = waiting.iter().map(|entry| entry.key.seq).collect();
    let sealed: BTreeSet<u64> = records.iter().map(|record| record.seq).collect();
    let accounted: BTreeSet<u64> = waiting.union(&done.sent).copied().collect();
    let unsent: Vec<_> = sealed.difference(&accounted).collect();
    assert!(unsent.is_empty(), "left the outbox unsent: {unsent:?}");
    let early: Vec<_> = done.sent.difference(&sealed).collect();
    assert!(early.is_empty(), "sent before it was durable: {early:?}");
}

/// The release build aborts on a panic: what the library's panic leaves behind must be enough for
/// the next start.
#[test]
fn a_process_that_aborts_on_damaged_files_starts_the_second_time() {
    if let Some(dir) = std::env::var_os("WIMD_TEST_ABORTING_DIR") {
        std::panic::set_hook(Box::new(|_| std::process::abort()));
        open(Path::new(&dir));
        return;
    }
    let dir = TempDir::new().expect("a directory");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let (store, _) = open(dir.path());
        for n in 0..40 {
            let part = (0..50).map(|m| seal(audit_record(n * 50 + m), &[])).collect();
            store.commit(part).await.expect("committed");
        }
        store.close().await.expect("closed");
    });
    let database = dir.path().join("sled/db");
    let intact = std::fs::read(&database).expect("read");
    let start = || {
        Command::new(std::env::current_exe().expect("our path"))
            .args(["a_process_that_aborts_on_damaged_files_starts_the_second_time", "--exact"])
            .env("WIMD_TEST_ABORTING_DIR", dir.path())
            .output()
            .expect("run")
            .status
    };
    // damage at one of these places makes sled panic while it opens; which one depends on its
    // layout of the file
    let aborted = (1..40).any(|place| {
        let mut damaged = intact.clone();
        let at = intact.len() / 40 * place;
        damaged[at..at + 32].iter_mut().for_each(|byte| *byte = !*byte);
        std::fs::write(&database, damaged).expect("damaged");
        let aborted = start().code().is_none();
        if !aborted {
            let _fresh = std::fs::remove_dir_all(dir.path().join("sled"));
            std::fs::create_dir_all(dir.path().join("sled/blobs")).expect("made");
        }
        aborted
    });
    assert!(aborted, "no damage made the library panic");
    assert!(start().success(), "the second start fails too");
    let aside = std::fs::read_dir(dir.path())
        .expect("listed")
        .filter(|entry| {
            entry.as_ref().is_ok_and(|e| e.file_name().to_string_lossy().starts_with("sled.aside"))
        })
        .count();
    assert!(aside >= 1, "nothing was moved aside");
}
