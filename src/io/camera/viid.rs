//! The GA/T 1400 receiver at `/VIID/`: devices register with a digest and are then known by their
//! id and address; whoever is not registered gets 401, so that the device registers again.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use tokio::time::Instant;

use super::digest::Failure;
use super::directory::Registration;
use super::document::{decode, parse};
use super::limits::Guess;
use super::read_body::{drain, read_short};
use super::refused::Refused;
use super::reply;
use super::request::{Peer, Sender, take_event};
use super::shared::Shared;
use super::status::Strangeness;

/// Header with the id of the device (cameras.md section 4.1).
const IDENTITY: &str = "user-identify";
/// Longest id that is looked at (cameras.md section 4.1).
const LONGEST_ID: usize = 64;

/// A request below `/VIID/`.
pub(super) async fn call(
    State(shared): State<Arc<Shared>>,
    Extension(Peer(peer)): Extension<Peer>,
    request: Request,
) -> Response {
    let (parts, mut body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let sender = Sender { method: &parts.method, headers: &parts.headers, address: peer.ip() };
    match path.strip_prefix("/VIID/System/") {
        Some("Time") => reply::system(&shared.config.viid_id, &path, shared.clock.now()),
        Some("Register" | "UnRegister") => registration(&shared, &path, sender, &mut body).await,
        Some("Keepalive") => keepalive(&shared, &path, sender, &mut body).await,
        Some(_) => reply::refused(None, &Refused::UnknownToken),
        None => data(&shared, &path, sender, &mut body).await,
    }
}

/// Register and UnRegister: with the digest of the device's password.
async fn registration(
    shared: &Shared,
    path: &str,
    sender: Sender<'_>,
    body: &mut Body,
) -> Response {
    let now = Instant::now();
    let told = match read_short(shared, body).await {
        Ok(bytes) => device_id(&bytes),
        Err(refused) => return reply::refused(None, &refused),
    };
    let id = told.or_else(|| identity(sender.headers));
    let known = id.as_deref().and_then(|id| shared.cameras.device(id));
    let allowed = known.filter(|index| {
        shared.cameras.get(*index).is_some_and(|camera| camera.allows(sender.address))
    });
    let header = sender.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let checked = proven(shared, allowed, header, sender.method.as_str(), now);
    if let (Ok(()), Some(index)) = (checked, allowed) {
        settle_registration(shared, index, path, sender.address, now);
        return reply::system(&shared.config.viid_id, path, shared.clock.now());
    }
    let failure = checked.err().unwrap_or(Failure::Wrong);
    note_failure(shared, known, failure, sender.address);
    if failure == Failure::Wrong && shared.wrong_guess(sender.address) == Guess::Surplus {
        return reply::stranger(&Refused::TooManyGuesses).await;
    }
    challenge(shared, matches!(failure, Failure::Expired | Failure::Replayed), now)
}

/// Whether the digest proves the device. An id that nobody has is checked all the same, so that
/// the answer does not tell which ids exist.
fn proven(
    shared: &Shared,
    index: Option<usize>,
    header: Option<&str>,
    method: &str,
    now: Instant,
) -> Result<(), Failure> {
    let camera = index.and_then(|index| shared.cameras.get(index));
    let device = camera.and_then(|camera| camera.config.device_id.as_deref());
    let user = camera.and_then(|camera| camera.config.username.as_deref()).or(device);
    let password = camera.map_or("", |camera| camera.password.as_str());
    let checked = shared.nonces().check(header, method, (user.unwrap_or(""), password), now);
    match camera {
        Some(_) => checked,
        None => Err(checked.err().unwrap_or(Failure::Wrong)),
    }
}

fn settle_registration(shared: &Shared, index: usize, path: &str, address: IpAddr, now: Instant) {
    let Some(camera) = shared.cameras.get(index) else {
        return;
    };
    let registers = path.ends_with("/Register");
    camera.memory().registration = registers.then_some(Registration { address, seen: now });
    let at = shared.clock.now();
    shared.note(index, |status| {
        status.last_seen = Some(at);
        status.registrations += u64::from(registers);
    });
}

/// A missing answer is the first step of every registration and no failure.
fn note_failure(shared: &Shared, known: Option<usize>, failure: Failure, address: IpAddr) {
    if failure == Failure::Missing {
        return;
    }
    match known {
        Some(index) => shared.refuse(index, &Refused::Digest),
        None => shared.note_stranger(Strangeness::Token, address),
    }
}

async fn keepalive(shared: &Shared, path: &str, sender: Sender<'_>, body: &mut Body) -> Response {
    // what it says beside the id is of no use
    let told = read_short(shared, body).await.ok().and_then(|bytes| device_id(&bytes));
    let id = identity(sender.headers).or(told);
    match registered(shared, id.as_deref(), sender.address) {
        Ok(index) => {
            let at = shared.clock.now();
            shared.note(index, |status| {
                status.heartbeats += 1;
                status.last_seen = Some(at);
            });
            reply::system(&shared.config.viid_id, path, at)
        }
        Err(()) => challenge(shared, false, Instant::now()),
    }
}

async fn data(shared: &Arc<Shared>, path: &str, sender: Sender<'_>, body: &mut Body) -> Response {
    let id = identity(sender.headers);
    match registered(shared, id.as_deref(), sender.address) {
        Ok(index) => take_event(shared, index, path, sender, body).await,
        Err(()) => {
            drain(body, sender.headers, shared.config.max_body_bytes).await;
            challenge(shared, false, Instant::now())
        }
    }
}

/// The camera with this id, when it is registered from this address; refreshes the registration.
fn registered(shared: &Shared, id: Option<&str>, address: IpAddr) -> Result<usize, ()> {
    let now = Instant::now();
    let Some(index) = id.and_then(|id| shared.cameras.device(id)) else {
        shared.note_stranger(Strangeness::Token, address);
        return Err(());
    };
    let camera = shared.cameras.get(index).ok_or(())?;
    let mut memory = camera.memory();
    match &mut memory.registration {
        Some(registration) if registration.covers(address, now) => {
            registration.seen = now;
            Ok(index)
        }
        _ => {
            drop(memory);
            shared.refuse(index, &Refused::Unregistered);
            Err(())
        }
    }
}

fn challenge(shared: &Shared, stale: bool, now: Instant) -> Response {
    let challenge = shared.nonces().challenge(stale, now);
    challenge.map_or_else(
        || reply::refused(None, &Refused::Internal),
        |challenge| reply::unauthorised(&challenge),
    )
}

fn identity(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(IDENTITY)?.to_str().ok()?.trim();
    (!id.is_empty() && id.len() <= LONGEST_ID).then(|| id.to_owned())
}

/// `DeviceID` inside whatever object the system call has.
fn device_id(bytes: &[u8]) -> Option<String> {
    let root = parse(&decode(bytes, None)).ok()?;
    let inner = root.children.iter().find_map(|object| object.at(&["DeviceID"]));
    let id = inner.or_else(|| root.at(&["DeviceID"]))?;
    (id.len() <= LONGEST_ID).then(|| id.to_owned())
}
