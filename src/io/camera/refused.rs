//! Why a request is not acknowledged, and what its sender is told.

use axum::http::StatusCode;
use thiserror::Error;

use super::document::DocumentError;
use super::json_filter::FilterError;
use super::multipart::MultipartError;
use crate::io::intake::Refusal;
use crate::io::pictures::PictureError;

/// A refused request.
#[derive(Debug, Error)]
pub enum Refused {
    /// The path names no camera.
    #[error("no camera has this path")]
    UnknownToken,
    /// A wrong path or password, of an address that has tried too many.
    #[error("too many wrong paths from this address")]
    TooManyGuesses,
    /// The camera may not connect from there.
    #[error("the address is not allowed for this camera")]
    Address,
    /// The camera has to register first.
    #[error("the device is not registered from this address")]
    Unregistered,
    /// The digest does not prove who it is.
    #[error("the digest of the registration is wrong, used or too old")]
    Digest,
    /// Neither POST nor PUT.
    #[error("only POST and PUT are taken")]
    Method,
    /// More requests than the camera may send.
    #[error("the camera sends too many requests")]
    TooManyRequests,
    /// The body is too long.
    #[error("the body exceeds {0} bytes")]
    TooLarge(u64),
    /// The texts of the body are too long.
    #[error("the texts of the body exceed {0} bytes")]
    TextTooLarge(usize),
    /// The sender was silent or slow.
    #[error("the body did not come in time")]
    TimedOut,
    /// The connection ended inside the body.
    #[error("the connection ended inside the body")]
    Disconnected,
    /// The body ended before what it announces.
    #[error("the body ends before what it announces")]
    Truncated,
    /// The multipart body cannot be read.
    #[error("the multipart body cannot be read")]
    Multipart(#[source] MultipartError),
    /// A message cannot be read.
    #[error("the message cannot be read")]
    Document(#[source] DocumentError),
    /// The neutral body cannot be read.
    #[error("the body cannot be read")]
    Filter(#[source] FilterError),
    /// The neutral message is not as documented.
    #[error("the message is not as documented")]
    Neutral(#[source] serde_json::Error),
    /// The body holds no event.
    #[error("the body holds no event notification")]
    NoEvent,
    /// A picture could not be stored.
    #[error("a picture could not be stored")]
    Picture(#[source] PictureError),
    /// The store did not take the event.
    #[error("the event could not be stored")]
    Store(#[source] Refusal),
    /// The store did not answer in time; the event may be stored nevertheless.
    #[error("the event was not stored in time")]
    Slow,
    /// The part of the daemon that reads bodies failed.
    #[error("the body could not be handled")]
    Internal,
}

impl Refused {
    /// The answer. 503 keeps the event in the camera (cameras.md section 2.9).
    pub fn status(&self) -> StatusCode {
        match self {
            Self::UnknownToken | Self::Address => StatusCode::NOT_FOUND,
            Self::TooManyGuesses | Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::Unregistered | Self::Digest => StatusCode::UNAUTHORIZED,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge(_) | Self::TextTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Filter(FilterError::TextTooLong) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TimedOut => StatusCode::REQUEST_TIMEOUT,
            Self::Disconnected
            | Self::Truncated
            | Self::Multipart(_)
            | Self::Document(_)
            | Self::Filter(_)
            | Self::Neutral(_)
            | Self::NoEvent => StatusCode::BAD_REQUEST,
            Self::Picture(_) | Self::Store(_) | Self::Slow => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The whole chain of causes in one line.
    pub fn chain(&self) -> String {
        chain(self)
    }
}

/// An error with the whole chain of its causes in one line, bounded and without characters that
/// steer a terminal or hide what stands there: parts of it may quote the other side.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text.chars().filter(|letter| is_plain(*letter)).take(200).collect()
}

/// Neither a control character nor one of Unicode's invisible ones, such as the turn of the
/// writing direction.
fn is_plain(letter: char) -> bool {
    let hidden = matches!(letter, '\u{ad}' | '\u{61c}' | '\u{feff}')
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(letter, '\u{2060}'..='\u{206f}' | '\u{e0000}'..='\u{e007f}');
    !letter.is_control() && !hidden
}
