//! An endless stream of parts: bytes in, events out, each as soon as it is whole.
//!
//! The delimiter behind a part comes with the next one only, up to a heartbeat later. A pause
//! therefore ends a part that is whole by its length or by itself. Blocks on the disk.

use crate::io::pictures::PictureFolder;

use super::super::document::{decode, parse};
use super::super::gathering::{Gathering, Received};
use super::super::isapi;
use super::super::message::Content;
use super::super::multipart::{Bounds, Event, PartEnd, Quirks, Reader, media_type, parameter};
use super::super::refused::Refused;
use super::failure::PullError;

/// What came out of the stream.
#[derive(Debug)]
pub(super) enum Came {
    /// An event.
    Event(Box<Received>),
    /// A part that is lost, and why.
    Lost(Refused),
}

/// How many pictures belong to the event that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaited {
    /// No event is open.
    Nothing,
    Pictures(usize),
    /// The message does not tell.
    Untold,
}

/// How long the sender has been silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pause {
    /// Long enough to end a part.
    OfPart,
    /// Long enough to end an event.
    OfEvent,
}

/// The stream.
#[derive(Debug)]
pub(super) struct Stream {
    reader: Reader,
    gathering: Gathering,
    awaited: Awaited,
    inside_part: bool,
    /// Bytes of the event that is open.
    bytes: u64,
    most_bytes: u64,
}

impl Stream {
    /// For an answer of this Content-Type.
    pub(super) fn new(
        content_type: &str,
        (parts, most_bytes): (usize, u64),
        folder: PictureFolder,
    ) -> Result<Self, PullError> {
        if !media_type(content_type).is_some_and(|kind| kind.starts_with("multipart/")) {
            return Err(PullError::NoStream(content_type.chars().take(100).collect()));
        }
        let boundary = parameter(content_type, "boundary");
        let bounds = Bounds { parts, ..Bounds::default() };
        let reader = Reader::new(boundary.as_deref(), bounds);
        Ok(Self {
            reader: reader.map_err(|error| PullError::Broken(Refused::Multipart(error)))?.endless(),
            gathering: Gathering::new(folder),
            awaited: Awaited::Nothing,
            inside_part: false,
            bytes: 0,
            most_bytes,
        })
    }

    /// Whether something waits for more bytes or for a pause.
    pub(super) fn is_open(&self) -> bool {
        self.inside_part || self.awaited != Awaited::Nothing
    }

    /// Takes the next bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Vec<Came>, Refused> {
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        if self.bytes > self.most_bytes {
            return Err(Refused::TooLarge(self.most_bytes));
        }
        self.reader.push(bytes);
        self.pull()
    }

    /// The sender is silent.
    pub(super) fn pause(&mut self, pause: Pause) -> Result<Vec<Came>, Refused> {
        let whole = self
            .reader
            .held()
            .is_some_and(|(last, measured)| measured || self.gathering.is_whole(last));
        if whole {
            self.reader.end_part();
        }
        let mut came = self.pull()?;
        let complete = match self.awaited {
            Awaited::Nothing => false,
            Awaited::Pictures(most) => self.gathering.with_left_out() >= most,
            Awaited::Untold => true,
        };
        if pause == Pause::OfEvent && !self.inside_part && complete {
            came.push(self.take());
        }
        Ok(came)
    }

    /// The stream has ended; what is open is given as it is.
    pub(super) fn finish(mut self) -> Vec<Came> {
        self.reader.end();
        let empty = !self.is_open() && self.bytes == 0;
        let pulled = self.pull();
        let mut came = pulled.unwrap_or_else(|refused| match refused {
            // a stream that ends between two events, or before its first, loses nothing
            Refused::Multipart(_) if empty => Vec::new(),
            other => vec![Came::Lost(other)],
        });
        if self.awaited != Awaited::Nothing {
            came.push(self.take());
        }
        came
    }

    fn pull(&mut self) -> Result<Vec<Came>, Refused> {
        let mut came = Vec::new();
        while let Some(event) = self.reader.pull().map_err(Refused::Multipart)? {
            match event {
                Event::Part(head) => {
                    self.inside_part = true;
                    self.gathering.begin(head);
                }
                Event::Data(data) => match self.gathering.data(data) {
                    Ok(()) => {}
                    // a stream cannot be refused: the event is kept without the picture
                    Err(Refused::Picture(error)) => {
                        came.push(Came::Lost(Refused::Picture(error)));
                        self.gathering.leave_out(data.len() as u64);
                    }
                    Err(other) => return Err(other),
                },
                Event::PartEnd(end) => self.part_end(end, &mut came),
                Event::End => {}
            }
        }
        Ok(came)
    }

    fn part_end(&mut self, end: PartEnd, came: &mut Vec<Came>) {
        self.inside_part = false;
        let texts = self.gathering.texts();
        if let Err(refused) = self.gathering.part_end(end) {
            came.push(Came::Lost(refused));
        }
        if texts == 0 {
            self.gathering.leave_strays_out();
        }
        if self.gathering.texts() > texts {
            if texts > 0 {
                let quirks = self.renew();
                let before = self.gathering.before_last_text(quirks);
                came.push(Came::Event(Box::new(before)));
            }
            self.awaited = self.of_last_text();
        }
        if matches!(self.awaited, Awaited::Pictures(most) if self.gathering.pictures() >= most) {
            came.push(self.take());
        }
    }

    /// What the text says that follows it; a heartbeat stands alone.
    fn of_last_text(&self) -> Awaited {
        let Some(text) = self.gathering.last_text() else {
            return Awaited::Nothing;
        };
        let root = parse(&decode(&text.bytes, text.charset.as_deref()));
        match root.ok().as_ref().and_then(isapi::read) {
            Some(Content::Plate(message)) => {
                message.announced_pictures.map_or(Awaited::Untold, Awaited::Pictures)
            }
            _ => Awaited::Pictures(0),
        }
    }

    fn take(&mut self) -> Came {
        self.awaited = Awaited::Nothing;
        let quirks = self.renew();
        Came::Event(Box::new(self.gathering.take(quirks)))
    }

    /// Begins to count anew. That a stream is not closed is no deviation: it has no end.
    fn renew(&mut self) -> Quirks {
        self.bytes = 0;
        Quirks { unclosed: 0, ..self.reader.renew() }
    }
}

#[cfg(test)]
mod tests;
