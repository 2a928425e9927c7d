//! The listener: connections within bounds, one HTTP/1.1 server for each.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::Extension;
use axum::routing::any;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::directory::Directory;
use super::limits::{HEADER_BYTES, HEADER_LINES};
use super::pull::{self, Puller};
use super::request::{Peer, elsewhere, event};
use super::secret::SecretError;
use super::shared::{Place, Shared};
use super::status::{CameraDoorStatus, CameraStatus};
use super::subscribing::{self, Subscriber};
use super::supervision;
use super::viid;
use crate::clock::Clock;
use crate::config::camera::{CameraConfig, CameraDoorConfig};
use crate::io::intake::Intake;
use crate::io::pictures::PictureFolder;

/// How long requests in progress may go on after the stop order; our choice: longer than an
/// answer may take.
const STOP_WITHIN: Duration = Duration::from_secs(3);
/// How long what is given up then may take to count itself; our choice.
const GIVEN_UP_WITHIN: Duration = Duration::from_secs(1);
/// Pause after the system could not give a connection, usually for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The door cannot open.
#[derive(Debug, Error)]
pub enum CameraDoorError {
    /// A password cannot be had.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The address cannot be listened on.
    #[error("cannot listen for cameras on {address}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// The camera door.
#[derive(Debug)]
pub struct CameraDoor {
    listener: TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl CameraDoor {
    /// Listens; requests are taken from [`Self::run`] on.
    ///
    /// # Errors
    /// A [`CameraDoorError`].
    pub async fn bind(
        config: &CameraDoorConfig,
        cameras: Vec<CameraConfig>,
        clock: Clock,
        intake: Intake,
        pictures: PictureFolder,
    ) -> Result<Self, CameraDoorError> {
        let failed = |source| CameraDoorError::Listen { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let cameras = Directory::new(cameras, config.max_requests_per_s)?;
        let status = CameraDoorStatus {
            listening: address.to_string(),
            cameras: cameras
                .configs()
                .map(|config| {
                    let (pull, subscription) = (pull::status(config), subscribing::status(config));
                    let status = CameraStatus { pull, subscription, ..CameraStatus::default() };
                    (config.name.clone(), status)
                })
                .collect(),
            ..CameraDoorStatus::default()
        };
        let shared = Shared {
            config: config.clone(),
            cameras,
            clock,
            intake,
            pictures,
            tasks: TaskTracker::new(),
            given_up: CancellationToken::new(),
            guesses: Mutex::default(),
            nonces: Mutex::default(),
            peers: Mutex::default(),
            status: watch::Sender::new(status),
        };
        Ok(Self { listener, address, shared: Arc::new(shared) })
    }

    /// The address that it listens on, with the port that the system gave for port 0.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// What it counts.
    pub fn status(&self) -> watch::Receiver<CameraDoorStatus> {
        self.shared.status.subscribe()
    }

    /// Starts what goes on beside the requests: streams, subscriptions, and the watch over silence.
    fn beside(&self, stop: &CancellationToken) -> JoinSet<()> {
        let (shared, port) = (&self.shared, self.address.port());
        let mut beside = JoinSet::new();
        beside.spawn(supervision::run(Arc::clone(shared), stop.clone()));
        for index in shared.cameras.indexes() {
            if let Some(puller) = Puller::new(shared, index) {
                beside.spawn(puller.run(stop.clone()));
            }
            if let Some(subscriber) = Subscriber::new(shared, index, port) {
                beside.spawn(subscriber.run(stop.clone()));
            }
        }
        beside
    }

    /// Takes requests and pulls streams until the stop order, then finishes what is in progress.
    pub async fn run(self, stop: CancellationToken) {
        let routes = Router::new()
            .route("/camera/{token}", any(event))
            .route("/camera/{token}/{*rest}", any(event))
            .route("/VIID/{*rest}", any(viid::call))
            .fallback(elsewhere)
            .with_state(Arc::clone(&self.shared));
        // what it holds ends with it at the latest
        let mut beside = self.beside(&stop);
        let connections = TaskTracker::new();
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = self.listener.accept() => accepted,
            };
            let Ok((stream, peer)) = accepted else {
                self.shared.note_door(|counts| counts.accept_errors += 1);
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            if let Some(place) = self.shared.place(peer.ip()) {
                let routes = routes.clone().layer(Extension(Peer(peer)));
                connections.spawn(serve(stream, routes, place, stop.clone()));
            }
        }
        finish(&self.shared, &mut beside, connections).await;
    }
}

/// Waits for what is in progress, for a bounded time: what is left after it keeps no intake open.
async fn finish(shared: &Shared, beside: &mut JoinSet<()>, connections: TaskTracker) {
    connections.close();
    shared.tasks.close();
    let mut finished = std::pin::pin!(async {
        while beside.join_next().await.is_some() {}
        connections.wait().await;
        shared.tasks.wait().await;
    });
    if tokio::time::timeout(STOP_WITHIN, finished.as_mut()).await.is_err() {
        tracing::warn!("what cameras sent was still in progress at the stop and is left");
        shared.given_up.cancel();
        let _left = tokio::time::timeout(GIVEN_UP_WITHIN, finished).await.is_err();
    }
}

async fn serve(stream: TcpStream, routes: Router, place: Place, stop: CancellationToken) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(place.shared.read_timeout())
        .max_buf_size(HEADER_BYTES)
        .max_headers(HEADER_LINES)
        // who hangs up keeps its place until its answer was due, so that no guesser saves its pause
        .half_close(true)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes));
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::time::timeout(STOP_WITHIN, connection).await.unwrap_or(Ok(()))
        }
    };
    if ended.is_err() {
        place.shared.note_door(|counts| counts.connections_failed += 1);
    }
}
