//! The real binary: refusals, exit codes, readiness and watchdog, the order to stop.

#[allow(dead_code, reason = "each test file uses its own part")]
mod daemon_support;

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, ChildStderr, Command as Process, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use assert_cmd::Command;
use daemon_support::{Site, TOKEN, exists};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use wimd::sim::camera::{SimBody, SimLink};

const BINARY: &str = env!("CARGO_BIN_EXE_wimd");

fn wimd() -> Command {
    Command::new(BINARY)
}

/// A daemon in a process of its own, killed when the test ends early.
struct Daemon {
    process: Child,
    log: Option<BufReader<ChildStderr>>,
}

impl Daemon {
    fn start(site: &Site, notify: Option<&Path>) -> Self {
        // The shell knows the process id that the binary will have.
        let mut command = Process::new("sh");
        command.args(["-c", r#"WATCHDOG_PID=$$ exec "$0" run --config "$1""#, BINARY]);
        command.arg(site.config_file());
        command.stdin(Stdio::null()).stderr(Stdio::piped());
        if let Some(socket) = notify {
            command.env("NOTIFY_SOCKET", socket);
            command.env("WATCHDOG_USEC", "300000");
        }
        let mut process = command.spawn().expect("the binary starts");
        let log = process.stderr.take().map(BufReader::new);
        Self { process, log }
    }

    /// Waits until it logs each of these, in any order; gives the last of the lines.
    fn logs(&mut self, parts: &[&str]) -> String {
        let (mut missing, log) = (parts.to_vec(), self.log.as_mut().expect("it is read"));
        let mut line = String::new();
        while !missing.is_empty() {
            line.clear();
            let length = log.read_line(&mut line).expect("UTF-8");
            assert_ne!(length, 0, "it ended without {missing:?}");
            missing.retain(|part| !line.contains(part));
        }
        line
    }

    /// Where cameras deliver, once they may.
    fn camera_door(&mut self) -> SocketAddr {
        let line = self.logs(&["doors open"]);
        let address = line.split_whitespace().find_map(|word| word.strip_prefix("cameras="));
        address.and_then(|address| address.parse().ok()).expect("it is logged")
    }

    /// Reads the rest of its log.
    fn log_to_the_end(&mut self) -> JoinHandle<String> {
        let mut log = self.log.take().expect("it is read");
        thread::spawn(move || {
            let mut rest = String::new();
            log.read_to_string(&mut rest).expect("UTF-8");
            rest
        })
    }

    fn order_to_stop(mut self) -> Option<i32> {
        let pid = Pid::from_raw(i32::try_from(self.process.id()).expect("process ids fit"));
        kill(pid, Signal::SIGTERM).expect("it is alive");
        self.process.wait().expect("it ends").code()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ended_already = self.process.kill().is_err();
    }
}

#[test]
fn without_a_configuration_the_daemon_refuses_and_says_how_to_get_one() {
    let dir = tempfile::TempDir::new().expect("a folder");
    let missing = dir.path().join("wimd.toml");
    let assert = wimd().args(["run", "--config"]).arg(&missing).assert().code(78);
    let text = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(text.contains(&format!("cannot read the configuration {}", missing.display())));
    assert!(text.contains("help: copy the commented example"), "{text}");
}

#[test]
fn a_missing_signing_key_is_a_matter_of_configuration() {
    let site = Site::new("", "");
    std::fs::remove_file(site.path("signing.key")).expect("was made");
    let assert = wimd().args(["run", "--config"]).arg(site.config_file()).assert();
    let assert = assert.code(78);
    let text = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(text.contains("help: make a key with: wimd keygen --out"), "{text}");
}

#[test]
fn status_of_a_daemon_that_is_down_says_so_and_what_to_do() {
    let dir = tempfile::TempDir::new().expect("a folder");
    let socket = dir.path().join("status.sock");
    let assert = wimd().args(["status", "--socket"]).arg(&socket).assert().code(1);
    let text = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    let first = format!("error: no daemon listens on {}", socket.display());
    assert!(text.starts_with(&first), "{text}");
    assert!(text.contains("help: the daemon is down. Start it: "), "{text}");
}

#[test]
fn a_configuration_in_another_encoding_is_told_how_to_become_utf_8() {
    let dir = tempfile::TempDir::new().expect("a folder");
    let file = dir.path().join("wimd.toml");
    std::fs::write(&file, b"site = { id = \"a\", name = \"\xb8\xd3\xd6\xdd\" }\n")
        .expect("written");
    let assert = wimd().args(["check", "--config"]).arg(&file).assert().code(78);
    let text = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(text.contains("help: save it as UTF-8"), "{text}");
}

#[test]
fn a_socket_whose_folder_is_not_there_is_no_second_daemon() {
    let site = Site::new("", "");
    let text = std::fs::read_to_string(site.config_file()).expect("written");
    let elsewhere = text.replace("status.sock", "nowhere/status.sock");
    assert_ne!(elsewhere, text);
    std::fs::write(site.config_file(), elsewhere).expect("written");
    let assert = wimd().args(["run", "--config"]).arg(site.config_file()).assert().code(1);
    let text = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(text.contains("help: status.socket of the configuration names it"), "{text}");
}

#[test]
fn the_commands_are_called_the_same_in_every_language() {
    let assert = wimd().env("LC_ALL", "zh_CN.UTF-8").assert().code(2);
    let text = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    let listed = |name: &&str| text.contains(&format!("\n  {name} "));
    let names = ["run", "status", "records", "outbox", "verify", "completions"];
    let missing: Vec<_> = names.iter().filter(|name| !listed(name)).collect();
    assert!(missing.is_empty(), "{missing:?} in {text}");
}

/// Only who may give files away can make such a store.
#[test]
fn the_store_of_another_user_is_left_alone_while_its_daemon_is_down() {
    let site = Site::new("", "");
    let mut daemon = Daemon::start(&site, None);
    daemon.logs(&["doors open"]);
    assert_eq!(daemon.order_to_stop(), Some(0));
    let state = site.path("state");
    if std::os::unix::fs::chown(&state, Some(65_534), None).is_err() {
        return;
    }
    let files = || {
        let entries = std::fs::read_dir(state.join("sled")).expect("a folder");
        let mut names: Vec<_> = entries.map(|entry| entry.expect("read").file_name()).collect();
        names.sort();
        names
    };
    let before = files();
    for command in ["outbox", "ledger list"] {
        let mut run = wimd();
        run.args(command.split(' ')).arg("--config").arg(site.config_file());
        let assert = run.assert().code(1);
        let text = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(text.contains("is another user's"), "{command}: {text}");
    }
    assert_eq!(files(), before);
}

#[test]
fn wrong_usage_is_exit_code_2() {
    wimd().arg("fly").assert().code(2);
    wimd().args(["run", "--speed-up", "3"]).assert().code(2);
}

#[test]
fn completions_exist_for_the_shells_of_technicians() {
    for shell in ["bash", "zsh", "fish"] {
        let assert = wimd().args(["completions", shell]).assert().success();
        let script = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
        assert!(script.contains("wimd") && script.contains("keygen"), "{shell}");
    }
}

#[test]
fn ports_prints_one_array_with_json() {
    let assert = wimd().args(["ports", "--json"]).assert().success();
    let ports: serde_json::Value =
        serde_json::from_slice(&assert.get_output().stdout).expect("JSON");
    assert!(ports.is_array());
}

#[test]
fn sigterm_ends_it_in_order_and_status_shows_it_before() {
    let site = Site::new("", "");
    let mut daemon = Daemon::start(&site, None);
    let socket = site.path("status.sock");
    daemon.logs(&["doors open", "cannot open /dev/ttyABSENT"]);
    let shown = wimd().args(["status", "--socket"]).arg(&socket).assert().success();
    let page = String::from_utf8_lossy(&shown.get_output().stdout).into_owned();
    assert!(page.contains("site test"), "{page}");
    assert!(page.contains("! scale s: cannot open /dev/ttyABSENT"), "{page}");
    assert!(!page.contains('\u{1b}'), "colour without a terminal");
    assert_eq!(daemon.order_to_stop(), Some(0));
    assert!(!exists(&socket));
}

#[test]
fn a_second_daemon_on_the_same_socket_ends_with_1_and_names_the_other() {
    let site = Site::new("", "");
    let mut daemon = Daemon::start(&site, None);
    let socket = site.path("status.sock");
    daemon.logs(&["doors open"]);
    let assert = wimd().args(["run", "--config"]).arg(site.config_file()).assert().code(1);
    let text = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    let told = format!("another daemon already answers on {}", socket.display());
    assert!(text.contains(&told) && text.contains("only one daemon can run"), "{text}");
    assert_eq!(daemon.order_to_stop(), Some(0));
}

#[test]
fn the_service_manager_is_told_ready_and_alive() {
    let site = Site::new("", "");
    let path = site.path("notify.sock");
    let manager = UnixDatagram::bind(&path).expect("free");
    let patience = Some(Duration::from_secs(60));
    manager.set_read_timeout(patience).expect("not zero");
    let daemon = Daemon::start(&site, Some(&path));
    let (mut ready, mut alive) = (false, 0);
    let mut buffer = [0; 4_096];
    while !ready || alive < 3 {
        let length = manager.recv(&mut buffer).expect("a message in time");
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        ready |= text.contains("READY=1");
        alive += usize::from(text.contains("WATCHDOG=1"));
    }
    assert_eq!(daemon.order_to_stop(), Some(0));
}

#[test]
fn a_daemon_whose_log_nobody_reads_any_more_works_on_and_ends_in_order() {
    let site = Site::new("", "");
    let mut daemon = Daemon::start(&site, None);
    daemon.logs(&["doors open"]);
    daemon.log = None;
    assert_eq!(daemon.order_to_stop(), Some(0));
}

/// Cameras ask again and again: a line for each time would fill the journal of a full disk.
#[tokio::test]
async fn a_refusal_that_lasts_is_logged_once_and_so_is_its_end() {
    let site = Site::new("max_inbox = 100", "window_ms = 100, event_window_ms = 5000");
    let mut daemon = Daemon::start(&site, None);
    let mut link = SimLink::new(daemon.camera_door(), &format!("/camera/{TOKEN}"));
    let log = daemon.log_to_the_end();
    let (mut number, mut refused) = (0, 0);
    loop {
        let event = format!(r#"{{"id":"event-{number}","plate":{{"text":"赣E{number:0>5}"}}}}"#);
        let body = SimBody { content_type: "application/json".into(), bytes: event.into() };
        match link.post(&body).await.expect("the door answers").status.as_u16() {
            200 if refused > 0 => break,
            200 => number += 1,
            503 => refused += 1,
            other => panic!("answered {other}"),
        }
        assert!(number < 10_000, "the bound was never reached");
    }
    assert_eq!(daemon.order_to_stop(), Some(0));
    let log = log.join().expect("read");
    let lines = |text| log.lines().filter(|line| line.contains(text)).count();
    assert!(refused > 1, "{refused}");
    assert_eq!((lines("inputs refused"), lines("inputs are taken again")), (1, 1), "{refused}");
}
