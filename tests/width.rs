//! Screens on a terminal of 80 columns, in both languages: no line is wider, no word and no row of
//! a table is torn, headings stand above their cells, and what the configuration names keeps its
//! name.

#[allow(dead_code, reason = "each test file uses its own part")]
mod daemon_support;

#[path = "width/help.rs"]
mod help;
#[path = "width/table.rs"]
mod table;

use std::process::Command;

use daemon_support::in_time;
use daemon_support::simulated::Simulated;
use daemon_support::terminal::Terminal;
use table::Table;
use tokio::task::spawn_blocking;
use unicode_width::UnicodeWidthStr;
use wimd::clock::Clock;
use wimd::config::Config;

const COLUMNS: usize = 80;
const VEHICLES: usize = 12;

/// What a terminal of 80 columns shows of a command, colours left out, and its exit code.
fn on_a_terminal(arguments: &[String]) -> (String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wimd"));
    command.args(arguments).env("NO_COLOR", "1");
    let (text, code) = Terminal::start(command).rest();
    (anstream::adapter::strip_str(&text.replace('\r', "")).to_string(), code)
}

/// Whether a line is a command, which is to be copied and stays one line.
fn is_command(line: &str) -> bool {
    let begins = ["  wimd ", "  sudo "].iter().any(|begin| line.starts_with(begin));
    begins && !line.trim().contains("  ")
}

/// The screen of a command line in this language, no line of which is too wide.
fn narrow(line: &str, language: &str) -> (String, Option<i32>) {
    let mut arguments: Vec<String> = line.split(' ').map(str::to_owned).collect();
    arguments.extend(["--lang".to_owned(), language.to_owned()]);
    let (screen, code) = on_a_terminal(&arguments);
    for line in screen.lines().filter(|line| !is_command(line)) {
        let width = line.trim_end().width();
        assert!(width <= COLUMNS, "{arguments:?}: {width}: {line}\n{screen}");
    }
    (screen, code)
}

/// Names that are words of the program too.
const NAMES: [&str; 5] = ["front", "rear", "no", "working", "unit"];

/// Cameras, scale and site have such names.
fn named(config: &mut Config) {
    for (camera, name) in config.camera.iter_mut().zip(NAMES) {
        camera.name = name.to_owned();
    }
    config.scale[0].name = NAMES[3].to_owned();
    for lane in &mut config.lane {
        lane.scale = NAMES[3].to_owned();
    }
    config.site.name = NAMES[4].to_owned();
}

/// A command line, its exit code, and the tables that it shows.
struct Scene {
    line: String,
    code: i32,
    tables: &'static [Table],
}

/// The sequence of a vehicle's record.
fn passage(socket: &str) -> String {
    let mut list = Command::new(env!("CARGO_BIN_EXE_wimd"));
    let output = list.args(["ledger", "list", "--socket", socket]).output().expect("it ends");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let row = text.lines().find(|line| line.contains("passage")).expect("a vehicle");
    row.split(' ').next().expect("a sequence").to_owned()
}

fn scenes(site: &Simulated) -> Vec<Scene> {
    let path = |name: &str| site.path(name).display().to_string();
    let (config, socket) = (path("wimd.toml"), path("status.sock"));
    let today = Clock::wall().to_string();
    let month = &today[..7];
    let scene = |line: String, code, tables| Scene { line, code, tables };
    vec![
        scene(format!("status --socket {socket}"), 0, &table::STATUS),
        scene(format!("outbox --socket {socket}"), 0, &table::OUTBOX),
        scene(format!("ledger list --socket {socket}"), 0, &table::LEDGER),
        scene(format!("records --config {config}"), 0, &table::RECORDS),
        scene(format!("records {} --config {config}", passage(&socket)), 0, &table::RECORD),
        scene(format!("records 1 --config {config}"), 0, &[]),
        scene(format!("report --month {month} --config {config}"), 0, &table::REPORT),
        scene(
            format!("calibrate --gross 40120 --axles 6 --runs 1-40 --config {config}"),
            1,
            &table::CALIBRATE,
        ),
        scene("assess --loads 7000,18000 --spacings 3600".to_owned(), 0, &[]),
        scene("ports".to_owned(), 0, &[]),
        scene(format!("doctor --config {config}"), 1, &[]),
        scene(format!("check --config {config}"), 0, &[]),
        scene(format!("check --config {config}.absent"), 78, &[]),
        scene(format!("records 999 --config {config}"), 1, &[]),
        scene(format!("run --config {config}.absent"), 78, &[]),
        scene(format!("monitor --socket {socket}.absent --config {config}.absent"), 1, &[]),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_screens_of_a_site_at_work_fit_eighty_columns_in_both_languages() {
    let site = Simulated::with(VEHICLES, named);
    let daemon = site.daemon_at_work().await;
    let looked_at = spawn_blocking(move || {
        let scenes = scenes(&site);
        let mut all = String::new();
        for Scene { line, code, tables } in &scenes {
            for language in ["en", "zh"] {
                let (screen, ended) = narrow(line, language);
                assert_eq!(ended, Some(*code), "{line}\n{screen}");
                tables.iter().for_each(|table| table.stands_in(&screen, language));
                all.push_str(&screen);
            }
        }
        all
    });
    let all = in_time("every screen", looked_at).await.expect("no panic");
    assert!(all.contains("waits in queue"), "{all}");
    daemon.stop().await.expect("it stops");
}
