//! `wimd simulate camera` in each dialect with each quirk against `wimd run`: what the table of
//! `camera_table` says comes out of the real processes too.

#![allow(clippy::unwrap_used)] // helpers of tests, where a failure is the test's

mod pulled_camera;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use pulled_camera::{PulledCamera, secret};
use serde_json::Value;
use tempfile::TempDir;
use wimd::io::status;
use wimd::io::store::Signer;
use wimd::sim::broker::free_port;

const BINARY: &str = env!("CARGO_BIN_EXE_wimd");
const TABLE: &str = include_str!("../fixtures/camera/table.txt");
const PASSWORD: &str = "open sesame";
const DEVICE_ID: &str = "36020000001190000001";
/// Longest that the daemon may say nothing before its doors are open.
const PATIENCE: Duration = Duration::from_secs(60);
/// Cameras that play at the same time.
const AT_ONCE: usize = 4;

/// `wimd run` of a site with a camera of each dialect, killed when the test ends early.
struct Daemon {
    dir: TempDir,
    address: String,
    process: Child,
}

impl Daemon {
    fn start(dir: TempDir, cameras: &[String]) -> Self {
        let address = free_port().unwrap().to_string();
        let config = configuration(dir.path(), &address, cameras);
        let mut command = Command::new(BINARY);
        command.args(["run", "--config"]).arg(config);
        let mut process = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(process.stderr.take().unwrap());
        let daemon = Self { dir, address, process };
        let (tell, told) = mpsc::channel();
        // it is read to its end, so that the daemon never waits for us
        std::thread::spawn(move || {
            log.lines().map_while(Result::ok).for_each(|line| drop(tell.send(line)));
        });
        while !told.recv_timeout(PATIENCE).expect("it opens its doors").contains("doors open") {}
        daemon
    }

    fn door(&self) -> Value {
        let bytes = status::read(&self.dir.path().join("status.sock")).unwrap();
        serde_json::from_slice::<Value>(&bytes).unwrap()["camera_door"].take()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _code = self.process.wait();
    }
}

fn camera(name: &str, dialect: &str, more: &str) -> String {
    format!(
        "[[camera]]\nname = \"{name}\"\ntoken = \"{name}-token\"\ndialect = \"{dialect}\"\n\
         role = \"front\"\nlane = 1\ndistance_mm = 25000\n{more}\n"
    )
}

/// A folder with the password that cameras and daemon share.
fn folder() -> (TempDir, PathBuf) {
    let dir = TempDir::new().unwrap();
    let password = secret(dir.path(), "password", PASSWORD);
    (dir, password)
}

fn configuration(dir: &Path, address: &str, cameras: &[String]) -> PathBuf {
    Signer::generate().unwrap().save(&dir.join("signing.key")).unwrap();
    let text = [
        "site = { id = \"test\" }\nuplink = { broker = \"mqtt://127.0.0.1:1\" }".to_owned(),
        "store = { dir = \"state\" }\nstatus = { socket = \"status.sock\" }".to_owned(),
        format!("camera_door = {{ listen = \"{address}\" }}"),
        "scale = [{ name = \"s\", port = \"/dev/ttyABSENT\" }]".to_owned(),
        "lane = [{ number = 1, scale = \"s\" }]".to_owned(),
        cameras.join("\n"),
    ];
    let path = dir.join("wimd.toml");
    std::fs::write(&path, text.join("\n")).unwrap();
    path
}

/// Rows of the table, of cameras that are pulled or of those that push: dialect, quirk, what comes
/// out.
fn rows(pulled: bool) -> Vec<[&'static str; 3]> {
    let cut = |line: &'static str| {
        let (dialect, rest) = line.split_once(' ').unwrap();
        let (quirk, outcome) = rest.trim_start().split_once(' ').unwrap();
        [dialect, quirk, outcome.trim_start()]
    };
    TABLE.lines().map(cut).filter(|[dialect, ..]| (*dialect == "isapi-pull") == pulled).collect()
}

/// Plays a row; gives what the simulator printed and its exit code.
fn played([dialect, quirk, _]: [&str; 3], daemon: &Daemon) -> (String, Option<i32>) {
    let password = daemon.dir.path().join("password");
    let path =
        if dialect == "gat1400" { String::new() } else { format!("/camera/{dialect}-token") };
    let mut command = Command::new(BINARY);
    command.args(["simulate", "camera", "--dialect", dialect, "--url"]);
    command.arg(format!("http://{}{path}", daemon.address));
    if quirk != "-" {
        command.args(["--quirk", quirk]);
    }
    if dialect == "gat1400" {
        command.args(["--device-id", DEVICE_ID, "--password-file"]).arg(password);
    }
    let output = command.output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code())
}

/// The simulator was told what the row says.
fn is_as_in_the_table(row: [&str; 3], daemon: &Daemon) {
    let (printed, code) = played(row, daemon);
    let answers: Vec<&str> =
        printed.lines().filter_map(|line| line.split_once(": ")).map(|(_, told)| told).collect();
    let expected = match row[2].strip_prefix("refused with ") {
        Some(reason) => (format!("refused with {}", &reason[..3]), Some(1)),
        None => ("accepted with 200".to_owned(), Some(0)),
    };
    let last = answers.last().map_or("", |told| told);
    assert!(last.starts_with(&expected.0) && code == expected.1, "{row:?}: {code:?}\n{printed}");
}

#[test]
fn the_daemon_tells_every_dialect_with_every_quirk_what_the_table_says() {
    let registers = format!("device_id = \"{DEVICE_ID}\"\npassword_file = \"password\"");
    let cameras = [
        camera("isapi", "isapi", ""),
        camera("isapi-json", "isapi", ""),
        camera("dahua", "dahua", ""),
        camera("neutral", "neutral", ""),
        camera("gat1400", "gat1400", &registers),
    ];
    let (daemon, rows) = (Daemon::start(folder().0, &cameras), rows(false));
    // before any other registers from the same address
    let (first, rest): (Vec<_>, Vec<_>) =
        rows.iter().copied().partition(|[_, quirk, _]| *quirk == "unregistered");
    first.into_iter().for_each(|row| is_as_in_the_table(row, &daemon));
    std::thread::scope(|scope| {
        for part in rest.chunks(rest.len().div_ceil(AT_ONCE)) {
            let daemon = &daemon;
            scope.spawn(move || part.iter().for_each(|row| is_as_in_the_table(*row, daemon)));
        }
    });
    let door = daemon.door();
    let wrong = rows.iter().filter(|[_, quirk, _]| *quirk == "wrong-token").count();
    assert_eq!(door["totals"]["unknown_tokens"], wrong, "{door:#}");
    for dialect in ["isapi", "isapi-json", "dahua", "neutral", "gat1400"] {
        let camera = &door["cameras"][dialect];
        let of = |word: &str| {
            // a wrong token tells no camera
            let counted = |row: &&[&str; 3]| row[0] == dialect && row[1] != "wrong-token";
            let accepted = |row: &&[&str; 3]| counted(row) && row[2].starts_with(word);
            rows.iter().filter(accepted).count() as u64
        };
        let [events, refused] = [camera["events"].as_u64(), refusals(camera)].map(Option::unwrap);
        assert!(events >= of("accepted as 赣"), "{dialect}: {camera:#}");
        assert!(refused >= of("refused"), "{dialect}: {camera:#}");
    }
}

/// All that was refused, by whatever name.
fn refusals(camera: &Value) -> Option<u64> {
    Some(camera["refusals"].as_object()?.values().filter_map(Value::as_u64).sum())
}

/// Whether the daemon tells of the camera what the row says.
fn is_told([_, _, outcome]: [&str; 3], camera: &Value) -> bool {
    let count = |name: &str| camera[name].as_u64().unwrap_or_default();
    let tells = |told: &Value, text: &str| told.as_str().is_some_and(|told| told.contains(text));
    match outcome.strip_prefix("not read because ") {
        Some(why) => {
            let told =
                tells(&camera["last_refusal"], why) || tells(&camera["pull"]["last_failure"], why);
            told && count("events") == 0
        }
        None if outcome.contains("sign of life") => count("heartbeats") > 0,
        None if outcome.contains("of no use") => count("other_events") > 0,
        None => count("events") + count("duplicates") > outcome.matches("; 赣").count() as u64,
    }
}

#[test]
fn the_daemon_pulls_a_camera_with_every_quirk_as_the_table_says() {
    let (dir, password) = folder();
    let rows = rows(true);
    let started = rows.iter().map(|[_, quirk, _]| {
        let quirk = if *quirk == "-" { vec![] } else { vec!["--quirk", quirk] };
        PulledCamera::start("wimd", &password, &quirk)
    });
    let pulled: Vec<PulledCamera> = started.collect();
    let configured = rows.iter().zip(&pulled).enumerate().map(|(number, (row, pulled))| {
        let beat = if row[1] == "stream-silent" { 1 } else { 60 };
        let more = format!(
            "pull = \"{}\"\npull_heartbeat_s = {beat}\nusername = \"wimd\"\n\
             password_file = \"password\"",
            pulled.url
        );
        camera(&format!("camera-{number}"), "isapi", &more)
    });
    let cameras: Vec<String> = configured.collect();
    let daemon = Daemon::start(dir, &cameras);
    let mut open: Vec<(usize, [&str; 3])> = rows.into_iter().enumerate().collect();
    let end = Instant::now() + PATIENCE;
    // a camera whose stream has ended goes, and then it is only that which is told
    while !open.is_empty() {
        let cameras = daemon.door()["cameras"].take();
        let told = |number: usize| &cameras[format!("camera-{number}")];
        open.retain(|(number, row)| !is_told(*row, told(*number)));
        let late = Instant::now() > end;
        assert!(!late, "{:?}: {:#}", open, told(open.first().map_or(0, |(number, _)| *number)));
        std::thread::yield_now();
    }
}
