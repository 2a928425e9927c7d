//! A scenario through the real doors, as a person plays it: `simulate site` writes what is true,
//! the daemon runs beside it, `records` prints what was sealed, and `score` compares.

#[allow(dead_code, reason = "each test file uses its own part")]
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tokio::time::timeout;
use wimd::clock::Timestamp;
use wimd::io::status;
use wimd::sim::broker::free_port;
use wimd::units::Micros;

const BINARY: &str = env!("CARGO_BIN_EXE_wimd");
const SCENARIO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/scenarios/busy.toml");
const VEHICLES: u64 = 40;
/// Longest that a step may take: ten times what it takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A process that does not outlive the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _code = self.0.wait();
    }
}

fn spawn(arguments: &[&str]) -> (Running, BufReader<ChildStdout>) {
    let mut command = Command::new(BINARY);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("it starts");
    let stdout = child.stdout.take().expect("piped");
    (Running(child), BufReader::new(stdout))
}

fn print(arguments: &[&str]) -> String {
    let output = Command::new(BINARY).args(arguments).output().expect("the binary runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).expect("text")
}

/// Weighed vehicles whose record is sealed.
fn vehicles_sealed(socket: &Path) -> u64 {
    let snapshot = status::read(socket).ok();
    let snapshot = snapshot.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let counts = snapshot.map(|value| value["pipeline"]["pipeline"]["counts"].clone());
    let count = |name: &str| counts.as_ref().and_then(|counts| counts[name].as_u64()).unwrap_or(0);
    ["paired", "ambiguous", "unpaired"].map(count).iter().sum()
}

/// Waits until so many are sealed; each line of `wimd monitor` is a reason to look again.
fn see_sealed(socket: &Path, expected: u64) {
    let socket_name = socket.display().to_string();
    let (monitor, lines) = spawn(&["monitor", "--interval", "100", "--socket", &socket_name]);
    let mut lines = lines.lines().map_while(Result::ok);
    let begun = Instant::now();
    lines.any(|_| begun.elapsed() >= PATIENCE || vehicles_sealed(socket) >= expected);
    drop(monitor);
    assert!(vehicles_sealed(socket) >= expected, "not all are sealed, or the daemon ended");
}

fn truth(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).expect("written");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// A recorder that films the first lane alone.
const RECORDER: &str = r#"
[[recorder]]
name = "nvr-1"
lanes = [1]
url = "rtsp://nvr/101?from={start_utc}&until={end_epoch}"
before_s = 3
after_s = 7
"#;

fn instant(value: &Value) -> Timestamp {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{value}"))
}

/// Each record of the first lane names its film by URL and span of time, no other names one; gives
/// how many do.
fn filmed(records: &str) -> usize {
    let body = |line| serde_json::from_str::<Value>(line).expect("JSON")["record"]["body"].take();
    let bodies = records.lines().map(body).filter(|body| body["passage"].is_object());
    let mut filmed = 0;
    for body in bodies {
        let (passage, clips) = (&body["passage"], &body["clips"]);
        if passage["lane"] != 1 {
            assert!(clips.is_null(), "{body:#}");
            continue;
        }
        let from = instant(&passage["began_at"]) + Micros::from_secs(-3);
        let to = instant(&passage["ended_at"]) + Micros::from_secs(7);
        let utc = (from + Micros::from_secs(-8 * 3_600)).to_string()[..19].replace(['-', ':'], "");
        let url = format!("rtsp://nvr/101?from={utc}Z&until={}", to.0 / 1_000_000);
        let film = serde_json::json!([{ "recorder": "nvr-1", "url": url, "from": from, "to": to }]);
        assert_eq!(clips, &film, "{body:#}");
        filmed += 1;
    }
    filmed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_passes_the_real_doors_is_judged_by_the_simulators_truth_and_refers_to_its_film() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = |name: &str| dir.path().join(name).display().to_string();
    let (port, vehicles) = (free_port().expect("a port").port().to_string(), VEHICLES.to_string());
    let (site, truth_file, config) = (path("site"), path("truth"), path("site/wimd.toml"));
    let mut arguments = vec!["simulate", "site", "--scenario", SCENARIO, "--truth", &truth_file];
    arguments.extend(["--dir", &site, "--vehicles", &vehicles, "--seed", "2"]);
    arguments.extend(["--speed-up", "20", "--camera-port", &port]);
    let (mut simulator, told) = spawn(&arguments);
    let mut told = told.lines().map(|line| line.expect("text"));
    // it waits for the daemon and names the command that starts it
    let command = told.find_map(|line| line.trim().strip_prefix("wimd ").map(str::to_owned));
    let command = command.expect("a command");
    let told_site = std::fs::read_to_string(&config).expect("the site is written");
    std::fs::write(&config, told_site.replace("recorder = []\n", "") + RECORDER)
        .expect("a recorder more");
    let (mut daemon, _) = spawn(&command.split(' ').collect::<Vec<_>>());
    let simulating = Pid::from_raw(i32::try_from(simulator.0.id()).expect("process ids fit"));
    let played = tokio::task::spawn_blocking(move || simulator.0.wait().expect("it ends"));
    let Ok(played) = timeout(PATIENCE, played).await else {
        kill(simulating, Signal::SIGKILL).expect("alive");
        panic!("the simulator waits: did the daemon refuse its configuration?");
    };
    assert!(played.expect("no panic").success());
    let truth = truth(Path::new(&truth_file));
    let weighings: usize =
        truth.iter().map(|group| group["passages"].as_array().map_or(0, Vec::len)).sum();
    let socket = dir.path().join("site/status.sock");
    let expected = u64::try_from(weighings).expect("few");
    let seen = tokio::task::spawn_blocking(move || see_sealed(&socket, expected));
    seen.await.expect("all are sealed");
    let pid = Pid::from_raw(i32::try_from(daemon.0.id()).expect("process ids fit"));
    kill(pid, Signal::SIGTERM).expect("alive");
    assert_eq!(daemon.0.wait().expect("it ends").code(), Some(0));

    let (records, printed) = (path("records"), print(&["records", "--config", &config, "--json"]));
    assert!(filmed(&printed) > 0, "a vehicle passes in the first lane");
    std::fs::write(&records, printed).expect("written");
    let scored = print(&["score", "--truth", &truth_file, "--records", &records, "--json"]);
    let figures: Value = serde_json::from_str(&scored).expect("JSON");
    let figure = |name: &str| figures[name].as_u64().expect("a number");
    assert_eq!(
        ["vehicles", "wrong", "lost", "unknown", "enforceable_wrong_plate"].map(figure),
        [VEHICLES, 0, 0, 0, 0],
        "{figures}"
    );
    let all = ["correct", "ambiguous", "unpaired"].map(figure).iter().sum::<u64>();
    assert_eq!(all, figure("pairable"), "{figures}");
    // the first vehicles of each camera teach its clock
    assert!(figure("correct") * 2 > VEHICLES, "{figures}");
    assert!(figures["baseline_correct"].is_null(), "{figures}");
}
