//! The body of a request: read within its bounds, taken apart on threads that may block.

use axum::body::Body;
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout, timeout_at};

use super::gathering::Received;
use super::limits::{HEADER_BYTES, LINGER, Pace};
use super::reception::Reception;
use super::refused::Refused;
use super::shared::Shared;

/// Bytes that are gathered before they are taken apart on a thread that may block; our choice:
/// a dozen hand-overs for a usual event, and little memory for each connection.
const BATCH: usize = 48 * 1024;
/// Longest body of a request that carries no event; our choice: real ones have below 1 KB.
const SHORT: usize = 64 * 1024;

/// Reads the whole body; `total` is what came, also when it is refused.
pub(super) async fn read(
    shared: &Shared,
    mut reception: Reception,
    body: &mut Body,
    total: &mut u64,
) -> Result<Received, Refused> {
    let limit = shared.config.max_body_bytes;
    let pace = Pace::new(Instant::now(), shared.read_timeout());
    // room for the piece that completes it, which is no longer than a head may be
    let mut batch = Vec::with_capacity(BATCH + HEADER_BYTES);
    loop {
        let frame = timeout_at(pace.deadline(*total, Instant::now()), body.frame()).await;
        let frame = frame.map_err(|_| Refused::TimedOut)?.transpose();
        let Some(frame) = frame.map_err(|_| Refused::Disconnected)? else {
            break;
        };
        let Ok(data) = frame.into_data() else {
            continue;
        };
        *total += data.len() as u64;
        if *total > limit {
            return Err(Refused::TooLarge(limit));
        }
        batch.extend_from_slice(&data);
        if batch.len() >= BATCH {
            (reception, batch) = push(reception, batch).await?;
        }
    }
    let finished = spawn_blocking(move || {
        reception.push(&batch)?;
        reception.finish()
    });
    finished.await.map_err(|_| Refused::Internal)?
}

async fn push(
    mut reception: Reception,
    mut batch: Vec<u8>,
) -> Result<(Reception, Vec<u8>), Refused> {
    let pushed = spawn_blocking(move || {
        reception.push(&batch)?;
        batch.clear();
        Ok((reception, batch))
    });
    pushed.await.map_err(|_| Refused::Internal)?
}

/// Reads on for a while, so that the sender comes to read the answer instead of losing it in a
/// reset connection. A sender that waits for `100 Continue` sends nothing more.
pub(super) async fn drain(body: &mut Body, headers: &HeaderMap, limit: u64) {
    if headers.contains_key(header::EXPECT) {
        return;
    }
    let read = async {
        let mut total = 0_u64;
        while let Some(Ok(frame)) = body.frame().await {
            total += frame.data_ref().map_or(0, |data| data.len() as u64);
            if total > limit {
                return;
            }
        }
    };
    // Elapsed or not, the answer goes out now.
    let _ = timeout(LINGER, read).await;
}

pub(super) fn stated_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Reads a short body whole, for requests that carry no event.
pub(super) async fn read_short(shared: &Shared, body: &mut Body) -> Result<Vec<u8>, Refused> {
    let pace = Pace::new(Instant::now(), shared.read_timeout());
    let mut bytes = Vec::new();
    loop {
        let frame = timeout_at(pace.deadline(0, Instant::now()), body.frame()).await;
        let frame = frame.map_err(|_| Refused::TimedOut)?.transpose();
        let Some(frame) = frame.map_err(|_| Refused::Disconnected)? else {
            return Ok(bytes);
        };
        if let Some(data) = frame.data_ref() {
            bytes.extend_from_slice(data);
        }
        if bytes.len() > SHORT {
            return Err(Refused::TooLarge(SHORT as u64));
        }
    }
}
