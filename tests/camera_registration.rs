//! GA/T 1400: who may register, what the unregistered are told, and an answer for each object.

#![allow(clippy::unwrap_used)] // helpers of tests, where a failure is the test's

mod camera_support;

use std::net::{IpAddr, Ipv4Addr};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use camera_support::gat::{device, site};
use camera_support::{DEVICE_ID, Site, every_dialect};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wimd::config::StatusList;
use wimd::io::camera::status::Strangeness;
use wimd::pipeline::plate::{LateReason, PictureKind};
use wimd::sim::camera::{Oddity, SimBody, SimLink, SimPicture, SimPlateEvent, variation};

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
    let status = site.status();
    assert_eq!(status.totals.unknown_tokens, 1);
    let strangers = status.strangers.iter().map(|(why, who)| (*why, who.address));
    let here = IpAddr::from(Ipv4Addr::LOCALHOST);
    assert_eq!(strangers.collect::<Vec<_>>(), [(Strangeness::Token, here)]);
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
async fn who_unregisters_by_digest_is_unknown_until_it_registers_again() {
    let (_dir, site) = site().await;
    let event = |id: &str| SimPlateEvent {
        uuid: Some(id.into()),
        ..SimPlateEvent::read("赣E12345", site.clock.now())
    };
    let mut camera = device(&site, &[]);
    assert_eq!(camera.send(&event("before")).await.unwrap()[0].status, 200);
    for oddity in [Oddity::WrongPassword, Oddity::ReplayedNonce] {
        let told = device(&site, &[oddity]).unregister().await.unwrap();
        assert_eq!(told.status, 401, "{oddity}");
        let registered = oddity == Oddity::WrongPassword;
        let expected = if registered { (200, false) } else { (401, true) };
        assert_eq!(keepalive(&site, DEVICE_ID).await, expected, "the first of a replay is right");
    }
    assert_eq!(camera.send(&event("again")).await.unwrap()[0].status, 200);
    let told = camera.unregister().await.unwrap();
    let body: Value = serde_json::from_slice(&told.body).unwrap();
    let status = &body["ResponseStatusObject"];
    assert_eq!((told.status.as_u16(), &status["StatusCode"]), (200, &0.into()));
    assert_eq!(status["RequestURL"], "/VIID/System/UnRegister");
    assert_eq!(keepalive(&site, DEVICE_ID).await, (401, true));
    let answers = device(&site, &[Oddity::Unregistered]).send(&event("after")).await.unwrap();
    assert_eq!(answers[0].status, 401, "its events are not taken, so that it registers again");
    assert_eq!(camera.send(&event("anew")).await.unwrap()[0].status, 200);
    let ids: Vec<_> = site.taken().into_iter().filter_map(|read| read.source_id).collect();
    assert_eq!(ids, ["before-1", "again-2", "anew-3"]);
    assert_eq!(site.status().cameras["gat-1"].registrations, 3);
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

/// The lower platform tells of everything that it saw in one body.
#[tokio::test]
async fn a_picture_of_somebody_else_is_no_evidence_of_the_vehicle_before_it() {
    let (_dir, site) = site().await;
    let picture = |number: u8| [&[0xff, 0xd8][..], &[number; 500], &[0xff, 0xd9]].concat();
    let shown = |number| {
        let data = BASE64_STANDARD.encode(picture(number));
        json!({ "SubImageInfoObject": [{ "ImageID": "i", "Type": "14", "Data": data }] })
    };
    let vehicle = |id, plate, number| {
        json!({ "MotorVehicleID": id, "PlateNo": plate, "PassTime": "20261123120000",
            "LaneNo": 1, "SubImageList": shown(number) })
    };
    let body = json!({ "SubscribeNotificationListObject": { "SubscribeNotificationObject": [{
        "NotificationID": "n",
        "MotorVehicleObjectList": { "MotorVehicleObject":
            [vehicle("a", "赣E12345", 1), vehicle("b", "赣E54321", 2)] },
        "PersonObjectList": { "PersonObject": [{ "PersonID": "p", "SubImageList": shown(3) }] },
        "NonMotorVehicleObjectList": { "NonMotorVehicleObject":
            [{ "NonMotorVehicleID": "m", "SubImageList": shown(4) }] },
    }] } })
    .to_string();
    let head = format!(
        "POST /camera/gat-1-token/VIID/SubscribeNotifications HTTP/1.1\r\nHost: w\r\n\
         Connection: close\r\nContent-Type: application/VIID+JSON\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let answer = site.raw(&[head.as_bytes(), body.as_bytes()]).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let digest = |number| hex::encode(Sha256::digest(picture(number)));
    let taken: Vec<(Option<String>, Vec<String>)> = site
        .taken()
        .into_iter()
        .map(|read| (read.source_id, read.pictures.into_iter().map(|one| one.sha256).collect()))
        .collect();
    let expected =
        [(Some("a".to_owned()), vec![digest(1)]), (Some("b".to_owned()), vec![digest(2)])];
    assert_eq!(taken, expected);
    site.until(|status| status.cameras["gat-1"].unassigned_pictures == 2).await;
}

#[tokio::test]
async fn the_list_of_answers_has_the_name_that_the_device_knows() {
    let dir = tempfile::tempdir().unwrap();
    for (configured, name) in [
        (None, "ResponseStatusListObject"),
        (Some(StatusList::ResponseStatusListObject), "ResponseStatusListObject"),
        (Some(StatusList::ResponseStatusList), "ResponseStatusList"),
    ] {
        let (door, mut cameras) = every_dialect(&dir);
        cameras.iter_mut().for_each(|camera| camera.status_list = configured);
        let site = Site::open_with(door, cameras).await;
        let event = SimPlateEvent::read("赣E12345", site.clock.now());
        let answers = device(&site, &[]).send(&event).await.unwrap();
        let told: Value = serde_json::from_slice(&answers[0].body).unwrap();
        let names: Vec<&String> = told.as_object().unwrap().keys().collect();
        assert_eq!(
            (
                names.iter().map(|name| name.as_str()).collect::<Vec<_>>(),
                told[name]["ResponseStatusObject"].as_array().unwrap().len()
            ),
            (vec![name], 1)
        );
    }
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

#[tokio::test]
async fn pictures_that_come_apart_are_joined_to_their_vehicle_whichever_comes_first() {
    for oddity in [Oddity::ImagesApart, Oddity::ImagesFirst] {
        let (_dir, site) = site().await;
        let drawn = wimd::sim::camera::scene(3);
        let picture = |name: &str| SimPicture { name: name.into(), jpeg: variation(&drawn, name) };
        let event = SimPlateEvent {
            uuid: Some("v".into()),
            pictures: vec![picture("image-1"), picture("image-2")],
            ..SimPlateEvent::read("赣E12345", site.clock.now())
        };
        let answers = device(&site, &[oddity]).send(&event).await.unwrap();
        assert!(answers.iter().all(|answer| answer.status == 200), "{oddity}");
        let taken = site.taken();
        let vehicle = taken.iter().rev().find(|read| read.late.is_none()).unwrap();
        let kinds: Vec<PictureKind> = vehicle.pictures.iter().map(|picture| picture.kind).collect();
        let id = vehicle.source_id.as_deref();
        assert_eq!(
            (id, &kinds[..]),
            (Some("v-1"), &[PictureKind::Scene, PictureKind::PlateCrop][..])
        );
        let alone = taken.iter().filter(|read| read.late == Some(LateReason::PictureAlone)).count();
        assert_eq!(alone, if oddity == Oddity::ImagesFirst { 2 } else { 0 }, "{oddity}");
    }
}

#[tokio::test]
async fn vehicles_are_subscribed_at_a_lower_platform() {
    let platform = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let (mut door, mut cameras) = every_dialect(&dir);
    door.viid_id = "36000000002000000001".into();
    let gat = cameras.iter_mut().find(|camera| camera.device_id.is_some()).unwrap();
    gat.subscribe = Some(format!("http://{}", platform.local_addr().unwrap()));
    let site = Site::open_with(door, cameras).await;
    let refused = answer(
        &platform,
        r#"{"ResponseStatusListObject":{"ResponseStatusObject":[{"StatusCode":"4"}]}}"#,
    )
    .await;
    assert!(refused.starts_with("POST /VIID/Subscribes HTTP/1.1"), "{refused}");
    let asked = answer(
        &platform,
        r#"{"ResponseStatusListObject":{"ResponseStatusObject":[{"StatusCode":0}]}}"#,
    )
    .await;
    let (head, body) = asked.split_once("\r\n\r\n").unwrap();
    assert!(head.to_lowercase().contains("user-identify: 36000000002000000001"), "{head}");
    let told: Value = serde_json::from_str(body).unwrap();
    let told = &told["SubscribeListObject"]["SubscribeObject"][0];
    let receiver = format!("http://{}/VIID/SubscribeNotifications", site.address);
    assert_eq!(told["ReceiveAddr"], receiver);
    assert_eq!((&told["SubscribeDetail"], &told["ResourceURI"]), (&"13".into(), &DEVICE_ID.into()));
    assert_eq!(told["SubscribeID"].as_str().unwrap().len(), 33);
    site.until(|status| status.cameras["gat-1"].subscription.as_ref().unwrap().until.is_some())
        .await;
    let subscription = site.status().cameras["gat-1"].subscription.clone().unwrap();
    assert_eq!(subscription.failures, 1);
    assert!(subscription.last_failure.unwrap().contains("status code \"4\""));
}

/// Takes one request of whoever connects and answers it.
async fn answer(platform: &TcpListener, body: &str) -> String {
    let (mut stream, _) = platform.accept().await.unwrap();
    let mut request = Vec::new();
    let whole = |request: &[u8]| {
        let text = String::from_utf8_lossy(request).into_owned();
        let (head, body) = text.split_once("\r\n\r\n")?;
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse::<usize>().ok())?
        });
        (body.len() >= length?).then_some(text)
    };
    let text = loop {
        assert!(stream.read_buf(&mut request).await.unwrap() > 0, "the request ended early");
        if let Some(text) = whole(&request) {
            break text;
        }
    };
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/VIID+JSON\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).await.unwrap();
    text
}
