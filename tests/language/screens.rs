//! Whole screens, as a technician sees them: no English is left in them but names.

use std::process::Command;

/// What stays as it is: units, names of programs, protocols, keys and commands.
const NAMES: [&str; 60] = [
    "wimd",
    "kg",
    "mm",
    "ms",
    "us",
    "km",
    "SIGTERM",
    "JSON",
    "CSV",
    "SVG",
    "Schema",
    "AsyncAPI",
    "shell",
    "MQTT",
    "TCP",
    "TLS",
    "CONNECT",
    "PUBLISH",
    "ACL",
    "HTTP",
    "ISAPI",
    "GA",
    "VIID",
    "lang",
    "LANGUAGE",
    "en",
    "zh",
    "help",
    "version",
    "NO_COLOR",
    "LC_ALL",
    "LC_MESSAGES",
    "LANG",
    "json",
    "csv",
    "tar",
    "zst",
    "Ctrl",
    "sudo",
    "systemctl",
    "journalctl",
    "dmesg",
    "tail",
    "ping",
    "ssh",
    "GND",
    "PEM",
    "NTP",
    "UTC",
    "UDP",
    "IP",
    "SIM",
    "VPN",
    "USB",
    "SHA",
    "pty",
    "sled",
    "nat",
    "KiB",
    "MiB",
];

pub(crate) fn chinese(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_wimd"))
        .args(arguments)
        .args(["--lang", "zh"])
        .output()
        .expect("the program runs");
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8(text).expect("UTF-8")
}

/// Three English words in a row, which no command line or list of names has outside of
/// back-quotes.
fn english(screen: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in screen.lines() {
        let line = without_quoted(line);
        let words: Vec<&str> = line.split(' ').collect();
        let plain = |word: &&str| {
            let word = word.trim_matches(|c: char| ",.;:()".contains(c));
            word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase()) && !NAMES.contains(&word)
        };
        if words.windows(3).any(|three| three.iter().all(plain)) {
            found.push(line);
        }
    }
    found
}

fn without_quoted(line: &str) -> String {
    let parts = line.split('`').enumerate();
    parts.filter(|(place, _)| place % 2 == 0).map(|(_, part)| part).collect()
}

/// Commands and names of columns are the same in every language.
fn is_example(line: &str) -> bool {
    line.trim().starts_with("wimd ") || line.contains("registered_kg") || line.contains("bash, ")
}

#[test]
fn the_help_of_every_command_is_chinese() {
    use clap::CommandFactory;
    for command in wimd::cli::Cli::command().get_subcommands() {
        let screen = chinese(&[command.get_name(), "--help"]);
        assert!(screen.contains("用法"), "{screen}");
        let left = english(&screen);
        let left: Vec<_> = left.iter().filter(|line| !is_example(line)).collect();
        assert!(left.is_empty(), "{}: {left:#?}", command.get_name());
    }
}

#[test]
fn what_the_doctor_finds_is_chinese() {
    let screen = chinese(&["doctor", "--config", "deploy/wimd.toml"]);
    assert!(screen.contains("需要排除"), "{screen}");
    let left = english(&screen);
    let left: Vec<_> = left.iter().filter(|line| !line.contains("sudo")).collect();
    assert!(left.is_empty(), "{left:#?}");
}

#[test]
fn mistakes_of_a_configuration_are_told_in_chinese() {
    let mut seen = 0;
    for entry in std::fs::read_dir("fixtures/config/bad").expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|end| end == "toml") {
            let screen = chinese(&["check", "--config", path.to_str().expect("UTF-8")]);
            assert!(screen.starts_with("错误："), "{}: {screen}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 0, "no bad configuration was looked at");
}

#[test]
fn a_wrong_command_line_is_told_in_chinese() {
    let screen = chinese(&["status", "--colour"]);
    assert!(screen.starts_with("错误：不认识的参数 '--colour'"), "{screen}");
    assert_eq!(english(&screen), Vec::<String>::new());
}

#[test]
fn data_is_never_translated() {
    let screen = chinese(&["check", "--config", "deploy/wimd.toml", "--json"]);
    let value: serde_json::Value = serde_json::from_str(&screen).expect("JSON");
    assert_eq!(value["good"], true);
}
