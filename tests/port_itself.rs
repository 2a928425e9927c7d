//! The ports of a site whose daemon is down: `wimd monitor` and `wimd capture` listen at them, and
//! leave every vehicle to the daemon.

#[allow(dead_code, reason = "each test file uses its own part")]
mod daemon_support;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use daemon_support::simulated::Simulated;
use daemon_support::terminal::Terminal;
use daemon_support::{Leash, in_time};
use tokio::task::spawn_blocking;

const VEHICLES: usize = 5;

/// Nothing was acknowledged: so many vehicles are still held.
fn held(site: &Simulated) -> usize {
    let journal = site.traffic.controller.journal();
    let journal = journal.borrow();
    assert_eq!(journal.acknowledged(), 0, "somebody has acknowledged a vehicle");
    journal.waiting()
}

/// Lane and gross mass of a printed vehicle.
fn printed(line: &str) -> String {
    let lane = line[8..].split_whitespace().next().expect("a lane");
    let figures = line.split_whitespace().skip_while(|word| !word.contains('o'));
    let figures = figures.skip(1).collect::<Vec<_>>();
    format!("{lane} {}{}", figures[0], figures[1])
}

/// The next `count` lines as vehicles, in any order.
fn vehicles(lines: &mut impl Iterator<Item = String>, count: usize) -> Vec<String> {
    let mut seen: Vec<String> = lines.take(count).map(|line| printed(&line)).collect();
    seen.sort();
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vehicles_are_seen_at_the_port_and_the_daemon_gets_port_and_vehicles_when_it_starts() {
    let site = Simulated::new(VEHICLES);
    let mut monitor = site
        .wimd("monitor")
        .args(["--plain", "--interval", "100"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let _leash = Leash::of(&monitor);
    let out = BufReader::new(monitor.stdout.take().expect("a pipe"));
    let mut lines = out.lines().map(|line| line.expect("UTF-8")).skip(1);
    let count = site.weighings();
    let seen = spawn_blocking(move || (vehicles(&mut lines, count), lines));
    let (at_the_port, mut lines) = in_time("a line each", seen).await.expect("no panic");
    assert_eq!((at_the_port.len(), held(&site)), (count, count));

    let daemon = wimd::daemon::start_unwatched(site.config.clone(), site.clock).await;
    let daemon = daemon.expect("it starts");
    let all = daemon.until(|now| {
        let counts = &now.pipeline.pipeline.counts;
        counts.passages == u64::try_from(count).expect("few") && counts.unpaired == counts.passages
    });
    in_time("every vehicle in the daemon", all).await;
    let told = spawn_blocking(move || vehicles(&mut lines, count));
    let by_the_daemon = in_time("the daemon's lines", told).await.expect("no panic");
    assert_eq!(by_the_daemon, at_the_port);

    daemon.stop().await.expect("it stops");
    let end = in_time("its end", spawn_blocking(move || monitor.wait_with_output())).await;
    let end = end.expect("no panic").expect("it ends");
    let error = String::from_utf8(end.stderr).expect("UTF-8");
    assert_eq!(end.status.code(), Some(1), "{error}");
    let told: Vec<&str> = error.lines().take(2).collect();
    let expected = [
        "the daemon is down: from the port itself; nothing is kept and nothing acknowledged",
        "the daemon runs: the ports are its own again",
    ];
    assert_eq!(told, expected, "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_screen_says_that_no_daemon_runs_and_shows_the_lanes_all_the_same() {
    let site = Simulated::new(VEHICLES);
    let monitor = Terminal::start(site.wimd("monitor"));
    let words = ["DAEMON", "LANE", "answering", "kept;", "UPLINK", "gross", "limit", "quit"];
    let shown = spawn_blocking(move || monitor.until(&words));
    let (shown, code) = in_time("a vehicle on the screen", shown).await.expect("no panic");
    assert_eq!(code, Some(0), "{shown}");
    held(&site);
}

/// Passages among the records of `wimd replay --json`.
fn replayed(site: &Simulated, capture: &Path) -> usize {
    let mut replay = Command::new(env!("CARGO_BIN_EXE_wimd"));
    replay.arg("replay").arg("--json").arg("--config").arg(site.path("wimd.toml")).arg(capture);
    let output = replay.output().expect("it ends");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().filter(|line| line.contains(r#""kind":"passage""#)).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_capture_at_the_port_holds_every_vehicle_and_acknowledges_none() {
    let site = Simulated::new(VEHICLES);
    let seconds = site.traffic.real_duration().as_secs() + 3;
    let mut capture = site.wimd("capture");
    capture.args(["--seconds", &seconds.to_string(), "--out"]).arg(site.path("taken"));
    let output = in_time("the capture", spawn_blocking(move || capture.output())).await;
    let output = output.expect("no panic").expect("it ends");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(text.contains("heard on the port"), "{text}");
    assert_eq!(held(&site), site.weighings());
    let taken = site.path("taken");
    let counts = (replayed(&site, &taken), site.weighings());
    assert_eq!(counts.0, counts.1, "vehicles played again from the captured line");
}

/// Whoever takes it home would find it empty there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_capture_of_a_port_that_is_not_there_is_none_and_names_the_port() {
    let site = Simulated::new(VEHICLES);
    let text = fs::read_to_string(site.path("wimd.toml")).expect("written before");
    let text = text.replace(&site.config.scale[0].port, "/dev/ttyABSENT");
    fs::write(site.path("wimd.toml"), text).expect("writable");
    let mut capture = site.wimd("capture");
    capture.args(["--json", "--seconds", "1", "--out"]).arg(site.path("taken"));
    let output = in_time("the capture", spawn_blocking(move || capture.output())).await;
    let output = output.expect("no panic").expect("it ends");
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&told["bytes"], output.status.code()), (&0.into(), Some(1)), "{told}");
    let why = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(why.contains("nothing could be heard: ") && why.contains("/dev/ttyABSENT"), "{why}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_capture_from_the_daemon_holds_the_last_line_that_it_has_recorded() {
    let site = Simulated::new(VEHICLES);
    let daemon = wimd::daemon::start_unwatched(site.config.clone(), site.clock).await;
    let daemon = daemon.expect("it starts");
    in_time("a vehicle", daemon.until(|now| now.pipeline.pipeline.counts.passages > 0)).await;
    let mut capture = site.wimd("capture");
    capture.arg("--out").arg(site.path("taken"));
    let before = daemon.snapshot().recording.expect("it records").lines;
    let output = in_time("the capture", spawn_blocking(move || capture.output())).await;
    let output = output.expect("no panic").expect("it ends");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let mut lines = 0;
    for file in fs::read_dir(site.path("taken")).expect("a folder") {
        let text = fs::read_to_string(file.expect("a file").path()).expect("text");
        lines += text.lines().count();
    }
    assert!(u64::try_from(lines).expect("few") >= before, "{lines} of {before} lines");
    daemon.stop().await.expect("it stops");
}
