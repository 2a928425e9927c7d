//! Too much, too slow, from the wrong place: refused in time, counted, and no harm to the others.

#![allow(clippy::unwrap_used)] // helpers of tests, where a failure is the test's

mod camera_support;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use camera_support::{
    Site, TOKEN, anpr_xml, configuration, every_dialect, gat, head, is_open, path,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use wimd::io::camera::status::CameraDoorStatus;
use wimd::sim::camera::{Oddity, SimBody, SimLink, SimPlateEvent};

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

/// Guesses tokens until the order to stop; gives how long each 429 took.
fn guess_on(site: &Site, stop: &CancellationToken) -> JoinHandle<Vec<Duration>> {
    let (address, stop) = (site.address, stop.clone());
    tokio::spawn(async move {
        let mut waited = Vec::new();
        for number in 0.. {
            let mut link = SimLink::new(address, &path(&format!("guess-{number}")));
            let body = SimBody { content_type: "text/xml".into(), bytes: "<a/>".into() };
            let begun = Instant::now();
            let answer = link.post(&body).await.unwrap();
            if answer.status == 429 {
                waited.push(begun.elapsed());
                assert_eq!(answer.headers["connection"], "close");
            }
            if stop.is_cancelled() {
                break;
            }
        }
        waited
    })
}

#[tokio::test]
async fn behind_one_address_guesses_cost_who_guesses_and_no_camera_that_is_right() {
    let dir = tempfile::tempdir().unwrap();
    let (door, cameras) = every_dialect(&dir);
    let site = Site::open_with(door, cameras).await;
    let stop = CancellationToken::new();
    let guessing: Vec<_> = (0..8).map(|_| guess_on(&site, &stop)).collect();
    site.until(|status| status.totals.guesses_refused >= 8).await;
    for number in 0..20 {
        is_open(&site, &format!("live {number}")).await;
        let event = SimPlateEvent::read("赣E12345", site.clock.now());
        let answers = gat::device(&site, &[]).send(&event).await.unwrap();
        assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    }
    stop.cancel();
    let mut waited = Vec::new();
    for guessing in guessing {
        waited.extend(guessing.await.unwrap());
    }
    assert!(!waited.is_empty() && waited.iter().min() >= Some(&Duration::from_secs(1)));
    let status = site.status();
    assert_eq!((site.front().events, status.cameras["gat-1"].registrations), (20, 20));
    let refused = status.cameras.values().map(|camera| camera.refusals).collect::<Vec<_>>();
    assert!(refused.iter().all(|refusals| *refusals == Default::default()), "{refused:#?}");
}

#[tokio::test]
async fn who_hangs_up_before_a_late_answer_has_its_place_taken_until_then() {
    let site = Site::open().await;
    let mut late = 0;
    for number in 0..100 {
        let begun = Instant::now();
        let mut stream = TcpStream::connect(site.address).await.unwrap();
        let request = format!("POST {} HTTP/1.1\r\nHost: w\r\n\r\n", path(&format!("g-{number}")));
        stream.write_all(request.as_bytes()).await.unwrap();
        let asked = |status: &CameraDoorStatus| {
            status.totals.unknown_tokens + status.totals.guesses_refused
        };
        site.until(|status| asked(status) > number).await;
        // a reset, by which a guesser would be free at once
        stream.set_zero_linger().unwrap();
        drop(stream);
        site.until(|status| status.connections == 0).await;
        if site.status().totals.guesses_refused > late {
            late += 1;
            assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
        }
        if late == 2 {
            return;
        }
    }
    panic!("no guess was one too many");
}

#[tokio::test]
async fn wrong_passwords_cost_who_guesses_and_not_the_device_behind_the_same_address() {
    let (_dir, site) = gat::site().await;
    let event = SimPlateEvent::read("赣E12345", site.clock.now());
    let mut answers = Vec::new();
    while answers.last() != Some(&429) {
        let told = gat::device(&site, &[Oddity::WrongPassword]).send(&event).await.unwrap();
        answers.push(told[0].status.as_u16());
        assert!(answers.len() < 100, "never: {answers:?}");
    }
    assert!(answers.len() > 20 && answers[..20] == [401; 20], "{answers:?}");
    let told = gat::device(&site, &[]).send(&event).await.unwrap();
    assert_eq!((told[0].status.as_u16(), site.taken().len()), (200, 1));
}

#[tokio::test]
async fn other_paths_and_methods_are_refused_and_counted() {
    let site = Site::open().await;
    let answers = [
        site.raw(&[b"POST /etc/passwd HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n"]).await,
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
    let long = format!("POST / HTTP/1.1\r\nHost: w\r\nX: {}\r\n\r\n", "x".repeat(20_000));
    let many = format!("POST / HTTP/1.1\r\nHost: w\r\n{}\r\n", "X: y\r\n".repeat(100));
    for request in [long, many] {
        let answer = site.raw(&[request.as_bytes()]).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
    site.until(|status| status.totals.connections_failed == 2).await;
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
    let (mut trickled_head, trickling_head) = trickle(&site, b"POST /camera/").await;
    let (mut answers, trickling) = trickle(&site, &head("text/xml", 1_000_000)).await;
    let mut in_head = Vec::new();
    let ended = trickled_head.read_to_end(&mut in_head);
    // its end may be a reset, since it goes on writing
    let _reset = tokio::time::timeout(Duration::from_secs(10), ended).await.expect("head");
    for (stream, name) in [(&mut silent_in_head, "head"), (&mut silent, "body")] {
        let mut answer = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut answer));
        ended.await.expect(name).unwrap();
    }
    let mut answer = [0; 12];
    let answered = answers.read_exact(&mut answer);
    let answered = tokio::time::timeout(Duration::from_secs(10), answered).await;
    answered.expect("a trickle is ended long before").unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
    drop((answers, trickled_head));
    trickling.await.unwrap();
    trickling_head.await.unwrap();
    assert_eq!(site.front().refusals.timed_out, 2);
    site.until(|status| status.totals.connections_failed >= 2).await;
    is_open(&site, "after").await;
}

/// Sends these bytes and then, until it cannot any more, one every thirtieth of the time-out: one a
/// second beside the ten seconds of a real site.
async fn trickle(site: &Site, first: &[u8]) -> (OwnedReadHalf, JoinHandle<()>) {
    let (answers, mut sender) = TcpStream::connect(site.address).await.unwrap().into_split();
    sender.write_all(first).await.unwrap();
    let trickling = tokio::spawn(async move {
        let mut pace = tokio::time::interval(Duration::from_millis(30));
        while sender.write_all(b"x").await.is_ok() {
            pace.tick().await;
        }
    });
    (answers, trickling)
}

/// Opens so many connections from these addresses in turn, keeps the last few hundred, and lets a
/// camera send an event after every thousand.
async fn flood(site: &Site, connections: usize, addresses: u8) -> Vec<TcpStream> {
    let mut held = VecDeque::new();
    for number in 1..=connections {
        let socket = TcpSocket::new_v4().unwrap();
        let last = 9 + (number % usize::from(addresses)) as u8;
        socket.bind(SocketAddr::from(([127, 0, 0, last], 0))).unwrap();
        if let Ok(stream) = socket.connect(site.address).await {
            held.push_back(stream);
        }
        if held.len() > 300 {
            held.pop_front();
        }
        if number % 1_000 == 0 {
            is_open(site, &format!("after {number}")).await;
        }
    }
    held.into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_connections_do_not_keep_live_events_out() {
    let site = Site::open().await;
    let held = flood(&site, 10_000, 1).await;
    let status = site.status();
    assert!(status.connections <= 64, "{status:#?}");
    let totals = status.totals;
    // the camera's own ten are among those that were taken
    assert!(totals.connections + totals.connections_surplus >= 10_000, "{totals:#?}");
    assert!(totals.connections_surplus > 9_000, "{totals:#?}");
    assert_eq!(site.front().events, 10);
    drop(held);
    site.until(|status| status.connections <= 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_from_many_addresses_leaves_places_for_cameras_that_are_known() {
    let site = Site::open().await;
    is_open(&site, "before").await;
    let held = flood(&site, 2_000, 100).await;
    assert!(site.status().totals.connections_surplus > 0);
    assert_eq!(site.front().events, 3);
    drop(held);
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
    site.until(|status| status.totals.connections_refused == 1).await;
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
    assert!(answers[..10].iter().all(|answer| *answer == 200), "{answers:?}");
    assert!(answers[10..].contains(&429), "{answers:?}");
    assert!(site.front().refusals.rate > 0);
}
