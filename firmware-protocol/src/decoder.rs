//! Bytes in, frames out. What is not a frame is dropped up to the next delimiter and counted
//! by cause, so that `frame_bytes + delimiters + drops + held` is what was pushed.

use crate::message::Unreadable;
use crate::{
    CHECKSUM_LEN, Frame, HEADER_LEN, MAX_BODY, MIN_VERSION, Message, VERSION, checksum::crc32c,
    cobs,
};

/// Dropped bytes by cause, delimiters not included. Each count stays at its highest value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DropCounts {
    /// Not stuffed as any encoder would, or shorter than the shortest frame.
    pub noise: u64,
    /// A frame whose checksum is wrong.
    pub bad_crc: u64,
    /// Longer than the longest frame.
    pub oversize: u64,
    /// A good frame of a version outside [`MIN_VERSION`] to [`VERSION`].
    pub unknown_version: u64,
    /// A good frame of a kind that this version does not know.
    pub unknown_message: u64,
    /// A good frame whose payload is too short or contradicts itself.
    pub malformed: u64,
}

impl DropCounts {
    /// All of them.
    pub const fn total(&self) -> u64 {
        self.noise
            .saturating_add(self.bad_crc)
            .saturating_add(self.oversize)
            .saturating_add(self.unknown_version)
            .saturating_add(self.unknown_message)
            .saturating_add(self.malformed)
    }
}

/// A frame and the bytes it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received<'a> {
    /// The frame.
    pub frame: Frame,
    /// Header, payload and checksum without stuffing: what may be kept as proof.
    pub raw: &'a [u8],
}

/// Longest run between two delimiters that can be a frame.
const MAX_RUN: usize = MAX_BODY + 1;

/// Streaming decoder of one line.
#[derive(Clone, Debug)]
pub struct Decoder {
    run: [u8; MAX_RUN],
    /// Length of the run so far; beyond `MAX_RUN` its bytes are no longer kept.
    length: usize,
    drops: DropCounts,
    frames: u64,
    frame_bytes: u64,
    delimiters: u64,
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
            run: [0; MAX_RUN],
            length: 0,
            drops: DropCounts {
                noise: 0,
                bad_crc: 0,
                oversize: 0,
                unknown_version: 0,
                unknown_message: 0,
                malformed: 0,
            },
            frames: 0,
            frame_bytes: 0,
            delimiters: 0,
        }
    }

    /// The frames that `bytes` complete. Frames that are not taken from the iterator are decoded
    /// and forgotten when it is dropped.
    pub fn push<'d, 'b>(&'d mut self, bytes: &'b [u8]) -> Frames<'d, 'b> {
        Frames {
            decoder: self,
            bytes,
        }
    }

    /// Takes bytes from the front of `input` up to the end of the next good frame; `None` when
    /// `input` is used up.
    pub fn pull<'d>(&'d mut self, input: &mut &[u8]) -> Option<Received<'d>> {
        loop {
            let found = input.iter().position(|byte| *byte == 0);
            let Some(end) = found else {
                self.keep(input);
                *input = &[];
                return None;
            };
            self.keep(&input[..end]);
            *input = &input[end + 1..];
            self.delimiters = self.delimiters.saturating_add(1);
            let length = core::mem::take(&mut self.length);
            if let Some(frame) = self.finish(length) {
                return Some(Received {
                    frame,
                    raw: &self.run[1..length],
                });
            }
        }
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

    fn keep(&mut self, bytes: &[u8]) {
        let after = self.length.saturating_add(bytes.len());
        if let Some(room) = self.run.get_mut(self.length..after) {
            room.copy_from_slice(bytes);
        }
        self.length = after;
    }

    fn finish(&mut self, length: usize) -> Option<Frame> {
        if length == 0 {
            return None;
        }
        let bytes = length as u64;
        match self
            .run
            .get_mut(..length)
            .ok_or(Fault::Oversize)
            .and_then(read)
        {
            Ok(frame) => {
                self.frames = self.frames.saturating_add(1);
                self.frame_bytes = self.frame_bytes.saturating_add(bytes);
                Some(frame)
            }
            Err(fault) => {
                let count = match fault {
                    Fault::Noise => &mut self.drops.noise,
                    Fault::BadCrc => &mut self.drops.bad_crc,
                    Fault::Oversize => &mut self.drops.oversize,
                    Fault::UnknownVersion => &mut self.drops.unknown_version,
                    Fault::UnknownMessage => &mut self.drops.unknown_message,
                    Fault::Malformed => &mut self.drops.malformed,
                };
                *count = count.saturating_add(bytes);
                None
            }
        }
    }
}

enum Fault {
    Noise,
    BadCrc,
    Oversize,
    UnknownVersion,
    UnknownMessage,
    Malformed,
}

fn read(run: &mut [u8]) -> Result<Frame, Fault> {
    if !cobs::unstuff(run) {
        return Err(Fault::Noise);
    }
    let (content, checksum) = run[1..]
        .split_last_chunk::<CHECKSUM_LEN>()
        .ok_or(Fault::Noise)?;
    let (header, payload) = content
        .split_first_chunk::<HEADER_LEN>()
        .ok_or(Fault::Noise)?;
    if crc32c(content) != u32::from_le_bytes(*checksum) {
        return Err(Fault::BadCrc);
    }
    let [version, address, kind, exchange] = *header;
    if !(MIN_VERSION..=VERSION).contains(&version) {
        return Err(Fault::UnknownVersion);
    }
    match Message::read(kind, payload) {
        Ok(message) => Ok(Frame {
            address,
            exchange,
            message,
        }),
        Err(Unreadable::UnknownKind) => Err(Fault::UnknownMessage),
        Err(Unreadable::Malformed) => Err(Fault::Malformed),
    }
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
        self.decoder
            .pull(&mut self.bytes)
            .map(|received| received.frame)
    }
}

impl Drop for Frames<'_, '_> {
    fn drop(&mut self) {
        self.for_each(drop);
    }
}
