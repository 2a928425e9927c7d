//! Every dialect with every quirk: what becomes of it. `cargo test --test camera_table -- --nocapture`
//! prints the table, which is kept in `fixtures/camera/table.txt`.

#![allow(clippy::unwrap_used)] // helpers of tests, where a failure is the test's

mod camera_support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use camera_support::pulled::{NAME, Pulled, USER};
use camera_support::{DAHUA_TOKEN, DEVICE_ID, NEUTRAL_TOKEN, PASSWORD, Site, TOKEN, every_dialect};
use tokio::sync::Semaphore;
use wimd::io::camera::status::CameraStatus;
use wimd::pipeline::plate::{PlateRead, PlateState, ZoneBasis};
use wimd::sim::camera::{
    Oddity, Quirk, SimDialect, SimPicture, SimPlateEvent, SimTrial, StreamFault, StreamSettings,
    scene, variation,
};
use wimd::units::DeciKmh;

const COMMITTED: &str = include_str!("../fixtures/camera/table.txt");

/// The camera's name and the path that is configured in it.
fn camera_of(dialect: SimDialect) -> (&'static str, String) {
    let path = |token: &str| format!("/camera/{token}");
    match dialect {
        SimDialect::Isapi | SimDialect::IsapiJson | SimDialect::IsapiPull => {
            ("front-1", path(TOKEN))
        }
        SimDialect::Neutral => ("bridge-1", path(NEUTRAL_TOKEN)),
        SimDialect::Dahua => ("dahua-1", path(DAHUA_TOKEN)),
        SimDialect::Gat1400 => ("gat-1", String::new()),
    }
}

fn event(site: &Site) -> SimPlateEvent {
    let drawn = scene(6);
    let picture = |name: &str| SimPicture { name: name.into(), jpeg: variation(&drawn, name) };
    SimPlateEvent {
        uuid: Some("u-1".into()),
        speed: Some(DeciKmh(560)),
        pictures: vec![picture("detectionPicture.jpg"), picture("licensePlatePicture.jpg")],
        ..SimPlateEvent::read("赣E12345", site.clock.now())
    }
}

/// What becomes of an event on a stream that is pulled.
async fn pulled_outcome(
    quirks: Vec<Quirk>,
    oddities: Vec<Oddity>,
    faults: Vec<StreamFault>,
) -> String {
    let wrong = oddities.contains(&Oddity::WrongPassword);
    let silent = faults.contains(&StreamFault::Silent);
    let dies = faults.contains(&StreamFault::Dies) || faults.contains(&StreamFault::DiesInside);
    let several = [Oddity::SamePlateTwice, Oddity::EarlyThenFull, Oddity::Repeated];
    let expected = if oddities.iter().any(|oddity| several.contains(oddity)) { 2 } else { 1 };
    let settings = StreamSettings {
        heartbeat: Duration::from_secs(if silent { 60 } else { 2 }),
        quirks,
        oddities,
        faults,
        ..StreamSettings::new(USER, if wrong { "another" } else { PASSWORD })
    };
    let seconds = if silent { 1 } else { 60 };
    let pulled = Pulled::open(settings, |camera| camera.pull_heartbeat_s = seconds).await;
    pulled.until(|pull| pull.opened + pull.failures > 0).await;
    if pulled.pull().opened > 0 {
        pulled.camera.opened(1).await;
        pulled.camera.send(&event(&pulled.site));
    }
    let done = |status: &CameraStatus| {
        let pull = status.pull.clone().unwrap();
        let came = status.events + status.duplicates + status.other_events;
        let all = came + status.heartbeats >= expected && (!dies || pull.gaps >= 2);
        all || (!dies && (status.last_refusal.is_some() || pull.failures > 0))
    };
    pulled.site.until(|status| done(&status.cameras[NAME])).await;
    let (status, pull) = (pulled.status(), pulled.pull());
    if pulled.site.taken().is_empty() && status.heartbeats + status.other_events == 0 {
        let reason = status.last_refusal.or(pull.last_failure).unwrap();
        return format!("not read because {reason}");
    }
    let gaps = if dies { "; then a gap" } else { "" };
    format!("{}{gaps}", accepted(&pulled.site.taken(), &status))
}

async fn outcome(dialect: SimDialect, quirks: Vec<Quirk>, oddities: Vec<Oddity>) -> String {
    let dir = tempfile::tempdir().unwrap();
    let (door, cameras) = every_dialect(&dir);
    let site = Site::open_with(door, cameras).await;
    let (name, path) = camera_of(dialect);
    let mut trial = SimTrial::new(site.address, &path, dialect);
    trial.quirks = quirks;
    trial.oddities = oddities;
    if dialect == SimDialect::Gat1400 {
        trial.account = Some((DEVICE_ID.into(), PASSWORD.into()));
    }
    let answers = trial.send(&event(&site)).await.unwrap();
    let last = answers.last().unwrap();
    let status = site.status().cameras[name].clone();
    if last.status.is_success() {
        stops_repetition(dialect, &last.body);
        return accepted(&site.taken(), &status);
    }
    assert_eq!((site.taken(), site.has_no_pictures()), (vec![], true), "refused and kept");
    let told = String::from_utf8_lossy(&last.body).trim().to_owned();
    let reason = status.last_refusal.unwrap_or(told);
    format!("refused with {} because {reason}", last.status.as_u16())
}

/// A wrong answer makes some cameras send for ever.
fn stops_repetition(dialect: SimDialect, body: &[u8]) {
    let told = || -> serde_json::Value { serde_json::from_slice(body).unwrap() };
    match dialect {
        SimDialect::Dahua => {
            let told = told();
            assert!(told == serde_json::json!({}) || told["Result"] == true, "{told}");
        }
        SimDialect::Gat1400 => {
            let told = told();
            let list = told["ResponseStatusListObject"]["ResponseStatusObject"].as_array().cloned();
            let all = list.unwrap_or_else(|| vec![told["ResponseStatusObject"].clone()]);
            assert!(!all.is_empty() && all.iter().all(|one| one["StatusCode"] == 0), "{told}");
        }
        _ => {}
    }
}

fn accepted(taken: &[PlateRead], status: &CameraStatus) -> String {
    let mut parts: Vec<String> = Vec::new();
    if let [first, .., last] = taken
        && taken.len() > 10
    {
        parts.push(format!("{} events, {} to {}", taken.len(), described(first), described(last)));
    } else {
        parts.extend(taken.iter().map(described));
    }
    let counts = [
        (status.duplicates, "repetition"),
        (status.heartbeats, "sign of life"),
        (status.other_events, "event of no use"),
        (status.empty_pictures, "empty picture left out"),
        (status.foreign_pictures, "foreign picture left out"),
        (status.unassigned_pictures, "picture of no vehicle left out"),
        (status.missed_uploads, "missed upload counted"),
        (status.pictures_elsewhere, "picture not fetched"),
    ];
    let counted = counts.into_iter().filter(|(count, _)| *count > 0);
    parts.extend(counted.map(|(count, word)| format!("{count} {word}")));
    format!("accepted as {}", parts.join("; "))
}

fn described(read: &PlateRead) -> String {
    let mut text = match (&read.plate.text, read.plate.state) {
        (Some(text), PlateState::Read) => text.clone(),
        (_, state) => format!("{state:?}").to_lowercase(),
    };
    let _ = write!(text, ", {} pictures", read.pictures.len());
    if read.more_follows {
        text.push_str(", more follows");
    }
    if let Some(late) = read.late {
        let _ = write!(text, ", late ({})", format!("{late:?}").to_lowercase());
    }
    match read.stamp.map(|stamp| stamp.zone) {
        None => text.push_str(", no stamp"),
        Some(ZoneBasis::Suspect) => text.push_str(", stamp suspect"),
        Some(_) => {}
    }
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_dialect_with_every_quirk_comes_out_as_in_the_table() {
    // several at once, because a refused sender is listened to for a while
    let places = Arc::new(Semaphore::new(6));
    let mut cells = Vec::new();
    for (dialect_name, dialect) in SimDialect::ALL {
        let mut cell =
            |quirk: &str, quirks: Vec<Quirk>, oddities: Vec<Oddity>, faults: Vec<StreamFault>| {
                let label = format!("{dialect_name:<11} {quirk:<22}");
                let place = Arc::clone(&places).acquire_owned();
                let outcome = async move {
                    let _place = place.await;
                    match dialect {
                        SimDialect::IsapiPull => pulled_outcome(quirks, oddities, faults).await,
                        _ => outcome(dialect, quirks, oddities).await,
                    }
                };
                cells.push((label, tokio::spawn(outcome)));
            };
        cell("-", Vec::new(), Vec::new(), Vec::new());
        for (name, quirk) in Quirk::ALL.into_iter().filter(|(_, quirk)| quirk.fits(dialect)) {
            cell(name, vec![quirk], Vec::new(), Vec::new());
        }
        for (name, oddity) in Oddity::ALL.into_iter().filter(|(_, oddity)| oddity.fits(dialect)) {
            cell(name, Vec::new(), vec![oddity], Vec::new());
        }
        for (name, fault) in
            StreamFault::ALL.into_iter().filter(|_| dialect == SimDialect::IsapiPull)
        {
            cell(name, Vec::new(), Vec::new(), vec![fault]);
        }
    }
    let mut lines = Vec::new();
    for (label, cell) in cells {
        let line = format!("{label} {}", cell.await.unwrap());
        println!("{line}");
        lines.push(line);
    }
    let committed: Vec<&str> = COMMITTED.lines().collect();
    assert_eq!(lines, committed);
}

#[test]
fn the_simulator_lists_the_quirks_of_the_table_and_needs_no_address_for_that() {
    let simulate = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wimd"));
        command.args(["simulate", "camera"]).args(arguments).output().unwrap()
    };
    for (dialect, _) in SimDialect::ALL {
        let printed = simulate(&["--dialect", dialect, "--quirk", "list"]).stdout;
        let printed = String::from_utf8(printed).unwrap();
        let told: BTreeSet<&str> = printed.lines().collect();
        let rows = COMMITTED.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let rows = rows.filter(|row| row.first() == Some(&dialect) && row[1] != "-");
        let rows: Vec<String> = rows.map(|row| row[1].to_owned()).collect();
        assert_eq!(told, rows.iter().map(String::as_str).collect(), "{dialect}");
    }
    assert_eq!(simulate(&["--quirk", "lf-only"]).status.code(), Some(2), "nowhere to post to");
}
