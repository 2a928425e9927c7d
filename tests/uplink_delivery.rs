//! What is in the outbox reaches the platform, through the embedded broker and through mosquitto.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod uplink_support;

use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};
use uplink_support::proxy::Proxy;
use uplink_support::*;
use wimd::config::Confirm;
use wimd::io::store::AsideReason;
use wimd::io::uplink::payload::{Presence, StatusMessage};
use wimd::io::uplink::status::RefusalCounts;
use wimd::sim::platform::Received;

on_both_brokers! {
    everything_waiting_arrives_once_and_the_outbox_is_empty,
    what_is_sealed_while_connected_leaves_at_once,
    violations_overtake_what_was_queued_before_them,
    all_violations_leave_before_the_first_passage,
    a_picture_arrives_with_its_digest_on_its_own_topic,
    a_damaged_or_missing_picture_is_set_aside_and_blocks_nothing,
    the_state_is_retained_and_tells_of_an_ordered_stop,
    the_state_is_no_refusal_where_nobody_listens,
    the_will_tells_of_a_crash,
    with_receipts_entries_stay_until_the_platform_confirms,
    an_unconfirmed_record_is_sent_again_with_the_same_bytes,
    a_receipt_that_comes_at_once_is_believed,
    a_receipt_that_is_none_settles_nothing,
}

async fn everything_waiting_arrives_once_and_the_outbox_is_empty(broker: AnyBroker) {
    let mut platform = platform(&broker.url()).await;
    let mut rig = Rig::new(&broker.url());
    let mut ids = rig.seal(many(300, ordinary)).await;
    ids.extend(rig.seal(many(50, alarm)).await);
    rig.start();
    let heard = hear_all(&mut platform, &ids).await;
    rig.until_drained().await;
    let status = rig.stop().await;
    assert!(heard.values().all(|times| *times == 1));
    assert_eq!((status.published, status.removed, status.failures), (350, 350, 0));
    // neither counts the state, which was published too
    assert_eq!(status.acknowledged, 350);
}

async fn what_is_sealed_while_connected_leaves_at_once(broker: AnyBroker) {
    let mut platform = platform(&broker.url()).await;
    let mut rig = Rig::new(&broker.url());
    rig.start();
    hear(&mut platform, "status").await;
    for _ in 0..5 {
        let ids = rig.seal(vec![alarm("now")]).await;
        hear_all(&mut platform, &ids).await;
    }
    rig.until_drained().await;
}

async fn violations_overtake_what_was_queued_before_them(broker: AnyBroker) {
    const WINDOW: u16 = 4;
    let mut platform = platform(&broker.url()).await;
    let proxy = Proxy::before(&broker.url()).await;
    let mut rig = Rig::new(&proxy.url);
    rig.config.window = WINDOW;
    let ordinary = rig.seal(many(2_000, ordinary)).await;
    rig.start();
    rig.until("under way", |status| status.published > 10).await;
    proxy.hold(true);
    let before = usize::try_from(rig.status().published).unwrap();
    let urgent = rig.seal(vec![alarm("urgent")]).await;
    proxy.hold(false);
    let mut order = Vec::new();
    let end = Instant::now() + LIMIT;
    while !order.contains(&urgent[0]) {
        let message = next_before(&mut platform, end).await.expect("the urgent one");
        order.extend(id_of(&message));
    }
    // What was acknowledged and not yet noticed when the line was held made room for a window.
    let most = before + usize::from(2 * WINDOW);
    assert!(order.len() <= most, "{} of {most}", order.len());
    hear_all(&mut platform, &ordinary[order.len() - 1..]).await;
}

/// Strictly, because the slots that are kept free for violations would hide a wrong order of the
/// lanes when they come while passages are under way.
async fn all_violations_leave_before_the_first_passage(broker: AnyBroker) {
    let mut platform = platform(&broker.url()).await;
    let mut rig = Rig::new(&broker.url());
    let passages = rig.seal(many(200, ordinary)).await;
    let violations = rig.seal(many(60, alarm)).await;
    rig.start();
    let mut order = Vec::new();
    let end = Instant::now() + LIMIT;
    while order.len() < 260 {
        let message = next_before(&mut platform, end).await.expect("all of them");
        order.extend(id_of(&message));
    }
    assert_eq!(order, [violations, passages].concat());
}

async fn a_picture_arrives_with_its_digest_on_its_own_topic(broker: AnyBroker) {
    let mut platform = platform(&broker.url()).await;
    let mut rig = Rig::new(&broker.url());
    let jpeg: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
    let picture = rig.picture("scene.jpg", &jpeg);
    let ids = rig.seal(vec![sighting(vec![picture.clone()])]).await;
    rig.start();
    let record = hear(&mut platform, "evasion").await;
    assert_eq!(id_of(&record).as_ref(), Some(&ids[0]));
    assert_eq!(record.content_type.as_deref(), Some("application/json"));
    assert_eq!(record.properties, [("id".to_owned(), ids[0].clone())]);
    let heard = hear(&mut platform, &format!("evidence/{}/scene.jpg", ids[0])).await;
    assert_eq!(heard.payload, jpeg);
    assert_eq!(heard.content_type.as_deref(), Some("image/jpeg"));
    let property = |name: &str| {
        let found = heard.properties.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(property("sha256"), Some(picture.sha256.as_str()));
    assert_eq!(property("record"), Some(ids[0].as_str()));
    assert_eq!(property("total"), Some("300000"));
    assert_eq!(hex::encode(Sha256::digest(&heard.payload)), picture.sha256);
    rig.until_drained().await;
}

async fn a_damaged_or_missing_picture_is_set_aside_and_blocks_nothing(broker: AnyBroker) {
    let mut platform = platform(&broker.url()).await;
    let mut rig = Rig::new(&broker.url());
    let damaged = rig.picture("damaged.jpg", b"before");
    std::fs::write(rig.pictures().path(&damaged.sha256).unwrap(), b"behind").unwrap();
    let missing = rig.picture("missing.jpg", b"gone");
    std::fs::remove_file(rig.pictures().path(&missing.sha256).unwrap()).unwrap();
    let good = rig.picture("good.jpg", b"good");
    let ids = rig.seal(vec![sighting(vec![damaged, missing, good])]).await;
    rig.start();
    hear(&mut platform, &format!("evidence/{}/good.jpg", ids[0])).await;
    // the record, the good picture and an alarm about each of the others
    let status = rig.until("settled", |status| status.removed == 4).await;
    assert_eq!((status.aside.picture_damaged, status.aside.picture_missing), (1, 1));
    let reasons: Vec<_> = rig.store.asides().unwrap().iter().map(|(_, a)| a.reason).collect();
    assert_eq!(reasons, [AsideReason::PictureDamaged, AsideReason::PictureMissing]);
    assert_eq!(rig.waiting(), 0);
}

fn state(message: &Received) -> StatusMessage {
    serde_json::from_slice(&message.payload).unwrap()
}

async fn the_state_is_retained_and_tells_of_an_ordered_stop(broker: AnyBroker) {
    let (health, receiver) = tokio::sync::watch::channel(serde_json::json!({"lanes": 2}));
    let mut rig = Rig::new(&broker.url());
    rig.config.health_interval_s = 1;
    rig.health = Some(receiver);
    rig.start();
    rig.until("connected", |status| status.connects == 1 && status.in_flight == 0).await;
    let mut platform = platform(&broker.url()).await;
    let online = state(&hear(&mut platform, "status").await);
    assert_eq!(online.presence, Presence::Online);
    assert_eq!(online.health, Some(serde_json::json!({"lanes": 2})));
    health.send_replace(serde_json::json!({"lanes": 1}));
    let mut next = online.clone();
    while next.health == online.health {
        next = state(&hear(&mut platform, "status").await);
    }
    assert_eq!(next.health, Some(serde_json::json!({"lanes": 1})));
    let last = rig.stop().await;
    assert_eq!(last.failures, 0);
    let mut last = next;
    while last.presence == Presence::Online {
        last = state(&hear(&mut platform, "status").await);
    }
    assert_eq!(last.presence, Presence::Stopped);
    assert_eq!(last.since, online.since);
}

async fn the_state_is_no_refusal_where_nobody_listens(broker: AnyBroker) {
    let mut rig = Rig::new(&broker.url());
    rig.start();
    rig.until("connected", |status| status.connects > 0).await;
    // what is under way is waited for
    let status = rig.stop().await;
    assert_eq!(status.refused, RefusalCounts::default());
    let mut platform = platform(&broker.url()).await;
    assert!(hear(&mut platform, "status").await.retained, "the broker has kept it");
}

async fn the_will_tells_of_a_crash(broker: AnyBroker) {
    let mut platform = platform(&broker.url()).await;
    let mut rig = Rig::new(&broker.url());
    rig.start();
    let online = state(&hear(&mut platform, "status").await);
    assert_eq!(online.presence, Presence::Online);
    rig.crash().await;
    let offline = state(&hear(&mut platform, "status").await);
    assert_eq!(offline, StatusMessage { presence: Presence::Offline, at: None, ..online });
}

async fn with_receipts_entries_stay_until_the_platform_confirms(broker: AnyBroker) {
    let mut platform = platform(&broker.url()).await;
    let mut rig = Rig::new(&broker.url());
    rig.config.confirm = Confirm::Receipt;
    rig.retry.unreceipted = Duration::from_secs(600);
    let ids = rig.seal(many(20, alarm)).await;
    rig.start();
    hear_all(&mut platform, &ids).await;
    let status = rig.until("acknowledged", |status| status.awaiting_receipt == 20).await;
    let since = status.unreceipted_since;
    assert!(since.is_some());
    assert_eq!(rig.waiting(), 20);
    platform.confirm_up_to(15).await.unwrap();
    let status = rig.until("settled", |status| status.removed == 15).await;
    assert!(status.unreceipted_since > since, "five await another one");
    platform.send("receipt", r#"{"seqs":[17],"ranges":[[19,20]]}"#.into()).await.unwrap();
    let status = rig.until("settled", |status| status.removed == 18).await;
    assert_eq!((status.receipts.accepted, status.receipts.settled), (2, 18));
    let left: Vec<u64> =
        rig.store.outbox_next(None, 9).unwrap().iter().map(|e| e.key.seq).collect();
    assert_eq!(left, [16, 18]);
    platform.confirm_up_to(20).await.unwrap();
    let status = rig.until("settled", |status| status.removed == 20).await;
    assert_eq!(status.unreceipted_since, None);
}

async fn an_unconfirmed_record_is_sent_again_with_the_same_bytes(broker: AnyBroker) {
    let mut platform = platform(&broker.url()).await;
    let mut rig = Rig::new(&broker.url());
    rig.config.confirm = Confirm::Receipt;
    rig.seal(vec![alarm("again")]).await;
    rig.start();
    let first = hear(&mut platform, "alarm").await;
    let second = hear(&mut platform, "alarm").await;
    assert_eq!(first.payload, second.payload);
    assert_eq!(first.properties, second.properties);
    platform.confirm_up_to(1).await.unwrap();
    rig.until_drained().await;
}

/// Before the store has told anybody else that the record is there.
async fn a_receipt_that_comes_at_once_is_believed(broker: AnyBroker) {
    let _platform = confirming_platform(&broker.url()).await;
    let mut rig = Rig::new(&broker.url());
    rig.config.confirm = Confirm::Receipt;
    rig.retry.unreceipted = Duration::from_secs(600);
    rig.start();
    for _ in 0..200 {
        rig.seal(vec![alarm("a")]).await;
    }
    let status = rig.until_drained().await;
    assert_eq!((status.receipts.accepted, status.receipts.beyond_ledger), (200, 0));
}

async fn a_receipt_that_is_none_settles_nothing(broker: AnyBroker) {
    let mut platform = platform(&broker.url()).await;
    let mut rig = Rig::new(&broker.url());
    rig.config.confirm = Confirm::Receipt;
    rig.retry.unreceipted = Duration::from_secs(600);
    let ids = rig.seal(many(3, alarm)).await;
    rig.start();
    hear_all(&mut platform, &ids).await;
    rig.until("acknowledged", |status| status.awaiting_receipt == 3).await;
    for bad in ["", "{}", "[1]", r#"{"up_to":4}"#, r#"{"ranges":[[2,1]]}"#] {
        platform.send("receipt", bad.into()).await.unwrap();
    }
    let status = rig
        .until("counted", |status| status.receipts.malformed + status.receipts.beyond_ledger == 5)
        .await;
    assert_eq!((status.receipts.beyond_ledger, status.removed), (1, 0));
    assert_eq!(rig.waiting(), 3);
}
