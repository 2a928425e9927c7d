//! Vehicles subscribed at a lower platform of GA/T 1400 (cameras.md section 4.2): it is told what to
//! notify, again before the subscription ends and whenever it registers anew.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use serde_json::json;
use tokio::net::UdpSocket;
use tokio_util::sync::CancellationToken;

use super::document::{Node, decode, parse};
use super::pull::{Device, PullError, Question, Trust};
use super::reply::{VIID_JSON, compact};
use super::shared::Shared;
use super::status::SubscriptionStatus;
use crate::clock::Timestamp;
use crate::config::camera::CameraConfig;
use crate::config::formats::HttpAddress;
use crate::io::backoff::Backoff;
use crate::units::Micros;

/// How long a subscription lasts, and when it is made again. Our choice: a platform that lost it
/// has it again within a day.
const LASTS: Micros = Micros::from_secs(2 * 86_400);
const RENEWED_AFTER: Micros = Micros::from_secs(86_400);
/// Longest answer that is read; our choice.
const ANSWER_BYTES: usize = 64 * 1024;
/// `SubscribeDetail` of vehicles that were captured.
const VEHICLES: &str = "13";
/// Digits of the organisation in the id of a subscription.
const ORGANISATION: usize = 12;

/// What is subscribed at the platform of one `[[camera]]`.
#[derive(Debug)]
pub(super) struct Subscriber {
    shared: Arc<Shared>,
    index: usize,
    device: Device,
    /// Port at which we listen.
    port: u16,
}

impl Subscriber {
    /// `None` when nothing is to be subscribed.
    pub(super) fn new(shared: &Arc<Shared>, index: usize, port: u16) -> Option<Self> {
        let camera = shared.cameras.get(index)?;
        let address = camera.config.subscribe.as_deref().and_then(HttpAddress::parse)?;
        let user = camera.config.username.as_ref().or(camera.config.device_id.as_ref());
        let username = user.cloned().unwrap_or_default();
        let (password, trust) = (camera.password.clone(), Trust::of(&camera.config));
        let device = Device { address, username, password, trust };
        Some(Self { shared: Arc::clone(shared), index, device, port })
    }

    /// Keeps the subscription until the order to stop.
    pub(super) async fn run(self, stop: CancellationToken) {
        let mut backoff = Backoff::default();
        loop {
            let seen = self.registrations();
            let Some(subscribed) = stop.run_until_cancelled(self.subscribe()).await else {
                return;
            };
            let told = self.note(&subscribed);
            let wait = async {
                if subscribed.is_ok() {
                    let renewed = self.shared.clock.real(RENEWED_AFTER);
                    let _either = tokio::time::timeout(renewed, self.registered_since(seen)).await;
                    backoff = Backoff::default();
                } else {
                    let jitter = getrandom::u32().unwrap_or(u32::MAX);
                    tokio::time::sleep(backoff.pause(None, jitter).max(told)).await;
                }
            };
            if stop.run_until_cancelled(wait).await.is_none() {
                return;
            }
        }
    }

    fn registrations(&self) -> u64 {
        let Some(camera) = self.shared.cameras.get(self.index) else {
            return 0;
        };
        let status = self.shared.status.borrow();
        status.cameras.get(&camera.config.name).map_or(0, |status| status.registrations)
    }

    async fn registered_since(&self, seen: u64) {
        let mut changes = self.shared.status.subscribe();
        while self.registrations() == seen {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    async fn subscribe(&self) -> Result<Timestamp, PullError> {
        let camera = self.shared.cameras.get(self.index).ok_or(PullError::Ended)?;
        let now = self.shared.clock.now();
        let receiver = self.receiver().await?;
        let question = Question {
            method: Method::POST,
            path: "/VIID/Subscribes",
            headers: vec![
                (header::CONTENT_TYPE.as_str(), VIID_JSON.to_owned()),
                ("User-Identify", self.shared.config.viid_id.clone()),
            ],
            body: subscription(&camera.config, &self.shared.config.viid_id, &receiver, now),
        };
        let response = self.device.ask(&question).await?;
        if response.status() != StatusCode::OK {
            return Err(PullError::Status(response.status()));
        }
        let body = Limited::new(response.into_body(), ANSWER_BYTES).collect().await;
        let bytes = body.map(|body| body.to_bytes()).unwrap_or_default();
        let root = parse(&decode(&bytes, None)).unwrap_or_default();
        match status_code(&root) {
            Some("0") => Ok(now + LASTS),
            other => {
                Err(PullError::Subscription(other.unwrap_or_default().chars().take(40).collect()))
            }
        }
    }

    /// Where the platform reaches us: our address on the way to it.
    async fn receiver(&self) -> Result<String, PullError> {
        let HttpAddress { host, port, .. } = &self.device.address;
        let failed =
            |source| PullError::Connect { address: self.device.address.to_string(), source };
        let socket = UdpSocket::bind("0.0.0.0:0").await.map_err(failed)?;
        socket.connect((host.as_str(), *port)).await.map_err(failed)?;
        let own = socket.local_addr().map_err(failed)?.ip();
        Ok(format!("http://{own}:{}/VIID/SubscribeNotifications", self.port))
    }

    /// Notes the outcome; gives the least pause that it wants.
    fn note(&self, outcome: &Result<Timestamp, PullError>) -> Duration {
        self.shared.note(self.index, |status| {
            let Some(subscription) = &mut status.subscription else {
                return;
            };
            match outcome {
                Ok(until) => subscription.until = Some(*until),
                Err(error) => {
                    subscription.failures += 1;
                    subscription.last_failure = Some(error.chain());
                }
            }
        });
        match outcome {
            Err(error) => {
                let address = &self.device.address;
                tracing::warn!(%address, reason = error.chain(), "a subscription was not made");
                Duration::from_secs(if error.is_account() { 300 } else { 1 })
            }
            Ok(_) => Duration::ZERO,
        }
    }
}

/// The status of a camera with a subscription, before anything happened.
pub(super) fn status(config: &CameraConfig) -> Option<SubscriptionStatus> {
    let address = config.subscribe.clone()?;
    Some(SubscriptionStatus { address, ..SubscriptionStatus::default() })
}

fn subscription(config: &CameraConfig, own: &str, receiver: &str, now: Timestamp) -> String {
    let device = config.device_id.as_deref().unwrap_or_default();
    let organisation: String = device.chars().take(ORGANISATION).collect();
    let message = json!({ "SubscribeListObject": { "SubscribeObject": [{
        "SubscribeID": format!("{organisation:0<12}03{}00001", compact(now)),
        "Title": own,
        "SubscribeDetail": VEHICLES,
        "ResourceURI": device,
        "ApplicantName": own,
        "ApplicantOrg": own,
        "BeginTime": compact(now),
        "EndTime": compact(now + LASTS),
        "ReceiveAddr": receiver,
        "ReportInterval": 3,
        "Reason": "overload detection",
        "OperateType": 0,
        "SubscribeStatus": 0,
        "ResourceClass": 1,
        "ResultImageDeclare": "-1",
        "ResultFeatureDeclare": 1,
    }]}});
    message.to_string()
}

/// The first status code of an answer, however it is wrapped.
fn status_code(node: &Node) -> Option<&str> {
    let own = node.at(&["StatusCode"]);
    own.or_else(|| node.children.iter().find_map(status_code))
}
