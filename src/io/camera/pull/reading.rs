//! One stream from its first byte to its end.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{Response, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use super::super::gathering::Received;
use super::super::handover::{prepare, store};
use super::super::refused::Refused;
use super::super::shared::Shared;
use super::failure::PullError;
use super::stream::{Came, Pause, Stream};
use crate::clock::Timestamp;
use crate::io::intake::Refusal;
use crate::pipeline::Arrival;

/// A silence that ends a part which is whole by itself. Our choice: cameras write an event in one
/// go, and a plate that comes half a second late still finds its vehicle.
const PART_PAUSE: Duration = Duration::from_millis(300);
/// A silence that ends an event which does not tell how many pictures it has; our choice.
const EVENT_PAUSE: Duration = Duration::from_secs(1);
/// Heartbeats that may be missing (cameras.md section 2.2).
const MISSED_HEARTBEATS: u32 = 3;
/// Pause before the store is asked again; our choice.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// A stream that is read.
#[derive(Debug)]
pub(super) struct Reading {
    shared: Arc<Shared>,
    index: usize,
    /// Away only while a thread works with it.
    stream: Option<Stream>,
    /// Silence after which the stream is dead.
    dead: Duration,
    stop: CancellationToken,
}

impl Reading {
    pub(super) fn new(
        shared: &Arc<Shared>,
        index: usize,
        response: &Response<Incoming>,
        stop: &CancellationToken,
    ) -> Result<Self, PullError> {
        let camera = shared.cameras.get(index).ok_or(PullError::Ended)?;
        let kind = response.headers().get(header::CONTENT_TYPE);
        let kind = kind.map(|value| String::from_utf8_lossy(value.as_bytes()));
        let parts = shared.config.max_parts.try_into().unwrap_or(usize::MAX);
        let bounds = (parts, shared.config.max_body_bytes);
        let stream = Stream::new(&kind.unwrap_or_default(), bounds, shared.pictures.clone())?;
        let heartbeat = Duration::from_secs(camera.config.pull_heartbeat_s.into());
        let dead = heartbeat * MISSED_HEARTBEATS;
        let (shared, stop) = (Arc::clone(shared), stop.clone());
        Ok(Self { shared, index, stream: Some(stream), dead, stop })
    }

    /// Reads to the end, of the stream or of the daemon; `last` is when anything came last. `None` when
    /// it was the daemon's. What is open then is given as it is: the camera does not send it again.
    pub(super) async fn run(
        mut self,
        mut body: Incoming,
        last: &mut Option<Timestamp>,
    ) -> Option<PullError> {
        let (mut since, mut pauses) = (Instant::now(), 0_usize);
        let ended = loop {
            let pause = [(PART_PAUSE, Pause::OfPart), (EVENT_PAUSE, Pause::OfEvent)]
                .get(pauses)
                .filter(|(length, _)| self.is_open() && *length < self.dead);
            let until = since + pause.map_or(self.dead, |(length, _)| *length);
            let frame = self.stop.run_until_cancelled(timeout_at(until, body.frame()));
            let Some(frame) = frame.await else { break None };
            let step = match (frame, pause) {
                (Err(_), Some((_, pause))) => {
                    pauses += 1;
                    let pause = *pause;
                    self.step(move |stream| stream.pause(pause)).await
                }
                (Err(_), None) => break Some(PullError::Silent(self.dead.as_secs())),
                (Ok(None), _) => break Some(PullError::Ended),
                (Ok(Some(Err(error))), _) => break Some(PullError::Lost(error)),
                (Ok(Some(Ok(frame))), _) => {
                    let Ok(bytes) = frame.into_data() else { continue };
                    let now = self.shared.clock.now();
                    *last = Some(now);
                    self.shared.note(self.index, |status| {
                        status.last_seen = Some(now);
                        status.bytes += bytes.len() as u64;
                    });
                    let step = self.step(move |stream| stream.push(&bytes)).await;
                    (since, pauses) = (Instant::now(), 0);
                    step
                }
            };
            if let Err(refused) = step {
                self.shared.refuse(self.index, &refused);
                break Some(PullError::Broken(refused));
            }
        };
        let Self { shared, index, stream, stop, .. } = self;
        if let Some(stream) = stream
            && let Ok(came) = spawn_blocking(move || stream.finish()).await
        {
            settle(&shared, index, came, &stop).await;
        }
        ended
    }

    fn is_open(&self) -> bool {
        self.stream.as_ref().is_some_and(Stream::is_open)
    }

    /// Lets the stream work on a thread that may block, then settles what came of it.
    async fn step(
        &mut self,
        work: impl FnOnce(&mut Stream) -> Result<Vec<Came>, Refused> + Send + 'static,
    ) -> Result<(), Refused> {
        let mut stream = self.stream.take().ok_or(Refused::Internal)?;
        let worked = spawn_blocking(move || {
            let came = work(&mut stream);
            (stream, came)
        });
        let (stream, came) = worked.await.map_err(|_| Refused::Internal)?;
        self.stream = Some(stream);
        settle(&self.shared, self.index, came?, &self.stop).await;
        Ok(())
    }
}

async fn settle(shared: &Arc<Shared>, index: usize, came: Vec<Came>, stop: &CancellationToken) {
    for came in came {
        match came {
            Came::Lost(refused) => shared.refuse(index, &refused),
            Came::Event(received) => {
                // In a task of its own: the order to stop does not stop what is half durable.
                let event = settle_event(Arc::clone(shared), index, *received, stop.clone());
                let _settled = shared.tasks.spawn(event).await.is_ok();
            }
        }
    }
}

async fn settle_event(
    shared: Arc<Shared>,
    index: usize,
    received: Received,
    stop: CancellationToken,
) {
    let at = shared.clock.now();
    let settled = async {
        let prepared = prepare(&shared, index, received, at).await?;
        if store_at_last(&shared, index, prepared.arrivals(), &stop).await {
            prepared.note_stored(&shared, index);
            shared.relieved(index);
        }
        Ok(())
    };
    let settled = shared.given_up.run_until_cancelled(settled).await;
    if let Err(refused) = settled.unwrap_or(Err(Refused::Slow)) {
        shared.refuse(index, &refused);
    }
}

/// Offers inputs until they are taken; false when the daemon stops before, or is none. A camera
/// that is pulled sends nothing again: what the stop finds refused is offered once more, and counted
/// as lost to the stop when that is refused, too.
pub(super) async fn store_at_last(
    shared: &Shared,
    index: usize,
    arrivals: Vec<Arrival>,
    stop: &CancellationToken,
) -> bool {
    loop {
        let last = stop.is_cancelled();
        match store(shared, index, arrivals.clone()).await {
            Ok(()) => return true,
            Err(refused) => {
                shared.refuse(index, &refused);
                if matches!(refused, Refused::Store(Refusal::Stopping | Refusal::Test)) {
                    return false;
                }
            }
        }
        if last {
            shared.refuse(index, &Refused::Store(Refusal::Stopping));
            return false;
        }
        let _stopping = stop.run_until_cancelled(sleep(STORE_PAUSE)).await.is_none();
    }
}
