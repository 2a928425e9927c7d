//! The shipped configuration and the bad ones, through the real binary.

use std::fs;
use std::os::unix::fs::PermissionsExt;
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
fn a_file_that_cannot_be_read_is_told_to_programs_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let absent = folder.path().join("absent.toml");
    let site = folder.path().join("wimd.toml");
    let text = fs::read_to_string(root().join(EXAMPLE)).expect("the example");
    let absent_table = folder.path().join("absent-limits.toml");
    let named = format!("\ntables = [{absent_table:?}]\n");
    assert!(text.contains("\ntables = []\n"), "the example names no table");
    fs::write(&site, text.replace("\ntables = []\n", &named)).expect("writable");
    for (config, file) in [(&absent, &absent), (&site, &absent_table)] {
        let assert = wimd().args(["check", "--json", "--config"]).arg(config).assert();
        let output = assert.code(78).stderr("").get_output().stdout.clone();
        let report: Value = serde_json::from_slice(&output).expect("one JSON object");
        assert_eq!(report["good"], false);
        let [mistake] = &report["mistakes"].as_array().expect("a list")[..] else {
            panic!("{report:#}");
        };
        assert_eq!(mistake["line"], Value::Null);
        let what = mistake["what"].as_str().expect("a text");
        assert!(what.contains(&format!("{}: No such file", file.display())), "{what}");
    }
}

/// Keys that `wimd check` warns of, with the text of their line and of the warning.
fn warned(config: &Path) -> Vec<(String, String, String)> {
    let text = fs::read_to_string(config).expect("a configuration");
    let assert = wimd().args(["check", "--json", "--config"]).arg(config).assert();
    let output = assert.success().get_output().stdout.clone();
    let report: Value = serde_json::from_slice(&output).expect("one JSON object");
    assert_eq!(report["good"], true);
    let warnings = report["warnings"].as_array().expect("a list").iter();
    let warned = warnings.map(|warning| {
        let line = warning["line"].as_u64().and_then(|line| usize::try_from(line).ok());
        let line = line.and_then(|line| text.lines().nth(line - 1)).expect("a line of the file");
        let said = |name: &str| warning[name].as_str().expect("a text").to_owned();
        (said("key"), line.to_owned(), said("what"))
    });
    warned.collect()
}

#[test]
fn the_shipped_example_passes_and_what_is_still_to_be_put_in_is_named() {
    let told: Vec<_> = warned(&root().join(EXAMPLE))
        .into_iter()
        .map(|(key, line, what)| (key, line, what.split(": ").nth(1).map(str::to_owned)))
        .collect();
    let one = |key: &str, line: &str, what: &str| (key.into(), line.into(), Some(what.into()));
    let expected = [
        one(
            "store.key_file",
            "key_file = \"signing.key\"",
            "make it with `wimd keygen --out`, and give it to the user of the daemon",
        ),
        one(
            "uplink.ca_file",
            "ca_file = \"platform-ca.pem\"",
            "get it from whoever runs the other end, as PEM",
        ),
        one(
            "camera[1].token",
            "token = \"replace-this-by-a-drawn-token\"",
            "draw one, `head -c 18 /dev/urandom | base64 | tr +/ -_`",
        ),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_secret_that_systemd_hands_over_is_not_missed_and_one_that_others_may_read_is_named() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let text = fs::read_to_string(root().join(EXAMPLE)).expect("the example is in the tree");
    let text = text.replace("replace-this-by-a-drawn-token", "dGhpcyB0b2tlbiBpcyBk").replace(
        "ca_file = \"platform-ca.pem\"",
        "ca_file = \"ca.pem\"\nusername = \"u\"\n\
            password_file = \"/run/credentials/wimd.service/broker-password\"\n\
            client_cert_file = \"site.pem\"\n\
            client_key_file = \"/run/credentials/wimd.service/site-key\"",
    );
    let config = folder.path().join("wimd.toml");
    fs::write(&config, text).expect("writable");
    let made = rcgen::generate_simple_self_signed(["b.example".to_owned()]).expect("a certificate");
    for name in ["ca.pem", "site.pem"] {
        fs::write(folder.path().join(name), made.cert.pem()).expect("writable");
    }
    let key = folder.path().join("signing.key");
    wimd().args(["keygen", "--out"]).arg(&key).assert().success();
    assert_eq!(warned(&config), []);

    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).expect("ours");
    fs::write(folder.path().join("ca.pem"), "nothing").expect("writable");
    let told: Vec<String> = warned(&config).into_iter().map(|(_, _, what)| what).collect();
    let key = key.display();
    let ca = folder.path().join("ca.pem");
    let expected = [
        format!("{key} has mode 0640: others may read it: chmod 600 {key}"),
        format!("{} holds no certificate", ca.display()),
    ];
    assert_eq!(told, expected);
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

/// The comment above a key, that of its section, and that of the key before where it has none.
fn comment(text: &str, section: &str, key: &str) -> String {
    let mut comments = vec![String::new()];
    let (mut inside, mut of_section) = (false, String::new());
    for line in text.lines() {
        let bare = line.trim_start_matches("# ");
        let is_key = bare.split_once(" = ").is_some_and(|(name, _)| !name.contains(' '));
        let last = comments.last_mut().expect("one at least");
        if bare.starts_with('[') && bare.ends_with(']') && !bare.contains([' ', '.']) {
            inside = bare.trim_matches(['[', ']']) == section;
            of_section = std::mem::take(last);
        } else if is_key {
            if inside && bare.split(' ').next() == Some(key) {
                let own = comments.iter().rfind(|comment| !comment.is_empty());
                return own.cloned().unwrap_or_default() + &of_section;
            }
            comments.push(String::new());
        } else if line.starts_with("# ") {
            last.push_str(bare);
            last.push(' ');
        }
    }
    panic!("{section}.{key} is not in the example")
}

#[test]
fn the_shipped_example_tells_the_range_of_every_key_that_has_one() {
    let text = fs::read_to_string(root().join(EXAMPLE)).expect("the example is in the tree");
    let schema = shape::schema();
    let (mut missing, mut seen) = (Vec::new(), 0);
    for (section, schema) in schema["properties"].as_object().expect("an object") {
        let table = if schema["items"].is_null() { schema } else { &schema["items"] };
        for (key, schema) in table["properties"].as_object().expect("a table") {
            // what the type of the number says by itself is no range
            let of_type = [0, 255, 65_535];
            let bounds = ["minimum", "maximum"].iter().filter_map(|bound| schema[bound].as_i64());
            let bounds: Vec<i64> = bounds.filter(|bound| !of_type.contains(bound)).collect();
            seen += usize::from(!bounds.is_empty());
            let comment = comment(&text, section, key);
            let words: Vec<&str> = comment.split([' ', ',', ':', ';', '.', '(', ')']).collect();
            if !bounds.iter().all(|bound| words.contains(&bound.to_string().as_str())) {
                missing.push(format!("{section}.{key}: {bounds:?}"));
            }
        }
    }
    assert!(missing.is_empty() && seen > 30, "{seen}: {missing:#?}");
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
