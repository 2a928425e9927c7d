//! A tolerant reader of `multipart/form-data` and `multipart/mixed`: bytes are pushed in chunks
//! of any size, events are pulled; the chunks have no influence on the events.
//!
//! A part's Content-Length is obeyed when a delimiter really follows it, otherwise the delimiter
//! is searched, with or without a line break before it. It holds back less than
//! [`Reader::HOLD`] bytes, never copies a picture whole and never panics.

mod content;
mod delimiter;
mod frame;
mod head;
mod pause;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use delimiter::Delimiter;
pub use head::{PartHead, media_type, parameter};

/// Bounds of one body (cameras.md section 10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Parts, not counting empty ones between doubled delimiters.
    pub parts: usize,
    /// Bytes of the header lines of one part.
    pub head_bytes: usize,
    /// Bytes before the first delimiter.
    pub preamble_bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { parts: 16, head_bytes: 16 * 1024, preamble_bytes: 4 * 1024 }
    }
}

/// Why a body cannot be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MultipartError {
    /// More parts than allowed.
    #[error("more than {0} parts")]
    TooManyParts(usize),
    /// A part whose header lines do not end in time.
    #[error("the header lines of a part exceed {0} bytes")]
    HeadTooLong(usize),
    /// No delimiter where there must be one.
    #[error("no delimiter found")]
    NoDelimiter,
    /// The boundary parameter is empty or too long.
    #[error("the boundary parameter is empty or too long")]
    BadBoundary,
}

/// What a reader has put up with; bytes that went nowhere are counted here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Quirks {
    /// Parts whose Content-Length did not lead to a delimiter.
    pub wrong_lengths: u64,
    /// Delimiters without a part between them.
    pub doubled_delimiters: u64,
    /// Delimiters without a line break before them.
    pub missing_breaks: u64,
    /// Bodies without closing delimiter.
    pub unclosed: u64,
    /// Bytes before the first delimiter.
    pub preamble_bytes: u64,
    /// Bytes after the closing delimiter.
    pub epilogue_bytes: u64,
}

impl Quirks {
    /// Adds the counts of another body.
    pub fn add(&mut self, other: Self) {
        self.wrong_lengths += other.wrong_lengths;
        self.doubled_delimiters += other.doubled_delimiters;
        self.missing_breaks += other.missing_breaks;
        self.unclosed += other.unclosed;
        self.preamble_bytes += other.preamble_bytes;
        self.epilogue_bytes += other.epilogue_bytes;
    }
}

/// How a part ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartEnd {
    /// A delimiter followed.
    Delimited,
    /// The body ended, and nothing says that bytes are missing.
    EndOfBody,
    /// The body ended before the part's stated length.
    Truncated,
}

/// What is found in a body, in order.
#[derive(Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A part begins.
    Part(PartHead),
    /// Bytes of the part.
    Data(&'a [u8]),
    /// The part ends.
    PartEnd(PartEnd),
    /// The body ends; once.
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Preamble,
    AfterDelimiter,
    Head,
    /// Content with so many bytes to come, by its own statement.
    Sized(u64),
    /// The same, and a delimiter has been seen where it must be.
    Proven(u64),
    /// The stated length is used up.
    AtLength,
    /// Content up to the next delimiter.
    Scan,
    /// So many bytes of content, and then the part ends without a delimiter.
    Held(usize),
    /// After such a part.
    Between,
    Unclosed,
    Epilogue,
    Finished,
}

/// What one step of the machine did.
enum Step {
    /// It needs more bytes.
    Wait,
    /// It moved on without an event.
    On,
    Part(PartHead),
    /// The first so many bytes of the buffer are content.
    Data(usize),
    PartEnd(PartEnd),
    End,
}

/// The reader of one body.
#[derive(Debug)]
pub struct Reader {
    delimiter: Option<Delimiter>,
    bounds: Bounds,
    buffer: Vec<u8>,
    start: usize,
    ended: bool,
    state: State,
    head: PartHead,
    head_bytes: usize,
    /// Content of the present part that has been handed out.
    content_bytes: u64,
    parts: usize,
    /// The body is a stream, of which a closing delimiter is not the end.
    endless: bool,
    quirks: Quirks,
}

impl Reader {
    /// Most bytes that are held back to decide whether a stated length can be believed. A JPEG
    /// holds the text of a delimiter and a header by design only; our choice.
    pub const HOLD: usize = 128 * 1024;

    /// For the boundary parameter of the Content-Type; without one, the first line of the body
    /// that begins with two dashes is taken.
    ///
    /// # Errors
    /// [`MultipartError::BadBoundary`].
    pub fn new(boundary: Option<&str>, bounds: Bounds) -> Result<Self, MultipartError> {
        let delimiter = match boundary {
            None => None,
            Some(text) => Some(Delimiter::new(text.as_bytes()).ok_or(MultipartError::BadBoundary)?),
        };
        Ok(Self {
            delimiter,
            bounds,
            buffer: Vec::new(),
            start: 0,
            ended: false,
            state: State::Preamble,
            head: PartHead::default(),
            head_bytes: 0,
            content_bytes: 0,
            parts: 0,
            endless: false,
            quirks: Quirks::default(),
        })
    }

    /// For a stream that goes on behind a closing delimiter, as where each event is a body of its own.
    #[must_use]
    pub fn endless(self) -> Self {
        Self { endless: true, ..self }
    }

    /// Takes the next bytes of the body. Pull until `None` before the next push: what is not
    /// pulled stays in memory.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.start);
        self.start = 0;
        // not twice of what was needed before: it is kept for every connection
        self.buffer.reserve_exact(bytes.len());
        self.buffer.extend_from_slice(bytes);
    }

    /// The body has ended as its transport says.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// What it has put up with so far.
    pub fn quirks(&self) -> Quirks {
        self.quirks
    }

    /// The next event; `None` when more bytes are needed, or after [`Event::End`].
    ///
    /// # Errors
    /// A [`MultipartError`]; the body is then lost.
    pub fn pull(&mut self) -> Result<Option<Event<'_>>, MultipartError> {
        loop {
            let step = match self.state {
                State::Preamble => self.preamble()?,
                State::AfterDelimiter => self.after_delimiter()?,
                State::Head => self.head()?,
                State::Sized(left) => self.sized(left),
                State::Proven(left) => self.proven(left),
                State::AtLength => self.at_length(),
                State::Scan => self.scan(),
                State::Held(left) => self.held_back(left),
                State::Between => self.between()?,
                State::Unclosed => self.unclosed(),
                State::Epilogue => self.epilogue(),
                State::Finished => Step::Wait,
            };
            match step {
                Step::On => {}
                Step::Wait => return Ok(None),
                Step::Part(head) => return Ok(Some(Event::Part(head))),
                Step::PartEnd(end) => return Ok(Some(Event::PartEnd(end))),
                Step::End => return Ok(Some(Event::End)),
                Step::Data(count) => {
                    let from = self.start;
                    self.start += count;
                    self.content_bytes += count as u64;
                    return Ok(Some(Event::Data(&self.buffer[from..self.start])));
                }
            }
        }
    }

    fn rest(&self) -> &[u8] {
        &self.buffer[self.start..]
    }
}

#[cfg(test)]
mod tests;
