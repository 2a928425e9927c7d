//! What the daemon recorded, played again offline: the same passages from the raw bytes, the same
//! records byte for byte.

#[allow(dead_code, reason = "each test file uses its own part")]
mod daemon_support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use daemon_support::in_time;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::task::spawn_blocking;
use wimd::clock::{Clock, Timestamp};
use wimd::config::Config;
use wimd::daemon::journal::{self, Journal};
use wimd::daemon::parameters;
use wimd::io::recorder;
use wimd::io::store::{Signer, Store, StoreOptions};
use wimd::pipeline::record::{Alarm, Body, Channel, Record};
use wimd::pipeline::{Arrival, Input, InputId};
use wimd::sim::broker::free_port;
use wimd::sim::controller::SimControllerOptions;
use wimd::sim::plan;
use wimd::sim::site::{SimPort, SimSite};
use wimd::sim::traffic::invent_traffic;
use wimd::units::Micros;

const SPEED_UP: u32 = 20;
const VEHICLES: usize = 25;
const BINARY: &str = env!("CARGO_BIN_EXE_wimd");

fn configure(dir: &Path) -> Config {
    let mut config = plan::config(dir, "mqtt://127.0.0.1:1", SPEED_UP);
    config.camera_door.listen = free_port().expect("a free port");
    Signer::generate().expect("a key").save(&config.store.key_file).expect("saved");
    let text = toml::to_string(&config).expect("written");
    std::fs::write(dir.join("wimd.toml"), text).expect("writable");
    config
}

fn daemon(dir: &Path, anchor: Timestamp) -> Child {
    let (speed_up, anchor) = (SPEED_UP.to_string(), anchor.to_string());
    let mut daemon = Command::new(BINARY)
        .args(["run", "--speed-up", &speed_up, "--anchor", &anchor, "--config"])
        .arg(dir.join("wimd.toml"))
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let log = BufReader::new(daemon.stderr.take().expect("a pipe"));
    let mut lines = log.lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("doors open")), "it ended");
    daemon
}

/// Waits until so many passages have been shown by `wimd monitor`.
fn see_sealed(socket: &Path, passages: usize) {
    let mut monitor = Command::new(BINARY)
        .args(["monitor", "--interval", "100", "--socket"])
        .arg(socket)
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let lines =
        BufReader::new(monitor.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    // The first line is the head of the table.
    assert_eq!(lines.take(passages + 1).count(), passages + 1, "it ended");
    monitor.kill().expect("alive");
    monitor.wait().expect("killed");
}

/// Lets a site of invented traffic pass over a daemon in a process of its own.
async fn a_day_at(dir: &Path) -> Config {
    let config = configure(dir);
    // no hour ends meanwhile, which would seal one more record
    let early = Clock::wall().span_start(Micros::from_secs(3_600)) + Micros::from_secs(300);
    let anchor = Clock::anchor_of(early, SPEED_UP).expect("faster than real time");
    let clock = Clock::scaled(anchor, SPEED_UP);
    let start = clock.now() + Micros::from_secs(i64::from(SPEED_UP));
    let port = SimPort::Pty(config.scale[0].port.clone().into());
    let traffic = invent_traffic(5, VEHICLES, start);
    let site = SimSite::start(traffic, clock, port, SimControllerOptions::new(7)).expect("a site");
    let mut daemon = daemon(dir, anchor);
    site.connect_cameras(config.camera_door.listen);
    let (socket, expected) = (config.status.socket.clone(), site.truth.weighings().len());
    let seen = spawn_blocking(move || see_sealed(&socket, expected));
    in_time("a record of each vehicle", seen).await.expect("no panic");
    let pid = Pid::from_raw(i32::try_from(daemon.id()).expect("process ids fit"));
    kill(pid, Signal::SIGTERM).expect("alive");
    assert_eq!(daemon.wait().expect("it ends").code(), Some(0));
    config
}

/// Body of each record of the ledger by its id, but for the figures of an hour that ends meanwhile: they
/// are made of the ledger, not by the pipeline.
async fn ledger(config: &Config) -> BTreeMap<String, String> {
    let options = StoreOptions::at(&config.store.dir);
    let signer = Signer::load(&config.store.key_file).expect("a key");
    let (store, _) = Store::open(&options, signer, Clock::system()).expect("it opens");
    let records = store.export(1, u64::MAX).expect("open");
    let body = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("JSON is UTF-8");
    let all = records.map(|record| record.expect("readable"));
    let by_pipeline = all.filter(|record| {
        let record: Record = serde_json::from_slice(&record.record_json).expect("a record");
        !matches!(record.body, Body::Reconciliation(_))
    });
    let all = by_pipeline.map(|record| (record.id.clone(), body(&record.record_json))).collect();
    store.close().await.expect("it closes");
    all
}

fn replay(config: &Path, capture: &Path, more: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(BINARY);
    command.arg("replay").arg("--config").arg(config).arg(capture).args(more);
    let output = command.output().expect("the binary runs");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.code(), String::from_utf8(output.stdout).expect("text"))
}

fn by_id(lines: &str) -> BTreeMap<String, String> {
    let id = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
        value["id"].as_str().expect("an id").to_owned()
    };
    lines.lines().map(|line| (id(line), line.to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_gives_the_records_of_the_day_byte_for_byte() {
    let dir = tempfile::tempdir().expect("a folder");
    let config = a_day_at(dir.path()).await;
    let (file, capture) = (dir.path().join("wimd.toml"), config.store.dir.join("capture"));
    let sealed = ledger(&config).await;
    let (code, lines) = replay(&file, &capture, &["--json"]);
    assert_eq!(code, Some(0));
    assert_eq!(by_id(&lines), sealed);
    let (code, summary) = replay(&file, &capture, &[]);
    assert_eq!(code, Some(0), "{summary}");
    assert!(summary.contains(" 0 different, 0 without raw bytes"), "{summary}");
    let (_, frames) = replay(&file, &capture, &["--frames"]);
    assert!(frames.lines().any(|line| line.contains(" ends; ")), "{frames}");

    // Without the pipeline's input only the line is there: the passages alone, twice the same.
    for name in ["inputs.log", "inputs.1.log"] {
        let _absent = std::fs::remove_file(capture.join(name)).is_err();
    }
    let (_, once) = replay(&file, &capture, &["--json"]);
    let (_, twice) = replay(&file, &capture, &["--json"]);
    assert_eq!(once, twice);
    let passages = |lines: &str| lines.lines().filter(|l| l.contains("\"passage\"")).count();
    assert!(passages(&once) >= VEHICLES, "{once}");
}

fn run(config: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(BINARY);
    command.args(arguments).arg("--config").arg(config);
    let output = command.output().expect("the binary runs");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.code(), String::from_utf8(output.stdout).expect("text"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_are_listed_shown_and_summed_up_as_they_were_sealed() {
    let dir = tempfile::tempdir().expect("a folder");
    let config = a_day_at(dir.path()).await;
    let file = dir.path().join("wimd.toml");
    let sealed = ledger(&config).await;
    let (_, lines) = run(&file, &["records", "--json"]);
    let record = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let body = serde_json_canonicalizer::to_string(&value["record"]).expect("canonical");
        (value["record"]["id"].as_str().expect("an id").to_owned(), body)
    };
    let listed: BTreeMap<String, String> = lines.lines().map(record).collect();
    assert_eq!(listed, sealed, "every record, as it was sealed");

    let bodies: Vec<serde_json::Value> =
        sealed.values().map(|body| serde_json::from_str(body).expect("JSON")).collect();
    let overloads: Vec<&serde_json::Value> =
        bodies.iter().filter(|r| r["body"]["assessment"]["verdict"] == "overload").collect();
    assert!(!overloads.is_empty(), "the traffic has overloads");
    let (_, csv) = run(&file, &["records", "--csv", "--verdict", "overload"]);
    assert_eq!(csv.lines().count(), overloads.len() + 1, "{csv}");

    what_went_out_as_evasion_is_found(&file, &bodies);
    let (_, newest) = run(&file, &["records", "--json", "--last", "2"]);
    assert_eq!(
        newest.lines().collect::<Vec<_>>(),
        lines.lines().collect::<Vec<_>>()[sealed.len() - 2..]
    );
    let (_, csv) = run(&file, &["records", "--csv", "--last", "2"]);
    assert_eq!(csv.lines().count(), 3, "{csv}");

    let id = overloads[0]["id"].as_str().expect("an id");
    let (_, page) = run(&file, &["records", id]);
    let waits =
        "SENT      not yet, or not all of it\n          topic violation waits in queue first";
    for part in [id, "VERDICT   OVERLOAD", "HOW THE FIGURES CAME ABOUT", "(8)", "SHA-256", waits] {
        assert!(page.contains(part), "no {part} in\n{page}");
    }

    let month = overloads[0]["occurred_at"].as_str().expect("an instant")[..7].to_owned();
    let svg = dir.path().join("month.svg").display().to_string();
    let (_, report) = run(&file, &["report", "--month", &month, "--json", "--svg", &svg]);
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    let sum = |key: &str| -> u64 {
        let days = report["days"].as_object().expect("days").values();
        let lanes = days.flat_map(|lanes| lanes.as_object().expect("lanes").values());
        lanes.map(|tally| tally[key].as_u64().expect("a count")).sum()
    };
    let passages = bodies.iter().filter(|r| r["body"]["kind"] == "passage").count();
    assert_eq!(sum("passages"), u64::try_from(passages).expect("few"));
    assert_eq!(sum("overload"), u64::try_from(overloads.len()).expect("few"));
    assert!(std::fs::read_to_string(&svg).expect("drawn").starts_with("<svg "));
    let heard = dir.path().join("heard.jsonl").display().to_string();
    let of_file = |text: String| {
        std::fs::write(&heard, text).expect("written");
        run(&file, &["report", "--month", &month, "--json", "--file", &heard])
    };
    let (_, published) = run(&file, &["records", "--json"]);
    assert_eq!(of_file(format!("{published}\n{published}")), of_file(published), "twice is once");
    let (_, table) = run(&file, &["report", "--month", &month]);
    assert!(table.contains("ENFORCEABLE") && table.contains("lane 1"), "{table}");
    assert!(run(&file, &["records"]).1.lines().count() > VEHICLES);
    everything_is_sent(&config).await;
    let (_, page) = run(&file, &["records", id]);
    assert!(page.contains("SENT      yes: nothing of it waits for the platform"), "{page}");
}

/// Records of any kind that are published as evasion, each with its signs.
fn what_went_out_as_evasion_is_found(config: &Path, bodies: &[serde_json::Value]) {
    let records = bodies.iter().map(|body| {
        let record = serde_json::from_value::<Record>(body.clone());
        record.expect("a record")
    });
    let expected: BTreeMap<String, String> = records
        .filter(|record| record.channels().contains(&Channel::Evasion))
        .map(|record| {
            let kinds = record.evasion().iter().map(|sign| serde_json::json!(sign.kind));
            let kinds: Vec<String> =
                kinds.map(|kind| kind.as_str().expect("a name").to_owned()).collect();
            (record.id, kinds.join(" "))
        })
        .collect();
    let kinds: BTreeSet<&str> = bodies
        .iter()
        .filter(|body| expected.contains_key(body["id"].as_str().expect("an id")))
        .map(|body| body["body"]["kind"].as_str().expect("a kind"))
        .collect();
    assert!(kinds.len() > 1, "the traffic has passages only: {kinds:?}");
    let (_, csv) = run(config, &["records", "--csv", "--evasion"]);
    let told: BTreeMap<String, String> = csv
        .lines()
        .skip(1)
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            (fields[1].to_owned(), fields[14].to_owned())
        })
        .collect();
    assert_eq!(told, expected);
}

/// Empties the outbox as acknowledgements do.
async fn everything_is_sent(config: &Config) {
    let signer = Signer::load(&config.store.key_file).expect("made");
    let options = StoreOptions::at(&config.store.dir);
    let (store, _) = Store::open(&options, signer, Clock::system()).expect("opens");
    let waiting = store.outbox_next(None, 100_000).expect("readable");
    let keys = waiting.iter().map(|entry| entry.key).collect();
    store.outbox_remove(keys).await.expect("removed");
    store.close().await.expect("closed");
}

/// The run before was killed inside a line, and later the disk was full for a while.
#[test]
fn after_a_gap_the_input_is_followed_again_from_the_next_start() {
    let dir = tempfile::tempdir().expect("a folder");
    let config = configure(dir.path());
    let recording = journal::recording(&config).expect("switched on");
    let folder = config.store.dir.join(journal::FOLDER);
    let alarm = Alarm { name: "a".into(), lane: None, text: "b".into() };
    let input = |number| {
        let at = Timestamp(number);
        let arrival =
            Arrival { received_at: at, input: Input::Alarm(alarm.clone()), raw: Vec::new() };
        Journal::new(Some(&recording)).input(at, InputId(1), &arrival);
    };
    input(1);
    let file = std::fs::File::options().append(true).open(folder.join("inputs.log"));
    file.expect("there").write_all("H 2 2 {\"plate\":\"赣".as_bytes()).expect("writable");
    input(3);
    let text = recorder::read(&folder, journal::INPUTS).expect("readable").expect("there");
    let text = format!("{text}T 4[lines are missing]\nT 9\nQ 5 b\n");
    let parameters = parameters::of_pipeline(&config).expect("as the daemon has");
    let replayed = journal::replay(&text, &parameters, |arrival| arrival).expect("followed");
    assert_eq!((replayed.inputs, replayed.skipped), (2, 1 + 3));
}
