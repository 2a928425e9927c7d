//! Hostile and broken peers: each is refused under a name, and the door stays open for the others.

#![allow(clippy::unwrap_used)] // helpers of tests, where a failure is the test's

mod camera_support;

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use camera_support::{
    DAHUA_TOKEN, NEUTRAL_TOKEN, Site, TOKEN, anpr_xml, configuration, every_dialect, head, is_open,
    path,
};
use futures_util::FutureExt;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
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
    assert_eq!(site.post(NEUTRAL_TOKEN, "application/json", deep_json).await, 400);
    let malformed =
        [&site.front(), &site.status().cameras["bridge-1"]].map(|c| c.refusals.malformed);
    assert_eq!(malformed, [3, 1]);
    is_open(&site, "after").await;
}

#[tokio::test]
async fn an_external_entity_is_neither_read_nor_fetched() {
    let site = Site::open().await;
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/x", elsewhere.local_addr().unwrap());
    let event = "<EventNotificationAlert><eventType>ANPR</eventType><ANPR><licensePlate>&x;\
                 </licensePlate></ANPR></EventNotificationAlert>";
    for external in ["file:///etc/passwd", &url] {
        for declared in [
            format!("<!DOCTYPE a [<!ENTITY x SYSTEM \"{external}\">]>{event}"),
            format!("<!DOCTYPE a SYSTEM \"{external}\">{event}"),
            format!(
                "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY % p SYSTEM \"{external}\">%p;]>{event}"
            ),
        ] {
            assert_eq!(site.post_xml(&declared).await, 400, "{declared}");
        }
    }
    assert!(elsewhere.accept().now_or_never().is_none(), "somebody came to fetch it");
    assert_eq!((site.front().refusals.malformed, site.taken()), (6, vec![]));
    is_open(&site, "after").await;
}

#[tokio::test]
async fn parts_within_parts_are_one_part_and_their_number_is_bounded() {
    let site = Site::open().await;
    let xml = anpr_xml("赣E12345", "u-1", site.clock.now());
    let inner = "--c\r\nContent-Type: image/jpeg\r\n\r\nx\r\n".repeat(1_000);
    let nested = |xml: &str| {
        format!(
            "--b\r\nContent-Type: text/xml\r\n\r\n{xml}\r\n--b\r\n\
             Content-Type: multipart/mixed; boundary=c\r\n\r\n{inner}--c--\r\n--b--\r\n"
        )
    };
    let kind = "multipart/form-data; boundary=b";
    assert_eq!(site.post(TOKEN, kind, nested(&xml)).await, 200);
    let many = "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n".repeat(17);
    assert_eq!(site.post(TOKEN, kind, format!("{many}{}", nested(&xml))).await, 400);
    let front = site.front();
    let inner = inner.len() as u64 + "--c--".len() as u64;
    assert_eq!((front.events, front.ignored_parts, front.ignored_bytes), (1, 1, inner));
    assert_eq!(
        (front.refusals.malformed, front.last_refusal.as_deref()),
        (1, Some("the multipart body cannot be read: more than 16 parts"))
    );
    assert!(site.has_no_pictures());
}

/// As an archive that is small on the line and huge in the memory.
#[tokio::test]
async fn what_grows_when_it_is_unfolded_is_refused_before_it_has_grown() {
    let dir = tempfile::tempdir().unwrap();
    let (door, cameras) = every_dialect(&dir);
    let site = Site::open_with(door, cameras).await;
    // nothing is unpacked, whatever is said of it
    let packed = b"\x1f\x8b\x08\0\0\0\0\0\0\x03".repeat(50_000);
    assert_eq!(site.post(TOKEN, "application/gzip", packed.clone()).await, 400);
    assert_eq!(site.post(TOKEN, "text/xml", packed).await, 400);
    let tiny = |piece: &str| piece.repeat(1_000_000 / piece.len());
    assert_eq!(site.post_xml(&format!("<a>{}</a>", tiny("<b/>"))).await, 400);
    let json = "application/json";
    for (token, piece) in [(TOKEN, "[],"), (TOKEN, "{\"\":0},"), (DAHUA_TOKEN, "{\"\":0},")] {
        assert_eq!(site.post(token, json, format!("[{}0]", tiny(piece))).await, 400, "{piece}");
    }
    let delimiters = format!("{}--b--\r\n", tiny("--b\r\n"));
    assert_eq!(site.post(TOKEN, "multipart/mixed; boundary=b", delimiters).await, 400);
    let counts = ["front-1", "dahua-1"].map(|name| {
        let refusals = site.status().cameras[name].refusals;
        (refusals.malformed, refusals.no_event)
    });
    assert_eq!(counts, [(4, 2), (1, 0)]);
    is_open(&site, "after").await;
}

#[tokio::test]
async fn a_list_that_belongs_to_one_plate_is_no_longer_than_a_plate() {
    let site = Site::open().await;
    let list = "99,".repeat(300_000);
    let told =
        format!("{{\"plate\":{{\"text\":\"赣E12345\",\"character_confidence\":[{list}99]}}}}");
    assert_eq!(site.post(NEUTRAL_TOKEN, "application/json", told).await, 200);
    let xml = anpr_xml("赣E12345", "u-1", site.clock.now());
    let list = format!("<ANPR><plateCharBelieve>{list}</plateCharBelieve>");
    assert_eq!(site.post_xml(&xml.replace("<ANPR>", &list)).await, 200);
    let lengths: Vec<_> =
        site.taken().iter().map(|read| read.plate.character_confidence.len()).collect();
    assert!(lengths.len() == 2 && lengths.iter().all(|length| *length <= 64), "{lengths:?}");
}

#[tokio::test]
async fn pictures_that_all_name_one_vehicle_make_no_event_that_grows_without_end() {
    let dir = tempfile::tempdir().unwrap();
    let (door, cameras) = every_dialect(&dir);
    let site = Site::open_with(door, cameras).await;
    let sent = async |text: String| site.post("gat-1-token", "application/json", text).await;
    let vehicle =
        r#"{"MotorVehicleListObject":{"MotorVehicleObject":[{"MotorVehicleID":"stuck"}]}}"#;
    assert_eq!(sent(vehicle.to_owned()).await, 200);
    for number in 0..40 {
        let jpeg = STANDARD.encode([0xff, 0xd8, number, 0xff, 0xd9]);
        let image = format!(
            r#"{{"Image":{{"ImageInfo":{{"ImageID":"i"}},"MotorVehicleList":{{"MotorVehicleObject":{{"MotorVehicleID":"stuck"}}}},"Data":"{jpeg}"}}}}"#
        );
        assert_eq!(sent(image).await, 200);
    }
    let taken = site.taken();
    let most = taken.iter().map(|read| read.pictures.len()).max();
    let pictures = taken.iter().flat_map(|read| &read.pictures).map(|picture| &picture.sha256);
    let pictures: BTreeSet<_> = pictures.collect();
    assert_eq!((most, pictures.len()), (Some(16), 40), "none is lost, and no event grows");
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
