//! Cameras that cannot push: their event stream is pulled (cameras.md section 2.2).
//!
//! In: one camera of the configuration. Out: its events, made durable as those of the door are,
//! and a record of each time in which its stream was away: a camera sends nothing again. What the
//! store does not take is offered until it does, and the stream is not read meanwhile.

mod client;
mod failure;
mod reading;
mod stream;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use axum::http::header;
use axum::http::{Method, Response, StatusCode};
use hyper::body::Incoming;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub(super) use client::{Device, Question};
pub use failure::PullError;
pub(super) use tls::Trust;

use super::shared::Shared;
use super::status::{PullState, PullStatus};
use crate::clock::Timestamp;
use crate::config::camera::{CameraConfig, PullBy};
use crate::config::formats::HttpAddress;
use crate::io::backoff::Backoff;
use crate::pipeline::record::CameraGap;
use crate::pipeline::{Arrival, Input};
use reading::Reading;

/// Pause after the camera refused the account. Our choice: cameras lock an address out after some
/// wrong passwords in a row, for about half an hour.
const ACCOUNT_PAUSE: Duration = Duration::from_secs(300);
/// Reason of the gap before the first stream.
const STARTED: &str = "the daemon started";

/// The camera of an index, when it is pulled.
#[derive(Debug)]
pub(super) struct Puller {
    shared: Arc<Shared>,
    index: usize,
    device: Device,
    question: Question,
    /// When the stream last brought anything, and why it is away.
    away: (Option<Timestamp>, String),
    /// The failure that was logged last, so that a repetition is not logged again.
    complaint: Option<String>,
}

impl Puller {
    /// `None` when the camera pushes.
    pub(super) fn new(shared: &Arc<Shared>, index: usize) -> Option<Self> {
        let camera = shared.cameras.get(index)?;
        let address = camera.config.pull.as_deref().and_then(HttpAddress::parse)?;
        let question = question(&camera.config);
        let username = camera.config.username.clone().unwrap_or_default();
        let (password, trust) = (camera.password.clone(), Trust::of(&camera.config));
        let device = Device { address, username, password, trust };
        let away = (None, STARTED.to_owned());
        Some(Self { shared: Arc::clone(shared), index, device, question, away, complaint: None })
    }

    /// Pulls until the order to stop.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let mut backoff = Backoff::default();
        loop {
            self.enter(PullState::Connecting);
            let opened = stop.run_until_cancelled(self.open()).await;
            let (failure, good) = match opened {
                None => return,
                Some(Err(failure)) => (failure, None),
                Some(Ok(response)) => {
                    let begun = Instant::now();
                    let Some(ended) = self.read(response, &stop).await else {
                        return;
                    };
                    (ended, Some(begun.elapsed()))
                }
            };
            let account = failure.is_account();
            self.failed(&failure);
            self.enter(if account { PullState::Refused } else { PullState::Pausing });
            // Without randomness the pause is the whole one: late, never wrong.
            let jitter = getrandom::u32().unwrap_or(u32::MAX);
            let pause = if account { ACCOUNT_PAUSE } else { backoff.pause(good, jitter) };
            if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                return;
            }
        }
    }

    async fn open(&self) -> Result<Response<Incoming>, PullError> {
        let response = self.device.ask(&self.question).await?;
        match response.status() {
            StatusCode::OK => Ok(response),
            other => Err(PullError::Status(other)),
        }
    }

    /// Reads a stream to its end; `None` when the order to stop ended it.
    async fn read(
        &mut self,
        response: Response<Incoming>,
        stop: &CancellationToken,
    ) -> Option<PullError> {
        let reading = match Reading::new(&self.shared, self.index, &response, stop) {
            Ok(reading) => reading,
            Err(error) => return Some(error),
        };
        self.enter(PullState::Connected);
        self.note(|pull| pull.opened += 1);
        self.tell_gap(stop).await;
        if self.complaint.take().is_some() {
            tracing::info!(address = %self.device.address, "a camera's stream is there again");
        }
        self.away.0 = Some(self.shared.clock.now());
        let ended = reading.run(response.into_body(), &mut self.away.0).await?;
        self.away.1 = ended.chain();
        Some(ended)
    }

    async fn tell_gap(&mut self, stop: &CancellationToken) {
        let Some(camera) = self.shared.cameras.get(self.index) else {
            return;
        };
        let now = self.shared.clock.now();
        let (from, reason) = self.away.clone();
        let gap = CameraGap { camera: camera.config.name.clone(), from, to: now, reason };
        let input = Input::CameraGap(gap);
        let arrival = Arrival { received_at: now, input, raw: Vec::new() };
        if reading::store_at_last(&self.shared, self.index, vec![arrival], stop).await {
            self.note(|pull| pull.gaps += 1);
        }
    }

    fn failed(&mut self, failure: &PullError) {
        let text = failure.chain();
        self.note(|pull| {
            pull.failures += 1;
            pull.last_failure = Some(text.clone());
            pull.last_failure_kind = Some(failure.kind());
        });
        if self.complaint.as_ref() != Some(&text) {
            tracing::warn!(address = %self.device.address, reason = text, "a camera's stream is away");
            self.complaint = Some(text);
        }
    }

    /// The pauses and attempts of one outage are one time without a stream.
    fn enter(&self, state: PullState) {
        let now = self.shared.clock.now();
        let is_up = |state| state == PullState::Connected;
        self.note(|pull| {
            if pull.since.is_none() || is_up(pull.state) != is_up(state) {
                pull.since = Some(now);
            }
            pull.state = state;
        });
    }

    fn note(&self, change: impl FnOnce(&mut PullStatus)) {
        self.shared.note(self.index, |status| {
            if let Some(pull) = &mut status.pull {
                change(pull);
            }
        });
    }
}

/// The status of a camera that is pulled, before anything happened.
pub(super) fn status(config: &CameraConfig) -> Option<PullStatus> {
    let address = config.pull.clone()?;
    Some(PullStatus { address, ..PullStatus::default() })
}

fn question(config: &CameraConfig) -> Question {
    match config.pull_by {
        PullBy::AlertStream => Question {
            method: Method::GET,
            path: "/ISAPI/Event/notification/alertStream",
            headers: Vec::new(),
            body: String::new(),
        },
        PullBy::SubscribeEvent => Question {
            method: Method::POST,
            path: "/ISAPI/Event/notification/subscribeEvent",
            headers: vec![(header::CONTENT_TYPE.as_str(), "application/xml".to_owned())],
            body: format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
                 <SubscribeEvent version=\"2.0\" xmlns=\"http://www.isapi.org/ver20/XMLSchema\">\
                 <heartbeat>{}</heartbeat><eventMode>all</eventMode></SubscribeEvent>",
                config.pull_heartbeat_s
            ),
        },
    }
}
