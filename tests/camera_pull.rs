//! Cameras that cannot push are pulled: events come when they are whole, a stream that was away is
//! told, and a wrong account is clear at once.

#![allow(clippy::unwrap_used)] // helpers of tests, where a failure is the test's

mod camera_support;

use std::fs::File;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use camera_support::PASSWORD;
use camera_support::pulled::{NAME, Pulled, USER};
use wimd::config::camera::PullBy;
use wimd::io::camera::status::{PullFailure, PullState, RefusalCounts};
use wimd::io::intake::Refusal;
use wimd::pipeline::Input;
use wimd::pipeline::plate::PictureKind;
use wimd::pipeline::record::CameraGap;
use wimd::sim::camera::{
    Oddity, Quirk, SimPicture, SimPlateEvent, StreamFault, StreamSettings, scene, variation,
};

/// So rare heartbeats that nothing in a test can wait for one.
fn settings() -> StreamSettings {
    StreamSettings { heartbeat: Duration::from_secs(600), ..StreamSettings::new(USER, PASSWORD) }
}

fn event(pulled: &Pulled, id: &str) -> SimPlateEvent {
    let drawn = scene(6);
    let picture = |name: &str| SimPicture { name: name.into(), jpeg: variation(&drawn, name) };
    SimPlateEvent {
        uuid: Some(id.into()),
        pictures: vec![picture("detectionPicture.jpg"), picture("licensePlatePicture.jpg")],
        ..SimPlateEvent::read("赣E12345", pulled.site.clock.now())
    }
}

/// Id and kinds of pictures of each event that is durable.
fn taken(pulled: &Pulled) -> Vec<(String, Vec<PictureKind>)> {
    let taken = pulled.site.taken().into_iter();
    taken
        .map(|read| {
            let kinds = read.pictures.iter().map(|picture| picture.kind).collect();
            (read.source_id.unwrap(), kinds)
        })
        .collect()
}

fn whole(id: &str) -> (String, Vec<PictureKind>) {
    (id.to_owned(), vec![PictureKind::Scene, PictureKind::PlateCrop])
}

fn gaps(pulled: &Pulled) -> Vec<CameraGap> {
    let told = pulled.site.told().into_iter();
    told.filter_map(|input| if let Input::CameraGap(gap) = input { Some(gap) } else { None })
        .collect()
}

#[tokio::test]
async fn an_event_is_durable_without_waiting_for_the_next_part() {
    for quirks in [vec![], vec![Quirk::NoContentLength], vec![Quirk::LfOnly]] {
        let pulled = Pulled::open(StreamSettings { quirks, ..settings() }, |_| {}).await;
        pulled.camera.opened(1).await;
        assert!(pulled.camera.send(&event(&pulled, "u-1")));
        pulled.site.until_taken(1).await;
        assert_eq!(taken(&pulled), [whole("u-1")]);
        assert_eq!(pulled.pull().state, PullState::Connected);
        let asked = pulled.camera.requests();
        let expected = "GET /ISAPI/Event/notification/alertStream HTTP/1.1";
        assert_eq!(asked, [expected, expected], "once without a digest and once with it");
    }
}

#[tokio::test]
async fn a_camera_can_be_armed_by_a_subscription() {
    let by = |config: &mut wimd::config::CameraConfig| config.pull_by = PullBy::SubscribeEvent;
    let pulled = Pulled::open(settings(), by).await;
    pulled.camera.opened(1).await;
    pulled.camera.send(&event(&pulled, "u-1"));
    pulled.site.until_taken(1).await;
    let asked = pulled.camera.requests();
    let last = asked.last().unwrap();
    assert!(last.starts_with("POST /ISAPI/Event/notification/subscribeEvent HTTP/1.1"), "{last}");
    assert!(last.contains("<heartbeat>60</heartbeat>"), "{last}");
}

#[tokio::test]
async fn a_stream_that_ends_is_opened_again_and_the_gap_is_told() {
    let faults = vec![StreamFault::Dies];
    let pulled = Pulled::open(StreamSettings { faults, ..settings() }, |_| {}).await;
    pulled.camera.opened(1).await;
    pulled.camera.send(&event(&pulled, "u-1"));
    pulled.camera.opened(2).await;
    pulled.camera.send(&event(&pulled, "u-2"));
    pulled.site.until_taken(2).await;
    pulled.site.until_told(2).await;
    assert_eq!(taken(&pulled), [whole("u-1"), whole("u-2")]);
    let [first, second, ..] = &gaps(&pulled)[..] else { panic!("two gaps") };
    assert_eq!((&*first.camera, first.from, &*first.reason), (NAME, None, "the daemon started"));
    assert!(second.from.unwrap() > first.to && second.to > second.from.unwrap());
    assert_eq!(second.reason, "the camera ended the stream");
}

#[tokio::test]
async fn a_stream_that_ends_inside_a_picture_keeps_the_plate() {
    let faults = vec![StreamFault::DiesInside];
    let pulled = Pulled::open(StreamSettings { faults, ..settings() }, |_| {}).await;
    pulled.camera.opened(1).await;
    pulled.camera.send(&event(&pulled, "u-1"));
    pulled.site.until_taken(1).await;
    assert_eq!(taken(&pulled), [("u-1".to_owned(), vec![PictureKind::Scene])]);
    assert_eq!(pulled.status().refusals.truncated, 1, "the picture is counted");
}

#[tokio::test]
async fn a_stream_without_a_byte_for_three_heartbeats_is_dead() {
    let faults = vec![StreamFault::Silent];
    let pulled =
        Pulled::open(StreamSettings { faults, ..settings() }, |c| c.pull_heartbeat_s = 1).await;
    pulled.until(|pull| pull.failures >= 1).await;
    let pull = pulled.pull();
    assert_eq!(pull.last_failure_kind, Some(PullFailure::Silent));
    assert_eq!(pull.last_failure.as_deref(), Some("nothing came for 3 s: the stream is dead"));
    pulled.until(|pull| pull.opened >= 2 && pull.gaps >= 2).await;
}

#[tokio::test]
async fn heartbeats_keep_a_stream_alive() {
    let heartbeat = Duration::from_millis(200);
    let pulled =
        Pulled::open(StreamSettings { heartbeat, ..settings() }, |c| c.pull_heartbeat_s = 1).await;
    pulled.site.until(|status| status.cameras[NAME].heartbeats >= 20).await;
    let pull = pulled.pull();
    assert_eq!((pull.opened, pull.failures, pulled.site.taken().len()), (1, 0, 0));
}

#[tokio::test]
async fn a_wrong_password_is_told_at_once_and_not_tried_again_and_again() {
    let settings = StreamSettings::new(USER, "another");
    let pulled = Pulled::open(settings, |_| {}).await;
    pulled.until(|pull| pull.state == PullState::Refused).await;
    let pull = pulled.pull();
    let told = pull.last_failure.unwrap();
    assert_eq!(told, "the camera refuses the user name or the password");
    assert_eq!((pulled.camera.requests().len(), pull.failures), (2, 1));
}

#[tokio::test]
async fn what_is_no_stream_is_told_for_what_it_is() {
    use PullFailure::{Ended, Forbidden, NoDigest, NoStream, StreamsTaken};
    for (fault, kind) in [
        (StreamFault::HangsUp, Ended),
        (StreamFault::Taken, StreamsTaken),
        (StreamFault::NoStream, NoStream),
        (StreamFault::Page, NoStream),
        (StreamFault::Forbidden, Forbidden),
        (StreamFault::AsksAgain, NoDigest),
        (StreamFault::BasicOnly, NoDigest),
    ] {
        let settings = StreamSettings { faults: vec![fault], ..settings() };
        let pulled = Pulled::open(settings, |_| {}).await;
        pulled.until(|pull| pull.failures >= 1).await;
        assert_eq!(pulled.pull().last_failure_kind, Some(kind), "{fault}");
        assert!(pulled.camera.requests().len() <= 6, "{fault}: it is not hammered");
    }
}

/// A camera with one event, which a full store does not take.
async fn refused_once() -> Pulled {
    let pulled = Pulled::open(settings(), |_| {}).await;
    pulled.camera.opened(1).await;
    pulled.site.until_told(1).await;
    pulled.site.store_answers(Err(Refusal::Full));
    pulled.camera.send(&event(&pulled, "u-1"));
    until_refused(&pulled, 1).await;
    pulled
}

async fn until_refused(pulled: &Pulled, times: u64) {
    pulled.site.until(|status| status.cameras[NAME].refusals.store_full >= times).await;
}

#[tokio::test]
async fn what_the_store_does_not_take_is_offered_until_it_does() {
    let pulled = refused_once().await;
    pulled.camera.send(&event(&pulled, "u-2"));
    until_refused(&pulled, 2).await;
    assert_eq!(taken(&pulled), []);
    pulled.site.store_answers(Ok(()));
    pulled.site.until_taken(2).await;
    assert_eq!(taken(&pulled), [whole("u-1"), whole("u-2")]);
}

/// Its camera does not send it again.
#[tokio::test]
async fn an_event_that_is_refused_until_the_stop_is_counted_as_lost_and_holds_nothing_up() {
    let mut pulled = refused_once().await;
    pulled.site.stop().await;
    assert_eq!((taken(&pulled), pulled.status().refusals.stopping), (vec![], 1));
}

#[tokio::test]
async fn an_event_whose_store_hangs_at_the_stop_is_given_up_and_counted() {
    let mut pulled = refused_once().await;
    pulled.site.store_hangs();
    pulled.site.stop().await;
    let refusals = pulled.status().refusals;
    assert_eq!((refusals.stopping, refusals.store_slow), (0, 1));
}

/// Its end is known by the silence after it only, and in that comes the order to stop.
#[tokio::test]
async fn an_event_that_has_come_whole_before_the_stop_is_kept() {
    let oddities = vec![Oddity::NoPictures];
    let mut pulled = Pulled::open(StreamSettings { oddities, ..settings() }, |_| {}).await;
    pulled.camera.opened(1).await;
    pulled.site.until_told(1).await;
    pulled.camera.send(&event(&pulled, "u-1"));
    pulled.site.until(|status| status.cameras[NAME].bytes > 0).await;
    assert_eq!(taken(&pulled), [], "its end is not known yet");
    pulled.site.stop().await;
    assert_eq!(taken(&pulled), [("u-1".to_owned(), vec![])]);
    assert_eq!(pulled.status().refusals, RefusalCounts::default());
    assert_eq!(pulled.pull().failures, 0, "the stop is no failure of the stream");
}

/// Nothing names its pictures yet, and what nothing names goes first when there is no room.
#[tokio::test]
async fn while_an_event_waits_for_the_store_its_pictures_stay_young() {
    let pulled = refused_once().await;
    let an_hour_ago = SystemTime::now() - Duration::from_secs(3_600);
    for picture in pulled.site.pictures() {
        File::open(picture).unwrap().set_modified(an_hour_ago).unwrap();
    }
    until_refused(&pulled, 3).await;
    let brought = |picture: &PathBuf| picture.metadata().unwrap().modified().unwrap();
    let young: Vec<_> = pulled.site.pictures().iter().map(brought).collect();
    assert_eq!(young.len(), 2);
    assert!(young.iter().all(|at| *at > an_hour_ago + Duration::from_secs(1_800)), "{young:?}");
    pulled.site.store_answers(Ok(()));
    pulled.site.until_taken(1).await;
    assert_eq!((taken(&pulled), pulled.status().pictures_gone), (vec![whole("u-1")], 0));
}

#[tokio::test]
async fn a_picture_that_went_before_its_event_was_stored_is_left_out_and_counted() {
    let pulled = refused_once().await;
    let gone = pulled.site.pictures().remove(0);
    std::fs::remove_file(&gone).unwrap();
    let refused = pulled.status().refusals.store_full;
    until_refused(&pulled, refused + 2).await;
    pulled.site.store_answers(Ok(()));
    pulled.site.until_taken(1).await;
    let taken = pulled.site.taken().remove(0);
    let left: Vec<_> = taken.pictures.iter().map(|picture| picture.sha256.as_str()).collect();
    assert_eq!(left.len(), 1);
    assert!(!gone.ends_with(format!("{}.jpg", left[0])), "{gone:?}");
    assert_eq!(pulled.status().pictures_gone, 1);
}

#[tokio::test]
async fn a_message_without_pictures_and_one_that_is_repeated_are_one_event_each() {
    for oddity in [Oddity::NoPictures, Oddity::Repeated] {
        let oddities = vec![oddity];
        let pulled = Pulled::open(StreamSettings { oddities, ..settings() }, |_| {}).await;
        pulled.camera.opened(1).await;
        pulled.camera.send(&event(&pulled, "u-1"));
        pulled.site.until_taken(1).await;
        pulled.camera.send(&event(&pulled, "u-2"));
        pulled.site.until_taken(2).await;
        let ids: Vec<String> = taken(&pulled).into_iter().map(|(id, _)| id).collect();
        assert_eq!(ids, ["u-1", "u-2"], "{oddity}");
    }
}
