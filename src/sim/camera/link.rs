//! A camera's HTTP connection: kept alive, opened again when it is lost.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{HeaderMap, Request, StatusCode};
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::body::SimBody;

/// A camera does not wait longer for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A request without an answer.
#[derive(Debug, Error)]
pub enum LinkError {
    /// No connection.
    #[error("cannot connect to {0}")]
    Connect(SocketAddr, #[source] io::Error),
    /// The connection was lost.
    #[error("the connection was lost")]
    Lost(#[source] hyper::Error),
    /// The request cannot be made, such as by an impossible path.
    #[error("the request cannot be made")]
    Request(#[source] hyper::http::Error),
    /// No answer in time.
    #[error("no answer in time")]
    Silent,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its header lines.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
    /// Real instant of the last write to the socket.
    pub written_at: Instant,
    /// Real instant at which the answer was there.
    pub received_at: Instant,
}

/// The connection.
#[derive(Debug)]
pub struct SimLink {
    address: SocketAddr,
    path: String,
    sender: Option<SendRequest<Full<Bytes>>>,
    written_at: Arc<Mutex<Instant>>,
}

impl SimLink {
    /// To `http://{address}{path}`; connects when it is needed.
    pub fn new(address: SocketAddr, path: &str) -> Self {
        Self {
            address,
            path: path.to_owned(),
            sender: None,
            written_at: Arc::new(Mutex::new(Instant::now())),
        }
    }

    /// Posts a body once.
    ///
    /// # Errors
    /// A [`LinkError`]; the next call connects again.
    pub async fn post(&mut self, body: &SimBody) -> Result<Answer, LinkError> {
        let path = self.path.clone();
        self.post_to(&path, &[], body).await
    }

    /// Posts a body once to another path, with further header lines.
    ///
    /// # Errors
    /// A [`LinkError`]; the next call connects again.
    pub async fn post_to(
        &mut self,
        path: &str,
        headers: &[(&'static str, String)],
        body: &SimBody,
    ) -> Result<Answer, LinkError> {
        let mut request = Request::post(path)
            .header(HOST, self.address.to_string())
            .header(USER_AGENT, "cpp-httplib/0.9")
            .header(CONNECTION, "keep-alive")
            .header(CONTENT_TYPE, &body.content_type);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(body.bytes.clone())).map_err(LinkError::Request)?;
        let mut sender = match self.sender.take() {
            Some(sender) if !sender.is_closed() => sender,
            _ => self.connect().await?,
        };
        let exchange = async {
            sender.ready().await?;
            let response = sender.send_request(request).await?;
            let (status, headers) = (response.status(), response.headers().clone());
            let body = response.into_body().collect().await?.to_bytes();
            Ok((status, headers, body))
        };
        let exchanged = timeout(PATIENCE, exchange).await.map_err(|_| LinkError::Silent)?;
        let (status, headers, body) = exchanged.map_err(LinkError::Lost)?;
        self.sender = Some(sender);
        Ok(Answer {
            status,
            headers,
            body,
            written_at: *self.written_at.lock().unwrap_or_else(PoisonError::into_inner),
            received_at: Instant::now(),
        })
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, LinkError> {
        let stream = TcpStream::connect(self.address).await;
        let stream = stream.map_err(|source| LinkError::Connect(self.address, source))?;
        // A delay for small segments would be measured as the daemon's.
        let _ = stream.set_nodelay(true);
        let stamped = Stamped { stream, written_at: Arc::clone(&self.written_at) };
        let (sender, connection) =
            handshake(TokioIo::new(stamped)).await.map_err(LinkError::Lost)?;
        tokio::spawn(async move {
            // Its end shows at the next request.
            let _ = connection.await;
        });
        Ok(sender)
    }
}

/// A stream that notes the instant of each write.
struct Stamped {
    stream: TcpStream,
    written_at: Arc<Mutex<Instant>>,
}

impl AsyncRead for Stamped {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stamped {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        if matches!(polled, Poll::Ready(Ok(_))) {
            *self.written_at.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
