//! Every shape in which cameras have been seen to send is taken as what it means.

#![allow(clippy::unwrap_used)] // helpers of tests, where a failure is the test's

mod camera_support;

use std::sync::LazyLock;

use camera_support::{NEUTRAL_TOKEN, Site, TOKEN};
use serde_json::Value;
use sha2::{Digest, Sha256};
use wimd::clock::Timestamp;
use wimd::pipeline::plate::PlateRead;
use wimd::sim::camera::{SimCamera, SimPicture, SimPlateEvent, Variant, scene, variation};
use wimd::units::DeciKmh;

/// The instant in the fixtures, which the tests replace by the present one.
const FIXTURE_INSTANT: &str = "2026-11-23T12:00:00";

struct Fixture {
    content_type: String,
    body: Vec<u8>,
    expected: Value,
}

/// A fixture with the present instant in place of its own, byte for byte as long.
fn fixture(name: &str, now: Timestamp) -> Fixture {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/camera");
    let present = &now.to_string()[..FIXTURE_INSTANT.len()];
    let body = std::fs::read(folder.join(format!("{name}.body"))).unwrap();
    let told = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
    let told: Value = serde_json::from_str(&told.replace(FIXTURE_INSTANT, present)).unwrap();
    Fixture {
        content_type: told["content_type"].as_str().unwrap().to_owned(),
        body: replaced(&body, FIXTURE_INSTANT.as_bytes(), present.as_bytes()),
        expected: told["expected"].clone(),
    }
}

fn replaced(body: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut body = body.to_vec();
    let places: Vec<usize> = memchr::memmem::find_iter(&body, old).collect();
    for place in places {
        body[place..place + new.len()].copy_from_slice(new);
    }
    body
}

fn without_arrival(read: &PlateRead) -> Value {
    let mut value = serde_json::to_value(read).unwrap();
    value.as_object_mut().unwrap().remove("received_at");
    value
}

async fn is_taken_as_expected(name: &str, token: &str) {
    let site = Site::open().await;
    let fixture = fixture(name, site.clock.now());
    assert_eq!(site.post(token, &fixture.content_type, fixture.body).await, 200, "{name}");
    let expected: Vec<Value> =
        Some(fixture.expected).filter(|v| !v.is_null()).into_iter().collect();
    let taken: Vec<Value> = site.taken().iter().map(without_arrival).collect();
    assert_eq!(taken, expected, "{name}");
    for read in site.taken() {
        for picture in read.pictures {
            let (folder, file) = (&picture.sha256[..2], format!("{}.jpg", picture.sha256));
            let stored = std::fs::read(site.dir.path().join(folder).join(file)).unwrap();
            assert_eq!(stored.len() as u64, picture.bytes);
        }
    }
    site.close().await;
}

#[tokio::test]
async fn captured_shapes_are_taken_as_what_they_mean() {
    for name in [
        "old-firmware",
        "network-camera",
        "traffic-camera",
        "json-variant",
        "retransmitted",
        "historical",
        "plate-only",
        "unread",
        "zone-inverted",
        "zone-missing",
        "year-2034",
        "stamp-missing",
        "gbk",
        "no-declaration",
    ] {
        is_taken_as_expected(name, TOKEN).await;
    }
}

#[tokio::test]
async fn heartbeats_and_other_events_are_answered_and_leave_nothing() {
    for (name, counted) in [("heartbeat", (1, 0)), ("videoloss", (1, 0)), ("motion", (0, 1))] {
        let site = Site::open().await;
        let fixture = fixture(name, site.clock.now());
        let answer = site.post(TOKEN, &fixture.content_type, fixture.body).await;
        let status = site.front();
        assert_eq!((answer, site.taken()), (200, vec![]), "{name}");
        assert_eq!((status.heartbeats, status.other_events), counted, "{name}");
        assert!(status.last_seen.is_some() && site.has_no_pictures(), "{name}");
    }
}

#[tokio::test]
async fn a_bridge_speaks_neutral_json() {
    let site = Site::open().await;
    let fixture = fixture("neutral", site.clock.now());
    let (kind, body) = (fixture.content_type, fixture.body);
    assert_eq!(site.post(NEUTRAL_TOKEN, &kind, body).await, 200);
    let mut expected = fixture.expected;
    expected["camera"] = "bridge-1".into();
    let taken: Vec<Value> = site.taken().iter().map(without_arrival).collect();
    assert_eq!(taken, [expected]);
    let wrong = r#"{"plate":{"text":"赣E12345"},"sped":3}"#;
    assert_eq!(site.post(NEUTRAL_TOKEN, "application/json", wrong).await, 400);
    let told = site.status().cameras["bridge-1"].last_refusal.clone().unwrap();
    assert!(told.contains("unknown field `sped`"), "{told}");
}

fn full_event(site: &Site) -> SimPlateEvent {
    static SCENE: LazyLock<bytes::Bytes> = LazyLock::new(|| scene(6));
    let picture = |name: &str| SimPicture { name: name.into(), jpeg: variation(&SCENE, name) };
    SimPlateEvent {
        uuid: Some("u-1".into()),
        speed: Some(DeciKmh(560)),
        pictures: vec![picture("detectionPicture.jpg"), picture("licensePlatePicture.jpg")],
        ..SimPlateEvent::read("赣E12345", site.clock.now())
    }
}

#[tokio::test]
async fn every_variant_of_the_message_is_understood() {
    use Variant::{Json, Network, Old, Traffic, Undirected};
    for variant in [Traffic, Network, Undirected, Old, Json] {
        let site = Site::open().await;
        let event = full_event(&site);
        let mut camera =
            SimCamera::new(site.address, &camera_support::path(TOKEN)).variant(variant);
        camera.deliver(&event).await;
        let texts: Vec<_> = site.taken().into_iter().map(|read| read.plate.text).collect();
        assert_eq!(texts, [Some("赣E12345".to_owned())], "{variant:?}");
        let stamp = site.taken()[0].stamp.unwrap();
        let off = (event.at - stamp.at).0;
        assert!((0..1_000_000).contains(&off), "{variant:?}: {off}");
    }
}

#[tokio::test]
async fn a_picture_is_kept_byte_for_byte_with_whatever_its_camera_put_into_it() {
    let site = Site::open().await;
    let jpeg = [b"\xff\xd8\xff\xea\x00\x04ab".as_slice(), &scene(6)[2..]].concat();
    let picture = SimPicture { name: "detectionPicture.jpg".into(), jpeg: jpeg.clone().into() };
    let event = SimPlateEvent { pictures: vec![picture], ..full_event(&site) };
    SimCamera::new(site.address, &camera_support::path(TOKEN)).deliver(&event).await;
    let kept = site.taken()[0].pictures[0].clone();
    let file = site.dir.path().join(&kept.sha256[..2]).join(format!("{}.jpg", kept.sha256));
    assert_eq!(std::fs::read(file).unwrap(), jpeg);
    assert_eq!(kept.sha256, hex::encode(Sha256::digest(&jpeg)));
}

#[tokio::test]
async fn a_body_in_one_byte_writes_is_the_same_event() {
    let site = Site::open().await;
    let fixture = fixture("traffic-camera", site.clock.now());
    let head = camera_support::head(&fixture.content_type, fixture.body.len());
    let request = [head, fixture.body].concat();
    let bytes: Vec<&[u8]> = request.chunks(1).collect();
    let answer = site.raw(&bytes).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let taken: Vec<Value> = site.taken().iter().map(without_arrival).collect();
    assert_eq!(taken, [fixture.expected]);
}
