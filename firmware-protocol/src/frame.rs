//! A message with its header, and its way onto the wire.

use core::fmt;

use crate::wire::{Unwritable, Writer};
use crate::{
    CHECKSUM_LEN, HEADER_LEN, MAX_BODY, MAX_ENCODED, Message, VERSION, checksum::crc32c, cobs,
};

/// One message on its way between the host and one controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Controller that it goes to or comes from, 1 to 247.
    pub address: u8,
    /// Chosen by the host for each question, from 1 to 255 in turn, and repeated in every frame
    /// of the answer, so that a late answer is known as such; 0 in what nobody asked for.
    pub exchange: u8,
    /// What it says.
    pub message: Message,
}

/// Why a frame was not encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodeError {
    /// The buffer is shorter than the frame.
    BufferTooSmall {
        /// Bytes needed.
        needed: usize,
        /// Bytes given.
        given: usize,
    },
    /// A measured value equals the one that means "not measured" on the wire.
    Reserved {
        /// Name of the field.
        field: &'static str,
    },
    /// The fields do not fit the longest payload.
    PayloadTooLong,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BufferTooSmall { needed, given } => {
                write!(f, "a frame of {needed} bytes does not fit {given}")
            }
            Self::Reserved { field } => {
                write!(f, "the value of {field} is the one for \"not measured\"")
            }
            Self::PayloadTooLong => write!(f, "the fields do not fit the longest payload"),
        }
    }
}

impl core::error::Error for EncodeError {}

impl From<Unwritable> for EncodeError {
    fn from(fault: Unwritable) -> Self {
        match fault {
            Unwritable::Reserved(field) => Self::Reserved { field },
            Unwritable::TooLong => Self::PayloadTooLong,
        }
    }
}

/// Writes `frame` to the front of `out`, delimiter before and behind, and returns the length.
/// [`MAX_ENCODED`] bytes always suffice.
///
/// The delimiter before it cuts off whatever noise the line has gathered while nobody spoke.
///
/// # Errors
/// [`EncodeError`] when a field cannot be written or `out` is too short; `out` is then unchanged.
pub fn encode(frame: &Frame, out: &mut [u8]) -> Result<usize, EncodeError> {
    let mut writer = Writer::new();
    frame.message.write(&mut writer);
    let payload = writer.finish()?;

    let mut body = [0; MAX_BODY];
    let end = HEADER_LEN + payload.len();
    let header = [VERSION, frame.address, frame.message.kind(), frame.exchange];
    body[..HEADER_LEN].copy_from_slice(&header);
    body[HEADER_LEN..end].copy_from_slice(payload);
    let checksum = crc32c(&body[..end]).to_le_bytes();
    body[end..end + CHECKSUM_LEN].copy_from_slice(&checksum);

    let body = &body[..end + CHECKSUM_LEN];
    let needed = body.len() + (MAX_ENCODED - MAX_BODY);
    let given = out.len();
    let out = out.get_mut(..needed).ok_or(EncodeError::BufferTooSmall { needed, given })?;
    out[0] = 0;
    out[needed - 1] = 0;
    cobs::stuff(body, &mut out[1..needed - 1]);
    Ok(needed)
}
