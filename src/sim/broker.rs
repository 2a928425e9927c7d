//! A broker inside the process, for the demo and for fast tests: rumqttd on loopback.
//!
//! It opens a version 5 listener and no other: a version 5 publish with properties to a
//! version 3.1.1 subscriber would poison it. It acknowledges everything with success and announces
//! no limits, so whatever is about reasons, limits or TLS needs [`super::mosquitto`].

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use rumqttd::{Config, ConnectionSettings, RouterConfig, ServerSettings};
use thiserror::Error;

/// Directives that silence the embedded broker's and the client's own logs; they speak of each
/// connection and each packet.
pub const QUIET: &str = "rumqttd=off,rumqttc=off";

/// Largest packet that the broker takes: a picture of 16 MiB and its properties.
const MAX_PACKET: usize = 17 * 1024 * 1024;

/// Bytes per segment of the broker's memory log.
const SEGMENT_BYTES: usize = 64 * 1024 * 1024;

/// Segments before the oldest messages vanish: 1 GiB per topic filter, more than any demo sends.
const SEGMENTS: usize = 16;

/// How long the listener may take to appear.
const START_LIMIT: Duration = Duration::from_secs(10);

/// Why the embedded broker did not start.
#[derive(Debug, Error)]
pub enum BrokerError {
    /// No free port on loopback.
    #[error("no free loopback port for the embedded broker")]
    Port(#[source] io::Error),
    /// Its thread could not be made.
    #[error("the embedded broker's thread did not start")]
    Thread(#[source] io::Error),
    /// It never listened.
    #[error("the embedded broker does not listen on {0}")]
    Silent(SocketAddr),
}

/// A running broker. It lives as long as the process: rumqttd cannot be stopped.
#[derive(Clone, Debug)]
pub struct Broker {
    /// Where it listens, such as `mqtt://127.0.0.1:40123`.
    pub url: String,
    /// The same as an address.
    pub addr: SocketAddr,
}

impl Broker {
    /// Starts it on a free loopback port and waits until it listens.
    ///
    /// # Errors
    /// [`BrokerError`] when there is no port, no thread or no listener within ten seconds.
    pub fn start() -> Result<Self, BrokerError> {
        let addr = free_port().map_err(BrokerError::Port)?;
        let mut broker = rumqttd::Broker::new(settings(addr));
        thread::Builder::new()
            .name("embedded-broker".into())
            .spawn(move || {
                // It returns only when its listener has died; then nobody can connect any more.
                let _ = broker.start();
            })
            .map_err(BrokerError::Thread)?;
        await_listener(addr, START_LIMIT).map_err(|_| BrokerError::Silent(addr))?;
        Ok(Self { url: format!("mqtt://{addr}"), addr })
    }
}

/// A loopback address whose port was free a moment ago.
///
/// # Errors
/// When the system has none.
pub fn free_port() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// Waits until somebody accepts on `addr`.
///
/// # Errors
/// The last refusal, after `limit`.
pub(super) fn await_listener(addr: SocketAddr, limit: Duration) -> io::Result<()> {
    let began = Instant::now();
    loop {
        match TcpStream::connect_timeout(&addr, Duration::from_secs(1)) {
            Ok(_) => return Ok(()),
            Err(refused) if began.elapsed() > limit => return Err(refused),
            Err(_) => thread::sleep(Duration::from_millis(5)),
        }
    }
}

fn settings(listen: SocketAddr) -> Config {
    let server = ServerSettings {
        name: "v5".into(),
        listen,
        tls: None,
        next_connection_delay_ms: 1,
        connections: ConnectionSettings {
            connection_timeout_ms: 60_000,
            max_payload_size: MAX_PACKET,
            max_inflight_count: 200,
            auth: None,
            external_auth: None,
            dynamic_filters: true,
        },
    };
    Config {
        router: RouterConfig {
            max_connections: 100,
            max_outgoing_packet_count: 200,
            max_segment_size: SEGMENT_BYTES,
            max_segment_count: SEGMENTS,
            ..RouterConfig::default()
        },
        v5: Some(HashMap::from([("v5".to_owned(), server)])),
        ..Config::default()
    }
}
