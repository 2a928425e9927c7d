//! What the site answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Kind, Reason, Request};
use crate::clock::Timestamp;

/// `wim/v1/{site}/response`: the answer to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Response {
    /// The platform's name for the request; absent when it could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What was asked for; absent when it could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Kind>,
    /// Whether it is carried out.
    pub accepted: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The same in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Requests refused for the same reason that this answer stands for, when they are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<u64>,
    /// Records or pictures that are on their way now, those included that were waiting anyhow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sending: Option<u64>,
    /// Records or pictures of the request that the site does not have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<u64>,
    /// First sequence that the site still has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_kept: Option<u64>,
    /// Last sequence that the site has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<u64>,
    /// The daemon's health, as in the status message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<Value>,
    /// When it was written.
    pub at: Timestamp,
}

impl Response {
    /// A refusal.
    pub fn refusal(request: Option<&Request>, reason: Reason, text: String, at: Timestamp) -> Self {
        let (reason, text) = (Some(reason), Some(text));
        Self { accepted: false, reason, text, ..Self::to(request, at) }
    }

    /// An answer without content yet.
    pub fn to(request: Option<&Request>, at: Timestamp) -> Self {
        Self {
            id: request.map(|request| request.id().to_owned()),
            request: request.map(Request::kind),
            accepted: true,
            reason: None,
            text: None,
            refused: None,
            sending: None,
            missing: None,
            first_kept: None,
            last: None,
            health: None,
            at,
        }
    }

    /// Its JSON.
    pub fn bytes(&self) -> Vec<u8> {
        // Strings, numbers and an already built JSON value: serialising them cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }
}
