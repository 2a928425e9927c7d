//! One HTTP request: who sends it, its body within all bounds, the answer.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::response::Response;
use tokio::time::{Instant, timeout};

use super::handover::{Taken, settle};
use super::limits::{Guess, LIST_REPLY_WITHIN, REPLY_WITHIN};
use super::read_body::{drain, read, stated_length};
use super::reception::Reception;
use super::refused::Refused;
use super::reply;
use super::shared::Shared;
use super::status::Strangeness;
use crate::config::camera::Dialect;

/// The address of the other side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) SocketAddr);

/// Who sends a request, and how.
#[derive(Clone, Copy)]
pub(super) struct Sender<'a> {
    pub(super) method: &'a Method,
    pub(super) headers: &'a HeaderMap,
    pub(super) address: IpAddr,
}

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
            return reply::stranger(&refused).await;
        }
    };
    let sender = Sender { method: &parts.method, headers: &parts.headers, address: peer.ip() };
    let path = parts.uri.path();
    if system_call(&shared, index, path) {
        return reply::system(&shared.config.viid_id, path, shared.clock.now());
    }
    take_event(&shared, index, path, sender, &mut body).await
}

/// Takes the event of a camera that is known by now.
pub(super) async fn take_event(
    shared: &Arc<Shared>,
    index: usize,
    path: &str,
    sender: Sender<'_>,
    body: &mut Body,
) -> Response {
    let camera = shared.cameras.get(index).map(|camera| &camera.config);
    match taken(shared, index, sender, body).await {
        Ok(taken) => {
            shared.relieved(index);
            reply::acknowledged(camera, path, &taken, shared.clock.now())
        }
        Err(refused) => {
            shared.refuse(index, &refused);
            if !matches!(refused, Refused::TimedOut | Refused::Disconnected) {
                drain(body, sender.headers, shared.config.max_body_bytes).await;
            }
            reply::refused(camera.map(|camera| camera.dialect), &refused)
        }
    }
}

/// Whether it is a system call of GA/T 1400 below the camera's own path: the token stands for the
/// registration then.
fn system_call(shared: &Shared, index: usize, path: &str) -> bool {
    let registers =
        shared.cameras.get(index).is_some_and(|camera| camera.config.dialect == Dialect::Gat1400);
    let system = registers && path.contains("/VIID/System/");
    if system {
        shared.note(index, |status| {
            status.heartbeats += 1;
            status.last_seen = Some(shared.clock.now());
        });
    }
    system
}

/// Any other path.
pub(super) async fn elsewhere(
    State(shared): State<Arc<Shared>>,
    Extension(Peer(peer)): Extension<Peer>,
    request: Request,
) -> Response {
    shared.note_stranger(Strangeness::Path, peer.ip());
    let path: String = request.uri().path().chars().take(128).collect();
    tracing::debug!(?path, "a request for a path that is no camera's");
    reply::refused(None, &Refused::UnknownToken)
}

/// The part of the path between `/camera/` and the next slash; tokens have no letter that would
/// have to be escaped.
fn token(path: &str) -> &str {
    let behind = path.strip_prefix("/camera/").unwrap_or_default();
    behind.split('/').next().unwrap_or_default()
}

fn identify(shared: &Shared, token: &str, address: IpAddr) -> Result<usize, Refused> {
    shared.cameras.find(token).ok_or_else(|| match shared.wrong_guess(address) {
        Guess::Surplus => Refused::TooManyGuesses,
        guess => {
            shared.note_stranger(Strangeness::Token, address);
            if guess == Guess::First {
                tracing::warn!(%address, "a token that no camera has; others are only counted");
            }
            Refused::UnknownToken
        }
    })
}

async fn taken(
    shared: &Arc<Shared>,
    index: usize,
    Sender { method, headers, address }: Sender<'_>,
    body: &mut Body,
) -> Result<Taken, Refused> {
    let camera = shared.cameras.get(index).ok_or(Refused::Internal)?;
    if !camera.allows(address) {
        return Err(Refused::Address);
    }
    shared.peers().know(address);
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
    let settling = settle(Arc::clone(shared), index, received, at);
    let settling = shared.tasks.spawn(shared.given_up.clone().run_until_cancelled_owned(settling));
    let list = camera.config.dialect == Dialect::Gat1400;
    let within = if list { LIST_REPLY_WITHIN } else { REPLY_WITHIN };
    match timeout(within, settling).await {
        Err(_) | Ok(Ok(None)) => Err(Refused::Slow),
        Ok(Err(_)) => Err(Refused::Internal),
        Ok(Ok(Some(settled))) => settled,
    }
}
