//! The other end of the uplink: hears the records of one site as its platform does, with an id of
//! its own and a session that ends with the connection. It confirms nothing but the delivery and
//! never speaks.

use std::time::Duration;

use bytes::Bytes;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Filter, Packet, SubscribeReasonCode};
use rumqttc::v5::{AsyncClient, Event, EventLoop};
use thiserror::Error;

use super::failure;
use super::options::{self, OptionsError};
use super::topics::Topics;
use crate::config::UplinkConfig;
use crate::pipeline::record::Channel;

/// Largest record that is taken. Our choice: the store seals none of more than 16 MiB.
const MAX_PACKET: u32 = 17 * 1024 * 1024;

/// Pause before a lost connection is tried again.
const RECONNECT_PAUSE: Duration = Duration::from_secs(1);

/// Topics whose messages are records.
const CHANNELS: [Channel; 5] = [
    Channel::Violation,
    Channel::Evasion,
    Channel::Alarm,
    Channel::Passage,
    Channel::Reconciliation,
];

/// Why nothing can be heard.
#[derive(Debug, Error)]
pub enum ListenError {
    /// Address, secrets, certificates.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// The broker cannot be reached, or takes nobody like us.
    #[error("cannot listen at {broker}: {reason}")]
    Broker {
        /// Its address.
        broker: String,
        /// What it said.
        reason: String,
    },
}

/// A record as it was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Topic.
    pub topic: String,
    /// Payload.
    pub payload: Bytes,
}

/// Hears the records of one site.
pub struct Listener {
    client: AsyncClient,
    events: EventLoop,
    broker: String,
    topics: Topics,
}

impl Listener {
    /// Connects and subscribes; returns when the broker has granted it.
    ///
    /// # Errors
    /// [`ListenError`].
    pub async fn connect(config: &UplinkConfig, site: &str) -> Result<Self, ListenError> {
        let id = format!("wimd-verify-{site}-{}", std::process::id());
        let own = UplinkConfig { client_id: Some(id), ..config.clone() };
        let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(std::path::PathBuf::from);
        let mut options = options::without_will(&own, site, credentials.as_deref())?;
        options.set_max_packet_size(Some(MAX_PACKET));
        let (client, events) = AsyncClient::new(options, 8);
        let (broker, topics) = (config.broker.clone(), Topics::new(site));
        let mut listener = Self { client, events, broker, topics };
        loop {
            match listener.events.poll().await {
                Ok(Event::Incoming(Packet::ConnAck(_))) => listener.subscribe(),
                Ok(Event::Incoming(Packet::SubAck(answer))) => {
                    let granted = |code: &SubscribeReasonCode| {
                        matches!(code, SubscribeReasonCode::Success(_))
                    };
                    if answer.return_codes.iter().all(granted) {
                        return Ok(listener);
                    }
                    let reason = format!("it refuses the topics of {site}");
                    return Err(listener.broker(reason));
                }
                Ok(_) => {}
                Err(error) => {
                    let reason = failure::of_connection(&error).1;
                    return Err(listener.broker(reason));
                }
            }
        }
    }

    /// The next record; a lost connection is made again, and what was published meanwhile is not
    /// heard.
    pub async fn next(&mut self) -> Heard {
        loop {
            match self.events.poll().await {
                Ok(Event::Incoming(Packet::Publish(publish))) => {
                    let topic = String::from_utf8_lossy(&publish.topic).into_owned();
                    return Heard { topic, payload: publish.payload };
                }
                Ok(Event::Incoming(Packet::ConnAck(_))) => self.subscribe(),
                Ok(_) => {}
                Err(error) => {
                    let reason = failure::of_connection(&error).1;
                    tracing::warn!(broker = self.broker, reason, "nothing is heard meanwhile");
                    tokio::time::sleep(RECONNECT_PAUSE).await;
                }
            }
        }
    }

    fn subscribe(&self) {
        let filter = |channel| Filter::new(self.topics.record(channel), QoS::AtLeastOnce);
        // the queue has room: it is emptied by whoever polls
        let _full = self.client.try_subscribe_many(CHANNELS.map(filter)).is_err();
    }

    fn broker(&self, reason: String) -> ListenError {
        ListenError::Broker { broker: self.broker.clone(), reason }
    }
}
