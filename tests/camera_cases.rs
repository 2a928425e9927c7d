//! The twelve test cases of the camera reference, by number and name.

#![allow(clippy::unwrap_used)] // helpers of tests, where a failure is the test's

mod camera_support;

use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use camera_support::judged::{Judged, judged};
use camera_support::{DAHUA_TOKEN, Site, TOKEN, anpr_xml, gat, head, is_open, path};
use wimd::io::intake::Refusal;
use wimd::pipeline::plate::{LateReason, PictureKind, PlateRead, PlateState, ZoneBasis};
use wimd::sim::camera::{
    Oddity, Quirk, SimBody, SimCamera, SimDialect, SimLink, SimPicture, SimPlateEvent, SimTrial,
    Variant, isapi_body, scene, variation,
};
use wimd::units::Micros;

static SCENE: LazyLock<Bytes> = LazyLock::new(|| scene(6));

fn event(site: &Site, id: &str) -> SimPlateEvent {
    let picture = |name: &str| SimPicture { name: name.into(), jpeg: variation(&SCENE, name) };
    SimPlateEvent {
        uuid: Some(id.into()),
        pictures: vec![picture("detectionPicture.jpg"), picture("licensePlatePicture.jpg")],
        ..SimPlateEvent::read("赣E12345", site.clock.now())
    }
}

/// An event of a few hundred bytes.
fn small_body(site: &Site) -> SimBody {
    let jpeg = Bytes::from_static(b"\xff\xd8picture\xff\xd9");
    let pictures = vec![SimPicture { name: "detectionPicture.jpg".into(), jpeg }];
    let event = SimPlateEvent { pictures, ..event(site, "small") };
    isapi_body(&event, Variant::Network, &[])
}

/// Plate, and what its pictures show.
fn essence(read: &PlateRead) -> (Option<String>, Vec<PictureKind>) {
    (read.plate.text.clone(), read.pictures.iter().map(|picture| picture.kind).collect())
}

#[tokio::test]
async fn case_01_every_shape_of_a_body_and_what_strict_readers_refuse_is_the_same_event() {
    let site = Site::open().await;
    let shapes = Quirk::ALL.map(|(name, quirk)| (name, vec![quirk]));
    for (name, quirks) in shapes {
        let mut camera = SimCamera::new(site.address, &path(TOKEN)).quirks(&quirks);
        let (_, _, attempts) = camera.deliver(&event(&site, name)).await;
        assert_eq!(attempts, 1, "{name}");
        let whole = (Some("赣E12345".into()), vec![PictureKind::Scene, PictureKind::PlateCrop]);
        assert_eq!(essence(site.taken().last().unwrap()), whole, "{name}");
    }
    assert_eq!(site.taken().len(), Quirk::ALL.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_02_one_byte_writes_are_an_event_and_a_cut_at_any_offset_is_none() {
    let (mut door, cameras) = camera_support::configuration();
    door.max_requests_per_s = 10_000;
    let site = Site::open_with(door, cameras).await;
    let body = small_body(&site);
    let request = [head(&body.content_type, body.bytes.len()), body.bytes.to_vec()].concat();
    for cut in 0..request.len() {
        let answer = site.raw(&[&request[..cut]]).await;
        assert!(!answer.starts_with("HTTP/1.1 200"), "cut at {cut}: {answer}");
    }
    assert!(site.taken().is_empty() && site.has_no_pictures());
    let bytes: Vec<&[u8]> = request.chunks(1).collect();
    let answer = site.raw(&bytes).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let whole = (Some("赣E12345".into()), vec![PictureKind::Scene]);
    assert_eq!(site.taken().iter().map(essence).collect::<Vec<_>>(), [whole]);
}

#[tokio::test]
async fn case_03_three_megabytes_are_taken_and_seventeen_are_refused_with_413() {
    let site = Site::open().await;
    let jpeg = [&b"\xff\xd8"[..], &vec![0; 3_000_000], b"\xff\xd9"].concat();
    let picture = SimPicture { name: "detectionPicture.jpg".into(), jpeg: jpeg.into() };
    let large = SimPlateEvent { pictures: vec![picture], ..event(&site, "large") };
    let body = isapi_body(&large, Variant::Traffic, &[]);
    let mut link = site.link();
    assert_eq!(link.post(&body).await.unwrap().status, 200);
    let beyond = SimBody { bytes: vec![b'x'; 17_000_000].into(), ..body };
    assert_eq!(link.post(&beyond).await.unwrap().status, 413);
    assert_eq!(
        (site.taken()[0].pictures[0].bytes, site.front().refusals.too_large),
        (3_000_004, 1)
    );
    is_open(&site, "after").await;
}

#[tokio::test]
async fn case_04_one_passage_told_several_times_is_one() {
    let site = Site::open().await;
    let mut camera = SimCamera::new(site.address, &path(TOKEN));
    let full = event(&site, "u-1");
    let early = SimPlateEvent { more_follows: true, pictures: Vec::new(), ..full.clone() };
    let later = full.at + Micros::from_millis(640);
    let again = SimPlateEvent { uuid: Some("u-2".into()), at: later, ..full.clone() };
    for told in [&early, &full, &full, &again] {
        camera.deliver(told).await;
    }
    assert_eq!((site.taken().len(), site.front().duplicates), (3, 1), "the same bytes once");
    let Judged { passages, supplements, dropped } = judged(&site.taken(), &[full.at]);
    let pictures = passages[0].pairing.roles[0].chosen.as_ref().unwrap().plate_read.pictures.len();
    assert_eq!((passages.len(), pictures, supplements.len(), dropped), (1, 2, 0, 2));
}

#[tokio::test]
async fn case_05_wrong_zones_and_wrong_clocks_are_seen_for_what_they_are() {
    let (_dir, site) = gat::site().await;
    let path = format!("/camera/{TOKEN}");
    let mut offsets = Vec::new();
    for (token, dialect, oddity) in [
        (TOKEN, SimDialect::Isapi, Oddity::ZoneInverted),
        (DAHUA_TOKEN, SimDialect::Dahua, Oddity::FalseUtc),
        (TOKEN, SimDialect::Isapi, Oddity::Year2034),
    ] {
        let mut trial = SimTrial::new(site.address, &format!("/camera/{token}"), dialect);
        trial.oddities = vec![oddity];
        let told = event(&site, &oddity.to_string());
        trial.send(&told).await.unwrap();
        let stamp = site.taken().pop().unwrap().stamp.unwrap();
        offsets.push((oddity, stamp.zone, stamp.at.since(told.at).0 / 1_000_000));
    }
    let (suspect, explicit) = (ZoneBasis::Suspect, ZoneBasis::Explicit);
    let years = 8 * 365 * 86_400;
    assert_eq!(offsets[0], (Oddity::ZoneInverted, suspect, 0), "the whole hours are taken away");
    assert_eq!(offsets[1], (Oddity::FalseUtc, explicit, 0), "RealUTC and never UTC");
    assert_eq!((offsets[2].0, offsets[2].1), (Oddity::Year2034, suspect));
    assert!((offsets[2].2 - years).abs() < 86_400, "{offsets:?}");
    let (other, cameras) = camera_support::configuration();
    let site = Site::open_with(other, cameras).await;
    let xml = anpr_xml("赣E12345", "no-zone", site.clock.now()).replace("+08:00", "");
    let body = SimBody { content_type: "text/xml".into(), bytes: xml.into() };
    assert_eq!(SimLink::new(site.address, &path).post(&body).await.unwrap().status, 200);
    assert_eq!(site.taken()[0].stamp.unwrap().zone, ZoneBasis::Assumed);
}

#[tokio::test]
async fn case_06_scalars_of_any_type_unknown_fields_and_200_objects_are_read() {
    for oddity in [Oddity::TextScalars, Oddity::EmptyScalars, Oddity::TwoHundred] {
        let (_dir, site) = gat::site().await;
        let answers = gat::device(&site, &[oddity]).send(&event(&site, "v")).await.unwrap();
        let expected = if oddity == Oddity::TwoHundred { 200 } else { 1 };
        let told: serde_json::Value = serde_json::from_slice(&answers[0].body).unwrap();
        let list = told["ResponseStatusListObject"]["ResponseStatusObject"].as_array().unwrap();
        assert_eq!((list.len(), site.taken().len()), (expected, expected), "{oddity}");
        assert!(site.taken().iter().all(|read| read.plate.text.as_deref() == Some("赣E12345")));
    }
}

#[tokio::test]
async fn case_07_only_the_right_password_and_a_fresh_nonce_register() {
    let (_dir, site) = gat::site().await;
    for (oddity, registrations) in
        [(Oddity::WrongPassword, 0), (Oddity::Unregistered, 0), (Oddity::ReplayedNonce, 1)]
    {
        let answers = gat::device(&site, &[oddity]).send(&event(&site, "v")).await.unwrap();
        assert_eq!(answers.last().unwrap().status, 401, "{oddity}");
        let counted = site.status().cameras["gat-1"].registrations;
        assert_eq!(counted, registrations, "{oddity}: the first answer of a replay is right");
    }
    let unknown = SimBody {
        content_type: "application/VIID+JSON".into(),
        bytes: r#"{"KeepaliveObject":{"DeviceID":"unknown"}}"#.into(),
    };
    let keepalive = "/VIID/System/Keepalive";
    assert_eq!(SimLink::new(site.address, keepalive).post(&unknown).await.unwrap().status, 401);
    let expired = "Digest username=\"u\", realm=\"wimd\", nonce=\"never-given-out\", uri=\"/\", \
                   qop=auth, nc=00000001, cnonce=\"c\", response=\"r\"";
    let headers = [("authorization", expired.to_owned())];
    let mut link = SimLink::new(site.address, "/");
    let answer = link.post_to("/VIID/System/Register", &headers, &unknown).await.unwrap();
    let challenge = answer.headers["www-authenticate"].to_str().unwrap();
    assert!(answer.status == 401 && challenge.contains("stale=true"), "{challenge}");
}

#[tokio::test]
async fn case_08_dahua_is_told_result_true_also_for_what_it_sends_again() {
    let (_dir, site) = gat::site().await;
    let mut trial =
        SimTrial::new(site.address, &format!("/camera/{DAHUA_TOKEN}"), SimDialect::Dahua);
    trial.oddities = vec![Oddity::Repeated];
    let answers = trial.send(&event(&site, "d")).await.unwrap();
    let told = |body: &Bytes| -> serde_json::Value { serde_json::from_slice(body).unwrap() };
    let results: Vec<_> =
        answers.iter().map(|answer| told(&answer.body)["Result"].clone()).collect();
    assert_eq!(results, [true, true]);
    assert_eq!((site.taken().len(), site.status().cameras["dahua-1"].duplicates), (1, 1));
}

#[tokio::test]
async fn case_09_a_burst_of_500_old_events_leaves_live_matching_as_it_is() {
    let site = Site::open().await;
    let live = event(&site, "live");
    let mut old = SimCamera::new(site.address, &path(TOKEN));
    for number in 0..500 {
        old.deliver(&SimPlateEvent {
            at: live.at + Micros::from_secs(number - 7_200),
            uuid: Some(format!("old-{number}")),
            retransmission: true,
            pictures: Vec::new(),
            ..live.clone()
        })
        .await;
        if number == 250 {
            SimCamera::new(site.address, &path(TOKEN)).deliver(&live).await;
        }
    }
    let taken = site.taken();
    let late = taken.iter().filter(|read| read.late == Some(LateReason::Retransmitted)).count();
    assert_eq!((taken.len(), late), (501, 500));
    let alone: Vec<PlateRead> = taken.iter().filter(|read| read.late.is_none()).cloned().collect();
    let (beside, without) = (judged(&taken, &[live.at]), judged(&alone, &[live.at]));
    assert_eq!(beside.passages, without.passages);
    assert_eq!((beside.supplements.len(), without.supplements.len()), (500, 0));
}

#[tokio::test]
async fn case_10_plates_of_every_kind_come_out_as_what_they_are() {
    use PlateState::{Absent, Partial, Read, Unread};
    let site = Site::open().await;
    for (number, (raw, state, text)) in [
        ("蓝赣E12345", Read, Some("赣E12345")),
        ("黄赣E12345", Read, Some("赣E12345")),
        ("绿赣ED12345", Read, Some("赣ED12345")),
        ("noPlate", Absent, None),
        ("unknown", Unread, None),
        ("无车牌", Absent, None),
        ("赣E12-45", Partial, Some("赣E12-45")),
        ("赣E1234挂", Read, Some("赣E1234挂")),
        ("赣E1234学", Read, Some("赣E1234学")),
        ("赣E1234警", Read, Some("赣E1234警")),
        ("粤ZA123港", Read, Some("粤ZA123港")),
        ("粤ZA123澳", Read, Some("粤ZA123澳")),
        ("赣E12345D", Read, Some("赣E12345D")),
        ("赣E 12345", Read, Some("赣E12345")),
        ("赣Ｅ１２３４５", Read, Some("赣E12345")),
    ]
    .into_iter()
    .enumerate()
    {
        let xml = anpr_xml(raw, &format!("u-{number}"), site.clock.now());
        assert_eq!(site.post_xml(&xml).await, 200);
        let plate = site.taken().pop().unwrap().plate;
        assert_eq!((plate.state, plate.text.as_deref(), &*plate.raw), (state, text, raw));
    }
}

#[tokio::test]
async fn case_11_a_camera_of_heartbeats_alone_is_alive_and_brings_no_event() {
    let (door, mut cameras) = camera_support::configuration();
    cameras[0].silent_after_s = Some(90);
    let site = Site::open_with(door, cameras).await;
    let mut trial = SimTrial::new(site.address, &path(TOKEN), SimDialect::Isapi);
    trial.oddities = vec![Oddity::Heartbeat];
    // one every thirty seconds makes an hour
    for _ in 0..120 {
        let answers = trial.send(&event(&site, "-")).await.unwrap();
        assert_eq!(answers[0].status, 200);
    }
    let status = site.front();
    assert_eq!((status.heartbeats, status.events, status.silent_since), (120, 0, None));
    let seen = status.last_seen.unwrap();
    assert!(site.clock.now().since(seen) < Micros::from_secs(30));
    assert_eq!((site.taken(), site.told()), (vec![], vec![]));
}

#[tokio::test]
async fn case_12_a_full_disk_is_answered_503_and_loses_nothing() {
    let site = Site::open().await;
    site.store_answers(Err(Refusal::Full));
    let mut camera = SimCamera::new(site.address, &path(TOKEN));
    let full = event(&site, "kept");
    let delivering = tokio::spawn(async move { camera.deliver(&full).await.2 });
    site.until(|status| status.cameras["front-1"].refusals.store_full >= 2).await;
    let body = small_body(&site);
    assert_eq!(site.link().post(&body).await.unwrap().status, 503);
    assert!(site.taken().is_empty());
    site.store_answers(Ok(()));
    let delivered = tokio::time::timeout(Duration::from_secs(40), delivering).await;
    assert!(delivered.unwrap().unwrap() >= 3);
    assert_eq!(
        site.taken().iter().map(|read| read.source_id.as_deref()).collect::<Vec<_>>(),
        [Some("kept")]
    );
}
