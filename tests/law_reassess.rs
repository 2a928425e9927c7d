//! `wimd reassess` over the ledger of a real run: controller, cameras, daemon and broker.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use assert_cmd::Command;
use serde_json::{Value, json};
use tempfile::TempDir;

/// One run for all tests of this file: its folder, and its records as the platform got them.
struct Run {
    dir: TempDir,
    records: Vec<Value>,
}

fn wimd() -> Command {
    Command::new(env!("CARGO_BIN_EXE_wimd"))
}

fn run() -> &'static Run {
    static RUN: OnceLock<Run> = OnceLock::new();
    RUN.get_or_init(|| {
        let dir = TempDir::new().unwrap();
        let mut demo = wimd();
        demo.args(["demo", "--vehicles", "90", "--seed", "1", "--speed-up", "20", "--json"]);
        let output = demo.arg("--state").arg(dir.path()).assert().success();
        let lines = String::from_utf8(output.get_output().stdout.clone()).unwrap();
        let mut records: Vec<Value> =
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        records.pop();
        Run { dir, records }
    })
}

fn reassess(args: &[&str]) -> (Option<i32>, String) {
    let output = wimd().arg("reassess").args(args).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

fn summary(args: &[&str]) -> Value {
    let (_, text) = reassess(&[args, &["--json"]].concat());
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

fn state() -> &'static str {
    run().dir.path().to_str().unwrap()
}

fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.is_file() {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

fn with_verdict(verdict: &str) -> u64 {
    let has = |record: &&Value| record["body"]["assessment"]["verdict"] == verdict;
    run().records.iter().filter(has).count() as u64
}

#[test]
fn every_record_comes_out_of_its_raw_frames_and_the_store_is_not_touched() {
    let before = files(&run().dir.path().join("state"));
    let (code, text) = reassess(&["--state", state()]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.ends_with("all from their raw frames\nall identical to the byte\n"), "{text}");
    assert_eq!(files(&run().dir.path().join("state")), before);
    let summary = summary(&["--state", state()]);
    assert_eq!(summary["vehicles"], summary["from_raw_frames"]);
    assert_eq!(summary["vehicles"], run().records.len());
    let straddles = |record: &&Value| record["body"]["assessment"]["verdict"] == "not_assessable";
    assert!(run().records.iter().any(|record| straddles(&record)), "halves are in the run");
}

#[test]
fn a_span_of_the_ledger_is_what_is_asked_for() {
    let some = summary(&["--state", state(), "--from", "3", "--to", "7"]);
    assert_eq!((&some["records"], &some["good"]), (&5.into(), &true.into()));
}

#[test]
fn another_table_tells_which_verdicts_change_and_why() {
    let dir = TempDir::new().unwrap();
    let table = dir.path().join("generous.toml");
    let text = r#"
id = "generous"
title = "Generous"
document = "Notice 1"
effective_from = 2016-01-01
[[row]]
id = "any"
kind = "gross"
axles = 2
or_more = true
vehicle = "any"
limit_kg = 200000
article = "1"
confidence = "secondary"
"#;
    fs::write(&table, text).unwrap();
    let table = table.to_str().unwrap();
    let args = ["--state", state(), "--table", table, "--regime", "generous"];
    let (code, text) = reassess(&args);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains(": compliant"), "{text}");
    assert!(text.contains("because table generous ("), "{text}");
    assert!(text.contains("because the limit is 200000 kg (any), was 49000 kg ("), "{text}");
    // over on an axle group is over all the same, so that only overloads become something else
    assert_eq!(summary(&args)["verdicts_changed"], with_verdict("overload"));
    assert!(with_verdict("overload") > 5);
}

#[test]
fn a_day_before_every_table_leaves_no_verdict() {
    let all = summary(&["--state", state(), "--date", "2016-01-01"]);
    let judged = run().records.len() as u64 - with_verdict("not_assessable");
    assert_eq!(all["verdicts_changed"], judged);
}

/// The certificate of the run holds until 2099. Whether this machine's clock is synchronised is not ours
/// to say.
#[test]
fn a_later_law_says_nothing_of_the_certificate_on_the_day_of_the_measurement() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("records.jsonl");
    let (none, clock) = (json!([]), json!(["clock_unsynchronised"]));
    let is_case = |record: &&Value| {
        let against = &record["body"]["unenforceable"];
        record["body"]["kind"] == "passage" && (*against == none || *against == clock)
    };
    let mut record = run().records.iter().find(is_case).unwrap().clone();
    let body = &mut record["body"];
    body["passage"]["time"]["system"] =
        json!({ "synchronised": true, "max_error_us": 1_000, "step_us": 0 });
    (body["enforceable"], body["unenforceable"]) = (true.into(), none.clone());
    fs::write(&file, format!("{record}\n")).unwrap();
    let path = file.to_str().unwrap();
    let (code, text) = reassess(&[path]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(summary(&[path, "--date", "2100-06-01"])["verdicts_changed"], 0);
}

#[test]
fn exported_records_are_judged_by_their_measurement_and_an_altered_one_is_named() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("records.jsonl");
    let lines = |records: &[Value]| -> String {
        records.iter().map(|record| format!("{record}\n")).collect()
    };
    let mut records = run().records.clone();
    fs::write(&file, lines(&records)).unwrap();
    let path = file.to_str().unwrap();
    let (code, text) = reassess(&[path]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("0 from their raw frames, the others as they were measured"), "{text}");

    records[4]["body"]["assessment"]["limit_kg"] = 99_000.into();
    fs::write(&file, lines(&records) + "{\n").unwrap();
    let (code, text) = reassess(&[path]);
    assert_eq!(code, Some(1));
    let altered = format!("record {path}:5: /body/assessment/limit_kg is sealed as 99000, ");
    assert!(text.contains(&altered), "{text}");
    assert!(text.contains(&format!("record {path}:{}: EOF", records.len() + 1)), "{text}");
    assert!(text.ends_with("2 do not come out as they were sealed\n"), "{text}");
}

#[test]
fn a_record_of_another_version_is_named_and_not_judged_again() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("records.jsonl");
    let mut records = run().records[..3].to_vec();
    records[1]["version"] = 1.into();
    records[1]["provenance"]["software_sha256"] = "0123456789abcdef".into();
    records[1]["body"] = "of a shape that nobody here knows".into();
    let lines: String = records.iter().map(|record| format!("{record}\n")).collect();
    fs::write(&file, lines).unwrap();
    let path = file.to_str().unwrap();
    let (code, text) = reassess(&[path]);
    assert_eq!(code, Some(1), "{text}");
    let named = "has the shape 1 of wimd 0.1.0 (01234567), and not 4 of this one: not judged again";
    assert!(text.contains(named), "{text}");
    assert!(
        text.ends_with(
            "1 were made by another version and not judged again; 0 of the others do not come out \
             as they were sealed\n"
        ),
        "{text}"
    );
    assert_eq!(summary(&[path])["other_version"], 1);
}

#[test]
fn a_store_that_the_daemon_holds_is_left_alone() {
    let dir = TempDir::new().unwrap();
    fs::create_dir(dir.path().join("sled")).unwrap();
    let lock = fs::File::create(dir.path().join("lock")).unwrap();
    lock.lock().unwrap();
    fs::write(dir.path().join("lock"), "pid 7\n").unwrap();
    let path = dir.path().to_str().unwrap();
    let (code, text) = reassess(&["--state", path]);
    assert_eq!(code, Some(1));
    let held = format!("error: the store in {path} is held by another process (pid 7)\nhelp: stop");
    assert!(text.starts_with(&held), "{text}");
}

#[test]
fn what_cannot_be_judged_by_is_refused_with_its_name() {
    let (code, text) = reassess(&["--state", state(), "--regime", "notice-124"]);
    assert_eq!(code, Some(2));
    assert!(text.starts_with("error: --regime: \"notice-124\" is no limit table; known: "));
    let (code, text) = reassess(&["--state", state(), "--date", "2026-13-01"]);
    assert_eq!(code, Some(2));
    assert_eq!(text, "error: --date: \"2026-13-01\" is no day written yyyy-mm-dd\n");
    let (code, text) = reassess(&["--state", "/nowhere"]);
    let told = "error: there is no store in /nowhere\n\
                help: name the folder with --state (store.dir of the configuration)\n";
    assert_eq!((code, text.as_str()), (Some(1), told));
}
