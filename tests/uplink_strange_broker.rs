//! Brokers that take next to nothing, refuse for ever, or break the protocol: the uplink is bounded
//! by them, and nothing else of the site.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod uplink_support;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::watch;

use uplink_support::grudging::Grudging;
use uplink_support::*;
use wimd::io::uplink::status::FailureKind;
use wimd::sim::mosquitto::Setup;

/// CONNACK with success and no property (MQTT 5, 3.2).
const CONNACK: &[u8] = &[0x20, 3, 0, 0, 0];

/// Answers each CONNECT with these bytes and says nothing more.
async fn broker_that_says(bytes: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("mqtt://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut site, _)) = listener.accept().await {
            let mut heard = [0; 4_096];
            let _connect = site.read(&mut heard).await;
            let _gone = site.write_all(&bytes).await;
            while site.read(&mut heard).await.is_ok_and(|read| read > 0) {}
        }
    });
    url
}

#[tokio::test]
async fn an_alarm_that_the_broker_does_not_take_is_told_by_no_other_alarm() {
    let setup = Setup { global: "max_packet_size 500\n".into(), ..Setup::default() };
    let Some(broker) = mosquitto(&setup) else {
        return;
    };
    let mut rig = Rig::new(&broker.url);
    rig.seal(many(5, alarm)).await;
    rig.start();
    let status = rig.until("set aside", |status| status.aside.oversize == 10).await;
    assert_eq!((status.connects, status.failures), (1, 0));
    rig.stop().await;
    assert_eq!((rig.store.last_seq(), rig.store.asides().unwrap().len()), (10, 10));
}

#[tokio::test]
async fn an_alarm_that_the_broker_rejects_is_told_by_no_other_alarm() {
    const PAYLOAD_FORMAT_INVALID: u8 = 0x99;
    let Some(broker) = mosquitto(&Setup::default()) else {
        return;
    };
    let line = Grudging::before(&broker.url, PAYLOAD_FORMAT_INVALID, usize::MAX).await;
    let mut rig = Rig::new(&line.url);
    rig.seal(many(5, ordinary)).await;
    rig.start();
    rig.until("set aside", |status| status.aside.rejected == 10).await;
    rig.stop().await;
    assert_eq!((rig.store.last_seq(), rig.store.asides().unwrap().len()), (10, 10));
}

#[tokio::test]
async fn where_the_health_is_too_large_for_the_broker_the_records_go_without_it() {
    let setup = Setup { global: "max_packet_size 4000\n".into(), ..Setup::default() };
    let Some(broker) = mosquitto(&setup) else {
        return;
    };
    let mut platform = platform(&broker.url).await;
    let mut rig = Rig::new(&broker.url);
    let (_sender, health) = watch::channel(json!({ "lanes": "x".repeat(5_000) }));
    rig.health = Some(health);
    let ids = rig.seal(many(5, alarm)).await;
    rig.start();
    hear_all(&mut platform, &ids).await;
    let status = rig.until_drained().await;
    assert_eq!((status.connects, status.failures), (1, 0));
    assert!(status.states_without_health > 0);
}

#[tokio::test]
async fn a_broker_that_breaks_the_protocol_is_left_alone_and_ends_nothing() {
    let unknown_alias = [0x30, 6, 0, 0, 3, 0x23, 0, 1];
    let alias_that_we_do_not_allow = [0x30, 7, 0, 1, b'x', 3, 0x23, 0, 1];
    for nonsense in [&unknown_alias[..], &alias_that_we_do_not_allow, CONNACK] {
        let mut rig = Rig::new(&broker_that_says([CONNACK, nonsense].concat()).await);
        rig.start();
        let status = rig.until("noticed", |status| status.failures == 1).await;
        assert_eq!(status.last_failure.unwrap().kind, FailureKind::Protocol, "{nonsense:?}");
        rig.until("tried again", |status| status.failures == 2).await;
        rig.stop().await;
    }
}
