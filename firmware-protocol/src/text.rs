//! Short texts without allocation.

use core::fmt;

/// A text is longer than its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextTooLong {
    /// Length of the text in bytes.
    pub length: usize,
    /// Room in the field in bytes.
    pub room: usize,
}

impl fmt::Display for TextTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a text of {} bytes does not fit {}", self.length, self.room)
    }
}

impl core::error::Error for TextTooLong {}

/// UTF-8 of at most `N` bytes (`N` up to 255); empty means not known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text<const N: usize> {
    length: u8,
    bytes: [u8; N],
}

impl<const N: usize> Text<N> {
    /// The empty text.
    pub const EMPTY: Self = {
        assert!(N <= 255, "the length is one byte on the wire");
        Self { length: 0, bytes: [0; N] }
    };

    /// A copy of `text`.
    ///
    /// # Errors
    /// [`TextTooLong`] when it has more than `N` bytes.
    pub fn new(text: &str) -> Result<Self, TextTooLong> {
        let mut copy = Self::EMPTY;
        let too_long = TextTooLong { length: text.len(), room: N };
        let room = copy.bytes.get_mut(..text.len()).ok_or(too_long)?;
        room.copy_from_slice(text.as_bytes());
        copy.length = u8::try_from(text.len()).map_err(|_| too_long)?;
        Ok(copy)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..usize::from(self.length)).unwrap_or(&[]);
        core::str::from_utf8(bytes).unwrap_or("")
    }
}

impl<const N: usize> Default for Text<N> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
