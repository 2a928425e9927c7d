//! The daemon as a process under siege: its memory stays below its bound, and nothing that a
//! stranger or a camera says reaches its log or a technician's terminal as it is.

#[allow(dead_code, reason = "each test file uses its own part")]
mod daemon_support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Barrier};
use std::thread::JoinHandle;

use daemon_support::{Site, TOKEN};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

const BINARY: &str = env!("CARGO_BIN_EXE_wimd");
/// The most that the daemon may ever use, KiB: half of `MemoryMax` in `systemd/wimd.service`.
const BOUND_KIB: u64 = 512 * 1024;
const ISAPI: &str = "isapi-camera-token";
const DAHUA: &str = "dahua-camera-token";

/// A site with a camera of each of three dialects.
fn site() -> Site {
    let site = Site::new("", "");
    let file = site.config_file();
    let camera = |name: &str, token: &str| {
        format!(
            r#"camera = [{{ name = "{name}", token = "{token}", dialect = "{name}", role = "front",
                lane = 1, distance_mm = 3000 }}, {{"#
        )
    };
    let mut text = std::fs::read_to_string(&file).expect("it was written");
    for (name, token) in [("isapi", ISAPI), ("dahua", DAHUA)] {
        text = text.replacen("camera = [{", &camera(name, token), 1);
    }
    std::fs::write(&file, text).expect("writable");
    site
}

/// A daemon in a process of its own, with everything that it writes to standard error.
struct Daemon {
    process: Child,
    cameras: SocketAddr,
    log: Option<JoinHandle<Vec<u8>>>,
}

impl Daemon {
    fn start(site: &Site) -> Self {
        let mut process = Command::new(BINARY)
            .args(["run", "--config"])
            .arg(site.config_file())
            .env("WIMD_LOG", "wimd=trace,info,sled=warn,rumqttc=warn")
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut log = BufReader::new(process.stderr.take().expect("piped"));
        let mut bytes = Vec::new();
        let cameras = loop {
            let from = bytes.len();
            let read = log.read_until(b'\n', &mut bytes).expect("readable");
            assert_ne!(read, 0, "it ended: {}", String::from_utf8_lossy(&bytes));
            let line = String::from_utf8_lossy(&bytes[from..]);
            if let Some((_, address)) = line.trim_end().split_once("doors open cameras=") {
                break address.parse().expect("an address");
            }
        };
        let log = std::thread::spawn(move || {
            log.read_to_end(&mut bytes).expect("readable");
            bytes
        });
        Self { process, cameras, log: Some(log) }
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.process.id()).expect("process ids fit"))
    }

    /// The most memory that was ever resident, KiB.
    fn peak_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()));
        let status = status.expect("it lives");
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("Linux");
        line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).expect("a number")
    }

    /// Ends it in order and gives its log.
    fn end(mut self) -> Vec<u8> {
        kill(self.pid(), Signal::SIGTERM).expect("it is alive");
        assert_eq!(self.process.wait().expect("it ends").code(), Some(0));
        self.log.take().expect("it is read once").join().expect("readable")
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ended_already = self.process.kill().is_err();
    }
}

fn request(path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: w\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// Sends bytes on a connection of their own and gives the code of the answer, 0 for none.
fn send(to: SocketAddr, bytes: &[u8]) -> u16 {
    let mut stream = TcpStream::connect(to).expect("the door is open");
    // it may be closed before all is written
    let _refused = stream.write_all(bytes);
    answer(&mut stream)
}

fn answer(stream: &mut TcpStream) -> u16 {
    let mut bytes = Vec::new();
    let _reset = stream.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes);
    text.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0)
}

/// An event of the neutral camera, which the daemon must take at any time.
fn live(to: SocketAddr, id: &str) -> u16 {
    let body = format!(r#"{{"id":"{id}","plate":{{"text":"赣E12345"}}}}"#);
    send(to, &request(&format!("/camera/{TOKEN}"), "", body.as_bytes()))
}

/// What takes the most memory for its size, each a body of one of the cameras.
fn bombs() -> Vec<Vec<u8>> {
    let tiny = |piece: &str| piece.repeat(1_000_000 / piece.len());
    let isapi = format!("/camera/{ISAPI}");
    let dahua = format!("/camera/{DAHUA}");
    let nodes = "<b/>".repeat(19_900);
    let filling = "x".repeat(900_000);
    let delimiters = tiny("--b\r\n\r\n");
    let bodies = [
        (&isapi, "Content-Type: application/json\r\n", format!("[{}0]", tiny("{\"\":0},"))),
        (&isapi, "Content-Type: text/xml\r\n", format!("<a>{nodes}<c>{filling}</c></a>")),
        (&dahua, "Content-Type: application/json\r\n", format!("[{}0]", tiny("[],"))),
        (&isapi, "Content-Type: multipart/mixed; boundary=b\r\n", delimiters),
    ];
    bodies.into_iter().map(|(path, kind, body)| request(path, kind, body.as_bytes())).collect()
}

#[test]
fn memory_stays_below_its_bound_when_all_places_are_taken_by_bombs() {
    let site = site();
    let daemon = Daemon::start(&site);
    let to = daemon.cameras;
    assert_eq!(live(to, "before"), 200);
    let quiet = daemon.peak_kib();
    // one address may hold 32 connections; one is left for the camera that shares it
    let crowd = 31;
    for bomb in bombs() {
        let (bomb, all_there) = (Arc::new(bomb), Arc::new(Barrier::new(crowd)));
        let throwers: Vec<_> = (0..crowd)
            .map(|_| {
                let (bomb, all_there) = (Arc::clone(&bomb), Arc::clone(&all_there));
                std::thread::spawn(move || {
                    let mut stream = TcpStream::connect(to).expect("the door is open");
                    let (most, last) = bomb.split_at(bomb.len() - 1);
                    let written = stream.write_all(most);
                    // so that the last bytes of all come together
                    all_there.wait();
                    if written.is_ok() {
                        let _refused = stream.write_all(last);
                    }
                    answer(&mut stream)
                })
            })
            .collect();
        for thrower in throwers {
            let code = thrower.join().expect("it lives");
            assert!(matches!(code, 400 | 413 | 429), "answered {code}");
        }
        assert_eq!(live(to, "between"), 200);
    }
    let peak = daemon.peak_kib();
    println!("resident: {quiet} KiB before, {peak} KiB at most, bound {BOUND_KIB} KiB");
    assert!(peak < BOUND_KIB, "{peak} KiB");
    daemon.end();
}

/// What no log and no terminal may see as it is.
const FORGED: &str = "\n2026-01-01T00:00:00Z ERROR wimd: forged\r\u{1b}[2J\u{202e}\u{85}\u{7}";

/// Requests that try to write a line of their own into the log.
fn forgeries() -> Vec<Vec<u8>> {
    let json = |text: &str| serde_json::Value::from(text).to_string();
    let neutral = format!("/camera/{TOKEN}");
    let isapi = format!("/camera/{ISAPI}");
    let escaped = hex::encode(FORGED).replace("0a", "%0a").replace("1b", "%1b");
    let post = |path: &str, headers: &str, body: String| request(path, headers, body.as_bytes());
    let xml = |plate: &str| {
        format!(
            "<EventNotificationAlert><eventType>ANPR</eventType><UUID>{plate}</UUID><ANPR>\
             <licensePlate>{plate}</licensePlate><vehicleType>{plate}</vehicleType></ANPR>\
             </EventNotificationAlert>"
        )
    };
    let part = |name: &str, body: &str| {
        format!(
            "--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{}\r\n--b\r\n\
             Content-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n\r\n{body}\r\n--b--",
            xml("赣E54321")
        )
    };
    let one_line = FORGED.replace(['\r', '\n'], " ");
    let multipart = "Content-Type: multipart/form-data; boundary=b\r\n";
    vec![
        post(&format!("/{escaped}"), "", String::new()),
        post(&format!("/{one_line}"), "", String::new()),
        post(&format!("/camera/{escaped}"), "", String::new()),
        post("/x", &format!("User-Agent: {one_line}\r\n"), String::new()),
        post(&isapi, &format!("Content-Type: {one_line}\r\n"), xml("赣E12345")),
        post(&isapi, &format!("Content-Type: multipart/x; boundary=\"{one_line}\"\r\n"), xml("-")),
        post(&isapi, "Content-Type: text/xml\r\n", xml(FORGED)),
        post(&isapi, "Content-Type: text/xml\r\n", format!("<{FORGED}>")),
        post(&isapi, multipart, part(&one_line, "\u{fffd}")),
        post(&isapi, multipart, part(&one_line, FORGED)),
        post(&neutral, "", format!("{{{}:1}}", json(FORGED))),
        post(&neutral, "", format!("{{\"direction\":{}}}", json(FORGED))),
        post(&neutral, "", format!("{{\"line\":{}}}", json(FORGED))),
        post(&neutral, "", format!("{{\"id\":{0},\"plate\":{{\"text\":{0}}}}}", json(FORGED))),
        post("/VIID/MotorVehicles", &format!("User-Identify: {one_line}\r\n"), String::new()),
        post(
            "/VIID/System/Register",
            &format!("Authorization: Digest username=\"{one_line}\"\r\n"),
            format!("{{\"RegisterObject\":{{\"DeviceID\":{}}}}}", json(FORGED)),
        ),
        FORGED.as_bytes().to_vec(),
    ]
}

fn steers(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
}

#[test]
fn nothing_that_is_sent_writes_a_line_of_its_own_into_the_log_or_the_status() {
    let site = site();
    let daemon = Daemon::start(&site);
    for forgery in forgeries() {
        send(daemon.cameras, &forgery);
        let page = status_page(&site);
        let wrong: Vec<_> = page.lines().filter(|line| line.contains(steers)).collect();
        assert!(wrong.is_empty() && page.contains("isapi"), "{wrong:?}\n{page}");
    }
    assert_eq!(live(daemon.cameras, "after"), 200);
    let log = String::from_utf8(daemon.end()).expect("UTF-8");
    let wrong: Vec<_> = log.lines().filter(|line| !is_own_line(line)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(log.contains("a camera's request is refused"), "the forgeries were heard of:\n{log}");
}

/// A line of the log begins with its instant and level, and holds no steering character.
fn is_own_line(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let stamped =
        words.next().is_some_and(|word| word.ends_with('Z') && !word.starts_with("2026-01-01"));
    let level = words.next().unwrap_or_default();
    let levelled = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"].contains(&level);
    stamped && levelled && !line.contains(steers)
}

fn status_page(site: &Site) -> String {
    let mut command = Command::new(BINARY);
    command.args(["status", "--socket"]).arg(site.path("status.sock"));
    String::from_utf8(command.output().expect("it runs").stdout).expect("UTF-8")
}

#[test]
fn a_camera_that_is_refused_and_taken_in_turn_does_not_fill_the_log() {
    let site = site();
    let daemon = Daemon::start(&site);
    let mut stream = TcpStream::connect(daemon.cameras).expect("the door is open");
    let path = format!("/camera/{ISAPI}");
    let heartbeat =
        "<EventNotificationAlert><eventType>heartBeat</eventType></EventNotificationAlert>";
    for number in 0..300 {
        let body = if number % 2 == 0 { "<a/>" } else { heartbeat };
        let text = format!(
            "POST {path} HTTP/1.1\r\nHost: w\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(text.as_bytes()).expect("taken");
    }
    stream.shutdown(Shutdown::Write).expect("open");
    let mut answers = String::new();
    stream.read_to_string(&mut answers).expect("answered");
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 150);
    assert_eq!(answers.matches("HTTP/1.1 400").count(), 150);
    let log = String::from_utf8(daemon.end()).expect("UTF-8");
    let lines = log.lines().filter(|line| line.contains("a camera's request")).count();
    assert!((2..=25).contains(&lines), "{lines} lines");
}
