//! One HTTP request: who sends it, its body within all bounds, the answer.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout, timeout_at};

use super::handover::{Settled, settle};
use super::limits::{LINGER, Pace, REPLY_WITHIN};
use super::reception::{Received, Reception};
use super::refused::Refused;
use super::shared::Shared;
use crate::config::camera::Dialect;

/// Bytes that are gathered before they are taken apart on a thread that may block; our choice:
/// ten hand-overs for a usual event.
const BATCH: usize = 64 * 1024;

/// The address of the other side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) SocketAddr);

/// A request for `/camera/{token}`, whatever follows the token.
pub(super) async fn event(
    State(shared): State<Arc<Shared>>,
    Extension(Peer(peer)): Extension<Peer>,
    request: Request,
) -> Response {
    let (parts, mut body) = request.into_parts();
    let index = match identify(&shared, token(parts.uri.path()), peer.ip()) {
        Ok(index) => index,
        Err(refused) => {
            drain(&mut body, &parts.headers, shared.config.max_body_bytes).await;
            return answer(&refused);
        }
    };
    let result = taken(&shared, index, (&parts.method, &parts.headers, peer.ip()), &mut body).await;
    match result {
        Ok(settled) => {
            shared.relieved(index);
            acknowledged(&shared, index, settled)
        }
        Err(refused) => {
            shared.refuse(index, &refused);
            if !matches!(refused, Refused::TimedOut | Refused::Disconnected) {
                drain(&mut body, &parts.headers, shared.config.max_body_bytes).await;
            }
            answer(&refused)
        }
    }
}

/// Any other path.
pub(super) async fn elsewhere(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    shared.note_door(|counts| counts.unknown_paths += 1);
    let path: String = request.uri().path().chars().take(128).collect();
    tracing::debug!(?path, "a request for a path that is no camera's");
    answer(&Refused::UnknownToken)
}

/// The part of the path between `/camera/` and the next slash; tokens have no letter that would
/// have to be escaped.
fn token(path: &str) -> &str {
    let behind = path.strip_prefix("/camera/").unwrap_or_default();
    behind.split('/').next().unwrap_or_default()
}

fn identify(shared: &Shared, token: &str, address: IpAddr) -> Result<usize, Refused> {
    let now = Instant::now();
    if !shared.guesses().may_try(address, now) {
        shared.note_door(|counts| counts.guesses_refused += 1);
        return Err(Refused::TooManyGuesses);
    }
    shared.cameras.find(token).ok_or_else(|| {
        shared.note_door(|counts| counts.unknown_tokens += 1);
        if shared.guesses().wrong(address, now) {
            tracing::warn!(%address, "a token that no camera has; further ones are only counted");
        }
        Refused::UnknownToken
    })
}

async fn taken(
    shared: &Arc<Shared>,
    index: usize,
    (method, headers, address): (&Method, &HeaderMap, IpAddr),
    body: &mut Body,
) -> Result<Settled, Refused> {
    let camera = shared.cameras.get(index).ok_or(Refused::Internal)?;
    if !camera.allows(address) {
        return Err(Refused::Address);
    }
    let seen = shared.clock.now();
    shared.note(index, |status| status.last_seen = Some(seen));
    if method != Method::POST && method != Method::PUT {
        return Err(Refused::Method);
    }
    if !camera.memory().bucket.take(Instant::now()) {
        return Err(Refused::TooManyRequests);
    }
    let limit = shared.config.max_body_bytes;
    if stated_length(headers).is_some_and(|length| length > limit) {
        return Err(Refused::TooLarge(limit));
    }
    let content_type = headers.get(header::CONTENT_TYPE);
    let content_type = content_type.map(|value| String::from_utf8_lossy(value.as_bytes()));
    let reception = Reception::new(
        camera.config.dialect,
        content_type.as_deref(),
        shared.config.max_parts.try_into().unwrap_or(usize::MAX),
        shared.pictures.clone(),
    )?;
    let mut bytes = 0;
    let received = read(shared, reception, body, &mut bytes).await;
    shared.note(index, |status| status.bytes += bytes);
    let received = received?;
    let at = shared.clock.now();
    // In a task of its own: a camera that goes away does not stop what is half durable.
    let settling = shared.tasks.spawn(settle(Arc::clone(shared), index, received, at));
    match timeout(REPLY_WITHIN, settling).await {
        Err(_) => Err(Refused::Slow),
        Ok(Err(_)) => Err(Refused::Internal),
        Ok(Ok(settled)) => settled,
    }
}

/// Reads the whole body; `total` is what came, also when it is refused.
async fn read(
    shared: &Shared,
    mut reception: Reception,
    body: &mut Body,
    total: &mut u64,
) -> Result<Received, Refused> {
    let limit = shared.config.max_body_bytes;
    let pace = Pace::new(Instant::now(), shared.read_timeout());
    let mut batch = Vec::with_capacity(BATCH);
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
    (reception, _) = push(reception, batch).await?;
    let finished = spawn_blocking(move || reception.finish()).await;
    finished.map_err(|_| Refused::Internal)?
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
async fn drain(body: &mut Body, headers: &HeaderMap, limit: u64) {
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

fn stated_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Hikvision takes any short body (cameras.md section 2.9); bridges get JSON.
fn acknowledged(shared: &Shared, index: usize, settled: Settled) -> Response {
    let neutral =
        shared.cameras.get(index).is_some_and(|camera| camera.config.dialect == Dialect::Neutral);
    if !neutral {
        return (StatusCode::OK, "OK").into_response();
    }
    let body = match settled {
        Settled::Stored => r#"{"result":"stored"}"#,
        Settled::Duplicate => r#"{"result":"duplicate"}"#,
        Settled::NoPlate => r#"{"result":"seen"}"#,
    };
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn answer(refused: &Refused) -> Response {
    (refused.status(), format!("{}\n", refused.chain())).into_response()
}
