//! Hostile and broken peers: each is refused under a name, and the door stays open for the others.

#![allow(clippy::unwrap_used)] // helpers of tests, where a failure is the test's

mod camera_support;

use camera_support::{Site, TOKEN, anpr_xml, configuration, head, is_open, path};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use wimd::sim::camera::{SimPicture, SimPlateEvent, Variant, isapi_body, variation};

async fn open_at_any_rate() -> Site {
    let (mut door, cameras) = configuration();
    door.max_requests_per_s = 10_000;
    Site::open_with(door, cameras).await
}

fn small_body(site: &Site) -> wimd::sim::camera::SimBody {
    let picture = bytes::Bytes::from_static(b"\xff\xd8picture\xff\xd9");
    let picture = |name: &str| SimPicture { name: name.into(), jpeg: variation(&picture, name) };
    let event = SimPlateEvent {
        uuid: Some("whole".into()),
        pictures: vec![picture("detectionPicture.jpg"), picture("licensePlatePicture.jpg")],
        ..SimPlateEvent::read("赣E12345", site.clock.now())
    };
    isapi_body(&event, Variant::Network, &[])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_cut_at_any_offset_leaves_no_half_event() {
    let site = open_at_any_rate().await;
    let body = small_body(&site);
    let request = [head(&body.content_type, body.bytes.len()), body.bytes.to_vec()].concat();
    for cut in 0..request.len() {
        let answer = site.raw(&[&request[..cut]]).await;
        assert!(!answer.starts_with("HTTP/1.1 200"), "cut at {cut}: {answer}");
    }
    assert!(site.taken().is_empty() && site.has_no_pictures());
    assert!(site.front().refusals.disconnected > 0);
    is_open(&site, "after").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_cut_but_claims_to_be_whole_is_no_event() {
    let site = open_at_any_rate().await;
    let body = small_body(&site);
    let end = memchr::memmem::rfind(&body.bytes, b"\xff\xd9").unwrap() + 2;
    let mut link = site.link();
    for cut in 0..end {
        let cut_body =
            wimd::sim::camera::SimBody { bytes: body.bytes.slice(..cut), ..body.clone() };
        let answer = link.post(&cut_body).await.unwrap();
        assert_eq!(answer.status, 400, "cut at {cut}");
        assert_eq!(site.taken(), vec![], "cut at {cut}");
    }
    assert!(site.has_no_pictures());
    is_open(&site, "after").await;
}

#[tokio::test]
async fn three_megabytes_are_taken_and_seventeen_are_refused() {
    let site = Site::open().await;
    let mut jpeg = vec![0_u8; 3_000_000];
    jpeg[..2].copy_from_slice(b"\xff\xd8");
    let length = jpeg.len();
    jpeg[length - 2..].copy_from_slice(b"\xff\xd9");
    let event = SimPlateEvent {
        pictures: vec![SimPicture { name: "detectionPicture.jpg".into(), jpeg: jpeg.into() }],
        ..SimPlateEvent::read("赣E12345", site.clock.now())
    };
    let body = isapi_body(&event, Variant::Traffic, &[]);
    let mut link = site.link();
    assert_eq!(link.post(&body).await.unwrap().status, 200);
    assert_eq!(site.taken()[0].pictures[0].bytes, 3_000_000);
    let large = wimd::sim::camera::SimBody { bytes: vec![b'x'; 17_000_000].into(), ..body.clone() };
    assert_eq!(link.post(&large).await.unwrap().status, 413);
    assert_eq!(site.front().refusals.too_large, 1);
    is_open(&site, "after").await;
}

#[tokio::test]
async fn a_chunked_body_without_end_is_refused_at_the_bound() {
    let (mut door, cameras) = configuration();
    door.max_body_bytes = 256 * 1024;
    let site = Site::open_with(door, cameras).await;
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: w\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n",
        path(TOKEN)
    );
    let mut stream = TcpStream::connect(site.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("4000\r\n{}\r\n", "<a>".repeat(0x4000 / 3 + 1).split_at(0x4000).0);
    while stream.write_all(chunk.as_bytes()).await.is_ok() {}
    site.until(|status| status.cameras["front-1"].refusals.too_large == 1).await;
    is_open(&site, "after").await;
}

#[tokio::test]
async fn a_text_beyond_a_mebibyte_is_refused() {
    let site = Site::open().await;
    let xml = format!("<EventNotificationAlert>{}", " ".repeat(1024 * 1024));
    assert_eq!(site.post_xml(&xml).await, 413);
    is_open(&site, "after").await;
}

#[tokio::test]
async fn bombs_are_refused_by_name() {
    let site = Site::open().await;
    let entities = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\">\
        <!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><EventNotificationAlert>&b;</EventNotificationAlert>";
    let deep_xml = "<a>".repeat(10_000);
    let deep_json = "[".repeat(100_000);
    for (kind, bomb) in [
        ("text/xml", entities),
        ("text/xml", deep_xml.as_str()),
        ("application/json", deep_json.as_str()),
    ] {
        assert_eq!(site.post(TOKEN, kind, bomb.to_owned()).await, 400);
    }
    let neutral = camera_support::NEUTRAL_TOKEN;
    assert_eq!(site.post(neutral, "application/json", deep_json).await, 400);
    let malformed =
        [&site.front(), &site.status().cameras["bridge-1"]].map(|c| c.refusals.malformed);
    assert_eq!(malformed, [3, 1]);
    is_open(&site, "after").await;
}

#[tokio::test]
async fn names_of_a_camera_reach_no_path() {
    let site = Site::open().await;
    let event = SimPlateEvent {
        pictures: vec![SimPicture {
            name: "../../../etc/passwd#+\u{7}.jpg".into(),
            jpeg: bytes::Bytes::from_static(b"\xff\xd8\xff\xd9"),
        }],
        uuid: Some("../../x".into()),
        ..SimPlateEvent::read("赣E12345", site.clock.now())
    };
    let body = isapi_body(&event, Variant::Old, &[]);
    assert_eq!(site.link().post(&body).await.unwrap().status, 200);
    let name = site.taken()[0].pictures[0].name.clone();
    let safe = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    assert!(name.chars().all(safe) && !name.starts_with('.'), "{name}");
}

#[tokio::test]
async fn pictures_that_are_none_are_left_out_and_counted() {
    let site = Site::open().await;
    let xml = anpr_xml("赣E12345", "u-1", site.clock.now());
    let body = format!(
        "--b\r\nContent-Type: text/xml\r\n\r\n{xml}\r\n\
         --b\r\nContent-Disposition: form-data; name=\"detectionPicture.jpg\"\r\nContent-Type: image/jpeg\r\n\r\nMZ a program\r\n\
         --b\r\nContent-Type: image/jpeg\r\nContent-Length: 0\r\n\r\n\r\n\
         --b\r\nContent-Type: application/zip\r\n\r\nPK\r\n--b--\r\n"
    );
    assert_eq!(site.post(TOKEN, "multipart/form-data; boundary=b", body).await, 200);
    let status = site.front();
    assert_eq!(
        (
            status.foreign_pictures,
            status.empty_pictures,
            status.ignored_parts,
            status.ignored_bytes
        ),
        (1, 1, 1, 14)
    );
    assert!(site.has_no_pictures());
}
