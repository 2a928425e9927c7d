//! `wimd calibrate` over a real store: what it shows, what it seals, and that nothing changes
//! before it is told to.

#[allow(dead_code, reason = "each test file uses its own part")]
mod daemon_support;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use daemon_support::{Leash, Site, in_time};
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;
use wimd::clock::{Clock, Timestamp};
use wimd::config::load::load;
use wimd::daemon::parameters;
use wimd::io::store::{Signer, Store};
use wimd::pipeline::passage::{Axle, Passage, PassageSource, Tyres};
use wimd::pipeline::{Arrival, Input, Pipeline};
use wimd::units::{DeciKmh, Kilograms, Lane, Micros, Millimetres};

/// 1795406400 is 2026-11-23, noon in China.
const START: Timestamp = Timestamp(1_795_406_400_000_000);

/// The reference: 18 000 kg on two axles.
const REFERENCE: [&str; 4] = ["--axle-loads", "6000,12000", "--runs", "1-100"];

/// A run that weighs the reference 1 % heavy, give or take what is said.
fn run(number: u32, kmh: u16, off: i32) -> Passage {
    let at = START + Micros::from_secs(i64::from(number) * 60);
    let axle = |load: u32, spacing| Axle {
        at,
        load_kg: Some(Kilograms(load)),
        left_kg: Some(Kilograms(load / 2)),
        right_kg: Some(Kilograms(load - load / 2)),
        spacing_mm: spacing,
        speed_dkmh: Some(DeciKmh(kmh * 10)),
        tyres: Tyres::Unknown,
    };
    let source = PassageSource { controller: 1, boot_id: 7, vehicle: number };
    Passage {
        axles: vec![
            axle(6_060, None),
            axle(12_120_u32.saturating_add_signed(off), Some(Millimetres(4_500))),
        ],
        speed_dkmh: Some(DeciKmh(kmh * 10)),
        ..Passage::unmeasured(source, Lane(1), at)
    }
}

/// The store of a site over which the reference was driven; the daemon does not run.
async fn driven(runs: Vec<Passage>) -> Site {
    let site = Site::new("", "");
    let config = load(&site.config_file()).expect("good").config;
    let signer = Signer::load(&config.store.key_file).expect("made");
    let (store, _) =
        Store::open(&parameters::of_store(&config), signer, Clock::system()).expect("opens");
    let mut pipeline = Pipeline::new(parameters::of_pipeline(&config).expect("good"));
    let arrivals: Vec<Arrival> = runs
        .into_iter()
        .map(|passage| Arrival {
            received_at: passage.began_at,
            input: Input::Passage(Box::new(passage)),
            raw: Vec::new(),
        })
        .collect();
    let ids = store.accept(arrivals.clone(), Vec::new()).await.expect("room");
    let mut actions = Vec::new();
    for (id, arrival) in ids.into_iter().zip(arrivals) {
        actions.extend(pipeline.handle(arrival.received_at, id, arrival));
    }
    while let Some(wake) = pipeline.wake_at() {
        actions.extend(pipeline.tick(wake));
    }
    store.commit(actions).await.expect("room");
    store.close().await.expect("open");
    site
}

/// Five runs, the last 5 % heavy.
fn five() -> Vec<Passage> {
    let offs = [0, 20, -20, 10, 900];
    (1..).zip(offs).map(|(number, off)| run(number, 35, off)).collect()
}

fn calibrate(site: &Site, more: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_wimd"))
        .arg("calibrate")
        .args(REFERENCE)
        .args(more)
        .arg("--config")
        .arg(site.config_file())
        .output()
        .expect("the binary runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn records(config: &Path) -> Vec<Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_wimd"))
        .args(["records", "--json", "--config"])
        .arg(config)
        .output()
        .expect("the binary runs");
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_screen_tells_figures_outliers_and_what_is_missing_and_changes_nothing() {
    let site = driven(five()).await;
    let (code, screen, _) = calibrate(&site, &[]);
    for words in [
        "LANE 1",
        "outlier: more than 0.35 % from the middle, +1.06 %",
        "FACTOR  1.0000 (not configured) now, 0.9900 puts the mean right",
        "MISSING lane 1: 1 more runs 10 to 40 km/h",
    ] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    assert_eq!(code, Some(1), "a run is missing");
    assert_eq!(records(&site.config_file()).len(), 5);
    let (code, _, why) = calibrate(&site, &["--apply", "--by", "Li Wei"]);
    assert_eq!(code, Some(1));
    assert!(why.contains("nothing is applied: runs are missing"), "{why}");
    assert_eq!(records(&site.config_file()).len(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn applied_it_is_sealed_under_the_next_number_and_the_rest_is_to_be_done_by_hand() {
    let mut runs = five();
    runs.push(run(6, 30, -10));
    let site = driven(runs).await;
    for count in 1..=2 {
        let (code, screen, why) = calibrate(&site, &["--apply", "--by", "Li Wei"]);
        assert_eq!(code, Some(0), "{screen}{why}");
        let sealed = format!("SEALED  calibration {count}, record {}", 6 + count);
        assert!(screen.contains(&sealed), "{screen}");
        assert!(screen.contains("calibration_factor_permyriad = 9901"), "{screen}");
    }
    let all = records(&site.config_file());
    let body = &all[6]["record"]["body"];
    assert_eq!(body["kind"], "calibration");
    assert_eq!(body["count"], 1);
    assert_eq!(body["calibration"]["performed_by"], "Li Wei");
    let lane = &body["calibration"]["lanes"][0];
    assert_eq!(lane["factor_permyriad"], 9_901);
    assert_eq!(lane["as_found"]["runs"], 5);
    let classes = (&lane["as_found"]["in_service"]["gross"], &lane["with_factor"]["mean_ppm"]);
    assert_eq!(classes, (&json!("7"), &json!(0)), "{lane}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_protocol_is_a_document_in_both_formats_and_languages() {
    let site = driven(five()).await;
    let bless = std::env::var_os("WIMD_BLESS").is_some();
    for format in ["markdown", "text"] {
        for language in ["en", "zh"] {
            let (_, document, _) =
                calibrate(&site, &["--protocol", format, "--by", "Li Wei", "--lang", language]);
            let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/calibration");
            let golden = golden.join(format!("protocol.{language}.{format}"));
            if bless {
                std::fs::write(&golden, &document).expect("writable");
            }
            let expected = std::fs::read_to_string(&golden).expect("in the tree");
            assert_eq!(document, expected, "{format} {language}");
            let widest = document.lines().map(UnicodeWidthStr::width).max();
            assert!(format == "markdown" || widest == Some(88), "{widest:?}\n{document}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_that_were_taken_home_in_a_file_give_the_same_figures_and_can_be_applied() {
    let mut runs = five();
    runs.push(run(6, 30, -10));
    let site = driven(runs).await;
    let exported = records(&site.config_file()).iter().fold(String::new(), |mut lines, record| {
        lines.push_str(&format!("{record}\n"));
        lines
    });
    let file = site.path("runs.jsonl");
    std::fs::write(&file, exported).expect("writable");
    let file = file.to_str().expect("plain");
    let at_site = calibrate(&site, &["--json"]);
    let at_home = calibrate(&site, &["--json", "--file", file]);
    assert_eq!(at_home, at_site);
    assert!(at_home.1.contains("\"factor_permyriad\":9901"), "{}", at_home.1);
    let (code, screen, why) = calibrate(&site, &["--file", file, "--apply", "--by", "Li Wei"]);
    assert_eq!(code, Some(0), "{why}");
    assert!(screen.contains("SEALED  calibration 1, record 7"), "{screen}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_are_followed_until_none_is_missing_while_the_daemon_runs_and_only_then() {
    let mut runs = five();
    runs.push(run(6, 30, -10));
    let site = driven(runs).await;
    approve(&site, 15, 40);
    let (code, _, why) = calibrate(&site, &["--follow"]);
    assert_eq!(code, Some(1));
    assert!(why.contains("--follow needs the running daemon"), "{why}");
    let config = load(&site.config_file()).expect("good").config;
    let daemon = wimd::daemon::start_unwatched(config, Clock::system()).await.expect("it starts");
    let (code, screen, why) = tokio::task::block_in_place(|| calibrate(&site, &["--follow"]));
    assert_eq!(code, Some(0), "{why}");
    let told = screen.split("LANE 1").next().unwrap_or_default();
    assert_eq!(told.matches("  lane 1  ").count(), 6, "{screen}");
    assert!(!screen.contains("MISSING"), "{screen}");
    daemon.stop().await.expect("it stops");
}

/// Speeds that the scale in lane 1 is approved for.
fn approve(site: &Site, least: u16, most: u16) {
    let text = std::fs::read_to_string(site.config_file()).expect("readable");
    let speeds = format!("number = 1, min_speed_kmh = {least}, max_speed_kmh = {most},");
    std::fs::write(site.config_file(), text.replace("number = 1,", &speeds)).expect("writable");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_band_does_not_end_the_following_of_a_lane_without_approved_speeds() {
    let mut runs = five();
    runs.push(run(6, 30, -10));
    let site = driven(runs).await;
    let config = load(&site.config_file()).expect("good").config;
    let daemon = wimd::daemon::start_unwatched(config, Clock::system()).await.expect("it starts");
    let mut child = Command::new(env!("CARGO_BIN_EXE_wimd"))
        .args(["calibrate", "--follow"])
        .args(REFERENCE)
        .arg("--config")
        .arg(site.config_file())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let _leash = Leash::of(&child);
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    // whoever ends by itself ends its output before these
    let told = tokio::task::spawn_blocking(move || {
        let told = lines.map_while(Result::ok).filter(|line| line.starts_with("MISSING"));
        told.take(2).collect::<Vec<_>>()
    });
    let told = in_time("what is to be driven", told).await.expect("no panic");
    let expected = ["to 10 km/h", "above 40 km/h"];
    assert_eq!(told, expected.map(|band| format!("MISSING lane 1: 5 more runs {band}")));
    assert_eq!(child.try_wait().expect("a child"), None, "it goes on");
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    daemon.stop().await.expect("it stops");
}

#[test]
fn a_reference_that_contradicts_itself_is_wrong_usage() {
    let site = Site::new("", "");
    let table = [
        (["--gross", "20000"], "--axle-loads add up to 18000 kg, but --gross says 20000 kg"),
        (["--axles", "3"], "--axle-loads: 2 loads, but --axles says 3"),
    ];
    for (arguments, words) in table {
        let (code, _, why) = calibrate(&site, &arguments);
        assert_eq!(code, Some(2));
        assert!(why.contains(words), "{why}");
    }
}
