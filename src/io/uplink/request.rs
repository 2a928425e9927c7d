//! What the platform may ask of the site, and what the site answers.
//!
//! In: the payload and properties of a message on the request topic. Out: a request that is known
//! to be small and whole, or why it is refused. Every request only reads: nothing of the site can
//! be changed by one.

mod response;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

pub use response::Response;

/// Longest request, bytes. Our choice: ten times what the longest one of this version takes.
pub const MAX_REQUEST: usize = 4_096;

/// Most records that one request may ask for. Our choice: a busy hour and a half, and some minutes
/// of a slow line.
pub const MAX_RESEND: u64 = 1_000;

/// Longest id that a platform may give to a request, bytes.
pub const MAX_ID: usize = 64;

/// Longest correlation data and response topic, bytes.
pub const MAX_PROPERTY: usize = 256;

/// Why a request is refused; each is a counter in `status`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Not the documented JSON.
    Malformed,
    /// The request, its properties or the answer to it are too large.
    TooLarge,
    /// A range that is backwards or longer than one request may ask for.
    Range,
    /// More requests than the site answers in this time.
    TooFrequent,
    /// The response topic is not below the site's own.
    ForeignTopic,
    /// The ledger does not have any of the records: not yet, or not any more.
    NoRecord,
    /// The record has no picture that is still there.
    NoPicture,
    /// The outbox or the disk is full, or the store cannot write.
    Store,
    /// The health is not known yet.
    Unknown,
}

/// Why a message on the request topic is no request.
#[derive(Debug, Error)]
pub enum RequestError {
    /// Longer than [`MAX_REQUEST`].
    #[error("the request has {0} bytes, more than {MAX_REQUEST}")]
    TooLarge(usize),
    /// Not the documented JSON.
    #[error("the request is not the documented JSON: {0}")]
    Malformed(#[source] serde_json::Error),
    /// The id is empty, too long or has control characters.
    #[error("the id of the request must have 1 to {MAX_ID} bytes without control characters")]
    Id,
    /// First beyond last.
    #[error("the range {0} to {1} is backwards")]
    Backwards(u64, u64),
    /// More than [`MAX_RESEND`] records.
    #[error("the range has {0} records, more than {MAX_RESEND}")]
    TooLong(u64),
}

impl RequestError {
    /// Its name for the answer.
    pub fn reason(&self) -> Reason {
        match self {
            Self::TooLarge(_) => Reason::TooLarge,
            Self::Malformed(_) | Self::Id => Reason::Malformed,
            Self::Backwards(..) | Self::TooLong(_) => Reason::Range,
        }
    }
}

/// `wim/v1/{site}/request`: what the platform asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "request", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Send these records again, with the same ids and the same bytes, each on its own topics.
    Resend {
        /// The platform's name for the request, given back in the answer.
        #[schemars(length(min = 1, max = 64))]
        id: String,
        /// First ledger sequence.
        from: u64,
        /// Last ledger sequence, at most 999 more.
        to: u64,
    },
    /// Send the pictures of this record, also again.
    Evidence {
        /// The platform's name for the request, given back in the answer.
        #[schemars(length(min = 1, max = 64))]
        id: String,
        /// Ledger sequence of the record.
        seq: u64,
    },
    /// Tell how the site is.
    Health {
        /// The platform's name for the request, given back in the answer.
        #[schemars(length(min = 1, max = 64))]
        id: String,
    },
}

impl Request {
    /// Parses one. Whether it asks for too much is another question ([`Request::within_bounds`]):
    /// the answer names also a request that does.
    ///
    /// # Errors
    /// [`RequestError`] when it is too large or not JSON of this shape.
    pub fn parse(payload: &[u8]) -> Result<Self, RequestError> {
        if payload.len() > MAX_REQUEST {
            return Err(RequestError::TooLarge(payload.len()));
        }
        // An object first: a bare array would otherwise be read as the fields in order.
        let request: Self = serde_json::from_slice(payload)
            .and_then(|fields| serde_json::from_value(Value::Object(fields)))
            .map_err(RequestError::Malformed)?;
        let id = request.id();
        if id.is_empty() || id.len() > MAX_ID || id.chars().any(char::is_control) {
            return Err(RequestError::Id);
        }
        Ok(request)
    }

    /// Whether one request may ask for so much.
    ///
    /// # Errors
    /// [`RequestError::Backwards`] and [`RequestError::TooLong`].
    pub fn within_bounds(&self) -> Result<(), RequestError> {
        if let Self::Resend { from, to, .. } = *self {
            if from > to {
                return Err(RequestError::Backwards(from, to));
            }
            let records = (to - from).saturating_add(1);
            if records > MAX_RESEND {
                return Err(RequestError::TooLong(records));
            }
        }
        Ok(())
    }

    /// The platform's name for it.
    pub fn id(&self) -> &str {
        match self {
            Self::Resend { id, .. } | Self::Evidence { id, .. } | Self::Health { id } => id,
        }
    }

    /// What it asks for.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Resend { .. } => Kind::Resend,
            Self::Evidence { .. } => Kind::Evidence,
            Self::Health { .. } => Kind::Health,
        }
    }
}

/// What a request asks for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Records.
    Resend,
    /// Pictures.
    Evidence,
    /// The site's health.
    Health,
}

impl Kind {
    /// Its name in an audit record.
    pub fn name(self) -> &'static str {
        match self {
            Self::Resend => "resend",
            Self::Evidence => "evidence",
            Self::Health => "health",
        }
    }
}

#[cfg(test)]
mod tests;
