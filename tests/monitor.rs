//! `wimd monitor` at a site at work: lines for a pipe, a screen for a terminal.

#[allow(dead_code, reason = "each test file uses its own part")]
mod daemon_support;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use daemon_support::{Leash, in_time};
use nix::pty::{Winsize, openpty};
use tempfile::TempDir;
use tokio::task::spawn_blocking;
use wimd::clock::Clock;
use wimd::daemon::Running;
use wimd::io::store::Signer;
use wimd::pipeline::record::{Body, Record};
use wimd::sim::controller::SimControllerOptions;
use wimd::sim::plan;
use wimd::sim::site::{SimPort, SimSite};
use wimd::sim::traffic::invent_traffic;
use wimd::units::Micros;

const SPEED_UP: u32 = 20;
const VEHICLES: usize = 12;
const BINARY: &str = env!("CARGO_BIN_EXE_wimd");

/// A daemon that has weighed a few vehicles.
struct Site {
    dir: TempDir,
    daemon: Running,
    traffic: SimSite,
}

impl Site {
    /// The first vehicle is about to come.
    async fn open() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let config = plan::config(dir.path(), "mqtt://127.0.0.1:1", SPEED_UP);
        Signer::generate().expect("a key").save(&config.store.key_file).expect("saved");
        let clock = Clock::scaled(Clock::wall(), SPEED_UP);
        let start = clock.now() + Micros::from_secs(i64::from(SPEED_UP));
        let port = SimPort::Pty(config.scale[0].port.clone().into());
        let traffic = invent_traffic(5, VEHICLES, start);
        let site = SimSite::start(traffic, clock, port, SimControllerOptions::new(7));
        let traffic = site.expect("a site");
        let daemon = wimd::daemon::start_unwatched(config, clock).await.expect("it starts");
        traffic.connect_cameras(daemon.camera_address());
        Self { dir, daemon, traffic }
    }

    /// Every vehicle has its record.
    async fn at_work() -> Self {
        let site = Self::open().await;
        let expected = u64::try_from(site.weighings()).expect("few");
        let sealed = site.daemon.until(|now| {
            let counts = &now.pipeline.pipeline.counts;
            counts.paired + counts.ambiguous + counts.unpaired >= expected
        });
        in_time("every vehicle's record", sealed).await;
        site
    }

    fn weighings(&self) -> usize {
        self.traffic.truth.weighings().len()
    }

    fn socket(&self) -> PathBuf {
        self.dir.path().join("status.sock")
    }
}

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
    let figures = line.split_whitespace().skip_while(|word| !word.contains('o'));
    let figures = figures.skip(1).collect::<Vec<_>>();
    format!("{time} {lane} {}{}", figures[0], figures[1])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pipe_gets_a_line_for_each_passage_and_the_end_when_the_daemon_goes() {
    let site = Site::open().await;
    let socket = site.socket();
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
    site.daemon.stop().await.expect("it stops");
    let end = spawn_blocking(move || child.wait_with_output()).await.expect("no panic");
    let end = end.expect("it ends");
    let error = String::from_utf8(end.stderr).expect("UTF-8");
    assert_eq!(end.status.code(), Some(1), "{error}");
    assert!(error.contains("help: the daemon is down. Start it:"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_gets_a_screen_and_q_gives_it_back() {
    let site = Site::at_work().await;
    let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
    let terminal = openpty(Some(&size), None).expect("a terminal");
    let side = || Stdio::from(terminal.slave.try_clone().expect("a descriptor"));
    let mut child = monitor(&site.socket())
        .env("TERM", "xterm")
        .stdin(side())
        .stdout(side())
        .stderr(side())
        .spawn()
        .expect("it starts");
    let _leash = Leash::of(&child);
    drop(terminal.slave);
    let mut master = File::from(terminal.master);
    let shown = spawn_blocking(move || {
        let mut shown = Vec::new();
        let mut piece = [0; 4_096];
        let has = |shown: &[u8], text: &str| {
            shown.windows(text.len()).any(|window| window == text.as_bytes())
        };
        let mut asked = false;
        // the end of the child is the end of its terminal
        while let Ok(length @ 1..) = master.read(&mut piece) {
            shown.extend_from_slice(&piece[..length]);
            let whole = ["SCALE", "CAMERAS", "STORE", "UPLINK", "quit"];
            if !asked && whole.iter().all(|part| has(&shown, part)) {
                master.write_all(b"q").expect("a key");
                asked = true;
            }
        }
        String::from_utf8_lossy(&shown).into_owned()
    });
    let shown = tokio::time::timeout(Duration::from_secs(60), shown).await;
    let shown = shown.expect("q ends it").expect("no panic");
    assert_eq!(child.wait().expect("it ends").code(), Some(0), "{shown}");
    for lane in ["LANE 1", "LANE 2"] {
        assert!(shown.contains(lane), "{shown}");
    }
    let (enter, leave) = ("\u{1b}[?1049h", "\u{1b}[?1049l");
    assert!(shown.contains(enter) && shown.trim_end().contains(leave), "{shown:?}");
    site.daemon.stop().await.expect("it stops");
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
