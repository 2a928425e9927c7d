//! Cuts, kills and refusals: nothing leaves the outbox without a success reason, and in the end
//! the platform has everything.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod uplink_support;

use std::time::Duration;

use uplink_support::grudging::Grudging;
use uplink_support::proxy::Proxy;
use uplink_support::*;
use wimd::config::Confirm;
use wimd::io::uplink::status::{FailureKind, LinkState};
use wimd::sim::mosquitto::Setup;
use wimd::sim::platform::{Access, Platform};

on_both_brokers! {
    six_cuts_lose_nothing,
    a_line_that_swallows_everything_is_noticed_and_loses_nothing,
    a_crash_of_the_site_repeats_but_loses_nothing,
}

async fn six_cuts_lose_nothing(broker: AnyBroker) {
    let mut platform = platform(&broker.url()).await;
    let proxy = Proxy::before(&broker.url()).await;
    let mut rig = Rig::new(&proxy.url);
    let ids = rig.seal(many(3_000, ordinary)).await;
    rig.start();
    for cut in 1..=6 {
        let target = cut * 300;
        rig.until("under way", |status| status.published >= target).await;
        proxy.cut();
        rig.until("back", |status| status.connects > cut).await;
    }
    let heard = hear_all(&mut platform, &ids).await;
    let status = rig.until_drained().await;
    assert_eq!(set(&ids), heard.into_keys().collect());
    assert!(status.failures >= 6, "{status:?}");
    assert_eq!(status.last_failure.unwrap().kind, FailureKind::Lost);
}

#[tokio::test]
async fn a_broker_killed_without_persistence_gets_everything_that_it_did_not_acknowledge() {
    let Some(mut broker) = mosquitto(&Setup::default()) else {
        return;
    };
    let mut platform = confirming_platform(&broker.url).await;
    let mut rig = Rig::new(&broker.url);
    rig.config.confirm = Confirm::Receipt;
    let ids = rig.seal(many(2_000, ordinary)).await;
    rig.start();
    for kill in 1..=3 {
        let target = kill * 200;
        rig.until("under way", |status| status.published >= target).await;
        broker.kill().unwrap();
        rig.until("noticed", |status| status.failures >= kill).await;
        broker.restart().unwrap();
        rig.until("back", |status| status.connects > kill).await;
    }
    // With receipts not even what the broker had acknowledged and lost is lost.
    let heard = hear_all(&mut platform, &ids).await;
    rig.until_drained().await;
    assert_eq!(set(&ids), heard.into_keys().collect());
}

#[tokio::test]
async fn what_a_dead_broker_did_not_acknowledge_stays_in_the_outbox() {
    let Some(mut broker) = mosquitto(&Setup::default()) else {
        return;
    };
    let platform = platform(&broker.url).await;
    let mut rig = Rig::new(&broker.url);
    rig.seal(many(5_000, ordinary)).await;
    rig.start();
    rig.until("under way", |status| status.removed >= 100).await;
    broker.kill().unwrap();
    rig.until("noticed", |status| status.failures >= 1).await;
    let status = rig.stop().await;
    assert_eq!(rig.waiting() as u64, 5_000 - status.removed);
    assert!(status.removed <= status.acknowledged);
    drop(platform);
}

#[tokio::test]
async fn an_entry_that_nobody_subscribes_to_is_no_success_and_arrives_when_somebody_does() {
    let Some(broker) = mosquitto(&Setup::default()) else {
        return;
    };
    let mut rig = Rig::new(&broker.url);
    let ids = rig.seal(many(40, ordinary)).await;
    rig.start();
    let status = rig.until("refused", |status| status.refused.no_matching_subscribers >= 80).await;
    assert_eq!((status.removed, rig.waiting()), (0, 40));
    let mut platform = platform(&broker.url).await;
    let heard = hear_all(&mut platform, &ids).await;
    rig.until_drained().await;
    assert_eq!(set(&ids), heard.into_keys().collect());
}

#[tokio::test]
async fn an_entry_beyond_the_brokers_quota_is_no_success_and_is_offered_again() {
    const QUOTA_EXCEEDED: u8 = 0x97;
    let Some(broker) = mosquitto(&Setup::default()) else {
        return;
    };
    let mut platform = platform(&broker.url).await;
    let line = Grudging::before(&broker.url, QUOTA_EXCEEDED, 60).await;
    let mut rig = Rig::new(&line.url);
    rig.config.health_interval_s = 3_600;
    let ids = rig.seal(many(40, alarm)).await;
    rig.start();
    hear_all(&mut platform, &ids).await;
    let status = rig.until("taken in the end", |status| status.removed == 40).await;
    // the state of the site is refused like any other message
    assert_eq!((line.left(), status.refused.quota_exceeded), (0, 60));
    assert_eq!((status.failures, rig.waiting()), (0, 0));
}

#[tokio::test]
async fn an_entry_that_the_rules_forbid_is_no_success_and_stops_no_other() {
    let setup = Setup {
        listener: "acl_file {dir}/acl\n".into(),
        files: vec![(
            "acl".into(),
            b"topic readwrite wim/v1/s1/alarm\ntopic readwrite wim/v1/s1/status\n".to_vec(),
        )],
        ..Setup::default()
    };
    let Some(broker) = mosquitto(&setup) else {
        return;
    };
    let mut platform = Platform::connect_with(Access {
        url: broker.url.clone(),
        site: SITE.into(),
        login: None,
        filter: Some("wim/v1/s1/alarm".into()),
        receipts: false,
    })
    .await
    .unwrap();
    let mut rig = Rig::new(&broker.url);
    rig.seal(many(30, ordinary)).await;
    let allowed = rig.seal(many(30, alarm)).await;
    rig.start();
    hear_all(&mut platform, &allowed).await;
    let status = rig
        .until("refused", |status| status.refused.not_authorized >= 60 && status.removed == 30)
        .await;
    assert_eq!(status.state, LinkState::Connected);
    assert_eq!(rig.waiting(), 30);
}

#[tokio::test]
async fn a_record_beyond_the_brokers_packet_size_is_set_aside_and_blocks_nothing() {
    let setup = Setup { global: "max_packet_size 4000\n".into(), ..Setup::default() };
    let Some(broker) = mosquitto(&setup) else {
        return;
    };
    let mut platform = platform(&broker.url).await;
    let mut rig = Rig::new(&broker.url);
    let long = rig.seal(vec![alarm(&"long ".repeat(1_000))]).await;
    let large = rig.picture("large.jpg", &[7; 5_000]);
    let ids = rig.seal(vec![sighting(vec![large]), alarm("short")]).await;
    rig.start();
    hear_all(&mut platform, &ids).await;
    let told = hear(&mut platform, "alarm").await;
    let text = String::from_utf8_lossy(&told.payload).into_owned();
    assert!(text.contains("larger than the broker takes"), "{text}");
    // a picture goes in pieces as small as the broker wants them
    hear(&mut platform, &format!("evidence/{}/large.jpg", ids[0])).await;
    let status = rig.until("settled", |status| status.removed == 4).await;
    assert_eq!((status.failures, status.connects, status.aside.oversize), (0, 1, 1));
    assert_eq!((rig.waiting(), rig.store.asides().unwrap().len()), (0, 1));
    rig.stop().await;

    let generous = mosquitto(&Setup::default()).unwrap();
    let mut platform = uplink_support::platform(&generous.url).await;
    rig.config.broker = generous.url.clone();
    rig.start();
    hear_all(&mut platform, &long).await;
    rig.until_drained().await;
    assert_eq!(rig.store.asides().unwrap(), []);
}

#[tokio::test]
async fn no_packet_size_near_the_brokers_limit_breaks_the_connection() {
    let setup = Setup { global: "max_packet_size 2000\n".into(), ..Setup::default() };
    let Some(broker) = mosquitto(&setup) else {
        return;
    };
    let _platform = platform(&broker.url).await;
    let mut rig = Rig::new(&broker.url);
    let lengths = (1_000..1_400).map(|length| alarm(&"x".repeat(length)));
    rig.seal(lengths.collect()).await;
    rig.start();
    // the small ones, and an alarm about each of the large ones
    let status = rig.until("settled", |status| status.removed == 400).await;
    assert_eq!((status.failures, status.connects), (0, 1));
    let oversize = usize::try_from(status.aside.oversize).unwrap();
    assert!(oversize > 0 && oversize < 400, "{oversize}");
    assert_eq!(rig.store.asides().unwrap().len(), oversize);
}

#[tokio::test]
async fn a_small_receive_maximum_is_respected() {
    let setup = Setup { global: "max_inflight_messages 2\n".into(), ..Setup::default() };
    let Some(broker) = mosquitto(&setup) else {
        return;
    };
    let mut platform = platform(&broker.url).await;
    let mut rig = Rig::new(&broker.url);
    let ids = rig.seal(many(300, ordinary)).await;
    rig.start();
    hear_all(&mut platform, &ids).await;
    let status = rig.until_drained().await;
    assert_eq!(status.failures, 0);
}

async fn a_line_that_swallows_everything_is_noticed_and_loses_nothing(broker: AnyBroker) {
    let mut platform = platform(&broker.url()).await;
    let proxy = Proxy::before(&broker.url()).await;
    let mut rig = Rig::new(&proxy.url);
    rig.config.keep_alive_s = 5;
    rig.start();
    rig.until("connected", |status| status.connects == 1).await;
    proxy.silence(true);
    let ids = rig.seal(many(10, alarm)).await;
    let status = rig.until("noticed", |status| status.failures == 1).await;
    assert_eq!(status.last_failure.unwrap().kind, FailureKind::Timeout);
    assert_eq!(rig.waiting(), 10);
    proxy.silence(false);
    hear_all(&mut platform, &ids).await;
    rig.until_drained().await;
}

async fn a_crash_of_the_site_repeats_but_loses_nothing(broker: AnyBroker) {
    let mut platform = platform(&broker.url()).await;
    let mut rig = Rig::new(&broker.url());
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.extend(rig.seal(many(400, ordinary)).await);
        rig.start();
        rig.until("under way", |status| status.removed >= 30).await;
        rig.crash().await;
    }
    rig.start();
    let heard = hear_all(&mut platform, &ids).await;
    rig.until_drained().await;
    assert_eq!(set(&ids), heard.into_keys().collect());
}

#[tokio::test]
async fn an_absent_broker_is_told_by_name_and_the_uplink_keeps_trying() {
    let addr = wimd::sim::broker::free_port().unwrap();
    let mut rig = Rig::new(&format!("mqtt://{addr}"));
    let before = wimd::clock::Clock::wall();
    rig.seal(vec![alarm("a"), ordinary("b"), ordinary("c")]).await;
    rig.start();
    let once = rig.until("failed", |status| status.failures >= 1).await;
    let status = rig.until("failed again", |status| status.failures >= 3).await;
    assert_eq!(status.since, once.since, "one outage, however often it is tried");
    let backlog = wimd::io::uplink::backlog(&rig.store, &rig.store.status());
    assert_eq!((backlog.first, backlog.second, backlog.pictures), (1, 2, 0));
    assert!(backlog.oldest.unwrap() >= before);
    let failure = status.last_failure.unwrap();
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert!(failure.text.contains("refused"), "{}", failure.text);
    let begun = std::time::Instant::now();
    assert_eq!(rig.stop().await.state, LinkState::Stopped);
    assert!(begun.elapsed() < Duration::from_secs(5));
}
