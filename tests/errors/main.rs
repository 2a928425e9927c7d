//! What each refusal says: what happened, with which port, file or line; why, as far as it is
//! known; what to do next. In both languages, beside `fixtures/errors/`.
//! `WIMD_BLESS=1 cargo test --test errors` writes the golden texts anew.

mod site;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use site::Site;

/// A command line on a prepared site, in which `{}` stands for its folder.
struct Scene {
    name: &'static str,
    prepare: fn(&Site),
    line: &'static str,
    exit: i32,
}

const fn scene(name: &'static str, prepare: fn(&Site), line: &'static str, exit: i32) -> Scene {
    Scene { name, prepare, line, exit }
}

fn nothing(_: &Site) {}

const VERIFY_ENCRYPTED: &str = "verify mqtts://platform.example.org:8883 --site s --key \
                                11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

const VERIFY_PLAIN: &str = "verify mqtt://platform.example.org:1883 --site s --key \
                            11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

const SCENES: [Scene; 37] = [
    scene("run-no-configuration", nothing, "run --config {}/none.toml", 78),
    scene("run-mistakes", Site::unknown_key, "run --config {}/wimd.toml", 78),
    scene("run-no-key", Site::no_key, "run --config {}/wimd.toml", 78),
    scene("run-open-key", Site::open_key, "run --config {}/wimd.toml", 78),
    scene("run-no-table", Site::lost_table, "run --config {}/wimd.toml", 78),
    scene("check-no-configuration", nothing, "check --config {}/none.toml", 78),
    scene("check-mistakes", Site::unknown_key, "check --config {}/wimd.toml", 78),
    scene("check-no-toml", Site::no_toml, "check --config {}/wimd.toml", 78),
    scene("check-no-table", Site::lost_table, "check --config {}/wimd.toml", 78),
    scene("status-no-daemon", nothing, "status --socket {}/status.sock", 1),
    scene("status-no-configuration", nothing, "status --config {}/none.toml", 78),
    scene("monitor-no-daemon", nothing, "monitor --plain --socket {}/status.sock", 1),
    scene(
        "monitor-no-configuration",
        nothing,
        "monitor --plain --socket {}/status.sock --config {}/none.toml",
        1,
    ),
    scene("keygen-exists", nothing, "keygen --out {}/signing.key", 1),
    scene("keygen-no-folder", nothing, "keygen --out {}/none/signing.key", 1),
    scene("keygen-no-key", Site::empty_file, "keygen --show {}/none.key", 1),
    scene("records-no-store", nothing, "records --config {}/wimd.toml", 1),
    scene("records-no-file", nothing, "records --file {}/none.jsonl", 1),
    scene("records-no-record", Site::empty_file, "records 7 --file {}/empty.jsonl", 1),
    scene("records-damaged-file", Site::damaged_file, "records --file {}/damaged.jsonl", 1),
    scene("report-no-file", nothing, "report --month 2026-11 --file {}/none.jsonl", 1),
    scene("ledger-no-store", nothing, "ledger list --state {}/none", 1),
    scene("ledger-backwards", nothing, "ledger export --from 5 --to 3 --state {}/none", 2),
    scene("outbox-no-daemon", nothing, "outbox --socket {}/status.sock", 1),
    scene("outbox-no-store", nothing, "outbox --config {}/wimd.toml", 1),
    scene(
        "verify-no-file",
        nothing,
        "verify {}/none.jsonl --key 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        1,
    ),
    scene("verify-no-authorities", nothing, VERIFY_ENCRYPTED, 2),
    scene("verify-plain-text", nothing, VERIFY_PLAIN, 2),
    scene("verify-no-key", Site::empty_file, "verify {}/empty.jsonl --key nonsense", 2),
    scene("reassess-no-store", nothing, "reassess --state {}/none", 1),
    scene("replay-no-recording", nothing, "replay {}/none --config {}/wimd.toml", 1),
    scene(
        "capture-no-folder",
        Site::plain_file,
        "capture --config {}/wimd.toml --out {}/plain/x",
        1,
    ),
    scene("assess-bad-load", nothing, "assess --loads 7000,x --spacings 3600", 2),
    scene("assess-no-list", nothing, "assess --csv {}/none.csv", 1),
    scene("score-no-scenario", nothing, "score --scenario {}/none.toml --vehicles 10", 1),
    scene("schema-no-folder", Site::plain_file, "schema --out {}/plain/x", 1),
    scene(
        "camera-no-camera",
        Site::no_camera,
        "camera test --config {}/wimd.toml --listen 127.0.0.1:0",
        78,
    ),
];

fn golden(scene: &Scene, language: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/errors");
    folder.join(format!("{}.{language}.txt", scene.name))
}

fn told(scene: &Scene, language: &str) -> (String, i32) {
    let site = Site::new();
    (scene.prepare)(&site);
    site.wimd(scene.line, language)
}

#[test]
fn each_refusal_says_what_it_said_before_in_both_languages() {
    let bless = std::env::var_os("WIMD_BLESS").is_some();
    for scene in &SCENES {
        for language in ["en", "zh"] {
            let (text, exit) = told(scene, language);
            let path = golden(scene, language);
            if bless {
                fs::write(&path, &text).expect("writable");
            }
            let expected = fs::read_to_string(&path).unwrap_or_default();
            assert_eq!((text, exit), (expected, scene.exit), "{}.{language}", scene.name);
        }
    }
}

#[test]
fn each_refusal_has_its_three_parts() {
    for scene in &SCENES {
        let text = fs::read_to_string(golden(scene, "en")).expect("in the tree");
        let what = text.lines().next().unwrap_or_default();
        assert!(what.starts_with("error: "), "{}: no deed: {text}", scene.name);
        let bare = ["error: No such", "error: Not a", "error: Permission"];
        assert!(
            !bare.iter().any(|bare| what.starts_with(bare)),
            "{}: no place: {text}",
            scene.name
        );
        assert!(text.contains("\nhelp: "), "{}: no advice: {text}", scene.name);
        let chinese = fs::read_to_string(golden(scene, "zh")).expect("in the tree");
        assert!(chinese.starts_with("错误：") && chinese.contains("\n处理："), "{chinese}");
    }
}

#[test]
fn every_golden_text_belongs_to_a_scene() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/errors");
    let there: BTreeSet<PathBuf> = fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    let wanted: BTreeSet<PathBuf> = SCENES
        .iter()
        .flat_map(|scene| ["en", "zh"].map(|language| golden(scene, language)))
        .collect();
    assert_eq!(there, wanted);
}
