//! Bytes in, frames out. What is not a frame is dropped up to the next delimiter and counted
//! by cause, so that `frame_bytes + delimiters + drops + held` is what was pushed.

use crate::drops::{DropCounts, Fault};
use crate::message::{EventHeader, Unreadable};
use crate::wire::Reader;
use crate::{
    CHECKSUM_LEN, Frame, HEADER_LEN, MAX_BODY, MIN_VERSION, Message, VERSION,
    checksum::{WITH_OWN_CHECKSUM, crc32c},
    cobs,
};

/// A good frame as its bytes: the fields are only read when somebody asks for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received<'a> {
    /// Header, payload and checksum without stuffing: what may be kept as proof.
    pub raw: &'a [u8],
}

impl Received<'_> {
    /// The frame; never `None` for what a [`Decoder`] hands out, which has looked whether every
    /// field and list is there.
    #[inline]
    pub fn frame(&self) -> Option<Frame> {
        let (content, _) = self.raw.split_last_chunk::<CHECKSUM_LEN>()?;
        let ([_, address, kind, exchange], payload) = content.split_first_chunk::<HEADER_LEN>()?;
        let message = Message::read(*kind, payload).ok()?;
        Some(Frame { address: *address, exchange: *exchange, message })
    }
}

/// Kinds of events, known and to come (PROTOCOL.md section 10).
const EVENT_KINDS: core::ops::RangeInclusive<u8> = 0xA0..=0xBF;

/// Longest run between two delimiters that can be a frame.
const MAX_RUN: usize = MAX_BODY + 1;

/// Bytes that are copied and searched at once.
const WORD: usize = 8;
/// A whole number of words, so that a run that still fits never meets the end of the buffer.
const ROOM: usize = MAX_RUN.next_multiple_of(WORD);

/// Streaming decoder of one line.
#[derive(Clone, Debug)]
pub struct Decoder {
    /// The run so far; behind it what the last word copied brought along.
    buffer: [u8; ROOM],
    /// Length of the run so far; beyond `MAX_RUN` its bytes are no longer kept.
    length: usize,
    drops: DropCounts,
    frames: u64,
    frame_bytes: u64,
    delimiters: u64,
    unreadable: Option<(u8, EventHeader)>,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// A decoder that has seen nothing.
    pub const fn new() -> Self {
        Self {
            buffer: [0; ROOM],
            length: 0,
            drops: DropCounts::NONE,
            frames: 0,
            frame_bytes: 0,
            delimiters: 0,
            unreadable: None,
        }
    }

    /// The frames that `bytes` complete. Frames that are not taken from the iterator are decoded
    /// and forgotten when it is dropped.
    pub fn push<'d, 'b>(&'d mut self, bytes: &'b [u8]) -> Frames<'d, 'b> {
        Frames { decoder: self, bytes }
    }

    /// Takes bytes from the front of `input` up to the end of the next good frame; `None` when
    /// `input` is used up.
    #[inline]
    pub fn pull<'d>(&'d mut self, input: &mut &[u8]) -> Option<Received<'d>> {
        loop {
            let Some(end) = self.keep(input) else {
                *input = &[];
                return None;
            };
            *input = &input[end + 1..];
            self.delimiters = self.delimiters.saturating_add(1);
            let length = core::mem::take(&mut self.length);
            if self.finish(length) {
                return Some(Received { raw: &self.buffer[1..length] });
            }
        }
    }

    /// Address and header of the last event, once, whose frame was whole and whose fields cannot be read:
    /// who asks for it for ever gets nothing of what is behind it.
    pub const fn take_unreadable(&mut self) -> Option<(u8, EventHeader)> {
        self.unreadable.take()
    }

    /// Dropped bytes so far.
    pub const fn drops(&self) -> &DropCounts {
        &self.drops
    }

    /// Good frames so far.
    pub const fn frames(&self) -> u64 {
        self.frames
    }

    /// Bytes of good frames so far, delimiters not included.
    pub const fn frame_bytes(&self) -> u64 {
        self.frame_bytes
    }

    /// Delimiters so far.
    pub const fn delimiters(&self) -> u64 {
        self.delimiters
    }

    /// Bytes since the last delimiter, whose fate is open.
    pub const fn held(&self) -> usize {
        self.length
    }

    /// Appends `bytes` to the run up to the first zero and returns where that is.
    #[inline]
    fn keep(&mut self, bytes: &[u8]) -> Option<usize> {
        let room = self.buffer.get_mut(self.length..).unwrap_or(&mut []);
        let (slots, _) = room.as_chunks_mut::<WORD>();
        let (words, _) = bytes.as_chunks::<WORD>();
        let mut at = 0;
        for (slot, bytes) in slots.iter_mut().zip(words) {
            let word = u64::from_le_bytes(*bytes);
            *slot = *bytes;
            let zeros = word.wrapping_sub(0x0101_0101_0101_0101) & !word & 0x8080_8080_8080_8080;
            if zeros != 0 {
                let end = at + zeros.trailing_zeros() as usize / WORD;
                self.length += end;
                return Some(end);
            }
            at += WORD;
        }
        self.keep_rest(bytes, at)
    }

    #[cold]
    fn keep_rest(&mut self, bytes: &[u8], from: usize) -> Option<usize> {
        let rest = &bytes[from..];
        let found = rest.iter().position(|byte| *byte == 0);
        let kept = &rest[..found.unwrap_or(rest.len())];
        let before = self.length + from;
        let after = before.saturating_add(kept.len());
        if let Some(room) = self.buffer.get_mut(before..after) {
            room.copy_from_slice(kept);
        }
        self.length = after;
        found.map(|found| from + found)
    }

    #[inline]
    fn finish(&mut self, length: usize) -> bool {
        if length == 0 {
            return false;
        }
        let bytes = length as u64;
        match self
            .buffer
            .get_mut(..length)
            .filter(|_| length <= MAX_RUN)
            .ok_or(Fault::Oversize)
            .and_then(check)
        {
            Ok(()) => {
                self.frames = self.frames.saturating_add(1);
                self.frame_bytes = self.frame_bytes.saturating_add(bytes);
                true
            }
            Err(fault) => {
                self.drops.add(fault, bytes);
                if matches!(fault, Fault::Malformed | Fault::UnknownMessage) {
                    self.note_unreadable(length);
                }
                false
            }
        }
    }

    #[cold]
    fn note_unreadable(&mut self, length: usize) {
        let body = self.buffer.get(1..length).unwrap_or(&[]);
        if let Some(([_, address, kind, _], payload)) = body.split_first_chunk::<HEADER_LEN>()
            && EVENT_KINDS.contains(kind)
            && let Some((payload, _)) = payload.split_last_chunk::<CHECKSUM_LEN>()
            && let Some(header) = EventHeader::read(&mut Reader(payload))
        {
            self.unreadable = Some((*address, header));
        }
    }
}

#[inline]
fn check(run: &mut [u8]) -> Result<(), Fault> {
    if !cobs::unstuff(run) {
        return Err(Fault::Noise);
    }
    check_body(run.split_first().map_or(&[][..], |(_, body)| body))
}

impl Frame {
    /// The frame of header, payload and checksum as [`Received::raw`] gave them; `None` when they
    /// are no good frame of a version that is read here.
    pub fn from_raw(raw: &[u8]) -> Option<Self> {
        check_body(raw).ok()?;
        Received { raw }.frame()
    }
}

#[inline]
fn check_body(body: &[u8]) -> Result<(), Fault> {
    let (content, _) = body.split_last_chunk::<CHECKSUM_LEN>().ok_or(Fault::Noise)?;
    let (header, payload) = content.split_first_chunk::<HEADER_LEN>().ok_or(Fault::Noise)?;
    if crc32c(body) != WITH_OWN_CHECKSUM {
        return Err(Fault::BadCrc);
    }
    let [version, _, kind, _] = *header;
    if !(MIN_VERSION..=VERSION).contains(&version) {
        return Err(Fault::UnknownVersion);
    }
    Message::check(kind, payload).map_err(|unreadable| match unreadable {
        Unreadable::UnknownKind => Fault::UnknownMessage,
        Unreadable::Malformed => Fault::Malformed,
    })
}

/// The frames in one push.
#[derive(Debug)]
pub struct Frames<'d, 'b> {
    decoder: &'d mut Decoder,
    bytes: &'b [u8],
}

impl Iterator for Frames<'_, '_> {
    type Item = Frame;

    fn next(&mut self) -> Option<Frame> {
        self.decoder.pull(&mut self.bytes)?.frame()
    }
}

impl Drop for Frames<'_, '_> {
    fn drop(&mut self) {
        self.for_each(drop);
    }
}
