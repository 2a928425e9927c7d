//! A scenario through the real doors, as a person plays it: `simulate site` writes what is true,
//! the daemon runs beside it, `records` prints what was sealed, and `score` compares.

#[allow(dead_code, reason = "each test file uses its own part")]
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use wimd::io::status;
use wimd::sim::broker::free_port;

const BINARY: &str = env!("CARGO_BIN_EXE_wimd");
const SCENARIO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/scenarios/busy.toml");
const VEHICLES: u64 = 40;

fn spawn(arguments: &[&str]) -> (Child, BufReader<ChildStdout>) {
    let mut command = Command::new(BINARY);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("it starts");
    let stdout = child.stdout.take().expect("piped");
    (child, BufReader::new(stdout))
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
    let (mut monitor, lines) = spawn(&["monitor", "--interval", "100", "--socket", &socket_name]);
    let mut lines = lines.lines().map_while(Result::ok);
    assert!(lines.any(|_| vehicles_sealed(socket) >= expected), "it ended");
    monitor.kill().expect("alive");
    monitor.wait().expect("killed");
}

fn truth(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).expect("written");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_passes_the_real_doors_is_judged_by_the_truth_that_the_simulator_wrote() {
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
    let (mut daemon, _) = spawn(&command.split(' ').collect::<Vec<_>>());
    let played = tokio::task::spawn_blocking(move || simulator.wait().expect("it ends"));
    assert!(played.await.expect("no panic").success());
    let truth = truth(Path::new(&truth_file));
    let weighings: usize =
        truth.iter().map(|group| group["passages"].as_array().map_or(0, Vec::len)).sum();
    let socket = dir.path().join("site/status.sock");
    let expected = u64::try_from(weighings).expect("few");
    let seen = tokio::task::spawn_blocking(move || see_sealed(&socket, expected));
    seen.await.expect("all are sealed");
    let pid = Pid::from_raw(i32::try_from(daemon.id()).expect("process ids fit"));
    kill(pid, Signal::SIGTERM).expect("alive");
    assert_eq!(daemon.wait().expect("it ends").code(), Some(0));

    let records = path("records");
    std::fs::write(&records, print(&["records", "--config", &config, "--json"])).expect("written");
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
