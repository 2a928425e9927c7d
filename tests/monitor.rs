//! `wimd monitor` at a site at work: lines for a pipe, a screen for a terminal.

#[allow(dead_code, reason = "each test file uses its own part")]
mod daemon_support;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use daemon_support::simulated::Simulated;
use daemon_support::terminal::Terminal;
use daemon_support::{Leash, in_time};
use tokio::task::spawn_blocking;
use wimd::pipeline::record::{Body, Record};

const VEHICLES: usize = 12;
const BINARY: &str = env!("CARGO_BIN_EXE_wimd");

fn monitor(socket: &Path) -> Command {
    let mut command = Command::new(BINARY);
    command.args(["monitor", "--interval", "100", "--socket"]).arg(socket);
    command
}

/// Time, lane and gross mass of each passage of the ledger, as they are printed.
fn passages(socket: &Path) -> BTreeSet<String> {
    let export = Command::new(BINARY).args(["ledger", "export", "--socket"]).arg(socket).output();
    let export = String::from_utf8(export.expect("it ends").stdout).expect("UTF-8");
    let passage = |line: &str| {
        let published: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let record: Record = serde_json::from_value(published["record"].clone()).expect("a record");
        let Body::Passage(passage) = &record.body else { return None };
        let time = record.occurred_at.to_string()[11..19].to_owned();
        let gross = passage.assessment.gross_kg.map_or(0, |gross| gross.0);
        Some(format!("{time} {} {gross}", passage.passage.lane.0))
    };
    export.lines().filter_map(passage).collect()
}

/// The same of a printed line: the mass stands before the two last figures and has a gap.
fn printed(line: &str) -> String {
    let time = &line[..8];
    let lane = line[8..].split_whitespace().next().expect("a lane");
    // "no plate" is no picture of axles
    let is_axles =
        |word: &&str| word.contains('o') && word.chars().all(|letter| matches!(letter, 'o' | '-'));
    let figures = line.split_whitespace().skip_while(|word| !is_axles(word));
    let figures = figures.skip(1).collect::<Vec<_>>();
    format!("{time} {lane} {}{}", figures[0], figures[1])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pipe_gets_a_line_for_each_passage_and_the_end_when_the_daemon_goes() {
    let site = Simulated::new(VEHICLES);
    let daemon = site.daemon().await;
    let socket = site.path("status.sock");
    let mut child =
        monitor(&socket).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let _leash = Leash::of(&child);
    let lines = BufReader::new(child.stdout.take().expect("a pipe"));
    let count = site.weighings();
    let told = spawn_blocking(move || {
        let lines = lines.lines().map(|line| line.expect("UTF-8")).skip(1).take(count);
        lines.map(|line| printed(&line)).collect::<BTreeSet<_>>()
    });
    let told = tokio::time::timeout(Duration::from_secs(60), told).await;
    let told = told.expect("a line for each").expect("no panic");
    let passages = spawn_blocking(move || passages(&socket)).await.expect("no panic");
    assert_eq!((told.len(), &told), (count, &passages));
    daemon.stop().await.expect("it stops");
    let end = spawn_blocking(move || child.wait_with_output()).await.expect("no panic");
    let end = end.expect("it ends");
    let error = String::from_utf8(end.stderr).expect("UTF-8");
    assert_eq!(end.status.code(), Some(1), "{error}");
    assert!(error.contains("help: the daemon is down. Start it:"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_gets_a_screen_and_q_gives_it_back() {
    let site = Simulated::new(VEHICLES);
    let daemon = site.daemon_at_work().await;
    let screen = Terminal::start(monitor(&site.path("status.sock")));
    let words = ["SCALE", "CAMERAS", "STORE", "UPLINK", "quit"];
    let shown = in_time("its end", spawn_blocking(move || screen.until(&words))).await;
    let (shown, code) = shown.expect("no panic");
    assert_eq!(code, Some(0), "{shown}");
    for lane in ["LANE 1", "LANE 2"] {
        assert!(shown.contains(lane), "{shown}");
    }
    let (enter, leave) = ("\u{1b}[?1049h", "\u{1b}[?1049l");
    assert!(shown.contains(enter) && shown.trim_end().contains(leave), "{shown:?}");
    daemon.stop().await.expect("it stops");
}

/// What a line of 9 600 baud (8N1) carries in a second, in which the monitor looks once.
const SLOW_LINE: usize = 960;

/// Bytes of each look at the site until it is enough, the first with the whole screen left out: a
/// look ends with what puts colours and style back.
fn looks(mut screen: Terminal, enough: impl Fn(usize) -> bool) -> Vec<usize> {
    const END: &[u8] = b"\x1b[0m";
    let (mut shown, mut looks) = (Vec::new(), Vec::new());
    while !enough(looks.len()) {
        shown.extend(screen.next().expect("it goes on"));
        while let Some(end) = shown.windows(END.len()).position(|part| part == END) {
            looks.push(shown.drain(..end + END.len()).count());
        }
    }
    screen.press("q");
    screen.rest();
    looks.split_off(1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_screen_on_which_only_time_passes_leaves_most_of_a_slow_line_free() {
    let site = Simulated::new(VEHICLES);
    let daemon = site.daemon_at_work().await;
    for language in ["en", "zh"] {
        let mut command = monitor(&site.path("status.sock"));
        command.args(["--lang", language]);
        let screen = Terminal::start(command);
        let looks = spawn_blocking(move || looks(screen, |looks| looks > 30));
        let looks = in_time("its looks", looks).await.expect("no panic");
        let most = looks.iter().copied().max().expect("looks");
        let mean = looks.iter().sum::<usize>() / looks.len();
        // what the uplink tells between two attempts moves a whole line
        assert!(most < SLOW_LINE && mean < SLOW_LINE / 4, "{language}: {looks:?}");
    }
    daemon.stop().await.expect("it stops");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vehicle_takes_a_slow_line_for_less_than_two_seconds() {
    let site = Simulated::new(VEHICLES);
    let daemon = site.daemon().await;
    let screen = Terminal::start(monitor(&site.path("status.sock")));
    let all_passed = Arc::new(AtomicBool::new(false));
    let enough = Arc::clone(&all_passed);
    let looks = spawn_blocking(move || {
        let first_after = Cell::new(usize::MAX);
        looks(screen, |looks| {
            if enough.load(Ordering::Relaxed) {
                first_after.set(first_after.get().min(looks));
            }
            looks > first_after.get().saturating_add(3)
        })
    });
    site.all_weighed(&daemon).await;
    all_passed.store(true, Ordering::Relaxed);
    let looks = in_time("its looks", looks).await.expect("no panic");
    let most = looks.iter().copied().max().expect("looks");
    let all: usize = looks.iter().sum();
    let allowed = looks.len() * SLOW_LINE / 4 + site.weighings() * 2 * SLOW_LINE;
    assert!(most < 2 * SLOW_LINE && all < allowed, "{all} of {allowed}: {looks:?}");
    daemon.stop().await.expect("it stops");
}

#[test]
fn without_a_daemon_the_way_to_one_is_told() {
    let dir = tempfile::tempdir().expect("a folder");
    let output = monitor(&dir.path().join("status.sock")).output().expect("it ends");
    let error = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(1));
    assert!(error.starts_with("error: no daemon"), "{error}");
    assert!(error.contains("help: the daemon is down. Start it:"), "{error}");
}
