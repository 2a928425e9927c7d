//! `wimd doctor` through the real binary: each injected fault is found, named and advised.

#[allow(dead_code, reason = "each test file uses its own part")]
mod daemon_support;

use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::{Command, Output};

use daemon_support::Site;
use firmware_protocol::device::Session;
use firmware_protocol::{Decoder, MAX_ENCODED};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use serde_json::Value;
use wimd::sim::broker::Broker;
use wimd::sim::controller::verified_identity;

fn doctor(site: &Site, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wimd"));
    command.arg("doctor").arg("--config").arg(site.config_file()).args(arguments);
    command.output().expect("the binary runs")
}

/// Level, figure and advice of the finding of this part and check.
fn finding(site: &Site, part: &str, check: &str) -> (String, String, String) {
    let output = doctor(site, &["--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let findings = report["findings"].as_array().expect("a list");
    let found = findings.iter().find(|one| one["part"] == part && one["check"] == check);
    let found = found.unwrap_or_else(|| panic!("no {part} {check} in {report:#}"));
    let text = |key: &str| found[key].as_str().expect("a text").to_owned();
    (text("level"), text("figure"), text("advice"))
}

fn change(site: &Site, from: &str, to: &str) {
    let text = std::fs::read_to_string(site.config_file()).expect("written before");
    assert!(text.contains(from), "{from} is not in {text}");
    std::fs::write(site.config_file(), text.replace(from, to)).expect("writable");
}

/// A site whose scale is a pseudo-terminal, and the controller's end of it.
fn with_line(site: &Site) -> File {
    let pair = nix::pty::openpty(None, None).expect("a pty");
    let link = format!("/proc/self/fd/{}", pair.slave.as_raw_fd());
    let path = std::fs::read_link(link).expect("our own file");
    change(site, "/dev/ttyABSENT", path.to_str().expect("plain"));
    let mut raw = tcgetattr(&pair.slave).expect("a terminal");
    raw.make_raw();
    tcsetattr(&pair.slave, OptionalActions::Now, &raw).expect("a terminal");
    pair.master.into()
}

/// A controller that hears and speaks only at this rate, until its line is gone.
fn controller_at(rate: u32, mut line: File) {
    let mut session = Session::<8>::new(1, verified_identity());
    let mut decoder = Decoder::new();
    let mut buffer = [0; 512];
    std::thread::spawn(move || {
        loop {
            // While nobody has the other end open, a read fails at once.
            let Ok(length) = line.read(&mut buffer) else {
                std::thread::yield_now();
                continue;
            };
            let set = tcgetattr(&line).expect("a terminal");
            if set.output_speed() != rate {
                continue;
            }
            for frame in decoder.push(&buffer[..length]) {
                session.handle(0, &frame);
            }
            let mut out = [0; MAX_ENCODED];
            while let Some(length) = session.transmit(0, &mut out) {
                line.write_all(&out[..length]).expect("a line");
            }
        }
    });
}

#[test]
fn a_port_that_is_not_there_is_named() {
    let site = Site::new("", "");
    let (level, figure, advice) = finding(&site, "scale s", "port_present");
    assert_eq!((level.as_str(), figure.as_str()), ("fail", "/dev/ttyABSENT is not there"));
    assert!(advice.contains("`wimd ports`"), "{advice}");
}

#[test]
fn a_signing_key_that_is_not_there_is_named() {
    let site = Site::new("", "");
    let key = site.path("signing.key");
    std::fs::remove_file(&key).expect("was made");
    let (level, figure, _) = finding(&site, "configuration", "advice");
    assert_eq!(level, "warn");
    assert!(figure.contains(&format!("there is no {}", key.display())), "{figure}");
}

#[test]
fn a_port_that_another_program_holds_is_named_with_the_program() {
    let site = Site::new("", "");
    let line = with_line(&site);
    let text = std::fs::read_to_string(site.config_file()).expect("written before");
    let path = text.split("port = \"").nth(1).and_then(|rest| rest.split('"').next());
    let _held = std::fs::File::open(path.expect("a port")).expect("free");
    let (level, figure, _) = finding(&site, "scale s", "port_free");
    assert_eq!(level, "fail");
    assert!(figure.contains(&format!("({})", std::process::id())), "{figure}");
    drop(line);
}

#[test]
fn a_camera_port_that_another_program_has_is_named() {
    let site = Site::new("", "");
    let (level, figure, _) = finding(&site, "camera door", "listening");
    assert_eq!((level.as_str(), figure.as_str()), ("ok", "127.0.0.1:0 is free"));
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("bound").to_string();
    change(&site, "listen = \"127.0.0.1:0\"", &format!("listen = \"{address}\""));
    let (level, figure, advice) = finding(&site, "camera door", "listening");
    assert_eq!(level, "fail");
    assert!(figure.starts_with(&format!("{address}: Address already in use")), "{figure}");
    let port = address.rsplit(':').next().expect("a port");
    assert!(advice.contains(&format!("ss -ltnp 'sport = :{port}'")), "{advice}");
}

#[test]
fn a_controller_at_another_rate_is_found_and_the_rate_is_named() {
    let site = Site::new("", "");
    controller_at(19_200, with_line(&site));
    let (level, figure, advice) = finding(&site, "scale s", "line");
    assert_eq!(level, "fail");
    let told = "no good frame by 115200 bit/s 8N1 as configured; good frames by 19200 bit/s 8N1";
    assert_eq!(figure, told);
    assert!(advice.contains("baud = 19200"), "{advice}");
}

#[test]
fn a_controller_that_answers_is_told_with_its_papers() {
    let site = Site::new("", "");
    controller_at(115_200, with_line(&site));
    let (level, figure, _) = finding(&site, "scale s", "controller");
    assert_eq!(level, "ok");
    assert_eq!(figure, "controller 1: SIM-WIM-2 SIM-0001, software sim 1.0 5f3a90c1");
}

#[test]
fn a_broker_that_is_down_is_named_by_the_step() {
    let site = Site::new("", "");
    let (level, figure, _) = finding(&site, "broker", "tcp");
    assert_eq!(level, "fail");
    assert!(figure.contains("refused"), "{figure}");
}

#[test]
fn a_name_that_nobody_knows_is_named_by_the_step() {
    let site = Site::new("", "");
    change(&site, "mqtt://127.0.0.1:1", "mqtts://nowhere.invalid:8883\", ca_file = \"ca.pem");
    std::fs::write(site.path("ca.pem"), authority()).expect("writable");
    let (level, figure, advice) = finding(&site, "broker", "name");
    assert_eq!(level, "fail");
    assert!(figure.starts_with("nowhere.invalid: ") && advice.contains("name server"), "{figure}");
}

fn authority() -> String {
    let made = rcgen::generate_simple_self_signed(["b.example".to_owned()]).expect("a certificate");
    made.cert.pem()
}

#[test]
fn a_good_broker_is_good_to_the_last_step() {
    let broker = Broker::start().expect("the embedded broker");
    let site = Site::new("", "");
    change(&site, "mqtt://127.0.0.1:1", &broker.url);
    let (level, figure, _) = finding(&site, "broker", "publish");
    assert_eq!(level, "ok");
    assert!(figure.starts_with("acknowledged on wim/v1/test/probe"), "{figure}");
}

#[test]
fn a_camera_that_has_never_been_seen_is_named_by_the_running_daemon() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let site = Site::new("", "");
    let loaded = wimd::config::load::load(&site.config_file()).expect("good");
    let clock = wimd::clock::Clock::system();
    let started = runtime.block_on(wimd::daemon::start_unwatched(loaded.config, clock));
    let daemon = started.expect("it starts");
    let (level, figure, advice) = finding(&site, "camera front", "last_seen");
    assert_eq!((level.as_str(), figure.as_str()), ("fail", "never seen"));
    assert!(advice.contains("/camera/<token>"), "{advice}");
    let (level, figure, _) = finding(&site, "scale s", "port_open");
    assert_eq!(level, "fail");
    assert!(figure.contains("/dev/ttyABSENT"), "{figure}");
    runtime.block_on(daemon.stop()).expect("it stops");
}

#[test]
fn a_wrong_configuration_is_told_line_by_line() {
    let site = Site::new("", "");
    change(&site, "number = 1", "number = 99");
    let (level, figure, _) = finding(&site, "configuration", "file");
    assert_eq!(level, "fail");
    assert!(figure.contains("lane[1].number"), "{figure}");
}

#[test]
fn the_page_tells_the_fault_and_the_remedy_and_the_exit_code_says_so() {
    let site = Site::new("", "");
    let output = doctor(&site, &[]);
    let page = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(page.contains("FAIL  scale s"), "{page}");
    assert!(page.contains("-> plug the adapter in"), "{page}");
    let step = page.lines().find(|line| line.starts_with("FAIL  broker"));
    let words: Vec<&str> = step.unwrap_or_default().split_whitespace().collect();
    assert_eq!(words.get(2), Some(&"tcp"), "the failing step is named: {page}");
    assert!(!page.contains('\u{1b}'), "colour without a terminal");
}

#[test]
fn the_bundle_holds_everything_but_the_secrets() {
    let site = Site::new("", "");
    let path = site.path("bundle.tar.zst");
    doctor(&site, &["--bundle", path.to_str().expect("a path of ours")]);
    let (names, all) = unpack(&path);
    let expected = ["wimd-bundle/doctor.json", "wimd-bundle/journal.txt", "wimd-bundle/wimd.toml"];
    assert_eq!(names, expected);
    assert!(!all.contains(daemon_support::TOKEN), "a secret went out");
    assert!(all.contains("127.0.0.1:1"), "the configuration is there");
}

/// Names in the archive, sorted, and all the text in it.
fn unpack(path: &Path) -> (Vec<String>, String) {
    let file = std::fs::File::open(path).expect("it was written");
    let mut plain = Vec::new();
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(file).expect("zstd");
    decoder.read_to_end(&mut plain).expect("zstd");
    let mut archive = tar::Archive::new(plain.as_slice());
    let (mut names, mut all) = (Vec::new(), String::new());
    for entry in archive.entries().expect("a tar") {
        let mut entry = entry.expect("a tar");
        names.push(entry.path().expect("a name").display().to_string());
        entry.read_to_string(&mut all).expect("text");
    }
    names.sort();
    (names, all)
}
