//! One connection to the simulated camera: its request, the challenge, the parts.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, interval_at};

use super::super::altered::{instead, told};
use super::super::body::{stream_parts, stream_type, text_part};
use super::super::message::heartbeat_xml;
use super::super::{Oddity, SimDialect, SimPlateEvent};
use super::{Common, StreamFault};
use crate::io::camera::digest::Failure;

/// Longest head of a request that is read; our choice.
const HEAD: u64 = 16 * 1024;
/// Longest body of a request that is read; our choice.
const BODY: usize = 16 * 1024;

pub(super) struct Serving<S> {
    stream: BufReader<S>,
    common: Arc<Common>,
}

/// What is read of a request.
#[derive(Default)]
struct Asked {
    line: String,
    authorization: Option<String>,
    length: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Serving<S> {
    pub(super) fn new(stream: S, common: Arc<Common>) -> Self {
        Self { stream: BufReader::new(stream), common }
    }

    fn has(&self, fault: StreamFault) -> bool {
        self.common.settings.faults.contains(&fault)
    }

    pub(super) async fn run(mut self) -> io::Result<()> {
        let asked = self.asked().await?;
        let mut body = vec![0; asked.length.min(BODY)];
        self.stream.read_exact(&mut body).await?;
        let told = format!("{} {}", asked.line, String::from_utf8_lossy(&body));
        self.common.requests.send_modify(|all| all.push(told.trim().to_owned()));
        if self.has(StreamFault::HangsUp) {
            return Ok(());
        }
        if !self.proven(&asked).await? {
            return Ok(());
        }
        for (fault, status) in [
            (StreamFault::Taken, "503 Service Unavailable"),
            (StreamFault::NoStream, "404 Not Found"),
            (StreamFault::Forbidden, "403 Forbidden"),
        ] {
            if self.has(fault) {
                return self.answer(status, "").await;
            }
        }
        if self.has(StreamFault::Page) {
            let page =
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html>";
            return self.write(page.as_bytes()).await;
        }
        let kind = stream_type(&self.common.settings.quirks);
        let head = format!(
            "HTTP/1.1 200 OK\r\nMIME-Version: 1.0\r\nConnection: close\r\nContent-Type: {kind}\r\n\r\n"
        );
        self.write(head.as_bytes()).await?;
        let events = self.common.events.subscribe();
        self.common
            .streams
            .send_modify(|(opened, open)| (*opened, *open) = (*opened + 1, *open + 1));
        let common = Arc::clone(&self.common);
        let ended = self.stream(events).await;
        common.streams.send_modify(|(_, open)| *open -= 1);
        ended
    }

    async fn asked(&mut self) -> io::Result<Asked> {
        let mut asked = Asked::default();
        let mut head = (&mut self.stream).take(HEAD);
        head.read_line(&mut asked.line).await?;
        asked.line = asked.line.trim().to_owned();
        loop {
            let mut line = String::new();
            if head.read_line(&mut line).await? == 0 || line.trim().is_empty() {
                return Ok(asked);
            }
            let (name, value) = line.split_once(':').unwrap_or_default();
            match name.to_ascii_lowercase().as_str() {
                "authorization" => asked.authorization = Some(value.trim().to_owned()),
                "content-length" => asked.length = value.trim().parse().unwrap_or(0),
                _ => {}
            }
        }
    }

    /// Whether the request proves the account; otherwise it is answered.
    async fn proven(&mut self, asked: &Asked) -> io::Result<bool> {
        let now = Instant::now();
        if self.has(StreamFault::BasicOnly) {
            let header = "WWW-Authenticate: Basic realm=\"camera\"\r\n";
            self.answer("401 Unauthorized", header).await?;
            return Ok(false);
        }
        let (user, password) = &self.common.settings.account;
        let method = asked.line.split(' ').next().unwrap_or_default();
        let checked = self.common.nonces().check(
            asked.authorization.as_deref(),
            method,
            (user, password),
            now,
        );
        let again = self.has(StreamFault::AsksAgain);
        if checked.is_ok() && !again {
            return Ok(true);
        }
        let stale = again || matches!(checked, Err(Failure::Expired | Failure::Replayed));
        let challenge = self.common.nonces().challenge(stale, now).unwrap_or_default();
        let header = format!("WWW-Authenticate: {challenge}\r\n");
        self.answer("401 Unauthorized", &header).await?;
        Ok(false)
    }

    /// Writes parts until the client goes away or the fault says so.
    async fn stream(
        &mut self,
        mut events: tokio::sync::broadcast::Receiver<SimPlateEvent>,
    ) -> io::Result<()> {
        let every = self.common.settings.heartbeat;
        let mut heartbeats = interval_at(Instant::now() + every, every);
        let mut ignored = [0; 64];
        loop {
            let event = tokio::select! {
                event = events.recv() => match event {
                    Ok(event) => Some(event),
                    Err(RecvError::Lagged(_)) => continue,
                    Err(RecvError::Closed) => return Ok(()),
                },
                _ = heartbeats.tick() => None,
                read = self.stream.read(&mut ignored) => match read? {
                    0 => return Ok(()),
                    _ => continue,
                },
            };
            if self.has(StreamFault::Silent) {
                continue;
            }
            let Some(event) = event else {
                self.part(heartbeat_xml()).await?;
                continue;
            };
            self.event(&event).await?;
            let dies = [StreamFault::Dies, StreamFault::DiesInside];
            if dies.into_iter().any(|fault| self.has(fault)) {
                return self.stream.get_mut().shutdown().await;
            }
        }
    }

    async fn event(&mut self, event: &SimPlateEvent) -> io::Result<()> {
        let (quirks, oddities) =
            (self.common.settings.quirks.clone(), self.common.settings.oddities.clone());
        if let Some(text) = instead(SimDialect::IsapiPull, &oddities) {
            return self.part(&text).await;
        }
        for event in told(event, &oddities) {
            let bytes = stream_parts(&event, &quirks);
            if self.has(StreamFault::DiesInside) {
                return self.write(&bytes[..bytes.len() - bytes.len() / 4]).await;
            }
            self.write(&bytes).await?;
            if oddities.contains(&Oddity::Repeated) {
                self.write(&bytes).await?;
            }
        }
        Ok(())
    }

    async fn part(&mut self, xml: &str) -> io::Result<()> {
        let bytes = text_part(xml, &self.common.settings.quirks);
        self.write(&bytes).await
    }

    async fn answer(&mut self, status: &str, header: &str) -> io::Result<()> {
        let answer =
            format!("HTTP/1.1 {status}\r\n{header}Content-Length: 0\r\nConnection: close\r\n\r\n");
        self.write(answer.as_bytes()).await
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }
}
