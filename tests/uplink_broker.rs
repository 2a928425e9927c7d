//! The broker of `deploy/broker`, as it is shipped: a site delivers with its own certificate, and
//! with another site's it can neither publish nor read.
//!
//! mosquitto only: rumqttd has neither TLS nor rules. CI insists on mosquitto and openssl.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod uplink_support;

use std::path::{Path, PathBuf};
use std::process::Command;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Packet, PubAckReason};
use rumqttc::v5::{AsyncClient, Event, EventLoop, MqttOptions};
use rumqttc::{TlsConfiguration, Transport};
use uplink_support::*;
use wimd::config::UplinkConfig;
use wimd::io::uplink::probe::{StepName, probe};
use wimd::io::uplink::status::FailureKind;
use wimd::io::uplink::tls;
use wimd::sim::mosquitto::{Mosquitto, Setup};

/// Where the shipped configuration expects its files.
const INSTALLED: &str = "/etc/mosquitto/wimd";

struct City {
    broker: Mosquitto,
    certificates: tempfile::TempDir,
}

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/broker").join(name)
}

fn text(name: &str) -> String {
    std::fs::read_to_string(shipped(name)).unwrap()
}

fn city() -> Option<City> {
    let certificates = tempfile::tempdir().unwrap();
    let made = Command::new("sh")
        .arg(shipped("make-test-ca.sh"))
        .arg(certificates.path())
        .args([SITE, "s2"])
        .status();
    assert!(made.unwrap().success());
    let configuration = text("mosquitto.conf")
        .replace(INSTALLED, "{dir}")
        .replace("/var/lib/mosquitto", "{dir}")
        .replace("listener 8883", "listener {tls_port} 127.0.0.1");
    let (global, listener) = configuration.split_at(configuration.find("listener").unwrap());
    let read = |name: &str| std::fs::read(certificates.path().join(name)).unwrap();
    let setup = Setup {
        global: global.to_owned(),
        listener: listener.to_owned(),
        files: ["ca.pem", "server.pem", "server.key"]
            .map(|name| (name.to_owned(), read(name)))
            .into_iter()
            .chain([("acl".to_owned(), text("acl").into_bytes())])
            .collect(),
        ..Setup::default()
    };
    let broker = mosquitto(&setup)?;
    Some(City { broker, certificates })
}

impl City {
    fn config(&self, name: &str) -> UplinkConfig {
        let file = |name: &str| Some(self.certificates.path().join(name));
        let port = self.broker.tls_addr.port();
        let mut config = UplinkConfig::new(format!("mqtts://localhost:{port}"));
        config.ca_file = file("ca.pem");
        config.client_cert_file = file(&format!("{name}.pem"));
        config.client_key_file = file(&format!("{name}.key"));
        config
    }

    /// The uplink of our site with the certificate of `name`.
    fn rig(&self, name: &str) -> Rig {
        let mut rig = Rig::new("mqtt://127.0.0.1:1");
        rig.config = self.config(name);
        rig
    }

    /// A plain client with the certificate of `name` that hears what it may of `filter`.
    async fn client(&self, name: &str, filter: &str) -> Client {
        let config = self.config(name);
        let mut options = MqttOptions::new(name, "localhost", self.broker.tls_addr.port());
        let tls = TlsConfiguration::from(tls::client_config(&config).unwrap());
        options.set_transport(Transport::tls_with_config(tls));
        let (sender, events) = AsyncClient::new(options, 10);
        let mut client = Client { sender, events };
        client.sender.subscribe(filter, QoS::AtLeastOnce).await.unwrap();
        client.until(|packet| matches!(packet, Packet::SubAck(_)).then_some(())).await;
        client
    }
}

struct Client {
    sender: AsyncClient,
    events: EventLoop,
}

impl Client {
    async fn until<T>(&mut self, wanted: impl Fn(&Packet) -> Option<T>) -> T {
        let waited = tokio::time::timeout(LIMIT, async {
            loop {
                if let Event::Incoming(packet) = self.events.poll().await.unwrap()
                    && let Some(found) = wanted(&packet)
                {
                    return found;
                }
            }
        });
        waited.await.unwrap()
    }

    /// Topic of the next message.
    async fn hears(&mut self) -> String {
        self.until(|packet| match packet {
            Packet::Publish(message) => Some(String::from_utf8_lossy(&message.topic).into_owned()),
            _ => None,
        })
        .await
    }

    async fn publishes(&mut self, topic: &str) -> PubAckReason {
        self.sender.publish(topic, QoS::AtLeastOnce, false, "{}").await.unwrap();
        self.until(|packet| match packet {
            Packet::PubAck(answer) => Some(answer.reason),
            _ => None,
        })
        .await
    }
}

#[tokio::test]
async fn a_site_delivers_with_its_own_certificate_to_the_shipped_broker() {
    let Some(city) = city() else { return };
    let mut platform = city.client("platform", "wim/v1/#").await;
    let mut rig = city.rig(SITE);
    rig.seal(vec![alarm("one"), ordinary("two")]).await;
    rig.start();
    let mut heard = std::collections::BTreeSet::new();
    while heard.len() < 3 {
        heard.insert(platform.hears().await);
    }
    let topics = ["alarm", "passage", "status"].map(|leaf| format!("wim/v1/{SITE}/{leaf}"));
    assert_eq!(heard, topics.into());
    assert_eq!(rig.until_drained().await.failures, 0);
}

#[tokio::test]
async fn the_way_that_the_doctor_walks_ends_well_at_the_shipped_broker() {
    let Some(city) = city() else { return };
    let way = probe(&city.config(SITE), SITE, None).await;
    let failed: Vec<_> = way.steps.iter().filter(|step| step.outcome.is_err()).collect();
    assert!(failed.is_empty(), "{failed:?}");
    let last = way.steps.last().unwrap();
    let told = Ok(format!("acknowledged on wim/v1/{SITE}/probe"));
    assert_eq!((last.name, &last.outcome), (StepName::Publish, &told));

    let way = probe(&city.config("s2"), SITE, None).await;
    assert!(way.steps.last().unwrap().outcome.is_err(), "{:?}", way.steps);
}

#[tokio::test]
async fn another_sites_certificate_can_neither_publish_nor_read() {
    let Some(city) = city() else { return };
    let mut platform = city.client("platform", "wim/v1/+/alarm").await;
    let mut spy = city.client("s2", "wim/v1/#").await;

    let mut false_site = city.rig("s2");
    false_site.seal(vec![alarm("forged")]).await;
    false_site.start();
    let refused = |status: &wimd::io::uplink::status::UplinkStatus| {
        status.refused.not_authorized >= 2 && status.acknowledged == 0
    };
    false_site.until("refused", refused).await;
    assert_eq!(false_site.waiting(), 1, "kept, and offered again");
    false_site.stop().await;

    let mut rig = city.rig(SITE);
    rig.seal(vec![alarm("true")]).await;
    rig.start();
    rig.until_drained().await;
    assert_eq!(platform.hears().await, format!("wim/v1/{SITE}/alarm"));

    // what s2 hears first is its own receipt: nothing of the other site reached it before
    assert_eq!(platform.publishes("wim/v1/s2/receipt").await, PubAckReason::Success);
    assert_eq!(spy.hears().await, "wim/v1/s2/receipt");
    let foreign = format!("wim/v1/{SITE}/receipt");
    assert_eq!(spy.publishes(&foreign).await, PubAckReason::NotAuthorized);
}

#[tokio::test]
async fn without_a_certificate_the_shipped_broker_does_not_listen() {
    let Some(city) = city() else { return };
    let mut rig = city.rig(SITE);
    (rig.config.client_cert_file, rig.config.client_key_file) = (None, None);
    rig.seal(vec![alarm("unheard")]).await;
    rig.start();
    let status = rig.until("failed", |status| status.failures >= 2).await;
    assert_eq!((status.connects, rig.waiting()), (0, 1));
    assert_eq!(status.last_failure.unwrap().kind, FailureKind::Tls);
    // by TLS 1.3 the broker looks at our certificate when we think that the handshake is over
    let way = probe(&rig.config, SITE, None).await;
    let last = way.steps.last().unwrap();
    assert_eq!((last.name, last.outcome.is_err()), (StepName::Tls, true), "{way:?}");
}
