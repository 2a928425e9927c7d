//! The shipped configuration and the bad ones, through the real binary.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;
use wimd::config::{
    CameraDoorConfig, Config, LimitsConfig, PairingConfig, ScaleConfig, StatusConfig, StoreConfig,
    UplinkConfig, load, shape,
};

const EXAMPLE: &str = "deploy/wimd.toml";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn wimd() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wimd"));
    command.current_dir(root());
    command
}

fn example() -> Config {
    let text = fs::read_to_string(root().join(EXAMPLE)).expect("the example is in the tree");
    // Without a folder, relative paths stay as they are written.
    let loaded = load::parse(&text, Path::new("wimd.toml")).expect("the example has no mistakes");
    loaded.config
}

#[test]
fn each_bad_file_gives_exactly_its_stderr_in_both_languages_and_exit_78() {
    let mut seen = 0;
    for entry in fs::read_dir(root().join("fixtures/config/bad")).expect("the folder exists") {
        let path = entry.expect("readable").path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let relative = path.strip_prefix(root()).expect("below the root");
        for (language, end) in [("en", "stderr"), ("zh", "zh.stderr")] {
            let expected = fs::read_to_string(path.with_extension(end)).expect("has a .stderr");
            let assert =
                wimd().args(["check", "--lang", language, "--config"]).arg(relative).assert();
            assert.code(78).stdout("").stderr(expected);
        }
        seen += 1;
    }
    assert!(seen >= 8, "only {seen} bad files");
}

#[test]
fn the_shipped_example_passes_without_a_warning() {
    let assert = wimd().args(["check", "--config", EXAMPLE, "--json"]).assert();
    let output = assert.success().get_output().stdout.clone();
    let report: Value = serde_json::from_slice(&output).expect("one JSON object");
    assert_eq!(report["good"], true);
    assert_eq!(report["warnings"], serde_json::json!([]));
}

#[test]
fn the_shipped_example_holds_the_defaults() {
    let config = example();
    assert_eq!(config.limits, LimitsConfig::default());
    assert_eq!(config.pairing, PairingConfig::default());
    assert_eq!(config.store, StoreConfig::default());
    assert_eq!(config.status, StatusConfig::default());
    assert_eq!(config.camera_door, CameraDoorConfig::default());
    assert_eq!(config.scale, [ScaleConfig::new("scale-1", "/dev/ttyS0")]);
    let uplink = UplinkConfig {
        ca_file: config.uplink.ca_file.clone(),
        ..UplinkConfig::new(config.uplink.broker.clone())
    };
    assert_eq!(config.uplink, uplink);
}

#[test]
fn the_shipped_example_names_every_key() {
    let text = fs::read_to_string(root().join(EXAMPLE)).expect("the example is in the tree");
    let written: Vec<&str> = text
        .lines()
        .filter_map(|line| line.trim_start_matches("# ").split_once(" = "))
        .map(|(key, _)| key)
        .collect();
    let schema = shape::schema();
    let sections = schema["properties"].as_object().expect("an object");
    for (section, schema) in sections {
        let table = if schema["items"].is_null() { schema } else { &schema["items"] };
        for key in table["properties"].as_object().expect("a table").keys() {
            assert!(written.contains(&key.as_str()), "{section}.{key} is missing");
        }
    }
}

#[test]
fn a_printed_configuration_reads_back_as_itself() {
    let config = example();
    let printed = toml::to_string(&config).expect("every value has a TOML form");
    let again = load::parse(&printed, Path::new("wimd.toml")).expect("no mistakes");
    assert_eq!(again.config, config);
}

#[test]
fn relative_paths_are_relative_to_the_file() {
    let text = fs::read_to_string(root().join(EXAMPLE)).expect("the example is in the tree");
    let loaded = load::parse(&text, Path::new("/etc/wimd/wimd.toml")).expect("no mistakes");
    let config = loaded.config;
    assert_eq!(config.store.key_file, Path::new("/etc/wimd/signing.key"));
    assert_eq!(config.store.dir, Path::new("/var/lib/wimd"));
    let ca = config.uplink.ca_file.expect("the example names one");
    assert_eq!(ca, Path::new("/etc/wimd/platform-ca.pem"));
}

#[test]
fn what_is_legal_but_unreasonable_is_a_warning() {
    let text = r#"
site = { id = "a" }
uplink = { broker = "mqtt://10.0.0.9:1883", plain_text_allowed = true, keep_alive_s = 300 }
store = { min_free_bytes = 0 }
limits = { deduction_permyriad = 1500 }
scale = [{ name = "s", port = "/dev/ttyS0" }]
lane = [
    { number = 1, scale = "s", required_pictures = ["rear"] },
    { number = 2, scale = "s" },
]
camera = [{ name = "c", token = "12345678", role = "front", lane = 1, distance_mm = -90000 }]
"#;
    let loaded = load::parse(text, Path::new("wimd.toml")).expect("legal");
    let told: Vec<String> =
        loaded.warnings.iter().map(|warning| format!("{}:{}", warning.line, warning.key)).collect();
    let expected = [
        "3:uplink",
        "3:uplink",
        "4:store",
        "5:limits",
        "8:lane[1]",
        "9:lane[2]",
        "11:camera[1]",
        "11:camera[1]",
        "11:camera[1]",
    ];
    assert_eq!(told, expected);
}
