//! Walks the way to the broker step by step, for a technician who sees only that nothing arrives.
//!
//! In: the configuration's section. Out: each step with its time, up to the first that fails. It
//! is a client of its own with an id of its own, sends one empty message to a topic of its own,
//! and never disturbs a daemon that is connected.

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Packet, PubAckReason};
use rumqttc::v5::{AsyncClient, Event, EventLoop, MqttOptions};
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::failure::{self, Description};
use super::options::{self, Address};
use super::status::FailureKind;
use super::{tls, topics, topics::Topics};
use crate::config::UplinkConfig;

/// Longest that one step may take (our choice: four of them stay within ten seconds, and a line
/// on which a step takes longer is not usable anyway).
const PATIENCE: Duration = Duration::from_millis(2_400);

/// What a broker that leaves us without an answer has done.
const SILENT: &str = "the broker does not answer";

/// A step of the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepName {
    /// Address, secrets and certificates of the configuration.
    Configuration,
    /// From the host's name to addresses.
    Name,
    /// The TCP connection.
    Tcp,
    /// The TLS handshake with both certificates.
    Tls,
    /// MQTT CONNECT: user, password, client id.
    Connect,
    /// A message and its acknowledgement.
    Publish,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which.
    pub name: StepName,
    /// How long it took.
    pub took: Duration,
    /// What it gave, or why it failed.
    pub outcome: Result<String, String>,
}

/// The way as far as it goes.
#[derive(Clone, Debug, Default)]
pub struct Way {
    /// The steps in order; only the last can have failed.
    pub steps: Vec<Step>,
    /// The broker's own certificate, when TLS came about.
    pub certificate: Option<CertificateDer<'static>>,
}

impl Way {
    /// Notes a step; its value when it did not fail.
    fn note<T>(
        &mut self,
        name: StepName,
        began: Instant,
        result: Result<(T, String), String>,
    ) -> Option<T> {
        let (value, outcome) = match result {
            Ok((value, text)) => (Some(value), Ok(text)),
            Err(why) => (None, Err(why)),
        };
        self.steps.push(Step { name, took: began.elapsed(), outcome });
        value
    }
}

/// Walks the way. `credentials` is systemd's directory of secrets, when there is one.
pub async fn probe(config: &UplinkConfig, site: &str, credentials: Option<&Path>) -> Way {
    let mut way = Way::default();
    // The end of the way is also the answer; what is missing is a step that has failed.
    let _ended = walk(config, site, credentials, &mut way).await;
    way
}

async fn walk(
    config: &UplinkConfig,
    site: &str,
    credentials: Option<&Path>,
    way: &mut Way,
) -> Option<()> {
    let (began, topic) = (Instant::now(), Topics::new(site).leaf(topics::PROBE));
    let prepared = prepare(config, site, credentials, &topic);
    let (address, options) = way.note(StepName::Configuration, began, prepared)?;
    let began = Instant::now();
    let peers = way.note(StepName::Name, began, resolve(&address).await)?;
    let began = Instant::now();
    let stream = way.note(StepName::Tcp, began, connect(&peers).await)?;
    if address.tls {
        let began = Instant::now();
        let handshake = shake_hands(config, &address, stream).await;
        way.certificate = way.note(StepName::Tls, began, handshake)?;
    }
    let (client, mut events) = AsyncClient::new(options, 4);
    let began = Instant::now();
    let (step, greeted) = greet(&mut events).await;
    way.note(step, began, greeted)?;
    let began = Instant::now();
    let published = within(publish(&client, &mut events, &topic)).await;
    way.note(StepName::Publish, began, published)?;
    // A goodbye, so that the will is not sent; the broker may as well have gone.
    let _gone = client.disconnect().await.is_err();
    let _ended = timeout(PATIENCE, async { while events.poll().await.is_ok() {} }).await;
    Some(())
}

fn prepare(
    config: &UplinkConfig,
    site: &str,
    credentials: Option<&Path>,
    topic: &str,
) -> Result<((Address, MqttOptions), String), String> {
    let id = config.client_id.clone().unwrap_or_else(|| format!("wimd-{site}"));
    let own = UplinkConfig { client_id: Some(format!("{id}-doctor")), ..config.clone() };
    let will = (topic.to_owned(), Vec::new());
    let options = options::build(&own, site, credentials, will);
    let options = options.map_err(|error| failure::of_options(&error).1)?;
    let address = options::address(config).map_err(|error| chain(&error))?;
    let text = address.to_string();
    Ok(((address, options), text))
}

async fn resolve(address: &Address) -> Result<(Vec<SocketAddr>, String), String> {
    let lookup = timeout(PATIENCE, tokio::net::lookup_host((address.host.as_str(), address.port)));
    let found = match lookup.await {
        Ok(Ok(found)) => found.collect::<Vec<_>>(),
        Ok(Err(error)) => return Err(format!("{}: {error}", address.host)),
        Err(_) => return Err(format!("{}: the name server does not answer", address.host)),
    };
    match found.first() {
        Some(first) => Ok((found.clone(), first.ip().to_string())),
        None => Err(format!("{}: the name has no address", address.host)),
    }
}

async fn connect(peers: &[SocketAddr]) -> Result<(TcpStream, String), String> {
    match timeout(PATIENCE, TcpStream::connect(peers)).await {
        Ok(Ok(stream)) => {
            let peer = stream.peer_addr().map_or_else(|_| "-".to_owned(), |peer| peer.to_string());
            Ok((stream, peer))
        }
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("no answer: a firewall drops the packets, or the line is dead".to_owned()),
    }
}

async fn shake_hands(
    config: &UplinkConfig,
    address: &Address,
    stream: TcpStream,
) -> Result<(Option<CertificateDer<'static>>, String), String> {
    let settings = tls::client_config(config).map_err(|error| chain(&error))?;
    let name = ServerName::try_from(address.host.clone()).map_err(|error| chain(&error))?;
    let connector = TlsConnector::from(Arc::new(settings));
    match timeout(PATIENCE, connector.connect(name, stream)).await {
        Ok(Ok(stream)) => {
            let (_, session) = stream.get_ref();
            let version = session.protocol_version().map(|version| format!("{version:?}"));
            let first = session.peer_certificates().and_then(|chain| chain.first());
            Ok((first.cloned().map(CertificateDer::into_owned), version.unwrap_or_default()))
        }
        Ok(Err(error)) => Err(failure::of_connection(&rumqttc::v5::ConnectionError::Tls(
            rumqttc::v5::TlsError::Io(error),
        ))
        .1),
        Err(_) => Err("the broker does not answer the handshake".to_owned()),
    }
}

/// CONNECT and its answer, with the step that it belongs to: by TLS 1.3 the handshake is over for us
/// before the broker has looked at our certificate, and what it thinks of it comes here.
async fn greet(events: &mut EventLoop) -> (StepName, Result<((), String), String>) {
    let answered = timeout(PATIENCE, accepted(events)).await;
    let step = match answered {
        Ok(Err((FailureKind::Tls, _))) => StepName::Tls,
        _ => StepName::Connect,
    };
    let outcome = match answered {
        Ok(Ok(())) => Ok(((), "accepted".to_owned())),
        Ok(Err((_, why))) => Err(why),
        Err(_) => Err(SILENT.to_owned()),
    };
    (step, outcome)
}

async fn accepted(events: &mut EventLoop) -> Result<(), Description> {
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => return Ok(()),
            Ok(_) => {}
            Err(error) => return Err(failure::of_connection(&error)),
        }
    }
}

async fn publish(
    client: &AsyncClient,
    events: &mut EventLoop,
    topic: &str,
) -> Result<((), String), String> {
    let sent = client.publish(topic, QoS::AtLeastOnce, false, Vec::new()).await;
    sent.map_err(|error| error.to_string())?;
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::PubAck(ack))) => {
                return match ack.reason {
                    // Nobody has to listen to a probe.
                    PubAckReason::Success | PubAckReason::NoMatchingSubscribers => {
                        Ok(((), format!("acknowledged on {topic}")))
                    }
                    reason => Err(format!("the broker refuses {topic}: {reason:?}")),
                };
            }
            Ok(_) => {}
            Err(error) => return Err(failure::of_connection(&error).1),
        }
    }
}

async fn within<T>(step: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let answer = timeout(PATIENCE, step).await;
    answer.unwrap_or_else(|_| Err(SILENT.to_owned()))
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
