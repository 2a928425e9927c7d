//! The camera door with figures: parser throughput beside `memchr`, memory of a connection, what the
//! disk takes for a picture by itself, and from the last byte of a body to its durable reply.
//!
//! `cargo bench --bench camera`

#![allow(clippy::float_arithmetic, reason = "figures for people, no verdict")]

use std::fs::File;
use std::hint::black_box;
use std::io::Write;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use memchr::memmem;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use wimd::clock::Clock;
use wimd::config::{CameraConfig, CameraDoorConfig, Dialect};
use wimd::io::camera::CameraDoor;
use wimd::io::camera::multipart::{Bounds, Event, Reader, parameter};
use wimd::io::intake::channel;
use wimd::io::pictures::PictureFolder;
use wimd::io::store::{Signer, Store, StoreOptions};
use wimd::pipeline::plate::CameraRole;
use wimd::sim::camera::{
    Quirk, SimBody, SimLink, SimPicture, SimPlateEvent, Variant, isapi_body, variation,
};

/// Cameras, and events of each in the measurement.
const CAMERAS: usize = 8;
const EVENTS: usize = 30;
/// Pause between two events of a camera.
const EVERY: Duration = Duration::from_millis(500);
/// Size of the scene; with the crop a body has some 600 KB.
const SCENE: usize = 585_000;
const CROP: usize = 13_000;
/// Passes of the parser.
const PASSES: usize = 400;
/// Connections that are half way through a body: as many as a site has by default.
const HALF_WAY: usize = 64;

/// A JPEG by its ends, with bytes between that do not repeat.
fn jpeg(size: usize) -> Bytes {
    let mut state = 0x9e37_79b9_u32;
    let mut bytes: Vec<u8> = (0..size)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state.to_be_bytes()[1]
        })
        .collect();
    bytes[..2].copy_from_slice(b"\xff\xd8");
    bytes[size - 2..].copy_from_slice(b"\xff\xd9");
    bytes.into()
}

fn body(clock: Clock, name: &str, quirks: &[Quirk]) -> SimBody {
    let scene = jpeg(SCENE);
    let picture =
        |file: &str, jpeg: &Bytes| SimPicture { name: file.into(), jpeg: variation(jpeg, name) };
    let event = SimPlateEvent {
        uuid: Some(name.to_owned()),
        pictures: vec![
            picture("detectionPicture.jpg", &scene),
            picture("licensePlatePicture.jpg", &jpeg(CROP)),
        ],
        ..SimPlateEvent::read("赣E12345", clock.now())
    };
    isapi_body(&event, Variant::Traffic, quirks)
}

fn gigabytes_per_second(bytes: usize, took: Duration) -> f64 {
    bytes as f64 * PASSES as f64 / took.as_secs_f64() / 1e9
}

fn parser() {
    for (name, quirks) in [("with lengths", &[][..]), ("by search", &[Quirk::NoContentLength])] {
        let body = body(Clock::system(), "parser", quirks);
        let boundary = parameter(&body.content_type, "boundary").expect("a boundary");
        let started = Instant::now();
        for _ in 0..PASSES {
            let mut reader = Reader::new(Some(&boundary), Bounds::default()).expect("a boundary");
            for chunk in body.bytes.chunks(64 * 1024) {
                reader.push(chunk);
                drain(&mut reader);
            }
            reader.end();
            drain(&mut reader);
        }
        let own = gigabytes_per_second(body.bytes.len(), started.elapsed());
        let needle = format!("--{boundary}");
        let finder = memmem::Finder::new(&needle);
        let started = Instant::now();
        for _ in 0..PASSES {
            black_box(finder.find_iter(black_box(&body.bytes)).count());
        }
        let plain = gigabytes_per_second(body.bytes.len(), started.elapsed());
        println!("parser {name}: {own:.2} GB/s, memchr over the same body {plain:.2} GB/s");
    }
}

fn drain(reader: &mut Reader) {
    while let Some(event) = reader.pull().expect("a good body") {
        if let Event::Data(data) = event {
            black_box(data);
        }
    }
}

struct Site {
    address: SocketAddr,
    clock: Clock,
    stop: CancellationToken,
    _dir: TempDir,
}

fn token(number: usize) -> String {
    format!("bench-camera-number-{number}")
}

fn cameras() -> Vec<CameraConfig> {
    let camera = |number: usize| {
        let name = format!("camera-{number}");
        CameraConfig::new(name, token(number), Dialect::Isapi, CameraRole::Front)
    };
    (0..CAMERAS).map(camera).collect()
}

/// The real door before a real store, on the disk beside the build.
async fn site() -> Site {
    let dir = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory on the disk");
    let pictures = PictureFolder::open(&dir.path().join("evidence"), 1 << 34).expect("a folder");
    let clock = Clock::system();
    let signer = Signer::from_seed(&[7; 32]);
    let options = StoreOptions::at(dir.path().join("store"));
    let store = Store::open(&options, signer, clock).expect("a store").0;
    let (intake, mut offers) = channel(64);
    tokio::spawn(async move {
        let mut waiting = Vec::new();
        while offers.recv_many(&mut waiting, 64).await > 0 {
            let arrivals = waiting.iter().flat_map(|offer| offer.arrivals.clone()).collect();
            store.accept(arrivals, Vec::new()).await.expect("durable");
            for offer in waiting.drain(..) {
                let _ = offer.done.send(Ok(()));
            }
        }
    });
    let config = CameraDoorConfig {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        max_connections: 256,
        ..CameraDoorConfig::default()
    };
    let door = CameraDoor::bind(&config, cameras(), clock, intake, pictures).await.expect("open");
    let address = door.local_addr();
    let stop = CancellationToken::new();
    tokio::spawn(door.run(stop.clone()));
    Site { address, clock, stop, _dir: dir }
}

async fn replies(site: &Site) {
    let camera = |number: usize| {
        let (address, clock) = (site.address, site.clock);
        async move {
            let mut link = SimLink::new(address, &format!("/camera/{}", token(number)));
            let mut took = Vec::new();
            // the cameras do not fire together
            tokio::time::sleep(EVERY * number as u32 / CAMERAS as u32).await;
            for event in 0..EVENTS {
                let body = body(clock, &format!("{number}-{event}"), &[]);
                let answer = link.post(&body).await.expect("an answer");
                assert!(answer.status.is_success(), "{}", answer.status);
                took.push(answer.received_at.duration_since(answer.written_at));
                tokio::time::sleep(EVERY).await;
            }
            took
        }
    };
    let running: Vec<_> = (0..CAMERAS).map(|number| tokio::spawn(camera(number))).collect();
    let mut took = Vec::new();
    for camera in running {
        took.extend(camera.await.expect("finished"));
    }
    let what = format!("body to durable reply, {CAMERAS} cameras at 2 events a second");
    told(&what, took);
}

fn told(what: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    let at = |share: usize| took[(took.len() * share / 100).min(took.len() - 1)];
    let (number, half, most, longest) = (took.len(), at(50), at(99), at(100));
    println!("{what}, {number} times: p50 {half:.1?}, p99 {most:.1?}, longest {longest:.1?}");
}

/// One picture as the door keeps it, without the door: no event can be quicker than that.
async fn disk() {
    let dir = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory on the disk");
    let (folder, scene) = (File::open(dir.path()).expect("a folder"), jpeg(SCENE));
    let mut took = Vec::new();
    for number in 0..CAMERAS * EVENTS {
        let begun = Instant::now();
        let [there, place] = ["new", &*number.to_string()].map(|name| dir.path().join(name));
        let mut file = File::create(&there).expect("a file");
        file.write_all(&scene).expect("written");
        file.sync_data().expect("synced");
        std::fs::rename(&there, &place).expect("renamed");
        folder.sync_all().expect("synced");
        took.push(begun.elapsed());
        tokio::time::sleep(EVERY / CAMERAS as u32).await;
    }
    told("one picture by itself to the disk", took);
}

/// Resident memory of this process, bytes.
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    let pages: usize = text.split(' ').nth(1).and_then(|n| n.parse().ok()).expect("a number");
    pages * 4_096
}

async fn memory(site: &Site) {
    // what the door makes once is there before
    let mut link = SimLink::new(site.address, &format!("/camera/{}", token(0)));
    assert!(
        link.post(&body(site.clock, "first", &[])).await.expect("an answer").status.is_success()
    );
    let body = body(site.clock, "memory", &[]);
    let half = body.bytes.len() / 2;
    let before = resident();
    let mut held = Vec::new();
    for number in 0..HALF_WAY {
        let head = format!(
            "POST /camera/{} HTTP/1.1\r\nHost: w\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
            token(number % CAMERAS),
            body.content_type,
            body.bytes.len()
        );
        let mut stream = TcpStream::connect(site.address).await.expect("a connection");
        stream.write_all(head.as_bytes()).await.expect("written");
        stream.write_all(&body.bytes[..half]).await.expect("written");
        held.push(stream);
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let each = resident().saturating_sub(before) / HALF_WAY;
    println!("memory of a connection half way through a body: {} KiB", each / 1_024);
}

fn main() {
    parser();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let site = site().await;
        memory(&site).await;
        disk().await;
        replies(&site).await;
        site.stop.cancel();
    });
}
