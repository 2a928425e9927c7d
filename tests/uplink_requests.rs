//! The platform asks: records and pictures once more, the health. Everything is answered, written
//! down and bounded; nothing that it sends breaks the site.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod uplink_support;

use std::time::Instant;

use bytes::Bytes;
use uplink_support::*;
use wimd::io::store::Store;
use wimd::io::uplink::request::{Kind, Reason, Response};
use wimd::pipeline::record::{Body, Record};
use wimd::sim::platform::{Platform, Received};

on_both_brokers! {
    records_are_sent_again_with_the_same_bytes,
    what_the_ledger_does_not_have_is_told,
    pictures_are_sent_again_and_missing_ones_are_told,
    the_health_is_told_when_it_is_asked_for,
    correlation_data_and_a_topic_of_the_site_are_respected,
    an_answer_never_goes_to_a_foreign_topic,
    what_is_no_request_is_refused_with_a_reason,
    a_flood_is_refused_counted_and_answered_together,
}

async fn answered(platform: &mut Platform) -> Response {
    let message = hear(platform, "response").await;
    assert_eq!(message.content_type.as_deref(), Some("application/json"));
    serde_json::from_slice(&message.payload).unwrap()
}

async fn ask(platform: &mut Platform, request: &str) -> Response {
    platform.ask(request.to_owned(), None, None).await.unwrap();
    answered(platform).await
}

/// Event, what was asked and what was done, of each audit record of a request.
fn audits(store: &Store) -> Vec<(String, String, String)> {
    let records = store.export(1, u64::MAX).unwrap();
    let bodies = records.map(|sealed| {
        let record: Record = serde_json::from_slice(&sealed.unwrap().record_json).unwrap();
        record.body
    });
    let audits = bodies.filter_map(|body| match body {
        Body::Audit(audit) if audit.source == "platform" => {
            Some((audit.event, audit.before, audit.after))
        }
        _ => None,
    });
    audits.collect()
}

fn text(words: [&str; 3]) -> (String, String, String) {
    let [event, asked, done] = words.map(str::to_owned);
    (event, asked, done)
}

/// A connected site that has delivered `alarms` and `ordinary` records, and what was heard.
async fn delivered(
    broker: &AnyBroker,
    alarms: usize,
    ordinaries: usize,
) -> (Rig, Platform, Vec<Received>) {
    let mut platform = platform(&broker.url()).await;
    let mut rig = Rig::new(&broker.url());
    rig.seal(many(alarms, alarm)).await;
    rig.seal(many(ordinaries, ordinary)).await;
    rig.start();
    let mut heard = Vec::new();
    let end = Instant::now() + LIMIT;
    while heard.len() < alarms + ordinaries {
        let message = next_before(&mut platform, end).await.unwrap();
        heard.extend(Some(message).filter(|message| id_of(message).is_some()));
    }
    rig.until_drained().await;
    (rig, platform, heard)
}

async fn records_are_sent_again_with_the_same_bytes(broker: AnyBroker) {
    let (rig, mut platform, before) = delivered(&broker, 6, 4).await;
    let request = r#"{"request":"resend","id":"r-1","from":3,"to":8}"#;
    platform.ask(request, None, None).await.unwrap();
    let mut again = Vec::new();
    let mut response = None;
    let end = Instant::now() + LIMIT;
    while again.len() < 6 || response.is_none() {
        let message = next_before(&mut platform, end).await.unwrap();
        if message.topic.ends_with("/response") {
            response = Some(serde_json::from_slice::<Response>(&message.payload).unwrap());
        } else if before.iter().any(|known| known.payload == message.payload) {
            again.push((message.topic, message.payload, message.properties));
        }
    }
    let parts = |m: &Received| (m.topic.clone(), m.payload.clone(), m.properties.clone());
    let first: Vec<_> = before[2..8].iter().map(parts).collect();
    assert_eq!(again, first);
    let response = response.unwrap();
    assert_eq!((response.id.as_deref(), response.request), (Some("r-1"), Some(Kind::Resend)));
    assert_eq!((response.accepted, response.sending, response.missing), (true, Some(6), Some(0)));
    assert_eq!(response.first_kept, Some(1));
    rig.until_drained().await;
    let done = "6 records on their way, 0 missing";
    assert_eq!(
        audits(&rig.store),
        [text(["request_resend", "records 3 to 8, asked as r-1", done])]
    );
}

async fn what_the_ledger_does_not_have_is_told(broker: AnyBroker) {
    let (rig, mut platform, _) = delivered(&broker, 2, 0).await;
    let some = ask(&mut platform, r#"{"request":"resend","id":"a","from":0,"to":2}"#).await;
    assert_eq!((some.accepted, some.sending, some.missing), (true, Some(2), Some(1)));
    let none = ask(&mut platform, r#"{"request":"resend","id":"b","from":500,"to":600}"#).await;
    assert_eq!((none.accepted, none.reason), (false, Some(Reason::NoRecord)));
    let none = ask(&mut platform, r#"{"request":"evidence","id":"c","seq":500}"#).await;
    assert_eq!((none.accepted, none.reason), (false, Some(Reason::NoRecord)));
    let none = ask(&mut platform, r#"{"request":"evidence","id":"d","seq":1}"#).await;
    assert_eq!((none.accepted, none.reason), (false, Some(Reason::NoPicture)));
    rig.until_drained().await;
}

async fn pictures_are_sent_again_and_missing_ones_are_told(broker: AnyBroker) {
    let mut platform = platform(&broker.url()).await;
    let mut rig = Rig::new(&broker.url());
    let jpeg = vec![7; 100_000];
    let (kept, gone) = (rig.picture("kept.jpg", &jpeg), rig.picture("gone.jpg", b"gone"));
    let id = rig.seal(vec![sighting(vec![kept, gone.clone()])]).await.remove(0);
    rig.start();
    hear(&mut platform, &format!("evidence/{id}/gone.jpg")).await;
    rig.until_drained().await;
    std::fs::remove_file(rig.pictures().path(&gone.sha256).unwrap()).unwrap();
    let request = r#"{"request":"evidence","id":"p","seq":1}"#;
    let response = ask(&mut platform, request).await;
    assert_eq!((response.sending, response.missing), (Some(1), Some(1)));
    let again = hear(&mut platform, &format!("evidence/{id}/kept.jpg")).await;
    assert_eq!(again.payload, jpeg);
    let status = rig.until_drained().await;
    assert_eq!(status.aside.total(), 0);
}

async fn the_health_is_told_when_it_is_asked_for(broker: AnyBroker) {
    let mut platform = platform(&broker.url()).await;
    let mut rig = Rig::new(&broker.url());
    let (health, receiver) = tokio::sync::watch::channel(serde_json::Value::Null);
    rig.health = Some(receiver);
    rig.start();
    rig.until("connected", |status| status.connects == 1).await;
    let early = ask(&mut platform, r#"{"request":"health","id":"h"}"#).await;
    assert_eq!((early.accepted, early.reason), (false, Some(Reason::Unknown)));
    health.send_replace(serde_json::json!({"lanes": 2}));
    let told = ask(&mut platform, r#"{"request":"health","id":"h"}"#).await;
    assert_eq!((told.accepted, told.health), (true, Some(serde_json::json!({"lanes": 2}))));
    rig.until_drained().await;
}

async fn correlation_data_and_a_topic_of_the_site_are_respected(broker: AnyBroker) {
    let (_rig, mut platform, _) = delivered(&broker, 1, 0).await;
    let topic = format!("wim/v1/{SITE}/response/desk-7");
    let correlation = Bytes::from_static(b"\x00\xff desk");
    let request = r#"{"request":"resend","id":"r","from":1,"to":1}"#;
    platform.ask(request, Some(topic), Some(correlation.clone())).await.unwrap();
    let answer = hear(&mut platform, "response/desk-7").await;
    assert_eq!(answer.correlation, Some(correlation));
}

async fn an_answer_never_goes_to_a_foreign_topic(broker: AnyBroker) {
    let (rig, mut platform, _) = delivered(&broker, 1, 0).await;
    let site = format!("wim/v1/{SITE}");
    // the last is one for which a broker ends the connection of who publishes to it
    for topic in [
        "wim/v1/s2/response",
        "$SYS/x",
        &format!("{site}/violation"),
        &format!("{site}/responses"),
        &format!("{site}/response{}", "/".repeat(220)),
    ] {
        let correlation = Bytes::from_static(b"c");
        let request = r#"{"request":"resend","id":"r","from":1,"to":1}"#;
        platform.ask(request, Some(topic.to_owned()), Some(correlation.clone())).await.unwrap();
        let message = hear(&mut platform, "response").await;
        assert_eq!(message.correlation, Some(correlation), "{topic}");
        let answer: Response = serde_json::from_slice(&message.payload).unwrap();
        assert_eq!(
            (answer.accepted, answer.reason),
            (false, Some(Reason::ForeignTopic)),
            "{topic}"
        );
    }
    let status = rig.until_drained().await;
    assert_eq!(status.requests.carried_out.len(), 0);
}

async fn what_is_no_request_is_refused_with_a_reason(broker: AnyBroker) {
    let (rig, mut platform, _) = delivered(&broker, 1, 0).await;
    let long = format!(r#"{{"request":"health","id":"{}"}}"#, "x".repeat(5_000));
    for (request, reason) in [
        ("", Reason::Malformed),
        ("[]", Reason::Malformed),
        (r#"{"request":"reboot","id":"x"}"#, Reason::Malformed),
        (r#"{"request":"resend","id":"x","from":1,"to":1001}"#, Reason::Range),
        (r#"{"request":"resend","id":"x","from":2,"to":1}"#, Reason::Range),
        (&long, Reason::TooLarge),
    ] {
        let answer = ask(&mut platform, request).await;
        assert_eq!((answer.accepted, answer.reason), (false, Some(reason)), "{request}");
        assert!(answer.text.is_some_and(|text| !text.is_empty()));
        // what could be read of it is given back
        let read = (reason == Reason::Range).then(|| ("x".to_owned(), Kind::Resend));
        assert_eq!(answer.id.zip(answer.request), read, "{request}");
    }
    platform.ask(vec![0xff; 3_000], None, Some(vec![1; 300].into())).await.unwrap();
    assert_eq!(answered(&mut platform).await.reason, Some(Reason::Malformed));
    let status = rig.until_drained().await;
    let refused: Vec<(Reason, u64)> = status.requests.refused.into_iter().collect();
    assert_eq!(refused, [(Reason::Malformed, 4), (Reason::TooLarge, 1), (Reason::Range, 2)]);
    assert_eq!((status.failures, audits(&rig.store).len()), (0, 7));
}

async fn a_flood_is_refused_counted_and_answered_together(broker: AnyBroker) {
    const FLOOD: u64 = 600;
    let (mut rig, mut platform, _) = delivered(&broker, 1, 0).await;
    for _ in 0..FLOOD {
        platform.ask(r#"{"request":"health","id":"h"}"#, None, None).await.unwrap();
    }
    let (mut single, mut together) = (0, 0);
    while single + together < FLOOD {
        let answer = answered(&mut platform).await;
        match answer.refused {
            Some(several) => together += several,
            None => single += 1,
        }
    }
    assert!((20..40).contains(&single), "{single}");
    let id = rig.seal(vec![alarm("after the flood")]).await;
    hear_all(&mut platform, &id).await;
    let status = rig.until_drained().await;
    assert_eq!((status.requests.received, status.connects, status.failures), (FLOOD, 1, 0));
    assert_eq!(status.requests.refused.get(&Reason::TooFrequent), Some(&together));
    // each that was let in, and the flood in one
    let written = audits(&rig.store).len() as u64;
    assert!(written <= single + 2, "{written}");
    rig.stop().await;
}

/// mosquitto keeps to the site's own bound of a packet; rumqttd has none.
#[tokio::test]
async fn a_request_beyond_any_packet_breaks_nothing() {
    let Some(broker) = real() else { return };
    let (rig, mut platform, _) = delivered(&broker, 1, 0).await;
    platform.ask(vec![b'x'; 1_000_000], None, None).await.unwrap();
    let answer = ask(&mut platform, r#"{"request":"resend","id":"r","from":1,"to":1}"#).await;
    assert!(answer.accepted);
    let status = rig.until_drained().await;
    assert_eq!((status.connects, status.failures), (1, 0));
}

/// What was asked while the site was away has nobody who waits for the answer.
#[tokio::test]
async fn a_retained_request_is_not_carried_out_at_each_connection() {
    let Some(broker) = real() else { return };
    let mut platform = platform(&broker.url()).await;
    platform.retain("request", r#"{"request":"health","id":"old"}"#).await.unwrap();
    let mut rig = Rig::new(&broker.url());
    let ids = rig.seal(vec![alarm("a")]).await;
    rig.start();
    hear_all(&mut platform, &ids).await;
    let request = r#"{"request":"resend","id":"new","from":1,"to":1}"#;
    assert_eq!(ask(&mut platform, request).await.id.as_deref(), Some("new"));
    let status = rig.until_drained().await;
    assert_eq!(status.requests.received, 1);
}
