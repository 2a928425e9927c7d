//! The order to stop is obeyed, whatever stands still.

#[allow(dead_code, reason = "each test file uses its own part")]
mod daemon_support;

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;

use daemon_support::{Site, TOKEN, in_time};
use tokio_util::sync::CancellationToken;
use wimd::clock::Clock;
use wimd::config::load;
use wimd::daemon::snapshot::Snapshot;
use wimd::daemon::{self, Running};
use wimd::io::camera::status::PullStatus;
use wimd::sim::camera::{SimBody, SimLink, SimPlateEvent, SimStream, StreamHandle, StreamSettings};

/// The name of the camera that is pulled.
const PULLED: &str = "pulled";

/// Puts a camera that is pulled beside the one of the site.
async fn pulled_camera(site: &Site, stop: CancellationToken) -> StreamHandle {
    let settings = StreamSettings::new("wimd", "open sesame");
    let stream = SimStream::bind(SocketAddr::from(([127, 0, 0, 1], 0)), settings).await;
    let stream = stream.expect("a free port");
    let password = site.path("password");
    fs::write(&password, "open sesame").expect("writable");
    fs::set_permissions(&password, fs::Permissions::from_mode(0o600)).expect("ours");
    let camera = format!(
        r#"camera = [{{ name = "{PULLED}", token = "pulled-camera-token", dialect = "isapi", role = "front",
             lane = 1, distance_mm = 3000, pull = "http://{}", username = "wimd",
             password_file = "password" }}, "#,
        stream.address().expect("it listens")
    );
    let text = fs::read_to_string(site.config_file()).expect("readable");
    fs::write(site.config_file(), text.replace("camera = [", &camera)).expect("writable");
    let handle = stream.handle();
    tokio::spawn(stream.run(stop));
    handle
}

async fn start(site: &Site) -> Running {
    let loaded = load::load(&site.config_file()).expect("the configuration is good");
    let started = daemon::start_unwatched(loaded.config, Clock::system()).await;
    started.expect("every part starts")
}

/// Posts events until the store takes no more.
async fn fill(daemon: &Running) {
    let mut link = SimLink::new(daemon.camera_address(), &format!("/camera/{TOKEN}"));
    for number in 0..10_000 {
        let plate = format!("赣E{number:0>5}");
        let event = format!(r#"{{"id":"event-{number}","plate":{{"text":"{plate}"}}}}"#);
        let body = SimBody { content_type: "application/json".into(), bytes: event.into() };
        match link.post(&body).await.expect("the door answers").status.as_u16() {
            200 => {}
            503 => return,
            other => panic!("answered {other}"),
        }
    }
    panic!("the bound was never reached");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_stops_although_an_event_of_a_pulled_camera_waits_for_a_full_store() {
    let site = Site::new("max_inbox = 100", "event_window_ms = 600000");
    let simulated = CancellationToken::new();
    let _ends = simulated.clone().drop_guard();
    let camera = pulled_camera(&site, simulated).await;
    let daemon = start(&site).await;
    in_time("the stream", camera.opened(1)).await;
    let status = |now: &Snapshot| now.camera_door.cameras[PULLED].clone();
    let told = |pull: PullStatus| pull.gaps == 1;
    in_time("its gap", daemon.until(|now| status(now).pull.is_some_and(told))).await;
    fill(&daemon).await;
    assert!(camera.send(&SimPlateEvent::read("赣E12345", Clock::wall())));
    in_time("the refusal", daemon.until(|now| status(now).refusals.store_full >= 1)).await;
    in_time("the end", daemon.stop()).await.expect("ends in order");
}
