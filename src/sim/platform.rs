//! The city platform's side of the broker: a version 5 subscriber with a persistent session.
//!
//! Everything that arrives under a site goes to a channel with the instant of its arrival, a
//! picture once all of its pieces are there and have its digest. It validates nothing else: the
//! tests do.

mod pictures;

use std::time::{Duration, Instant};

use bytes::Bytes;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Packet, Publish, PublishProperties, SubscribeReasonCode};
use rumqttc::v5::{AsyncClient, ClientError, Event, EventLoop, MqttOptions};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::AbortOnDropHandle;

use pictures::{Made, Pictures};

/// Seconds the broker keeps the session of an absent platform.
const SESSION_SECONDS: u32 = 3_600;

/// Largest packet of the standard; the platform takes everything.
const MAX_PACKET: u32 = 268_435_455;

/// Pause after a failed connection; a simulator on loopback needs no back-off.
const RECONNECT_PAUSE: Duration = Duration::from_millis(50);

/// How long the first subscription may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(20);

/// Why the platform is not there.
#[derive(Debug, Error)]
pub enum PlatformError {
    /// Not of the form `mqtt://host:port`.
    #[error("{0:?} is not of the form mqtt://host:port")]
    Url(String),
    /// No subscription within twenty seconds.
    #[error("the broker at {0} grants no subscription")]
    NoSubscription(String),
    /// Its connection task has ended.
    #[error("the platform's client cannot publish")]
    Client(#[from] ClientError),
}

/// One message.
#[derive(Clone, Debug)]
pub struct Received {
    /// Its topic.
    pub topic: String,
    /// Its bytes.
    pub payload: Bytes,
    /// User properties in order.
    pub properties: Vec<(String, String)>,
    /// Content type, when told.
    pub content_type: Option<String>,
    /// Whether the broker had kept it from before the subscription.
    pub retained: bool,
    /// Correlation data, when told.
    pub correlation: Option<Bytes>,
    /// When it arrived.
    pub at: Instant,
}

/// A connected platform; dropping it ends the connection without a DISCONNECT.
#[derive(Debug)]
pub struct Platform {
    /// What arrives, in order.
    pub received: mpsc::UnboundedReceiver<Received>,
    client: AsyncClient,
    site: String,
    _task: AbortOnDropHandle<()>,
}

/// How the platform connects.
#[derive(Clone, Debug)]
pub struct Access {
    /// Broker, `mqtt://host:port`.
    pub url: String,
    /// Site whose topics it reads.
    pub site: String,
    /// User and password.
    pub login: Option<(String, String)>,
    /// Topic filter; `None` for everything of the site that the site itself sends.
    pub filter: Option<String>,
    /// Whether it confirms each record with a receipt as soon as it arrives.
    pub receipts: bool,
}

impl Platform {
    /// Connects, subscribes to everything below `wim/v1/{site}` and waits for the grant.
    ///
    /// # Errors
    /// [`PlatformError`] on a bad address or when no subscription is granted within 20 seconds.
    pub async fn connect(url: &str, site: &str) -> Result<Self, PlatformError> {
        Self::connect_with(Access {
            url: url.into(),
            site: site.into(),
            login: None,
            filter: None,
            receipts: false,
        })
        .await
    }

    /// As [`Platform::connect`], with a login, a narrower filter or receipts.
    ///
    /// # Errors
    /// As [`Platform::connect`].
    pub async fn connect_with(access: Access) -> Result<Self, PlatformError> {
        let bad = || PlatformError::Url(access.url.clone());
        let (host, port) = access
            .url
            .strip_prefix("mqtt://")
            .and_then(|rest| rest.rsplit_once(':'))
            .ok_or_else(bad)?;
        let port = port.parse().map_err(|_| bad())?;
        let mut options = MqttOptions::new(format!("platform-{}", access.site), host, port);
        options
            .set_clean_start(false)
            .set_session_expiry_interval(Some(SESSION_SECONDS))
            .set_max_packet_size(Some(MAX_PACKET))
            .set_keep_alive(Duration::from_secs(15));
        if let Some((user, password)) = &access.login {
            options.set_credentials(user, password);
        }
        let (client, events) = AsyncClient::new(options, 1_000);
        let (sender, received) = mpsc::unbounded_channel();
        let (granted, grant) = oneshot::channel();
        let inbox = Inbox {
            client: client.clone(),
            sender,
            granted: Some(granted),
            filter: access.filter.unwrap_or_else(|| format!("wim/v1/{}/#", access.site)),
            receipt_topic: format!("wim/v1/{}/receipt", access.site),
            receipts: access.receipts,
            pictures: Pictures::default(),
        };
        let task = AbortOnDropHandle::new(tokio::spawn(inbox.run(events)));
        match tokio::time::timeout(CONNECT_LIMIT, grant).await {
            Ok(Ok(())) => Ok(Self { received, client, site: access.site, _task: task }),
            _ => Err(PlatformError::NoSubscription(access.url)),
        }
    }

    /// The next message, or `None` when none comes within `limit`.
    pub async fn next(&mut self, limit: Duration) -> Option<Received> {
        tokio::time::timeout(limit, self.received.recv()).await.ok().flatten()
    }

    /// Confirms every record up to and including `seq`.
    ///
    /// # Errors
    /// [`PlatformError::Client`] when the connection's task has ended.
    pub async fn confirm_up_to(&self, seq: u64) -> Result<(), PlatformError> {
        self.send("receipt", format!(r#"{{"up_to":{seq}}}"#)).await
    }

    /// Asks the site on its request topic, with where to answer and what to give back.
    ///
    /// # Errors
    /// [`PlatformError::Client`] when the connection's task has ended.
    pub async fn ask(
        &self,
        request: impl Into<Bytes>,
        response_topic: Option<String>,
        correlation: Option<Bytes>,
    ) -> Result<(), PlatformError> {
        let topic = format!("wim/v1/{}/request", self.site);
        let properties = PublishProperties {
            response_topic,
            correlation_data: correlation,
            ..PublishProperties::default()
        };
        let (qos, request) = (QoS::AtLeastOnce, request.into());
        Ok(self.client.publish_with_properties(topic, qos, false, request, properties).await?)
    }

    /// Leaves a message with the broker for whoever subscribes later.
    ///
    /// # Errors
    /// [`PlatformError::Client`] when the connection's task has ended.
    pub async fn retain(&self, leaf: &str, payload: &str) -> Result<(), PlatformError> {
        let topic = format!("wim/v1/{}/{leaf}", self.site);
        Ok(self.client.publish(topic, QoS::AtLeastOnce, true, payload.to_owned()).await?)
    }

    /// Publishes to one of the site's topics in the other direction.
    ///
    /// # Errors
    /// [`PlatformError::Client`] when the connection's task has ended.
    pub async fn send(&self, leaf: &str, payload: String) -> Result<(), PlatformError> {
        let topic = format!("wim/v1/{}/{leaf}", self.site);
        Ok(self.client.publish(topic, QoS::AtLeastOnce, false, payload).await?)
    }
}

struct Inbox {
    client: AsyncClient,
    sender: mpsc::UnboundedSender<Received>,
    granted: Option<oneshot::Sender<()>>,
    filter: String,
    receipt_topic: String,
    receipts: bool,
    pictures: Pictures,
}

impl Inbox {
    async fn run(mut self, mut events: EventLoop) {
        loop {
            match events.poll().await {
                Ok(Event::Incoming(packet)) => {
                    if !self.take(packet) {
                        return;
                    }
                }
                Ok(Event::Outgoing(_)) => {}
                Err(_) => tokio::time::sleep(RECONNECT_PAUSE).await,
            }
        }
    }

    /// False when nobody listens any more.
    fn take(&mut self, packet: Packet) -> bool {
        match packet {
            Packet::ConnAck(connack) if !connack.session_present => {
                // The queue has room: it is drained by the loop that calls this.
                let _ = self.client.try_subscribe(self.filter.clone(), QoS::AtLeastOnce);
            }
            Packet::ConnAck(_) => self.subscribed(),
            Packet::SubAck(granted) => {
                let ok =
                    |code: &SubscribeReasonCode| matches!(code, SubscribeReasonCode::Success(_));
                if granted.return_codes.iter().all(ok) {
                    self.subscribed();
                }
            }
            Packet::Publish(publish) => return self.publish(publish),
            _ => {}
        }
        true
    }

    fn subscribed(&mut self) {
        if let Some(waiting) = self.granted.take() {
            let _ = waiting.send(());
        }
    }

    fn publish(&mut self, publish: Publish) -> bool {
        let topic = String::from_utf8_lossy(&publish.topic).into_owned();
        if topic == self.receipt_topic {
            return true;
        }
        if self.receipts
            && let Some(seq) = sequence(&publish.payload)
        {
            let receipt = format!(r#"{{"seqs":[{seq}]}}"#);
            let _ = self.client.try_publish(
                self.receipt_topic.clone(),
                QoS::AtLeastOnce,
                false,
                receipt,
            );
        }
        let properties = publish.properties.unwrap_or_default();
        let mut payload = publish.payload;
        if topic.split('/').nth(3) == Some("evidence") {
            payload = match self.pictures.take(&topic, &properties.user_properties, &payload) {
                Made::Whole(picture) => picture.into(),
                Made::Nothing | Made::Wrong => return true,
            };
        }
        let received = Received {
            topic,
            payload,
            properties: properties.user_properties,
            content_type: properties.content_type,
            correlation: properties.correlation_data,
            retained: publish.retain,
            at: Instant::now(),
        };
        self.sender.send(received).is_ok()
    }
}

/// The ledger sequence in a record's payload; `None` for anything else.
fn sequence(payload: &[u8]) -> Option<u64> {
    let value: serde_json::Value = serde_json::from_slice(payload).ok()?;
    value.get("proof")?.get("seq")?.as_u64()
}
