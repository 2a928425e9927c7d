//! Why a controller's session refuses an event.

use core::fmt;

use crate::EncodeError;

/// Why an event was not recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordError {
    /// It could not be sent.
    Encode(EncodeError),
    /// All sequence numbers of this boot id are used; draw a new boot id.
    Exhausted,
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encode(_) => write!(f, "an event cannot be encoded"),
            Self::Exhausted => write!(f, "all sequence numbers of this boot id are used"),
        }
    }
}

impl core::error::Error for RecordError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Encode(error) => Some(error),
            Self::Exhausted => None,
        }
    }
}
