//! The daemon as a whole inside this process: durable before acknowledged, full and well again,
//! stopped and started again.

mod bare_database;
#[allow(dead_code, reason = "each test file uses its own part")]
mod daemon_support;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use daemon_support::{Site, TOKEN, exists, in_time};
use wimd::clock::{Clock, Timestamp};
use wimd::config::{Config, load};
use wimd::daemon::snapshot::Snapshot;
use wimd::daemon::{self, DaemonError, Running, journal, parameters};
use wimd::io::store::StoreReader;
use wimd::io::{recorder, status};
use wimd::pipeline::Action;
use wimd::pipeline::record::{Body, Record};
use wimd::units::Micros;

/// Records of a daemon before anything happens: the alarm that its store is new.
const FIRST_DAY: u64 = 1;

fn clock(speed_up: u32) -> Clock {
    Clock::scaled(Clock::wall(), speed_up)
}

fn config(site: &Site) -> Config {
    let loaded = load::load(&site.config_file()).expect("the configuration is good");
    loaded.config
}

async fn start(site: &Site, speed_up: u32) -> Running {
    let started = daemon::start_unwatched(config(site), clock(speed_up)).await;
    started.expect("every part starts")
}

/// Posts one plate event and gives the HTTP status.
fn post(camera_door: SocketAddr, id: &str) -> u16 {
    let number = id.trim_start_matches(|c: char| !c.is_ascii_digit());
    let plate = format!("赣E{number:0>5}");
    post_body(
        camera_door,
        &format!(r#"{{"id":"{id}","plate":{{"text":"{plate}","colour":"yellow"}}}}"#),
    )
}

fn post_body(camera_door: SocketAddr, body: &str) -> u16 {
    let mut stream = TcpStream::connect(camera_door).expect("the door is open");
    let request = format!(
        "POST /camera/{TOKEN} HTTP/1.1\r\nHost: wimd\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).expect("the door reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the door answers");
    let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
    status.unwrap_or_else(|| panic!("no status in {answer:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_ends_in_order_when_the_system_clock_was_set_so_that_it_begins_with_the_right_time()
 {
    let site = Site::new("", "");
    // as on a box whose clock had the local time when it was started
    let clock = Clock::system_set_by(Micros::from_secs(-8 * 3_600));
    let daemon = daemon::start_unwatched(config(&site), clock).await.expect("every part starts");
    let ended = in_time("the end", daemon.ended()).await.expect_err("not by an order");
    let DaemonError::ClockSet { step_ms } = ended else { panic!("{ended:?}") };
    assert!((step_ms + 28_800_000).abs() < 10_000, "{step_ms}");
    // closed in order, it is taken up by the next
    start(&site, 1).await.stop().await.expect("ends in order");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_without_a_passage_is_sealed_when_its_window_closes() {
    let site = Site::new("", "window_ms = 100, event_window_ms = 200");
    let daemon = start(&site, 1).await;
    assert_eq!(post(daemon.camera_address(), "event-1"), 200);
    let alone = |now: &Snapshot| now.pipeline.pipeline.counts.supplements_no_passage == 1;
    in_time("the record", daemon.until(alone)).await;
    let snapshot = daemon.snapshot();
    assert_eq!(snapshot.store.head.seq, FIRST_DAY + 1);
    assert_eq!(snapshot.store.inbox.entries, 0);
    assert_eq!(snapshot.store.outbox_second.entries, 1);
    daemon.stop().await.expect("ends in order");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_its_window_at_the_stop_is_fed_again_and_sealed_once() {
    let site = Site::new("", "event_window_ms = 600000");
    let daemon = start(&site, 1).await;
    assert_eq!(post(daemon.camera_address(), "event-1"), 200);
    daemon.stop().await.expect("ends in order");

    // The same site with a clock so fast that the window closes at once.
    let daemon = start(&site, 1_000).await;
    // beside it an hour may have ended, of which another record tells
    let is_sealed = |now: &Snapshot| {
        now.pipeline.pipeline.counts.supplements_no_passage == 1 && now.store.inbox.entries == 0
    };
    in_time("the record", daemon.until(is_sealed)).await;
    assert_eq!(daemon.snapshot().pipeline.intake.fed_again, 1);
    daemon.stop().await.expect("ends in order");
    let (sealed, _) = sealed_and_replayed(&config(&site));
    let supplements = sealed.values().filter(|it| matches!(it.body, Body::Supplement(_)));
    assert_eq!(supplements.count(), 1);
}

/// Between the two runs the clock was set back.
#[tokio::test(flavor = "multi_thread")]
async fn what_waits_when_the_clock_is_set_back_an_hour_is_sealed_at_once_and_can_be_replayed() {
    let site = Site::new("", "event_window_ms = 600000");
    let at = |anchor| Clock::scaled(anchor, 2);
    let now = Clock::wall();
    let daemon = daemon::start_unwatched(config(&site), at(now)).await.expect("it starts");
    assert_eq!(post(daemon.camera_address(), "event-1"), 200);
    daemon.stop().await.expect("ends in order");

    let later = at(now + Micros::from_secs(3_600));
    assert!(later.now() < at(now).now() + Micros::from_secs(-3_500));
    let daemon = daemon::start_unwatched(config(&site), later).await.expect("it starts");
    in_time("the record", daemon.until(|now| now.store.head.seq == FIRST_DAY + 1)).await;
    assert_eq!(post(daemon.camera_address(), "event-2"), 200);
    assert_eq!(daemon.snapshot().store.inbox.entries, 1, "of the new time, it waits");
    daemon.stop().await.expect("ends in order");

    let (_, replayed) = sealed_and_replayed(&config(&site));
    let events = replayed.into_iter().filter_map(|record| match record.body {
        Body::Supplement(supplement) => supplement.plate_read.source_id,
        _ => None,
    });
    assert_eq!(events.collect::<Vec<_>>(), ["event-1"]);
}

/// Each record by its sequence, as it went out, and what the journal of the last run gives when it is
/// played again.
fn sealed_and_replayed(config: &Config) -> (BTreeMap<u64, Record>, Vec<Record>) {
    let store = StoreReader::open(&config.store.dir).expect("it opens");
    let sealed = store.export(1, u64::MAX).map(|sealed| sealed.expect("readable"));
    let record = |json: &[u8]| serde_json::from_slice::<Record>(json).expect("a record");
    let ledger = sealed.map(|sealed| (sealed.seq, record(&sealed.record_json))).collect();
    let recorded = recorder::read(&config.store.dir.join(journal::FOLDER), journal::INPUTS);
    let recorded = recorded.expect("readable").expect("there is one");
    let parameters = parameters::of_pipeline(config).expect("as the daemon has");
    let replayed = journal::replay(&recorded, &parameters, |arrival| arrival).expect("followed");
    let records = replayed.actions.into_iter().filter_map(|action| match action {
        Action::Seal(seal) => Some(seal.record),
        Action::Drop { .. } => None,
    });
    (ledger, records.collect())
}

/// In the run that sealed the first one, and in the next, which knows it from the store.
#[tokio::test(flavor = "multi_thread")]
async fn a_fuller_event_of_a_sealed_record_refers_to_it_by_its_sequence_also_after_a_restart() {
    let site = Site::new("", "window_ms = 100, event_window_ms = 200");
    let unread = |id: &str| format!(r#"{{"id":"{id}","plate":{{"text":"","state":"unread"}}}}"#);
    let daemon = start(&site, 1).await;
    for id in ["event-1", "event-2"] {
        assert_eq!(post_body(daemon.camera_address(), &unread(id)), 200);
    }
    in_time("both", daemon.until(|now| now.store.head.seq == FIRST_DAY + 2)).await;
    assert_eq!(post(daemon.camera_address(), "event-1"), 200);
    in_time("the fuller one", daemon.until(|now| now.store.head.seq == FIRST_DAY + 3)).await;
    daemon.stop().await.expect("ends in order");
    let daemon = start(&site, 1).await;
    assert_eq!(post(daemon.camera_address(), "event-2"), 200);
    in_time("the other", daemon.until(|now| now.store.head.seq == FIRST_DAY + 4)).await;
    daemon.stop().await.expect("ends in order");

    let (ledger, replayed) = sealed_and_replayed(&config(&site));
    let mut referred = Vec::new();
    for (seq, record) in &ledger {
        let Body::Supplement(supplement) = &record.body else { continue };
        let first = supplement.refers_to_seq.map(|seq| ledger[&seq].id.clone());
        assert_eq!(supplement.refers_to, first, "{seq}");
        referred.push(supplement.refers_to_seq);
    }
    assert_eq!(referred, [None, None, Some(FIRST_DAY + 1), Some(FIRST_DAY + 2)]);
    assert_eq!(replayed, ledger.into_values().collect::<Vec<_>>());
}

/// Half past three in China, the quiet hour.
const QUIET: Timestamp = Timestamp(1_795_030_200_000_000);

#[tokio::test(flavor = "multi_thread")]
async fn records_that_the_database_has_lost_are_told_in_the_quiet_hour() {
    let site = Site::new("", "window_ms = 100, event_window_ms = 200");
    let daemon = start(&site, 1).await;
    for id in ["event-1", "event-2", "event-3"] {
        assert_eq!(post(daemon.camera_address(), id), 200);
    }
    in_time("all", daemon.until(|now| now.store.head.seq == FIRST_DAY + 3)).await;
    daemon.stop().await.expect("ends in order");
    let ledger = bare_database::open(&config(&site).store.dir).open_tree("ledger").expect("there");
    for seq in [FIRST_DAY + 1, FIRST_DAY + 2] {
        assert!(ledger.remove(seq.to_be_bytes()).expect("written").is_some());
    }
    drop(ledger);

    // twice as fast as ours since then is at that instant now
    let now = Clock::wall();
    let quiet = Clock::scaled(now + (now - QUIET), 2);
    let daemon = daemon::start_unwatched(config(&site), quiet).await.expect("it starts");
    let told = |now: &Snapshot| now.store.counts.missing_records == 2;
    in_time("the alarm", daemon.until(told)).await;
    daemon.stop().await.expect("ends in order");
    let (ledger, _) = sealed_and_replayed(&config(&site));
    let names = ledger.values().filter_map(|record| match &record.body {
        Body::Alarm(alarm) => Some(&*alarm.name),
        _ => None,
    });
    assert_eq!(names.collect::<Vec<_>>(), ["store_new", "ledger_damaged"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_store_refuses_the_camera_and_takes_its_event_again_by_itself() {
    // The inbox holds 100 inputs; each event stays for two seconds of real time.
    let site = Site::new("max_inbox = 100", "window_ms = 100, event_window_ms = 2000");
    let daemon = start(&site, 1).await;
    let door = daemon.camera_address();
    let mut sent = 0;
    let refused = loop {
        let id = format!("event-{sent}");
        match post(door, &id) {
            200 => sent += 1,
            503 => break id,
            other => panic!("answered {other}"),
        }
        assert!(sent < 10_000, "the bound was never reached");
    };
    let counted = daemon.until(|now| now.pipeline.intake.refused_full >= 1);
    in_time("the refusal is counted", counted).await;
    in_time("it is taken", daemon.until(|_| post(door, &refused) == 200)).await;
    // an alarm tells of the bound, once
    let expected = FIRST_DAY + sent + 1 + 1;
    in_time("every event", daemon.until(|now| now.store.head.seq >= expected)).await;
    let snapshot = daemon.snapshot();
    assert_eq!(snapshot.store.head.seq, expected);
    assert_eq!(snapshot.store.full, None);
    daemon.stop().await.expect("ends in order");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_without_room_refuses_the_camera_and_the_daemon_stays_up() {
    let site = Site::new("min_free_bytes = 9000000000000000000", "");
    let daemon = start(&site, 1).await;
    for id in ["event-1", "event-1", "event-1"] {
        assert_eq!(post(daemon.camera_address(), id), 503);
    }
    // the camera is answered before the refusal is shown
    let counted = daemon.until(|now| now.pipeline.intake.refused_full == 3);
    in_time("all three refusals", counted).await;
    assert_eq!(daemon.snapshot().store.inbox.entries, 0);
    daemon.stop().await.expect("ends in order");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_socket_tells_the_snapshot_and_goes_at_the_stop() {
    let site = Site::new("", "");
    let daemon = start(&site, 1).await;
    let socket = daemon.socket().clone();
    let path = socket.clone();
    let bytes = tokio::task::spawn_blocking(move || status::read(&path)).await;
    let bytes = bytes.expect("no panic").expect("the daemon is up");
    let told: serde_json::Value = serde_json::from_slice(&bytes).expect("one JSON object");
    assert_eq!(told["site"]["id"], "test");
    assert_eq!(told["scales"][0]["port"], "/dev/ttyABSENT");
    daemon.stop().await.expect("ends in order");
    assert!(!exists(&socket));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_daemons_do_not_share_a_site() {
    let site = Site::new("", "");
    let first = start(&site, 1).await;
    let second = daemon::start_unwatched(config(&site), clock(1)).await;
    let error = second.expect_err("the first one is there");
    assert_eq!(error.to_string(), "cannot open the control socket");
    first.stop().await.expect("ends in order");
}
