//! Screens on a terminal of 80 columns, in both languages: no line is wider, and no row of a table
//! is torn although a table is as wide as its cells.

#[allow(dead_code, reason = "each test file uses its own part")]
mod daemon_support;

use std::fs::{self, File};
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use clap::CommandFactory;
use daemon_support::in_time;
use nix::pty::{Winsize, openpty};
use tempfile::TempDir;
use tokio::task::spawn_blocking;
use unicode_width::UnicodeWidthStr;
use wimd::clock::Clock;
use wimd::daemon::Running;
use wimd::io::store::Signer;
use wimd::sim::controller::SimControllerOptions;
use wimd::sim::plan;
use wimd::sim::site::{SimPort, SimSite};
use wimd::sim::traffic::invent_traffic;
use wimd::units::Micros;

const COLUMNS: u16 = 80;
const SPEED_UP: u32 = 20;
const VEHICLES: usize = 12;
const BINARY: &str = env!("CARGO_BIN_EXE_wimd");

/// A daemon that has weighed a few vehicles and reaches no broker.
async fn at_work() -> (TempDir, Running, SimSite) {
    let dir = tempfile::tempdir().expect("a folder");
    let config = plan::config(dir.path(), "mqtt://127.0.0.1:1", SPEED_UP);
    Signer::generate().expect("a key").save(&config.store.key_file).expect("saved");
    let text = toml::to_string(&config).expect("written");
    fs::write(dir.path().join("wimd.toml"), text).expect("writable");
    let clock = Clock::scaled(Clock::wall(), SPEED_UP);
    let start = clock.now() + Micros::from_secs(i64::from(SPEED_UP));
    let port = SimPort::Pty(config.scale[0].port.clone().into());
    let traffic = invent_traffic(5, VEHICLES, start);
    let traffic = SimSite::start(traffic, clock, port, SimControllerOptions::new(7));
    let traffic = traffic.expect("a site");
    let daemon = wimd::daemon::start_unwatched(config, clock).await.expect("it starts");
    traffic.connect_cameras(daemon.camera_address());
    let expected = u64::try_from(traffic.truth.weighings().len()).expect("few");
    let sealed = daemon.until(|now| {
        let counts = &now.pipeline.pipeline.counts;
        counts.paired + counts.ambiguous + counts.unpaired >= expected
    });
    in_time("every vehicle's record", sealed).await;
    (dir, daemon, traffic)
}

/// What a terminal shows of a command, colours left out.
fn on_a_terminal(arguments: &[String]) -> String {
    let size = Winsize { ws_row: 24, ws_col: COLUMNS, ws_xpixel: 0, ws_ypixel: 0 };
    let terminal = openpty(Some(&size), None).expect("a terminal");
    let side = || Stdio::from(terminal.slave.try_clone().expect("a descriptor"));
    let mut command = Command::new(BINARY);
    command.args(arguments).env("NO_COLOR", "1").stdin(side()).stdout(side()).stderr(side());
    let mut child = command.spawn().expect("it starts");
    // the command holds ends of the terminal itself
    drop((command, terminal.slave));
    let (mut shown, mut piece) = (Vec::new(), [0; 4_096]);
    let mut master = File::from(terminal.master);
    // the end of the child is the end of its terminal
    while let Ok(length @ 1..) = master.read(&mut piece) {
        shown.extend_from_slice(&piece[..length]);
    }
    child.wait().expect("it ends");
    let text = String::from_utf8(shown).expect("UTF-8").replace('\r', "");
    anstream::adapter::strip_str(&text).to_string()
}

fn expect_narrow(arguments: &[String]) -> String {
    let screen = on_a_terminal(arguments);
    for line in screen.lines() {
        // a command that is to be copied stays one line
        let command = line.starts_with("  wimd ");
        let width = line.trim_end().width();
        assert!(command || width <= COLUMNS.into(), "{arguments:?}: {width}: {line}\n{screen}");
    }
    screen
}

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_screens_of_a_site_at_work_fit_eighty_columns_in_both_languages() {
    let (dir, daemon, traffic) = at_work().await;
    let path =
        |name: &str| -> String { PathBuf::from(dir.path()).join(name).display().to_string() };
    let (config, socket) = (path("wimd.toml"), path("status.sock"));
    let today = Clock::wall().to_string();
    let month = &today[..7];
    let commands = [
        format!("status --socket {socket}"),
        format!("outbox --socket {socket}"),
        format!("ledger list --socket {socket}"),
        format!("doctor --config {config}"),
        format!("check --config {config}"),
        format!("check --config {config}.absent"),
        format!("records --config {config}"),
        format!("records 3 --config {config}"),
        format!("records 999 --config {config}"),
        format!("report --month {month} --config {config}"),
        format!("calibrate --gross 40120 --axles 6 --plate X --config {config}"),
        format!("run --config {config}.absent"),
        "assess --loads 7000,18000 --spacings 3600".to_owned(),
        "ports".to_owned(),
    ];
    let screens = spawn_blocking(move || {
        let in_language = |command: &String, language| {
            let mut arguments = words(command);
            arguments.extend(["--lang".to_owned(), language]);
            expect_narrow(&arguments)
        };
        commands.map(|command| ["en", "zh"].map(|l| in_language(&command, l.to_owned())))
    });
    let screens = in_time("every screen", screens).await.expect("no panic");
    let whole = |screen: &str, row: &str| {
        let found = screen.lines().any(|line| line.split_whitespace().eq(row.split_whitespace()));
        assert!(found, "{row} is not one line of\n{screen}");
    };
    whole(&screens[0][0], "SCALE ADDRESS STATE LAST FRAME VEHICLES BAD BYTES PORT");
    whole(&screens[1][0], "LANE SEQ WHAT AGE RECORD");
    whole(&screens[2][0], "SEQ WHEN KIND LANE PLATE GROSS KG VERDICT");
    whole(&screens[6][0], "SEQ TIME LANE PLATE AXLES GROSS KG OVER % VERDICT");
    assert!(screens[7][0].contains("waits in lane"), "{}", screens[7][0]);
    traffic.stop();
    daemon.stop().await.expect("it stops");
}

#[test]
fn the_help_of_every_command_fits_eighty_columns_in_both_languages() {
    for command in wimd::cli::Cli::command().get_subcommands() {
        for language in ["en", "zh"] {
            let line = format!("{} --help --lang {language}", command.get_name());
            expect_narrow(&words(&line));
        }
    }
}
