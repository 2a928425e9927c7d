//! `wimd camera test` beside simulated cameras: it says what came, what lacks and what to do.

#![allow(clippy::unwrap_used)] // the vocabulary of tests, where a failure is the test's

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;
use wimd::clock::Clock;
use wimd::sim::camera::{SimDialect, SimPicture, SimPlateEvent, SimTrial, scene};

/// Three cameras of one lane: ISAPI in front, Dahua behind, a bridge at the side.
fn configuration() -> TempDir {
    let dir = TempDir::new().unwrap();
    let camera = |name: &str, dialect: &str| {
        format!(
            r#"{{ name = "{name}", token = "{name}-token", dialect = "{dialect}", role = "{name}",
                  lane = 1, distance_mm = 3000 }}"#
        )
    };
    let text = format!(
        "site = {{ id = \"test\" }}\n\
         uplink = {{ broker = \"mqtt://127.0.0.1:1\" }}\n\
         scale = [{{ name = \"s\", port = \"/dev/ttyABSENT\" }}]\n\
         lane = [{{ number = 1, scale = \"s\" }}]\n\
         camera = [{}, {}, {}]\n",
        camera("front", "isapi"),
        camera("rear", "dahua"),
        camera("side", "neutral"),
    );
    std::fs::write(dir.path().join("wimd.toml"), text).unwrap();
    dir
}

struct Commissioning {
    child: Child,
    out: BufReader<ChildStdout>,
    address: String,
    _dir: TempDir,
}

impl Commissioning {
    fn begin(arguments: &[&str]) -> Self {
        let dir = configuration();
        let mut child = Command::new(env!("CARGO_BIN_EXE_wimd"))
            .args(["camera", "test", "--listen", "127.0.0.1:0", "--config"])
            .arg(dir.path().join("wimd.toml"))
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        out.read_line(&mut first).unwrap();
        let address = first.split([' ', ',']).nth(2).unwrap().to_owned();
        Self { child, out, address, _dir: dir }
    }

    /// Whether the camera's event was acknowledged.
    fn sends(&self, dialect: &str, token: &str, arguments: &[&str]) -> bool {
        let url = format!("http://{}/camera/{token}", self.address);
        let sent = Command::new(env!("CARGO_BIN_EXE_wimd"))
            .args(["simulate", "camera", "--dialect", dialect, "--url", &url])
            .args(arguments)
            .stdout(Stdio::null())
            .status();
        sent.unwrap().success()
    }

    /// What the camera reads in the answer to its event.
    fn answer(&self, dialect: &str, token: &str) -> String {
        let url = format!("http://{}/camera/{token}", self.address);
        let sent = Command::new(env!("CARGO_BIN_EXE_wimd"))
            .args(["simulate", "camera", "--dialect", dialect, "--url", &url])
            .output();
        String::from_utf8(sent.unwrap().stdout).unwrap()
    }

    /// The technician has seen enough.
    fn interrupt(&self) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap());
        kill(pid, Signal::SIGINT).unwrap();
    }

    /// Level, part and check of each line that is not good, the advice with it, and the exit code.
    fn end(mut self) -> (Vec<String>, Option<i32>) {
        let mut page = String::new();
        self.out.read_to_string(&mut page).unwrap();
        let of_note = |line: &&str| ["warn", "FAIL", "   "].iter().any(|w| line.starts_with(w));
        let lines = page.lines().filter(of_note);
        let lines = lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        (lines.collect(), self.child.wait().unwrap().code())
    }
}

#[test]
fn good_cameras_end_the_test_by_themselves_and_keep_their_events() {
    let test = Commissioning::begin(&["--wait", "60", "--camera", "front", "--camera", "rear"]);
    let taken = [test.sends("isapi", "front-token", &[]), test.sends("dahua", "rear-token", &[])];
    assert_eq!(taken, [false, false], "what is only looked at is not acknowledged");
    assert_eq!(test.end(), (Vec::new(), Some(0)));
}

#[test]
fn a_camera_is_told_that_its_event_is_only_looked_at() {
    let test = Commissioning::begin(&["--wait", "60", "--camera", "front"]);
    let told = test.answer("isapi", "front-token");
    assert!(told.contains("a camera test is running, which keeps nothing"), "{told}");
    assert_eq!(test.end(), (Vec::new(), Some(0)));
}

/// Quirks with what is then told and advised.
const LACKS: [(&str, &[&str]); 9] = [
    ("lf-only", &[]),
    (
        "unread",
        &[
            "warn camera front plate plate not read yellow",
            "-> if the vehicle had a clean plate: aim, focus, shutter, light, province",
        ],
    ),
    (
        "no-pictures",
        &[
            "FAIL camera front pictures none",
            "-> switch pictures on in the upload: without one a record is no evidence",
        ],
    ),
    (
        "pictures-elsewhere",
        &[
            "FAIL camera front pictures none",
            "-> switch pictures on in the upload: without one a record is no evidence",
            "warn camera front elsewhere pictures told by an address only: 2",
            "-> they are not fetched: set the upload to send pictures inside the message",
        ],
    ),
    (
        "retransmitted",
        &[
            "warn camera front live the event is not live: retransmitted",
            "-> let a vehicle pass: only a live event tells what the clock is like",
        ],
    ),
    (
        "zone-inverted",
        &[
            "FAIL camera front clock the zone in its stamp is wrong",
            "-> set the camera's time zone to UTC+8 and its NTP to this box",
        ],
    ),
    (
        "year-2034",
        &[
            "FAIL camera front clock stamped 2919 days after its arrival, in milliseconds",
            "-> set the camera's time zone to UTC+8 and its NTP to this box",
        ],
    ),
    (
        "no-crlf-boundary",
        &[
            "warn camera front format its bodies deviate from the multipart format",
            "-> nothing to do: tolerated and counted; newer firmware may put it right",
        ],
    ),
    (
        "foreign-picture",
        &[
            "warn camera front left_out empty pictures: 0, not JPEG: 1",
            "-> set the camera's pictures to JPEG; check its storage",
        ],
    ),
];

#[test]
fn what_an_event_lacks_is_told_with_advice() {
    for (quirk, expected) in LACKS {
        let test = Commissioning::begin(&["--wait", "60", "--camera", "front"]);
        test.sends("isapi", "front-token", &["--quirk", quirk]);
        assert_eq!(test.end().0, expected, "{quirk}");
    }
}

#[tokio::test]
async fn pictures_below_two_megapixels_are_told() {
    let test = Commissioning::begin(&["--wait", "60", "--camera", "front"]);
    let address = test.address.parse().unwrap();
    let mut camera = SimTrial::new(address, "/camera/front-token", SimDialect::Isapi);
    let name = "detectionPicture.jpg".to_owned();
    let event = SimPlateEvent {
        uuid: Some("small".into()),
        pictures: vec![SimPicture { name, jpeg: scene(6) }],
        ..SimPlateEvent::read("赣E12345", Clock::wall())
    };
    camera.send(&event).await.unwrap();
    let (lines, code) = test.end();
    let [told, advice] = &lines[..] else { panic!("{lines:?}") };
    assert!(told.starts_with("warn camera front pictures scene 480x270 "), "{told}");
    assert_eq!(advice, "-> evidence wants 2 megapixels: raise the resolution of the scene picture");
    assert_eq!(code, Some(0));
}

#[test]
fn a_silent_camera_and_a_wrong_token_fail() {
    let test = Commissioning::begin(&["--camera", "side"]);
    test.sends("neutral", "sied-token", &[]);
    test.interrupt();
    let port = test.address.rsplit(':').next().unwrap().to_owned();
    let (lines, code) = test.end();
    assert_eq!(
        lines,
        [
            "FAIL camera side event nothing came from it at all".to_owned(),
            format!("-> type into its HTTP page: this box, port {port}, path /camera/TOKEN"),
            "FAIL camera door token requests with a token of no camera: 1, the last from 127.0.0.1"
                .to_owned(),
            "-> compare the path in the camera with `token` of its [[camera]]".to_owned(),
        ]
    );
    assert_eq!(code, Some(1));
}

#[test]
fn the_json_holds_the_events_and_the_findings() {
    let dir = configuration();
    let output = Command::new(env!("CARGO_BIN_EXE_wimd"))
        .args(["camera", "test", "--listen", "127.0.0.1:0", "--wait", "1", "--json", "--config"])
        .arg(dir.path().join("wimd.toml"))
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["worst"], &report["events"]), (&"fail".into(), &Value::Array(vec![])));
    let parts: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["part"].as_str().unwrap())
        .collect();
    assert_eq!(parts, ["camera front", "camera rear", "camera side", "camera door"]);
}

#[test]
fn a_camera_that_is_not_configured_is_a_mistake_of_usage() {
    let dir = configuration();
    let output = Command::new(env!("CARGO_BIN_EXE_wimd"))
        .args(["camera", "test", "--camera", "top", "--config"])
        .arg(dir.path().join("wimd.toml"))
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.starts_with("error: no [[camera]] is called \"top\"\nhelp: "), "{told}");
    assert!(told.contains(" has: front, rear, side"), "{told}");
    assert_eq!(output.status.code(), Some(2));
}
