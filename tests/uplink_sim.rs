//! The simulated platform hears what a plain client publishes, through both brokers.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::time::Duration;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::{AsyncClient, MqttOptions};
use wimd::sim::broker::Broker;
use wimd::sim::mosquitto::{Mosquitto, MosquittoError, Setup};
use wimd::sim::platform::Platform;

const LIMIT: Duration = Duration::from_secs(20);

async fn hears_what_is_published(url: &str, port: u16) {
    let mut platform = Platform::connect(url, "s1").await.unwrap();
    let (client, mut events) = AsyncClient::new(MqttOptions::new("pub", "127.0.0.1", port), 10);
    let poll = tokio::spawn(async move { while events.poll().await.is_ok() {} });
    client.publish("wim/v1/s1/alarm", QoS::AtLeastOnce, false, "hello").await.unwrap();
    let heard = platform.next(LIMIT).await.unwrap();
    assert_eq!((heard.topic.as_str(), &heard.payload[..]), ("wim/v1/s1/alarm", &b"hello"[..]));
    poll.abort();
}

#[tokio::test]
async fn a_platform_on_the_embedded_broker_hears_what_is_published() {
    let broker = Broker::start().unwrap();
    hears_what_is_published(&broker.url, broker.addr.port()).await;
}

#[tokio::test]
async fn a_platform_on_mosquitto_hears_what_is_published_also_after_a_kill() {
    let mut broker = match Mosquitto::start(&Setup::default()) {
        Err(MosquittoError::Absent) if std::env::var("CI").as_deref() != Ok("true") => {
            eprintln!("skipped: mosquitto is not installed");
            return;
        }
        other => other.unwrap(),
    };
    hears_what_is_published(&broker.url, broker.addr.port()).await;
    broker.kill().unwrap();
    broker.restart().unwrap();
    hears_what_is_published(&broker.url, broker.addr.port()).await;
}
