//! Why a camera could not be asked, or its stream ended.

use axum::http::StatusCode;
use thiserror::Error;

use super::super::refused::{Refused, chain};
use super::super::status::PullFailure;
use super::tls::{Distrust, SettingsError};

/// Why a stream did not come about, or ended.
#[derive(Debug, Error)]
pub enum PullError {
    /// No connection.
    #[error("cannot connect to {address}")]
    Connect {
        /// Where.
        address: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// No connection or no answer in time.
    #[error("{address} does not answer in time")]
    TimedOut {
        /// Where.
        address: String,
    },
    /// The connection was lost, or what came is no HTTP.
    #[error("the connection to the camera was lost")]
    Lost(#[source] hyper::Error),
    /// The request cannot be made.
    #[error("the request cannot be made")]
    Request(#[source] axum::http::Error),
    /// What we have for `https` cannot be used.
    #[error("https cannot be spoken")]
    Settings(#[source] SettingsError),
    /// Its certificate is not the one that is wanted.
    #[error("the camera's certificate with SHA-256 {sha256} is not taken")]
    Certificate {
        /// In hexadecimal digits.
        sha256: String,
        /// Why.
        #[source]
        why: Distrust,
    },
    /// No TLS came about.
    #[error("no TLS connection came about")]
    Handshake(#[source] std::io::Error),
    /// User name or password are wrong.
    #[error("the camera refuses the user name or the password")]
    Password,
    /// It asks for another authentication than digest.
    #[error("the camera offers no digest authentication, but {offered:?}")]
    NoDigest {
        /// What it offers.
        offered: String,
    },
    /// Every answer makes it ask again.
    #[error("the camera asks for the password again and again")]
    AsksAgain,
    /// Another status than 200.
    #[error("the camera answers {0}")]
    Status(StatusCode),
    /// No multipart stream.
    #[error("the camera answers with {0:?}, which is no multipart stream")]
    NoStream(String),
    /// Bytes that cannot be read.
    #[error("the stream cannot be read")]
    Broken(#[source] Refused),
    /// A subscription that was not taken.
    #[error("the platform answers the subscription with status code {0:?}")]
    Subscription(String),
    /// Nothing came for three heartbeats.
    #[error("nothing came for {0} s: the stream is dead")]
    Silent(u64),
    /// The camera ended the stream.
    #[error("the camera ended the stream")]
    Ended,
}

impl PullError {
    /// Whether only a change of the account can cure it: cameras lock an address out that tries
    /// again and again.
    pub fn is_account(&self) -> bool {
        matches!(
            self.kind(),
            PullFailure::Password | PullFailure::NoDigest | PullFailure::Forbidden
        )
    }

    /// Its name, for advice and counts.
    pub fn kind(&self) -> PullFailure {
        match self {
            Self::Connect { .. } | Self::TimedOut { .. } | Self::Request(_) => {
                PullFailure::Unreachable
            }
            Self::Lost(_) | Self::Ended => PullFailure::Ended,
            Self::Certificate { .. } => PullFailure::Certificate,
            Self::Settings(_) | Self::Handshake(_) => PullFailure::Tls,
            Self::Password => PullFailure::Password,
            Self::NoDigest { .. } | Self::AsksAgain => PullFailure::NoDigest,
            Self::Status(StatusCode::FORBIDDEN) => PullFailure::Forbidden,
            Self::Status(StatusCode::SERVICE_UNAVAILABLE) => PullFailure::StreamsTaken,
            Self::Status(_) | Self::NoStream(_) | Self::Subscription(_) => PullFailure::NoStream,
            Self::Broken(_) => PullFailure::Broken,
            Self::Silent(_) => PullFailure::Silent,
        }
    }

    /// The whole chain of causes in one line.
    pub fn chain(&self) -> String {
        chain(self)
    }
}
