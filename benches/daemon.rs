//! The real daemon as a process: start to ready with an empty store and with a million records,
//! resident memory while it idles, processor time at one vehicle a second on two lanes.
//!
//! `cargo bench --bench daemon`, some three minutes. It prints figures and judges none.

#![allow(missing_docs, reason = "a program of its own")]

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;
use wimd::clock::{Clock, Timestamp};
use wimd::config::Config;
use wimd::daemon::parameters;
use wimd::io::store::{Signer, Store};
use wimd::pipeline::record::{Audit, Body, RECORD_VERSION, Record, Site};
use wimd::pipeline::{Action, Seal};
use wimd::sim::broker::Broker;
use wimd::sim::plan;

const BINARY: &str = env!("CARGO_BIN_EXE_wimd");
/// Records of the full store.
const RECORDS: u64 = 1_000_000;
/// Records that share a commit while it is filled.
const BATCH: u64 = 2_000;
/// How long an idle daemon is left alone before its memory is read.
const IDLE: Duration = Duration::from_secs(10);
/// How long the traffic lasts, and its scenario: a vehicle every two seconds in each of two lanes.
const TRAFFIC: Duration = Duration::from_secs(120);
const SCENARIO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/scenarios/steady.toml");
/// USER_HZ is 100 on every machine that Linux shows this file on (proc(5)).
const TICK_MS: u64 = 10;
/// Nobody listens there: a daemon that idles has nothing to send either.
const BROKER: &str = "mqtt://127.0.0.1:1";
const CAMERA_PORT: &str = "18097";

/// A folder beside the build, not in a temporary file system that may be memory.
fn folder() -> TempDir {
    TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory on the disk")
}

fn configure(dir: &Path) -> (Config, PathBuf) {
    let mut config = plan::config(dir, BROKER, 1);
    config.camera_door.listen.set_port(0);
    if !config.store.key_file.exists() {
        Signer::generate().expect("random bytes").save(&config.store.key_file).expect("saved");
    }
    let file = dir.join("wimd.toml");
    fs::write(&file, toml::to_string(&config).expect("text")).expect("written");
    (config, file)
}

/// A daemon, ended with the handle.
struct Daemon(Child);

impl Daemon {
    /// Starts it; how long it took until it said that it is ready.
    fn start(file: &Path) -> (Self, Duration) {
        let path = file.with_file_name("notify");
        let _absent = fs::remove_file(&path);
        let notify = UnixDatagram::bind(&path).expect("bound");
        let started = Instant::now();
        let child = Command::new(BINARY)
            .args(["run", "--config"])
            .arg(file)
            .env("NOTIFY_SOCKET", &path)
            .env("WIMD_LOG", "error")
            .stdin(Stdio::null())
            .spawn()
            .expect("it starts");
        let daemon = Self(child);
        let mut said = [0; 1_024];
        loop {
            let length = notify.recv(&mut said).expect("told");
            if String::from_utf8_lossy(&said[..length]).contains("READY=1") {
                return (daemon, started.elapsed());
            }
        }
    }

    fn status(&self, key: &str) -> String {
        let path = format!("/proc/{}/status", self.0.id());
        let text = fs::read_to_string(path).expect("it runs");
        let line = text.lines().find(|line| line.starts_with(key)).expect("a line");
        line.split_whitespace().nth(1).expect("a figure").to_owned()
    }

    fn resident_kib(&self) -> u64 {
        self.status("VmRSS:").parse().expect("a number")
    }

    /// Processor time of all its threads.
    fn processor(&self) -> Duration {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.0.id())).expect("it runs");
        let (_, rest) = text.rsplit_once(')').expect("a name");
        let ticks: u64 = rest
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(|ticks| ticks.parse::<u64>().expect("a number"))
            .sum();
        Duration::from_millis(ticks * TICK_MS)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let pid = Pid::from_raw(i32::try_from(self.0.id()).expect("a pid"));
        kill(pid, Signal::SIGTERM).expect("it runs");
        self.0.wait().expect("it ends");
    }
}

fn fill(config: &Config) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let signer = Signer::load(&config.store.key_file).expect("made");
    let options = parameters::of_store(config);
    let (store, _) = Store::open(&options, signer, Clock::system()).expect("opened");
    let seal = |n: u64| {
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
    };
    runtime.block_on(async {
        for from in (0..RECORDS).step_by(BATCH as usize) {
            store.commit((from..from + BATCH).map(seal).collect()).await.expect("room");
        }
        store.close().await.expect("open");
    });
}

fn starts() {
    let dir = folder();
    let (config, file) = configure(dir.path());
    for (name, full) in [("an empty store", false), ("1 000 000 records", true)] {
        if full {
            fill(&config);
        }
        let mut times: Vec<Duration> = (0..3).map(|_| Daemon::start(&file).1).collect();
        times.sort_unstable();
        println!("start to ready, {name}: {times:.0?} (three starts)");
        let (daemon, _) = Daemon::start(&file);
        std::thread::sleep(IDLE);
        println!("resident after {IDLE:?} idle, {name}: {} KiB", daemon.resident_kib());
    }
}

/// The whole way of each vehicle, to a broker that takes every record and picture; it lives in
/// this process, whose time does not count.
fn traffic() {
    let broker = Broker::start().expect("a broker");
    let dir = folder();
    let vehicles = TRAFFIC.as_secs().to_string();
    let mut simulator = Command::new(BINARY)
        .args(["simulate", "site", "--scenario", SCENARIO, "--vehicles", &vehicles])
        .args(["--broker", &broker.url, "--camera-port", CAMERA_PORT, "--json", "--dir"])
        .arg(dir.path())
        .arg("--truth")
        .arg(dir.path().join("truth"))
        .stdout(Stdio::null())
        .spawn()
        .expect("it starts");
    let file = dir.path().join("wimd.toml");
    while !fs::read_to_string(&file).is_ok_and(|text| text.contains("[uplink]")) {
        std::thread::sleep(Duration::from_millis(50));
    }
    let (daemon, _) = Daemon::start(&file);
    let (before, started) = (daemon.processor(), Instant::now());
    simulator.wait().expect("it ends");
    let (used, lasted) = (daemon.processor() - before, started.elapsed());
    let share = used.as_micros() * 10_000 / lasted.as_micros().max(1);
    println!(
        "{vehicles} vehicles on two lanes in {lasted:.0?}: {used:?} of a processor, {}.{:02} % of one",
        share / 100,
        share % 100,
    );
    println!("resident after them: {} KiB", daemon.resident_kib());
}

fn main() {
    starts();
    traffic();
}
