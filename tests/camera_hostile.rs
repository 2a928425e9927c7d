//! Hostile and broken peers: each is refused under a name, and the door stays open for the others.

mod camera_support;

use std::net::SocketAddr;
use std::time::Duration;

use camera_support::{Site, TOKEN, anpr_xml, configuration, head, path};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use wimd::sim::camera::{SimPicture, SimPlateEvent, Variant, isapi_body, variation};

/// The door is open, and an event goes through within a second.
async fn is_open(site: &Site, uuid: &str) {
    let xml = anpr_xml("赣E12345", uuid, site.clock.now());
    let posted = tokio::time::timeout(Duration::from_secs(5), site.post_xml(&xml)).await;
    assert_eq!(posted.ok(), Some(200));
    let last = site.taken().pop().and_then(|read| read.source_id);
    assert_eq!(last.as_deref(), Some(uuid));
}

async fn open_at_any_rate() -> Site {
    let (mut door, cameras) = configuration();
    door.max_requests_per_s = 10_000;
    Site::open_with(door, cameras).await
}

fn small_body(site: &Site) -> wimd::sim::camera::SimBody {
    let picture = bytes::Bytes::from_static(b"\xff\xd8picture\xff\xd9");
    let picture = |name: &str| SimPicture {
        name: name.into(),
        jpeg: variation(&picture, name),
    };
    let event = SimPlateEvent {
        uuid: Some("whole".into()),
        pictures: vec![
            picture("detectionPicture.jpg"),
            picture("licensePlatePicture.jpg"),
        ],
        ..SimPlateEvent::read("赣E12345", site.clock.now())
    };
    isapi_body(&event, Variant::Network, &[])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_cut_at_any_offset_leaves_no_half_event() {
    let site = open_at_any_rate().await;
    let body = small_body(&site);
    let request = [
        head(&body.content_type, body.bytes.len()),
        body.bytes.to_vec(),
    ]
    .concat();
    for cut in 0..request.len() {
        let answer = site.raw(&[&request[..cut]]).await;
        assert!(
            !answer.starts_with("HTTP/1.1 200"),
            "cut at {cut}: {answer}"
        );
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
        let cut_body = wimd::sim::camera::SimBody {
            bytes: body.bytes.slice(..cut),
            ..body.clone()
        };
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
        pictures: vec![SimPicture {
            name: "detectionPicture.jpg".into(),
            jpeg: jpeg.into(),
        }],
        ..SimPlateEvent::read("赣E12345", site.clock.now())
    };
    let body = isapi_body(&event, Variant::Traffic, &[]);
    let mut link = site.link();
    assert_eq!(link.post(&body).await.unwrap().status, 200);
    assert_eq!(site.taken()[0].pictures[0].bytes, 3_000_000);
    let large = wimd::sim::camera::SimBody {
        bytes: vec![b'x'; 17_000_000].into(),
        ..body.clone()
    };
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
    let chunk = format!(
        "4000\r\n{}\r\n",
        "<a>".repeat(0x4000 / 3 + 1).split_at(0x4000).0
    );
    while stream.write_all(chunk.as_bytes()).await.is_ok() {}
    site.until(|status| status.cameras["front-1"].refusals.too_large == 1)
        .await;
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
async fn a_wrong_token_is_404_and_guessing_costs_time() {
    let site = Site::open().await;
    let guess = |number: usize| {
        let token = format!("guess-{number}");
        let site = &site;
        async move { site.post(&token, "text/xml", "<a/>").await }
    };
    let mut answers = Vec::new();
    for number in 0..25 {
        answers.push(guess(number).await);
    }
    assert_eq!(answers[..20], [404; 20]);
    assert!(answers[20..].contains(&429), "{answers:?}");
    let totals = site.status().totals;
    assert_eq!(totals.unknown_tokens + totals.guesses_refused, 25);
    assert!(totals.guesses_refused > 0 && site.taken().is_empty());
}

#[tokio::test]
async fn other_paths_and_methods_are_refused_and_counted() {
    let site = Site::open().await;
    let answers = [
        site.raw(&[b"POST /etc/passwd HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n"])
            .await,
        site.raw(&[format!(
            "GET {} HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n",
            path(TOKEN)
        )
        .as_bytes()])
            .await,
        site.raw(&[b"POST /camera/..%2f..%2f/x HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n"])
            .await,
        site.raw(&[b"\x16\x03\x01 not http\r\n\r\n"]).await,
    ];
    let codes = answers.map(|answer| answer.get(9..12).unwrap_or_default().to_owned());
    assert_eq!(codes, ["404", "405", "404", "400"]);
    let status = site.status();
    let counts = (
        status.totals.unknown_paths,
        status.totals.unknown_tokens,
        status.totals.connections_failed,
    );
    assert_eq!((counts, site.front().refusals.method), ((1, 1, 1), 1));
}

#[tokio::test]
async fn headers_beyond_their_bound_are_refused() {
    let site = Site::open().await;
    let long = format!(
        "POST / HTTP/1.1\r\nHost: w\r\nX: {}\r\n\r\n",
        "x".repeat(20_000)
    );
    let many = format!(
        "POST / HTTP/1.1\r\nHost: w\r\n{}\r\n",
        "X: y\r\n".repeat(100)
    );
    for request in [long, many] {
        let answer = site.raw(&[request.as_bytes()]).await;
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 431"),
            "{answer}"
        );
    }
    site.until(|status| status.totals.connections_failed == 2)
        .await;
    is_open(&site, "after").await;
}

#[tokio::test]
async fn a_silent_or_trickling_sender_is_closed_in_time() {
    let (mut door, cameras) = configuration();
    door.read_timeout_ms = 300;
    let site = Site::open_with(door, cameras).await;
    let mut silent_in_head = TcpStream::connect(site.address).await.unwrap();
    silent_in_head.write_all(b"POST /camera").await.unwrap();
    let mut silent = TcpStream::connect(site.address).await.unwrap();
    silent.write_all(&head("text/xml", 1_000)).await.unwrap();
    let (mut answers, mut trickle) = TcpStream::connect(site.address).await.unwrap().into_split();
    let trickling = tokio::spawn(async move {
        trickle
            .write_all(&head("text/xml", 1_000_000))
            .await
            .unwrap();
        while trickle.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    for (stream, name) in [(&mut silent_in_head, "head"), (&mut silent, "body")] {
        let mut answer = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut answer));
        ended.await.expect(name).unwrap();
    }
    let mut answer = [0; 12];
    answers.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
    drop(answers);
    trickling.await.unwrap();
    assert_eq!(site.front().refusals.timed_out, 2);
    is_open(&site, "after").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_connections_does_not_keep_live_events_out() {
    let site = Site::open().await;
    let mut held = Vec::new();
    for _ in 0..2_000 {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, 9], 0))).unwrap();
        if let Ok(stream) = socket.connect(site.address).await {
            held.push(stream);
        }
        if held.len() > 200 {
            held.remove(0);
        }
    }
    is_open(&site, "during").await;
    let status = site.status();
    assert!(status.connections <= 64, "{status:#?}");
    assert!(status.totals.connections_surplus > 0);
    drop(held);
    site.until(|status| status.connections <= 1).await;
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
    assert_eq!(
        site.post(TOKEN, "multipart/form-data; boundary=b", body)
            .await,
        200
    );
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

#[tokio::test]
async fn addresses_that_are_not_allowed_get_nothing() {
    let (mut door, mut cameras) = configuration();
    cameras[0].allow = vec!["10.0.0.0/8".parse().unwrap()];
    let site = Site::open_with(door.clone(), cameras.clone()).await;
    assert_eq!(site.post(TOKEN, "text/xml", "<a/>").await, 404);
    assert_eq!(site.front().refusals.address, 1);
    door.allow = vec!["10.0.0.0/8".parse().unwrap()];
    let site = Site::open_with(door, cameras).await;
    assert_eq!(site.raw(&[b"POST / HTTP/1.1\r\n\r\n"]).await, "");
    site.until(|status| status.totals.connections_refused == 1)
        .await;
}

#[tokio::test]
async fn a_camera_beyond_its_rate_is_told_to_wait() {
    let (mut door, cameras) = configuration();
    door.max_requests_per_s = 1;
    let site = Site::open_with(door, cameras).await;
    let mut answers = Vec::new();
    for number in 0..15 {
        let xml = anpr_xml("赣E12345", &format!("u-{number}"), site.clock.now());
        answers.push(site.post_xml(&xml).await);
    }
    assert!(
        answers[..10].iter().all(|answer| *answer == 200),
        "{answers:?}"
    );
    assert!(answers[10..].contains(&429), "{answers:?}");
    assert!(site.front().refusals.rate > 0);
}
