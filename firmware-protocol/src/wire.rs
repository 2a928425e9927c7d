//! Little-endian fields of a payload. "Not measured" is the highest value of an unsigned field
//! and the lowest of a signed one; `None` in the API.

use crate::{MAX_PAYLOAD, Text};

/// Why a payload cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unwritable {
    /// A measured value equals the one that means "not measured".
    Reserved(&'static str),
    /// A list or text is longer than the payload has room.
    TooLong,
}

/// Fills a payload; the first thing that cannot be written is remembered.
pub(crate) struct Writer {
    bytes: [u8; MAX_PAYLOAD],
    length: usize,
    fault: Option<Unwritable>,
}

macro_rules! unsigned {
    ($write:ident, $write_measured:ident, $read:ident, $read_measured:ident, $type:ty, $none:expr) => {
        impl Writer {
            #[allow(dead_code, reason = "one macro for all widths")]
            pub(crate) fn $write(&mut self, value: $type) {
                self.bytes(&value.to_le_bytes());
            }

            #[allow(dead_code, reason = "one macro for all widths")]
            pub(crate) fn $write_measured(&mut self, name: &'static str, value: Option<$type>) {
                if value == Some($none) {
                    self.fault.get_or_insert(Unwritable::Reserved(name));
                }
                self.$write(value.unwrap_or($none));
            }
        }

        impl Reader<'_> {
            #[allow(dead_code, reason = "one macro for all widths")]
            #[inline]
            pub(crate) fn $read(&mut self) -> Option<$type> {
                let (bytes, rest) = self.0.split_first_chunk()?;
                self.0 = rest;
                Some(<$type>::from_le_bytes(*bytes))
            }

            #[allow(dead_code, reason = "one macro for all widths")]
            #[inline]
            pub(crate) fn $read_measured(&mut self) -> Option<Option<$type>> {
                self.$read().map(|value| (value != $none).then_some(value))
            }
        }
    };
}

/// Takes a payload apart; `None` when it is too short.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

unsigned!(u8, measured_u8, u8, measured_u8, u8, u8::MAX);
unsigned!(u16, measured_u16, u16, measured_u16, u16, u16::MAX);
unsigned!(u32, measured_u32, u32, measured_u32, u32, u32::MAX);
unsigned!(u64, measured_u64, u64, measured_u64, u64, u64::MAX);
unsigned!(i16, measured_i16, i16, measured_i16, i16, i16::MIN);
unsigned!(i32, measured_i32, i32, measured_i32, i32, i32::MIN);

impl Writer {
    pub(crate) fn new() -> Self {
        Self { bytes: [0; MAX_PAYLOAD], length: 0, fault: None }
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        match self.bytes.get_mut(self.length..self.length + bytes.len()) {
            Some(room) => {
                room.copy_from_slice(bytes);
                self.length += bytes.len();
            }
            None => {
                self.fault.get_or_insert(Unwritable::TooLong);
            }
        }
    }

    pub(crate) fn text<const N: usize>(&mut self, text: &Text<N>) {
        let text = text.as_str();
        self.u8(text.len() as u8);
        self.bytes(text.as_bytes());
    }

    pub(crate) fn finish(&self) -> Result<&[u8], Unwritable> {
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok(self.bytes.get(..self.length).unwrap_or(&[])),
        }
    }
}

impl<'a> Reader<'a> {
    pub(crate) fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    /// A text with its length before it; `None` also when it is not UTF-8 or longer than `N`.
    pub(crate) fn text<const N: usize>(&mut self) -> Option<Text<N>> {
        let length = usize::from(self.u8()?);
        let text = core::str::from_utf8(self.bytes(length)?).ok()?;
        Text::new(text).ok()
    }
}
