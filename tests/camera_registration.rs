//! GA/T 1400: who may register, what the unregistered are told, and an answer for each object.

#![allow(clippy::unwrap_used)] // helpers of tests, where a failure is the test's

mod camera_support;

use camera_support::{DEVICE_ID, PASSWORD, Site, every_dialect};
use serde_json::Value;
use tempfile::TempDir;
use wimd::sim::camera::{Oddity, SimBody, SimDialect, SimLink, SimPlateEvent, SimTrial};

async fn site() -> (TempDir, Site) {
    let dir = tempfile::tempdir().unwrap();
    let (door, cameras) = every_dialect(&dir);
    let site = Site::open_with(door, cameras).await;
    (dir, site)
}

fn device(site: &Site, oddities: &[Oddity]) -> SimTrial {
    let mut trial = SimTrial::new(site.address, "", SimDialect::Gat1400);
    trial.account = Some((DEVICE_ID.into(), PASSWORD.into()));
    trial.oddities = oddities.to_vec();
    trial
}

async fn keepalive(site: &Site, id: &str) -> (u16, bool) {
    let body = SimBody {
        content_type: "application/VIID+JSON".into(),
        bytes: format!("{{\"KeepaliveObject\":{{\"DeviceID\":\"{id}\"}}}}").into(),
    };
    let headers = [("User-Identify", id.to_owned())];
    let mut link = SimLink::new(site.address, "/");
    let answer = link.post_to("/VIID/System/Keepalive", &headers, &body).await.unwrap();
    (answer.status.as_u16(), answer.headers.contains_key("www-authenticate"))
}

#[tokio::test]
async fn a_keepalive_of_whoever_is_not_registered_gets_401_and_a_challenge() {
    let (_dir, site) = site().await;
    assert_eq!(keepalive(&site, "unknown").await, (401, true));
    assert_eq!(keepalive(&site, DEVICE_ID).await, (401, true));
    let event = SimPlateEvent::read("赣E12345", site.clock.now());
    let answers = device(&site, &[]).send(&event).await.unwrap();
    assert_eq!(answers[0].status, 200);
    assert_eq!(keepalive(&site, DEVICE_ID).await, (200, false));
    let camera = &site.status().cameras["gat-1"];
    assert_eq!((camera.registrations, camera.heartbeats, camera.refusals.unregistered), (1, 1, 1));
    assert_eq!(site.status().totals.unknown_tokens, 1);
}

#[tokio::test]
async fn a_wrong_password_and_a_replayed_answer_are_counted_and_register_nobody() {
    let (_dir, site) = site().await;
    let event = SimPlateEvent::read("赣E12345", site.clock.now());
    let answers = device(&site, &[Oddity::WrongPassword]).send(&event).await.unwrap();
    assert_eq!((answers.len(), answers[0].status.as_u16()), (1, 401));
    assert_eq!(keepalive(&site, DEVICE_ID).await, (401, true));
    let answers = device(&site, &[Oddity::ReplayedNonce]).send(&event).await.unwrap();
    let challenge = answers[0].headers["www-authenticate"].to_str().unwrap();
    assert!(challenge.contains("stale=true"), "{challenge}");
    assert_eq!((site.taken(), site.status().cameras["gat-1"].refusals.digest), (vec![], 2));
}

#[tokio::test]
async fn every_object_of_a_list_is_answered_by_its_id() {
    let (_dir, site) = site().await;
    let event = SimPlateEvent {
        uuid: Some("v".into()),
        ..SimPlateEvent::read("赣E12345", site.clock.now())
    };
    let answers = device(&site, &[Oddity::TwoHundred]).send(&event).await.unwrap();
    let told: Value = serde_json::from_slice(&answers[0].body).unwrap();
    let list = told["ResponseStatusListObject"]["ResponseStatusObject"].as_array().unwrap();
    let ids: Vec<&str> = list.iter().map(|one| one["Id"].as_str().unwrap()).collect();
    let sent: Vec<String> = site.taken().into_iter().filter_map(|read| read.source_id).collect();
    assert_eq!((ids.len(), ids), (200, sent.iter().map(String::as_str).collect()));
    assert!(list.iter().all(|one| one["StatusCode"] == 0));
}

#[tokio::test]
async fn the_time_is_told_to_everybody() {
    let (_dir, site) = site().await;
    let request = b"GET /VIID/System/Time HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n";
    let answer = site.raw(&[request]).await;
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    let told: Value = serde_json::from_str(body).unwrap();
    let local = told["SystemTimeObject"]["LocalTime"].as_str().unwrap();
    assert!(local.len() == 14 && local.bytes().all(|byte| byte.is_ascii_digit()), "{local}");
}
