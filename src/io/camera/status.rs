//! What the camera door counts: nothing that arrives goes uncounted.

use std::collections::BTreeMap;
use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::multipart::Quirks;
use super::refused::Refused;
use crate::clock::Timestamp;
use crate::io::intake::Refusal;
use crate::io::pictures::PictureError;

/// The door and its cameras.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CameraDoorStatus {
    /// Address that it listens on.
    pub listening: String,
    /// Connections now.
    pub connections: u32,
    /// Totals of the door.
    pub totals: DoorCounts,
    /// The last that came from somebody who is no camera of ours.
    #[serde(default)]
    pub strangers: BTreeMap<Strangeness, Stranger>,
    /// By the camera's name in the configuration.
    pub cameras: BTreeMap<String, CameraStatus>,
}

/// What happened before a request could be given to a camera.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DoorCounts {
    /// Connections that were taken.
    pub connections: u64,
    /// Connections closed because there were too many, in all or of one address.
    pub connections_surplus: u64,
    /// Connections closed because their address is not allowed.
    pub connections_refused: u64,
    /// Connections that ended in an error, such as oversize headers or a silent peer.
    pub connections_failed: u64,
    /// Connections that the system could not give.
    pub accept_errors: u64,
    /// Requests with a path that is none of a camera.
    pub unknown_paths: u64,
    /// Requests with a token that no camera has.
    pub unknown_tokens: u64,
    /// Wrong tokens and passwords of an address beyond its rate, each answered late.
    pub guesses_refused: u64,
}

/// Why somebody is no camera of ours.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Strangeness {
    /// Its address is not allowed.
    Address,
    /// No camera has its path.
    Path,
    /// No camera has its token or device id.
    Token,
}

/// Who it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stranger {
    /// Where it came from.
    pub address: IpAddr,
    /// When.
    pub at: Timestamp,
}

/// One camera.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CameraStatus {
    /// Its last request of any kind.
    pub last_seen: Option<Timestamp>,
    /// Its last event that was taken.
    pub last_event: Option<Timestamp>,
    /// Events that became durable.
    pub events: u64,
    /// Heartbeats.
    pub heartbeats: u64,
    /// Events of other kinds, answered and left out.
    pub other_events: u64,
    /// Events that were the same as one already durable.
    pub duplicates: u64,
    /// Events that were not live.
    pub late: u64,
    /// Events whose stamp's zone or clock is not believed.
    pub suspect_stamps: u64,
    /// Events without a stamp that could be read.
    pub missing_stamps: u64,
    /// Plates beside the first of an event, kept with it.
    pub further_plates: u64,
    /// Plates read whole whose text has no Chinese format.
    pub unusual_plates: u64,
    /// Uploads that the camera counted and that never came (Dahua's `UploadNum`).
    pub missed_uploads: u64,
    /// Registrations (GA/T 1400).
    pub registrations: u64,
    /// Body bytes received.
    pub bytes: u64,
    /// Pictures made durable.
    pub pictures: u64,
    /// Pictures left out because room was made before their event could be stored.
    pub pictures_gone: u64,
    /// Pictures left out because they are empty.
    pub empty_pictures: u64,
    /// Pictures left out because they are no JPEG.
    pub foreign_pictures: u64,
    /// Pictures told by an address only, which are not fetched.
    pub pictures_elsewhere: u64,
    /// Pictures left out because they are of no vehicle, or nobody told of which.
    #[serde(default)]
    pub unassigned_pictures: u64,
    /// Parts of no known use, left out.
    pub ignored_parts: u64,
    /// Bytes of all that was left out.
    pub ignored_bytes: u64,
    /// Since when neither event nor heartbeat has come for longer than is configured.
    pub silent_since: Option<Timestamp>,
    /// The stream that is pulled from it; `None` when it pushes.
    pub pull: Option<PullStatus>,
    /// What is subscribed at the lower platform; `None` when nothing is.
    pub subscription: Option<SubscriptionStatus>,
    /// Deviations from the multipart format that were put up with.
    pub quirks: Quirks,
    /// Requests that were not acknowledged.
    pub refusals: RefusalCounts,
    /// Why the last one was not, in words.
    pub last_refusal: Option<String>,
}

/// A subscription at a lower platform of GA/T 1400.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SubscriptionStatus {
    /// Address of the platform.
    pub address: String,
    /// How long the present one lasts; `None` when there is none yet.
    pub until: Option<Timestamp>,
    /// Attempts that failed.
    pub failures: u64,
    /// Why the last one failed, in words.
    pub last_failure: Option<String>,
}

/// The stream that is pulled from a camera.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PullStatus {
    /// Where it is pulled from.
    pub address: String,
    /// How it stands.
    pub state: PullState,
    /// Since when there is a stream; else since when there is none, whatever was tried since.
    pub since: Option<Timestamp>,
    /// Streams that were opened.
    pub opened: u64,
    /// Attempts that failed, and streams that ended.
    pub failures: u64,
    /// Times without a stream, each told in a record.
    pub gaps: u64,
    /// Why the last attempt or stream ended, in words.
    pub last_failure: Option<String>,
    /// The same as a name.
    pub last_failure_kind: Option<PullFailure>,
}

/// Why a stream is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PullFailure {
    /// No connection or no answer.
    Unreachable,
    /// Ended by the camera, or the connection was lost.
    Ended,
    /// Its certificate is not the one that is wanted.
    Certificate,
    /// No TLS connection comes about.
    Tls,
    /// User name or password are wrong.
    Password,
    /// No digest authentication that we can answer.
    NoDigest,
    /// The user lacks a right.
    Forbidden,
    /// The camera has no stream left.
    StreamsTaken,
    /// The camera has no such stream.
    NoStream,
    /// What came cannot be read.
    Broken,
    /// Nothing came for three heartbeats.
    Silent,
}

/// How a pulled stream stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PullState {
    /// The camera is asked.
    #[default]
    Connecting,
    /// Events come.
    Connected,
    /// Before the next attempt.
    Pausing,
    /// The camera refuses the password; further attempts are rare, so that it does not lock us
    /// out.
    Refused,
}

/// Requests of a camera that were not acknowledged, by cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefusalCounts {
    /// From an address that is not allowed for it.
    pub address: u64,
    /// Not registered, or registered from another address.
    pub unregistered: u64,
    /// Digests with a wrong password, a used or an expired nonce.
    pub digest: u64,
    /// Neither POST nor PUT.
    pub method: u64,
    /// Beyond its rate.
    pub rate: u64,
    /// Body or text too long.
    pub too_large: u64,
    /// Silent or slow inside the body.
    pub timed_out: u64,
    /// Connection ended inside the body.
    pub disconnected: u64,
    /// Body shorter than it announces.
    pub truncated: u64,
    /// Body that cannot be read.
    pub malformed: u64,
    /// Body without an event.
    pub no_event: u64,
    /// Picture that could not be stored.
    pub picture_store: u64,
    /// Store or picture folder full.
    pub store_full: u64,
    /// Store cannot write.
    pub store_failed: u64,
    /// Daemon stopping, or a camera test in its place.
    pub stopping: u64,
    /// Store did not answer in time.
    pub store_slow: u64,
    /// Own failure.
    pub internal: u64,
}

impl RefusalCounts {
    /// Counts one; causes that belong to the door as a whole have no place here.
    pub(super) fn count(&mut self, refused: &Refused) {
        let counter = match refused {
            Refused::UnknownToken | Refused::TooManyGuesses => return,
            Refused::Address => &mut self.address,
            Refused::Unregistered => &mut self.unregistered,
            Refused::Digest => &mut self.digest,
            Refused::Method => &mut self.method,
            Refused::TooManyRequests => &mut self.rate,
            Refused::TooLarge(_) | Refused::TextTooLarge(_) => &mut self.too_large,
            Refused::TimedOut => &mut self.timed_out,
            Refused::Disconnected => &mut self.disconnected,
            Refused::Truncated => &mut self.truncated,
            Refused::Multipart(_)
            | Refused::Document(_)
            | Refused::Filter(_)
            | Refused::Neutral(_) => &mut self.malformed,
            Refused::NoEvent => &mut self.no_event,
            Refused::Picture(PictureError::Full { .. }) | Refused::Store(Refusal::Full) => {
                &mut self.store_full
            }
            Refused::Picture(_) => &mut self.picture_store,
            Refused::Store(Refusal::Failed) => &mut self.store_failed,
            Refused::Store(Refusal::Stopping | Refusal::Test) => &mut self.stopping,
            Refused::Slow => &mut self.store_slow,
            Refused::Internal => &mut self.internal,
        };
        *counter += 1;
    }
}
