//! One event sent once, in any dialect and with any oddity: what `wimd simulate camera` does and
//! what the tests are made of.

use std::net::SocketAddr;

use digest_auth::AuthContext;
use hyper::header::{AUTHORIZATION, WWW_AUTHENTICATE};

use super::SimPlateEvent;
use super::altered::{instead, told};
use super::body::{Quirk, SimBody};
use super::dialect::SimDialect;
use super::json::gat1400_images;
use super::link::{Answer, LinkError, SimLink};
use super::oddity::Oddity;

/// Where GA/T 1400 devices register, and where they take their leave.
const REGISTER: &str = "/VIID/System/Register";
const UNREGISTER: &str = "/VIID/System/UnRegister";
/// Body type of GA/T 1400.
const VIID_JSON: &str = "application/VIID+JSON;charset=UTF-8";

/// A camera that sends one event at a time and repeats nothing by itself.
#[derive(Debug)]
pub struct SimTrial {
    link: SimLink,
    /// The path that is configured in it, such as `/camera/token`.
    pub path: String,
    /// What it speaks.
    pub dialect: SimDialect,
    /// Deviations of its multipart bodies.
    pub quirks: Vec<Quirk>,
    /// All other deviations.
    pub oddities: Vec<Oddity>,
    /// Device id and password, for a camera that registers.
    pub account: Option<(String, String)>,
    number: u32,
}

impl SimTrial {
    /// Posts to `http://{address}{path}` without any deviation.
    pub fn new(address: SocketAddr, path: &str, dialect: SimDialect) -> Self {
        Self {
            link: SimLink::new(address, path),
            path: path.trim_end_matches('/').to_owned(),
            dialect,
            quirks: Vec::new(),
            oddities: Vec::new(),
            account: None,
            number: 0,
        }
    }

    fn has(&self, oddity: Oddity) -> bool {
        self.oddities.contains(&oddity)
    }

    /// Sends the event, or what the oddities make of it; gives every answer in order.
    ///
    /// # Errors
    /// A [`LinkError`] when an answer does not come.
    pub async fn send(&mut self, event: &SimPlateEvent) -> Result<Vec<Answer>, LinkError> {
        let mut answers = Vec::new();
        if self.account.is_some() && !self.has(Oddity::Unregistered) {
            let answer = self.register().await?;
            if !answer.status.is_success() {
                return Ok(vec![answer]);
            }
        }
        let mut requests: Vec<_> =
            self.bodies(event).into_iter().map(|body| (self.target(), body)).collect();
        if self.has(Oddity::ImagesApart) || self.has(Oddity::ImagesFirst) {
            let bytes = gat1400_images(event).to_string().into();
            let images = SimBody { content_type: VIID_JSON.to_owned(), bytes };
            let place = if self.has(Oddity::ImagesFirst) { 0 } else { requests.len() };
            requests.insert(place, (format!("{}/VIID/Images", self.path), images));
        }
        for (path, body) in requests {
            answers.push(self.link.post_to(&path, &self.headers(), &body).await?);
        }
        Ok(answers)
    }

    fn target(&self) -> String {
        let below = if self.has(Oddity::WrongToken) { "/camera/not-a-token" } else { &self.path };
        match self.dialect {
            SimDialect::Dahua if self.has(Oddity::Heartbeat) => {
                format!("{below}/NotificationInfo/KeepAlive")
            }
            SimDialect::Dahua if self.has(Oddity::OtherEvent) => {
                format!("{below}/NotificationInfo/DeviceInfo")
            }
            SimDialect::Gat1400 if self.has(Oddity::Heartbeat) => {
                format!("{below}/VIID/System/Keepalive")
            }
            SimDialect::Gat1400 if self.has(Oddity::Faces) => format!("{below}/VIID/Faces"),
            SimDialect::Gat1400 if self.has(Oddity::Notification) => {
                format!("{below}/VIID/SubscribeNotifications")
            }
            dialect => dialect.path(below),
        }
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = Vec::new();
        if let Some((id, _)) = &self.account {
            headers.push(("User-Identify", id.clone()));
        }
        if self.has(Oddity::EmptyDigest) {
            let empty = "Digest username=\"admin\", realm=\"\", nonce=\"\", uri=\"/\", qop=\"\"";
            headers.push((AUTHORIZATION.as_str(), empty.to_owned()));
        }
        headers
    }

    /// Takes its leave, as a device does that is switched off in its web page; gives the answer.
    ///
    /// # Errors
    /// A [`LinkError`] when an answer does not come.
    pub async fn unregister(&mut self) -> Result<Answer, LinkError> {
        self.prove(UNREGISTER, "UnRegisterObject").await
    }

    async fn register(&mut self) -> Result<Answer, LinkError> {
        self.prove(REGISTER, "RegisterObject").await
    }

    /// A system call by digest; with [`Oddity::ReplayedNonce`] a second time with the same answer.
    async fn prove(&mut self, path: &str, object: &str) -> Result<Answer, LinkError> {
        let (id, password) = self.account.clone().unwrap_or_default();
        let body = SimBody {
            content_type: VIID_JSON.to_owned(),
            bytes: format!("{{\"{object}\":{{\"DeviceID\":\"{id}\"}}}}").into(),
        };
        let asked = self.link.post_to(path, &[], &body).await?;
        let challenge = asked.headers.get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
        let Some(mut prompt) = challenge.and_then(|text| digest_auth::parse(text).ok()) else {
            return Ok(asked);
        };
        let password = if self.has(Oddity::WrongPassword) { "wrong".to_owned() } else { password };
        let context = AuthContext::new_post::<_, _, _, &[u8]>(&id, &password, path, None);
        let Ok(answer) = prompt.respond(&context) else {
            return Ok(asked);
        };
        let headers = [(AUTHORIZATION.as_str(), answer.to_header_string())];
        let answered = self.link.post_to(path, &headers, &body).await?;
        if self.has(Oddity::ReplayedNonce) {
            return self.link.post_to(path, &headers, &body).await;
        }
        Ok(answered)
    }

    /// The bodies that are sent, in order.
    fn bodies(&mut self, event: &SimPlateEvent) -> Vec<SimBody> {
        if let Some(bytes) = instead(self.dialect, &self.oddities) {
            return vec![SimBody { content_type: self.plain_type(), bytes: bytes.into() }];
        }
        let mut bodies = Vec::new();
        for (place, event) in told(event, &self.oddities).iter().enumerate() {
            if place > 0 && self.has(Oddity::UploadGap) {
                self.number += 5;
            }
            bodies.push(self.body(event));
        }
        if self.has(Oddity::Repeated) {
            bodies.extend(bodies.first().cloned());
        }
        if self.has(Oddity::CutBody) {
            for body in &mut bodies {
                body.bytes.truncate(body.bytes.len() / 2);
            }
        }
        bodies
    }

    fn body(&mut self, event: &SimPlateEvent) -> SimBody {
        self.number += 1;
        self.dialect.body(event, self.number, &self.quirks, &self.oddities)
    }

    fn plain_type(&self) -> String {
        match self.dialect {
            SimDialect::Isapi | SimDialect::IsapiPull => "application/xml",
            SimDialect::Gat1400 => VIID_JSON,
            _ => "application/json",
        }
        .to_owned()
    }
}
