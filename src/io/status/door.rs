//! Serves the metrics by HTTP on loopback, to a collector on the same box.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::StatusError;

/// The exposition format that we write.
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A bound door.
#[derive(Debug)]
pub struct MetricsDoor {
    listener: TcpListener,
    address: SocketAddr,
}

impl MetricsDoor {
    /// Binds it.
    ///
    /// # Errors
    /// [`StatusError::Metrics`] when the address is taken.
    pub async fn bind(address: SocketAddr) -> Result<Self, StatusError> {
        let failed = |source| StatusError::Metrics { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address })
    }

    /// Where it listens, with the port that the system gave for port 0.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves `text` until `stop`.
    pub async fn run(self, text: Arc<dyn Fn() -> String + Send + Sync>, stop: CancellationToken) {
        let answer = move || {
            let text = Arc::clone(&text);
            async move { ([(CONTENT_TYPE, FORMAT)], text()) }
        };
        let router = Router::new().route("/metrics", get(answer));
        // A client that is slow to close must not keep the daemon from stopping.
        let served = stop.run_until_cancelled(async { axum::serve(self.listener, router).await });
        if let Some(Err(error)) = served.await {
            tracing::error!(%error, "the metrics are no longer served");
            stop.cancelled().await;
        }
    }
}
