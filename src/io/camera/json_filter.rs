//! Splits a JSON body into its text and the pictures inside: each string under the dialect's key is
//! decoded from base64 as it arrives and leaves its number in the text. An empty string of a vendor
//! stays one: the picture is somewhere else then, or nowhere.
//!
//! Bytes are pushed in chunks of any size. Text and depth are bounded; pictures are not held.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use super::document::{MAX_DEPTH, MAX_TEXT_BYTES};

/// What is a picture, and how it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The key whose string is a picture.
    pub key: &'static str,
    /// Whether a string that is no base64 is left out rather than refused: a vendor's key may
    /// stand for something else too.
    pub lenient: bool,
    /// Most pictures of one body.
    pub pictures: usize,
}

/// Encoded bytes that are decoded at once; a multiple of four.
const BLOCK: usize = 8 * 1024;

/// Why a body cannot be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FilterError {
    /// Too much text besides the pictures.
    #[error("the text beside the pictures exceeds {MAX_TEXT_BYTES} bytes")]
    TextTooLong,
    /// Nested too deep.
    #[error("the message is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// A picture that is no base64.
    #[error("picture {0} is not base64")]
    BadBase64(usize),
    /// More pictures than allowed.
    #[error("the body has more than {0} pictures")]
    TooManyPictures(usize),
    /// The body ended inside a picture.
    #[error("the body ends inside picture {0}")]
    Truncated(usize),
}

/// What came out of a chunk, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// The next picture begins.
    Begin,
    /// Decoded bytes.
    Data(Vec<u8>),
    /// What came is no picture; more of it does not follow.
    Broken,
    /// The picture ends.
    End,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Outside,
    /// In a string of the text; `true` after a backslash.
    Text(bool),
    /// In a picture; `true` after a backslash.
    Picture(bool),
    /// In a picture, in a character that is told by its number: digits so far, and their value.
    Number(u8, u32),
    /// In what should have been one; `true` after a backslash.
    Broken(bool),
}

/// The filter of one body.
#[derive(Debug)]
pub struct Filter {
    rules: Rules,
    state: State,
    text: Vec<u8>,
    depth: usize,
    /// Where the last string of the text begins.
    string_from: usize,
    /// Whether the last string was the key, and then whether its colon has come.
    after_key: bool,
    after_colon: bool,
    encoded: Vec<u8>,
    /// Where the number of the last picture stands, until anything of it has come.
    number_from: Option<usize>,
    pictures: usize,
}

impl Filter {
    /// For one body.
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            state: State::default(),
            text: Vec::new(),
            depth: 0,
            string_from: 0,
            after_key: false,
            after_colon: false,
            encoded: Vec::new(),
            number_from: None,
            pictures: 0,
        }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// A [`FilterError`]; the body is then lost.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Piece>, FilterError> {
        let mut pieces = Vec::new();
        for byte in bytes {
            match self.state {
                State::Outside => self.outside(*byte, &mut pieces)?,
                State::Text(escaped) => self.in_text(*byte, escaped),
                State::Picture(escaped) => self.in_picture(*byte, escaped, &mut pieces)?,
                State::Number(digits, value) => {
                    self.in_number(*byte, (digits, value), &mut pieces)?;
                }
                State::Broken(escaped) => self.in_broken(*byte, escaped, &mut pieces),
            }
            if self.text.len() > MAX_TEXT_BYTES {
                return Err(FilterError::TextTooLong);
            }
        }
        Ok(pieces)
    }

    /// The text without the pictures, after the last bytes.
    ///
    /// # Errors
    /// [`FilterError::Truncated`].
    pub fn finish(self) -> Result<Vec<u8>, FilterError> {
        match self.state {
            State::Picture(_) | State::Number(..) | State::Broken(_) => {
                Err(FilterError::Truncated(self.pictures))
            }
            _ => Ok(self.text),
        }
    }

    fn outside(&mut self, byte: u8, pieces: &mut Vec<Piece>) -> Result<(), FilterError> {
        if byte == b'"' && self.after_key && self.after_colon {
            if self.pictures == self.rules.pictures {
                return Err(FilterError::TooManyPictures(self.rules.pictures));
            }
            self.state = State::Picture(false);
            self.text.push(byte);
            self.number_from = Some(self.text.len());
            self.text.extend_from_slice(self.pictures.to_string().as_bytes());
            self.after_key = false;
            pieces.push(Piece::Begin);
            return Ok(());
        }
        self.text.push(byte);
        match byte {
            b'"' => {
                self.string_from = self.text.len();
                self.state = State::Text(false);
            }
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            b':' => {
                self.after_colon = true;
                return Ok(());
            }
            b' ' | b'\t' | b'\r' | b'\n' => return Ok(()),
            _ => {}
        }
        if byte != b'"' {
            self.after_key = false;
        }
        if self.depth > MAX_DEPTH {
            return Err(FilterError::TooDeep);
        }
        Ok(())
    }

    fn in_text(&mut self, byte: u8, escaped: bool) {
        self.text.push(byte);
        self.state = State::Text(!escaped && byte == b'\\');
        if byte == b'"' && !escaped {
            self.after_key =
                &self.text[self.string_from..self.text.len() - 1] == self.rules.key.as_bytes();
            self.after_colon = false;
            self.state = State::Outside;
        }
    }

    fn in_picture(
        &mut self,
        byte: u8,
        escaped: bool,
        pieces: &mut Vec<Piece>,
    ) -> Result<(), FilterError> {
        let escape = !escaped && byte == b'\\';
        self.state = State::Picture(escape);
        match byte {
            b'"' if !escaped => {
                self.decode(pieces)?;
                self.end_picture(pieces);
            }
            b'n' | b'r' | b't' if escaped => {}
            b'u' if escaped => self.state = State::Number(0, 0),
            _ if escape || byte.is_ascii_whitespace() => {}
            _ if escaped && byte != b'/' => self.broken(pieces)?,
            _ => self.encoded(byte, pieces)?,
        }
        Ok(())
    }

    /// A letter of the picture.
    fn encoded(&mut self, byte: u8, pieces: &mut Vec<Piece>) -> Result<(), FilterError> {
        self.number_from = None;
        self.encoded.push(byte);
        if self.encoded.len() == BLOCK {
            self.decode(pieces)?;
        }
        Ok(())
    }

    /// `\u003d` is what some libraries write for `=`, and `\u002B` for `+`.
    fn in_number(
        &mut self,
        byte: u8,
        (digits, value): (u8, u32),
        pieces: &mut Vec<Piece>,
    ) -> Result<(), FilterError> {
        let Some(digit) = char::from(byte).to_digit(16) else {
            self.broken(pieces)?;
            // it may be the quote that ends it
            self.in_broken(byte, false, pieces);
            return Ok(());
        };
        let value = value * 16 + digit;
        if digits < 3 {
            self.state = State::Number(digits + 1, value);
            return Ok(());
        }
        self.state = State::Picture(false);
        match u8::try_from(value) {
            Ok(byte) if byte.is_ascii_whitespace() => Ok(()),
            Ok(byte) if byte.is_ascii() => self.encoded(byte, pieces),
            _ => self.broken(pieces),
        }
    }

    fn decode(&mut self, pieces: &mut Vec<Piece>) -> Result<(), FilterError> {
        if self.encoded.is_empty() {
            return Ok(());
        }
        let decoded = STANDARD.decode(&self.encoded);
        self.encoded.clear();
        match decoded {
            Ok(decoded) => {
                pieces.push(Piece::Data(decoded));
                Ok(())
            }
            Err(_) => self.broken(pieces),
        }
    }

    fn broken(&mut self, pieces: &mut Vec<Piece>) -> Result<(), FilterError> {
        if !self.rules.lenient {
            return Err(FilterError::BadBase64(self.pictures));
        }
        self.encoded.clear();
        self.number_from = None;
        self.state = State::Broken(false);
        pieces.push(Piece::Broken);
        Ok(())
    }

    fn in_broken(&mut self, byte: u8, escaped: bool, pieces: &mut Vec<Piece>) {
        if byte == b'"' && !escaped {
            self.end_picture(pieces);
        } else {
            self.state = State::Broken(!escaped && byte == b'\\');
        }
    }

    fn end_picture(&mut self, pieces: &mut Vec<Piece>) {
        if let Some(from) = self.number_from.take().filter(|_| self.rules.lenient) {
            self.text.truncate(from);
        }
        self.text.push(b'"');
        self.pictures += 1;
        self.state = State::Outside;
        pieces.push(Piece::End);
    }
}

#[cfg(test)]
mod tests;
