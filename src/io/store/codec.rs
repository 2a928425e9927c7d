//! Stored values: a version byte, then bincode 1.3 (variable-length integers, no trailing bytes).
//! The only place that knows bincode.
//!
//! Bytes of a version are never changed once released: a type that changes gets the next version,
//! or a form that cannot be taken for the old one, and the old one is still read.

use bincode::Options;
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// The version that is written.
const VERSION: u8 = 1;

/// No stored value comes near: a passage with its raw frames is some 10 KB. Our choice, so that a
/// damaged length cannot ask for the machine's memory.
const MAX_VALUE_BYTES: u64 = 64 * 1024 * 1024;

/// Why a stored value cannot be read, or a value cannot be stored.
#[derive(Debug, Error)]
pub enum CodecError {
    /// No version byte.
    #[error("the value is empty")]
    Empty,
    /// Written by a newer program, or damaged.
    #[error("the value has version {0}, and this program reads version {VERSION}")]
    UnknownVersion(u8),
    /// The bytes are not a value of that type.
    #[error("the value is malformed")]
    Malformed(#[source] bincode::Error),
    /// The value is too large to be stored.
    #[error("the value cannot be encoded")]
    Unencodable(#[source] bincode::Error),
}

fn options() -> impl Options {
    bincode::DefaultOptions::new().with_limit(MAX_VALUE_BYTES)
}

/// The stored form of `value`.
///
/// # Errors
/// [`CodecError::Unencodable`] beyond 64 MiB.
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, CodecError> {
    let mut bytes = vec![VERSION];
    options().serialize_into(&mut bytes, value).map_err(CodecError::Unencodable)?;
    Ok(bytes)
}

/// The value that was stored.
///
/// # Errors
/// [`CodecError`]; any bytes are safe.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    match bytes.split_first() {
        None => Err(CodecError::Empty),
        Some((&VERSION, value)) => options().deserialize(value).map_err(CodecError::Malformed),
        Some((&version, _)) => Err(CodecError::UnknownVersion(version)),
    }
}
