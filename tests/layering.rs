//! Who may import whom (design section 2), read from the source text. A module that wants more
//! than its row allows belongs somewhere else.

mod layering_support;

use layering_support::{Module, fail_with, modules, rust_files};

/// A part of the crate and the parts that it may name.
struct Row {
    of: &'static str,
    may_use: &'static [&'static str],
}

/// Rows are looked up by the longest prefix. A part may always name itself and what is below it.
const ROWS: &[Row] = &[
    Row { of: "units", may_use: &[] },
    Row { of: "clock", may_use: &["units"] },
    Row {
        of: "pipeline",
        may_use: &[
            "units",
            "clock::Timestamp",
            "clock::SystemClockState",
            "clock::Continuity",
            "clock::BootTime",
        ],
    },
    Row { of: "config", may_use: &["units", "clock", "pipeline"] },
    Row { of: "io::intake", may_use: &["units", "clock", "pipeline"] },
    Row { of: "io::backoff", may_use: &[] },
    Row { of: "io::free_space", may_use: &[] },
    Row { of: "io::hands", may_use: &[] },
    Row { of: "io::hint", may_use: &[] },
    Row { of: "io::pem", may_use: &[] },
    Row { of: "io::recorder", may_use: &[] },
    Row { of: "io::pictures", may_use: &["units", "clock", "pipeline"] },
    Row {
        of: "io::scale",
        may_use: &[
            "units",
            "clock",
            "pipeline",
            "io::intake",
            "io::recorder",
            "config::ScaleConfig",
            "config::scale",
            "config::LinkMode",
            "config::SerialFormat",
            "config::ControllerLane",
        ],
    },
    Row {
        of: "io::camera",
        may_use: &[
            "units",
            "clock",
            "pipeline",
            "io::backoff",
            "io::hands",
            "io::intake",
            "io::pem",
            "io::pictures",
            "config::formats",
            "config::CameraConfig",
            "config::CameraDoorConfig",
            "config::camera",
            "config::CameraDirection",
            "config::Dialect",
            "config::LaneMapping",
        ],
    },
    Row {
        of: "io::store",
        may_use: &[
            "units",
            "clock",
            "pipeline",
            "io::free_space",
            "io::hands",
            "io::hint",
            "io::intake",
            "io::pictures",
            "config::StoreConfig",
            "config::store",
            "config::SendPictures",
        ],
    },
    Row {
        of: "io::uplink",
        may_use: &[
            "units",
            "clock",
            "pipeline",
            "io::backoff",
            "io::hint",
            "io::pem",
            "io::pictures",
            "io::store",
            "config::UplinkConfig",
            "config::uplink",
            "config::Confirm",
            "config::formats",
        ],
    },
    Row {
        of: "io::status",
        may_use: &["units", "clock", "config::StatusConfig", "config::status"],
    },
    Row { of: "daemon", may_use: &["units", "clock", "pipeline", "config", "io"] },
    Row { of: "logging", may_use: &[] },
    Row { of: "language", may_use: &[] },
    Row { of: "sim", may_use: &["units", "clock", "pipeline", "config", "io", "daemon"] },
    Row {
        of: "command",
        may_use: &[
            "units", "clock", "pipeline", "config", "io", "daemon", "logging", "language", "sim",
            "cli",
        ],
    },
    Row { of: "cli", may_use: &["command", "language"] },
];

/// Stages of the pipeline in the order of the design; each may use the ones before it.
const STAGES: [&str; 11] = [
    "passage",
    "limits",
    "grouping",
    "configuration",
    "assess",
    "plate",
    "pairing",
    "evasion",
    "calibration",
    "drift",
    "record",
];

/// What the pure part never names, with the reason.
const NOT_IN_PIPELINE: [(&str, &str); 12] = [
    ("tokio", "it runs on no runtime"),
    ("tracing", "it tells by counts"),
    ("std::fs", "it reads no file"),
    ("std::net", "it opens no socket"),
    ("std::time", "time is an argument"),
    ("std::thread", "it starts nothing"),
    ("std::env", "it asks nobody"),
    ("std::process", "it starts nothing"),
    ("rand", "it draws nothing"),
    ("f32", "integers for law"),
    ("f64", "integers for law"),
    ("Clock", "time is an argument"),
];

fn is_below(path: &str, part: &str) -> bool {
    path == part || path.strip_prefix(part).is_some_and(|rest| rest.starts_with("::"))
}

fn row_of(module: &str) -> Option<&'static Row> {
    let rows = ROWS.iter().filter(|row| is_below(module, row.of));
    rows.max_by_key(|row| row.of.len())
}

#[test]
fn every_module_names_only_what_its_row_allows() {
    let mut found = Vec::new();
    for module in modules() {
        let Some(row) = row_of(&module.path) else {
            continue;
        };
        for used in module.crate_paths() {
            let allowed = |part: &&&str| is_below(&used, part);
            if !is_below(&used, row.of) && !row.may_use.iter().any(|part| allowed(&part)) {
                found.push(format!("{} names {used}", module.file));
            }
        }
    }
    fail_with("a module names what it must not know", &found);
}

#[test]
fn a_stage_of_the_pipeline_uses_only_earlier_stages() {
    let stage_of = |path: &str| {
        let name = path.strip_prefix("pipeline::")?.split("::").next()?;
        STAGES.iter().position(|stage| *stage == name)
    };
    let mut found = Vec::new();
    for module in modules() {
        let Some(own) = stage_of(&module.path) else {
            continue;
        };
        for used in module.crate_paths() {
            // Reasons why a record cannot support a case are named by each stage for itself.
            let shared = used == "pipeline::record::Unenforceable";
            if !shared && stage_of(&used).is_some_and(|stage| stage > own) {
                found.push(format!("{} names {used}", module.file));
            }
        }
    }
    fail_with("a stage names a later one", &found);
}

#[test]
fn the_pipeline_is_pure() {
    let mut found = Vec::new();
    for module in modules().iter().filter(|m| is_below(&m.path, "pipeline")) {
        for (name, why) in NOT_IN_PIPELINE {
            if module.has_word(name) {
                found.push(format!("{} names {name}: {why}", module.file));
            }
        }
    }
    fail_with("the pipeline is not pure", &found);
}

#[test]
fn no_command_uses_another() {
    let shared = [
        "command::refusal",
        "command::file",
        "command::table",
        "command::demo::table",
        "command::assess::sentences",
        "command::figures",
        "command::finding",
        "command::holder",
        "command::picture",
        "command::place",
        "command::troubles",
        "command::ledger_source",
        "command::named_files",
        "command::fast_clock",
        "command::judging",
        "command::tap",
        "command::topic",
        "command::value",
        "command::words",
    ];
    let mut found = Vec::new();
    for module in modules().iter().filter(|m| m.path.starts_with("command::")) {
        let own: Vec<&str> = module.path.split("::").take(2).collect();
        for used in module.crate_paths() {
            let names_module = used.split("::").nth(1).is_some_and(starts_small);
            let other = used.starts_with("command::") && names_module;
            if other
                && !is_below(&used, &own.join("::"))
                && !shared.iter().any(|s| is_below(&used, s))
            {
                found.push(format!("{} names {used}", module.file));
            }
        }
    }
    fail_with("a command uses another", &found);
}

fn starts_small(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
}

#[test]
fn only_the_codec_knows_bincode() {
    let mut found: Vec<String> = modules()
        .iter()
        .filter(|module| module.has_word("bincode"))
        .map(|module| module.file.clone())
        .collect();
    found.retain(|file| file != "src/io/store/codec.rs");
    fail_with("bincode outside io/store/codec.rs", &found);
}

#[test]
fn only_the_clock_asks_what_time_it_is() {
    let asking = |module: &&Module| {
        let text = &module.code;
        text.contains("SystemTime::now")
            || text.contains("Timestamp::now")
            || text.contains("Zoned::now")
            || text.contains("clock_gettime")
    };
    let mut found: Vec<String> = modules().iter().filter(asking).map(|m| m.file.clone()).collect();
    found.retain(|file| file != "src/clock.rs" && file != "src/clock/boot.rs");
    fail_with("asks the wall clock", &found);
}

#[test]
fn nothing_outside_tests_unwraps() {
    let unwrapping = |module: &&Module| module.code.contains(".unwrap()");
    let found: Vec<String> = modules().iter().filter(unwrapping).map(|m| m.file.clone()).collect();
    fail_with("unwraps outside tests", &found);
}

#[test]
fn no_file_is_longer_than_300_lines() {
    let mut found = Vec::new();
    for (file, text) in rust_files(&["src", "tests", "benches", "firmware-protocol"]) {
        let told = |lines| format!("{file} has {lines} lines");
        found.extend(Some(text.lines().count()).filter(|lines| *lines > 300).map(told));
    }
    fail_with("split by noun", &found);
}
