//! The metrics of a running daemon, and that the alert rules and the dashboard name only them.

#[allow(dead_code, reason = "each test file uses its own part")]
mod daemon_support;

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;

use daemon_support::in_time;
use wimd::clock::Clock;
use wimd::io::store::Signer;
use wimd::sim::broker::Broker;
use wimd::sim::controller::SimControllerOptions;
use wimd::sim::plan;
use wimd::sim::platform::Platform;
use wimd::sim::site::{SimPort, SimSite};
use wimd::sim::traffic::invent_traffic;
use wimd::units::Micros;

const SPEED_UP: u32 = 20;

fn scrape(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream
        .write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(head.contains("text/plain; version=0.0.4"), "{head}");
    body.to_owned()
}

/// The metrics of a site at work: vehicles weighed, paired and sent, some of them waiting.
async fn of_a_site_at_work() -> String {
    let dir = tempfile::tempdir().expect("a folder");
    let broker = Broker::start().expect("the embedded broker");
    // Without a platform nobody listens, the broker refuses, and a backlog has an age.
    let platform = Platform::connect(&broker.url, "elsewhere").await.expect("it connects");
    let mut config = plan::config(dir.path(), &broker.url, SPEED_UP);
    config.status.metrics = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    config.uplink.health_interval_s = 1;
    config.uplink.confirm = wimd::config::Confirm::Receipt;
    Signer::generate().expect("a key").save(&config.store.key_file).expect("saved");
    let clock = Clock::scaled(Clock::wall(), SPEED_UP);
    let start = clock.now() + Micros::from_secs(i64::from(SPEED_UP));
    let port = SimPort::Pty(config.scale[0].port.clone().into());
    let traffic = invent_traffic(3, 30, start);
    let site = SimSite::start(traffic, clock, port, SimControllerOptions::new(7)).expect("a site");
    let daemon = wimd::daemon::start_unwatched(config, clock).await.expect("it starts");
    site.connect_cameras(daemon.camera_address());
    let learnt = |lane: &wimd::pipeline::LaneStatus| {
        lane.cameras.iter().any(|sight| sight.offset_us.is_some())
    };
    let at_work = daemon.until(|now| {
        now.pipeline.pipeline.lanes.iter().any(learnt) && now.uplink.backlog.oldest.is_some()
    });
    in_time("records, and their backlog told", at_work).await;
    let what_waits_is_told_as_it_is = daemon.until(|now| {
        let (told, store) = (now.uplink.backlog, &now.store);
        let told = [told.first, told.second, told.pictures];
        let waits = [store.outbox_first, store.outbox_second, store.outbox_pictures];
        assert_eq!(told, waits.map(|usage| usage.entries));
        now.pipeline.pipeline.counts.records >= 30
    });
    in_time("all of them", what_waits_is_told_as_it_is).await;
    let address = daemon.metrics_address().expect("they are switched on");
    let text = tokio::task::spawn_blocking(move || scrape(address)).await.expect("no panic");
    daemon.stop().await.expect("it stops");
    drop(platform);
    text
}

fn names(text: &str) -> BTreeSet<String> {
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    let name = |line: &str| line.split(['{', ' ']).next().map(str::to_owned);
    samples.filter_map(name).collect()
}

/// Every word of an expression that is one of our metrics, and every pattern of names.
fn named(expression: &str) -> (BTreeSet<String>, Vec<String>) {
    let words = expression.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let metrics = words.filter(|word| word.starts_with("wimd_") && !word.ends_with('_'));
    let patterns =
        expression.split("__name__=~\"").skip(1).filter_map(|rest| rest.split('"').next());
    (metrics.map(str::to_owned).collect(), patterns.map(str::to_owned).collect())
}

fn file(name: &str) -> String {
    let path = format!("{}/deploy/grafana/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).expect("in the tree")
}

fn expressions() -> Vec<String> {
    let alerts = file("alerts.yml");
    let rules = alerts.split("      - alert: ").skip(1);
    let expression = |rule: &str| {
        let (_, rest) = rule.split_once("expr: ").expect("an expression");
        let end = ["        for:", "        labels:"].iter().filter_map(|key| rest.find(key)).min();
        rest[..end.expect("more keys")].to_owned()
    };
    let mut all: Vec<String> = rules.map(expression).collect();
    assert!(all.len() >= 12, "{all:?}");
    let board: serde_json::Value = serde_json::from_str(&file("dashboard.json")).expect("JSON");
    for panel in board["panels"].as_array().expect("panels") {
        let targets = panel["targets"].as_array().expect("targets");
        all.extend(targets.iter().filter_map(|target| target["expr"].as_str()).map(str::to_owned));
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alert_rules_and_dashboard_name_only_metrics_of_a_running_daemon() {
    let text = of_a_site_at_work().await;
    let served = names(&text);
    let mut unknown = BTreeSet::new();
    for expression in expressions() {
        let (metrics, patterns) = named(&expression);
        assert!(
            !metrics.is_empty() || !patterns.is_empty() || expression.contains("up{"),
            "{expression} names nothing of ours"
        );
        unknown.extend(metrics.into_iter().filter(|name| !served.contains(name)));
        for pattern in patterns {
            let (beginning, end) = pattern.split_once(".+").expect("a pattern of ours");
            let fits = |name: &&String| name.starts_with(beginning) && name.ends_with(end);
            if !served.iter().any(|name| fits(&name)) {
                unknown.insert(pattern);
            }
        }
    }
    assert_eq!(unknown, BTreeSet::new(), "served: {served:#?}");
}

/// What makes an alert, as changes of what a healthy daemon serves: the beginning of a series, what
/// its state becomes, and its values in promtool's notation.
type Change = (&'static str, Option<&'static str>, &'static str);

const CAUSES: [(&str, &[Change]); 15] = [
    ("WimdDown", &[("up{", None, "0x200")]),
    ("WimdStoreFailed", &[("wimd_store_failed", None, "1x200")]),
    ("WimdStoreFull", &[("wimd_store_full", None, "1x200")]),
    ("WimdScaleAbsent", &[("wimd_scales_state{", Some("absent"), "1x200")]),
    ("WimdControllerSilent", &[("wimd_scales_controllers_state{", Some("silent"), "1x200")]),
    ("WimdSensorFaulty", &[("wimd_scales_controllers_faulty_sensors{", None, "2x200")]),
    ("WimdScaleDrifted", &[("wimd_pipeline_lanes_drift_state{", Some("statistics"), "1x200")]),
    ("WimdScaleDrifts", &[("wimd_pipeline_lanes_drift_state{", Some("warning"), "1x200")]),
    (
        "WimdLineErrors",
        &[
            ("wimd_scales_drops_", None, "0+50x200"),
            ("wimd_scales_counts_bytes_in_total{", None, "0+10000x200"),
        ],
    ),
    ("WimdCameraUnseen", &[("wimd_camera_door_cameras_last_seen_timestamp", None, "100x200")]),
    (
        "WimdPairingPoor",
        &[
            ("wimd_pipeline_lanes_unpaired_total{", None, "0+3x200"),
            ("wimd_pipeline_lanes_paired_total{", None, "0+7x200"),
        ],
    ),
    ("WimdClockUnsynchronised", &[("wimd_system_clock_synchronised", None, "0x200")]),
    ("WimdBacklogOld", &[("wimd_uplink_backlog_oldest_timestamp_seconds", None, "100x200")]),
    ("WimdUplinkDown", &[("wimd_uplink_state{", Some("pausing"), "1x200")]),
    ("WimdRefused", &[("wimd_uplink_refused_", None, "0+1x200")]),
];

/// What is as it should be on a good day, whatever the machine of this test says.
const GOOD: [Change; 2] = [
    ("wimd_system_clock_synchronised", None, "1x200"),
    ("wimd_uplink_state{", Some("connected"), "1x200"),
];

/// The series of a scrape with their values in promtool's notation.
fn series(text: &str) -> Vec<(String, String)> {
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    let split = samples.filter_map(|line| line.rsplit_once(' '));
    let mut all: Vec<(String, String)> =
        split.map(|(name, value)| (name.to_owned(), format!("{value}x200"))).collect();
    all.push(("up{job=\"wimd\"}".to_owned(), "1x200".to_owned()));
    all
}

/// Changes the first series that begins so; there must be one.
fn change(all: &mut [(String, String)], (beginning, state, values): Change) {
    let found = all.iter_mut().find(|(name, _)| name.starts_with(beginning));
    let (name, was) = found.unwrap_or_else(|| panic!("no series {beginning}"));
    if let Some(state) = state {
        let (before, rest) = name.split_once("state=\"").expect("a state");
        let (_, after) = rest.split_once('"').expect("quoted");
        *name = format!("{before}state=\"{state}\"{after}");
    }
    values.clone_into(was);
}

/// One test of promtool: over these series this alert fires and no other.
fn rule_test(all: &[(String, String)], alert: Option<&str>) -> serde_json::Value {
    let input: Vec<serde_json::Value> = all
        .iter()
        .map(|(series, values)| serde_json::json!({ "series": series, "values": values }))
        .collect();
    let expected: Vec<serde_json::Value> = alert
        .iter()
        .map(
            |name| serde_json::json!({ "labels": format!("{{alertname=\"{name}\"}}"), "value": 1 }),
        )
        .collect();
    serde_json::json!({
        "interval": "1m",
        "input_series": input,
        "promql_expr_test": [{
            "expr": "count by (alertname) (ALERTS{alertstate=\"firing\"})",
            "eval_time": "3h",
            "exp_samples": expected,
        }],
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_alert_fires_for_its_cause_alone_over_what_a_running_daemon_serves() {
    let mut good = series(&of_a_site_at_work().await);
    GOOD.into_iter().for_each(|one| change(&mut good, one));
    let mut tests = vec![rule_test(&good, None)];
    for (alert, causes) in CAUSES {
        let mut bad = good.clone();
        causes.iter().for_each(|cause| change(&mut bad, *cause));
        tests.push(rule_test(&bad, Some(alert)));
    }
    let alerts = file("alerts.yml");
    let named: BTreeSet<&str> =
        alerts.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert_eq!(named, CAUSES.iter().map(|(alert, _)| *alert).collect(), "each alert has a cause");

    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("alerts.yml"), &alerts).expect("writable");
    // JSON is YAML, too
    let document = serde_json::json!({ "rule_files": ["alerts.yml"], "tests": tests });
    std::fs::write(dir.path().join("test.yml"), document.to_string()).expect("writable");
    let mut asked = Command::new("promtool");
    promtool(asked.args(["test", "rules", "test.yml"]).current_dir(&dir).output());
}

/// Whether promtool was content; where it is not installed only CI insists.
fn promtool(asked: std::io::Result<std::process::Output>) {
    match asked {
        Ok(output) => {
            let said = [output.stdout, output.stderr].concat();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
        }
        Err(_) => {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI needs prometheus");
            eprintln!("skipped: promtool is not installed");
        }
    }
}

#[test]
fn promtool_accepts_the_alert_rules() {
    let path = format!("{}/deploy/grafana/alerts.yml", env!("CARGO_MANIFEST_DIR"));
    promtool(Command::new("promtool").args(["check", "rules", &path]).output());
}
