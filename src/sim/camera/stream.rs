//! A simulated camera whose event stream is pulled: a server that asks for a digest and then writes
//! parts without end, with every deviation that the field reports (cameras.md section 2.2).

mod fault;
mod serving;

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustls::ServerConfig;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, watch};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use fault::StreamFault;

use super::{Oddity, Quirk, SimPlateEvent};
use crate::io::camera::digest::Nonces;
use crate::io::pem::{self, PemError};
use serving::Serving;

/// Events that may wait for a slow reader; our choice.
const WAITING: usize = 64;

/// How the camera behaves.
#[derive(Clone, Debug)]
pub struct StreamSettings {
    /// User name and password.
    pub account: (String, String),
    /// Pause between two signs of life.
    pub heartbeat: Duration,
    /// Deviations of the parts.
    pub quirks: Vec<Quirk>,
    /// Deviations of the events.
    pub oddities: Vec<Oddity>,
    /// Deviations of the stream.
    pub faults: Vec<StreamFault>,
    /// What `https` is spoken with; `None` for plain text.
    pub tls: Option<Arc<ServerConfig>>,
}

impl StreamSettings {
    /// A camera without deviation, with a heartbeat every ten seconds.
    pub fn new(user: &str, password: &str) -> Self {
        Self {
            account: (user.to_owned(), password.to_owned()),
            heartbeat: Duration::from_secs(10),
            quirks: Vec::new(),
            oddities: Vec::new(),
            faults: Vec::new(),
            tls: None,
        }
    }

    /// Speaks `https` with this certificate and key, two PEM files.
    ///
    /// # Errors
    /// When they cannot be read or do not belong together.
    pub fn https(self, certificate: &Path, key: &Path) -> Result<Self, HttpsError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let settings = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(pem::certificates(certificate)?, pem::private_key(key)?)?;
        Ok(Self { tls: Some(Arc::new(settings)), ..self })
    }
}

/// The camera cannot speak `https`.
#[derive(Debug, Error)]
pub enum HttpsError {
    /// A file gives no certificate or key.
    #[error(transparent)]
    File(#[from] PemError),
    /// They are refused.
    #[error("certificate and key cannot be used")]
    Refused(#[from] rustls::Error),
}

/// What its streams share.
#[derive(Debug)]
struct Common {
    settings: StreamSettings,
    nonces: Mutex<Nonces>,
    events: broadcast::Sender<SimPlateEvent>,
    /// Streams that were opened, and how many are open.
    streams: watch::Sender<(usize, usize)>,
    /// Requests that were answered.
    requests: watch::Sender<Vec<String>>,
}

impl Common {
    fn nonces(&self) -> MutexGuard<'_, Nonces> {
        self.nonces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The camera.
#[derive(Debug)]
pub struct SimStream {
    listener: TcpListener,
    common: Arc<Common>,
}

/// A handle to it while it runs.
#[derive(Clone, Debug)]
pub struct StreamHandle(Arc<Common>);

impl StreamHandle {
    /// Sends an event to the streams that are open; false when there is none: it is lost then, as
    /// with a real camera.
    pub fn send(&self, event: &SimPlateEvent) -> bool {
        self.0.events.send(event.clone()).is_ok()
    }

    /// Waits until so many streams have been opened.
    pub async fn opened(&self, number: usize) {
        // the sender lives as long as this handle
        let _ = self.0.streams.subscribe().wait_for(|(opened, _)| *opened >= number).await;
    }

    /// Waits until no stream is open.
    pub async fn closed(&self) {
        let _ = self.0.streams.subscribe().wait_for(|(_, open)| *open == 0).await;
    }

    /// First line and body of each request that was made.
    pub fn requests(&self) -> Vec<String> {
        self.0.requests.borrow().clone()
    }
}

impl SimStream {
    /// Listens; it serves from [`Self::run`] on.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn bind(listen: SocketAddr, settings: StreamSettings) -> io::Result<Self> {
        let common = Common {
            settings,
            nonces: Mutex::default(),
            events: broadcast::Sender::new(WAITING),
            streams: watch::Sender::default(),
            requests: watch::Sender::default(),
        };
        Ok(Self { listener: TcpListener::bind(listen).await?, common: Arc::new(common) })
    }

    /// Where it listens, with the port that the system gave for port 0.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// A handle to it.
    pub fn handle(&self) -> StreamHandle {
        StreamHandle(Arc::clone(&self.common))
    }

    /// Serves until the order to stop.
    pub async fn run(self, stop: CancellationToken) {
        let connections = TaskTracker::new();
        while let Some(accepted) = stop.run_until_cancelled(self.listener.accept()).await {
            let Ok((stream, _)) = accepted else { continue };
            let (common, stop) = (Arc::clone(&self.common), stop.clone());
            connections.spawn(async move {
                // A client that goes away is no failure of the camera's.
                let _ = stop.run_until_cancelled(serve(stream, common)).await;
            });
        }
        connections.close();
        connections.wait().await;
    }
}

async fn serve(stream: TcpStream, common: Arc<Common>) -> io::Result<()> {
    match common.settings.tls.clone() {
        None => Serving::new(stream, common).run().await,
        Some(tls) => {
            let stream = TlsAcceptor::from(tls).accept(stream).await?;
            Serving::new(stream, common).run().await
        }
    }
}
