//! A new edition of a standard comes as a file beside the configuration, and needs no new build.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::PathBuf;

use assert_cmd::Command;
use serde_json::{Value, json};
use tempfile::TempDir;

const SITE: &str = r#"
[site]
id = "a"
[uplink]
broker = "mqtt://127.0.0.1:1883"
[[scale]]
name = "s"
port = "/dev/ttyS0"
[[lane]]
number = 1
scale = "s"
"#;

const DATES: &str = r#"
[limits]
tables = ["gb1589-2026.toml"]
comparison = []
[[limits.schedule]]
from = "2016-09-21"
table = "mot124-2016"
[[limits.schedule]]
from = "2027-07-01"
table = "gb1589-2026"
[[limits.axle_schedule]]
from = "2016-07-26"
table = "gb1589-2016"
[[limits.axle_schedule]]
from = "2027-07-01"
table = "gb1589-2026"
"#;

/// A folder as a technician leaves it: the configuration and the new table.
struct Site {
    dir: TempDir,
}

impl Site {
    fn new(dates: &str, table: &str) -> Self {
        let dir = TempDir::new().unwrap();
        fs::write(dir.path().join("wimd.toml"), format!("{SITE}{dates}")).unwrap();
        fs::write(dir.path().join("gb1589-2026.toml"), table).unwrap();
        Self { dir }
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    fn wimd(&self, command: &str, args: &[&str]) -> (Option<i32>, String) {
        let mut wimd = Command::new(env!("CARGO_BIN_EXE_wimd"));
        wimd.arg(command).arg("--config").arg(self.path("wimd.toml")).args(args);
        let output = wimd.output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    }

    /// Table, row, limit and verdict of a truck of 18 500 kg on a day, and its first axle's row.
    fn truck(&self, day: &str) -> Value {
        let vehicle = ["--loads", "7500,11000", "--spacings", "4500", "--json", "--date", day];
        let (code, text) = self.wimd("assess", &vehicle);
        assert_eq!(code, Some(0), "{text}");
        let all: Value = serde_json::from_str(&text).unwrap();
        let names = ["table", "limit_id", "limit_kg", "verdict"];
        let mut found: Vec<Value> = names.iter().map(|name| all[*name].clone()).collect();
        found.push(all["groups"][0]["limit_id"].clone());
        found.into()
    }
}

fn successor() -> String {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(manifest.join("fixtures/config/tables/gb1589-2026.toml")).unwrap()
}

#[test]
fn the_new_edition_is_checked_and_takes_over_on_its_day() {
    let site = Site::new(DATES, &successor());
    let (code, text) = site.wimd("check", &[]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(
        site.truck("2027-06-30"),
        json!(["mot124-2016", "mot124-2rigid", 18_000, "overload", "gb16-ax1-single-w425"])
    );
    assert_eq!(
        site.truck("2027-07-01"),
        json!(["gb1589-2026", "gb26-2any", 19_000, "compliant", "gb26-ax1"])
    );
}

#[test]
fn a_slip_in_the_new_file_or_in_its_date_is_told_with_file_and_line() {
    let table = successor().replacen("limit_kg = 19000", "limit_kg = 19", 1);
    let site = Site::new(DATES, &table);
    let (code, text) = site.wimd("check", &[]);
    assert_eq!(code, Some(78));
    let line = table.lines().position(|line| line == "limit_kg = 19").unwrap() + 1;
    let file = site.path("gb1589-2026.toml");
    let told = format!("{file}:{line}: gb26-2any: limit_kg: 19 is not from 1000 to 200000");
    assert!(text.contains(&told), "{text}");

    let early = DATES.replace("2027-07-01", "2027-06-30");
    let site = Site::new(&early, &successor());
    let (code, text) = site.wimd("check", &[]);
    assert_eq!(code, Some(78));
    let file = site.path("wimd.toml");
    let lines: Vec<usize> = format!("{SITE}{early}")
        .lines()
        .enumerate()
        .filter(|(_, line)| *line == "table = \"gb1589-2026\"")
        .map(|(index, _)| index + 1)
        .collect();
    assert_eq!(lines.len(), 2);
    for line in lines {
        let told = format!(
            "{file}:{line}: gb1589-2026 is in force from 2027-06-30, but holds from 2027-07-01 only"
        );
        assert!(text.contains(&told), "{told}\n{text}");
    }
}
