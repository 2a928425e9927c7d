//! Takes the bytes of one body apart: texts are kept, pictures go to the disk as they come.
//!
//! It blocks on the disk and knows no socket. Nothing is durable before [`super::handover`].

mod part;

use crate::config::camera::Dialect;
use crate::io::pictures::PictureFolder;

use super::document::MAX_TEXT_BYTES;
use super::json_filter::{Filter, FilterError, Piece, Rules};
use super::multipart::{Bounds, Event, PartEnd, PartHead, Quirks, Reader, media_type, parameter};
use super::picture::Picture;
use super::refused::Refused;
use part::Part;

/// A text of the body.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) bytes: Vec<u8>,
    pub(super) charset: Option<String>,
    /// How many pictures had begun before it.
    pub(super) pictures_before: usize,
}

/// What was left out of a body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LeftOut {
    pub(super) empty_pictures: u64,
    pub(super) foreign_pictures: u64,
    pub(super) parts: u64,
    pub(super) bytes: u64,
}

/// A whole body.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) texts: Vec<Text>,
    pub(super) pictures: Vec<Picture>,
    pub(super) left_out: LeftOut,
    pub(super) quirks: Quirks,
    /// No closing delimiter came: announced pictures decide whether something is missing.
    pub(super) unclosed: bool,
}

#[derive(Debug)]
enum Form {
    Multipart(Box<Reader>),
    /// The whole body is one part.
    Single,
    Filtered(Box<Filter>),
}

/// A body on its way in.
#[derive(Debug)]
pub(super) struct Reception {
    folder: PictureFolder,
    form: Form,
    part: Part,
    texts: Vec<Text>,
    pictures: Vec<Picture>,
    /// Parts that have begun.
    begun: usize,
    left_out: LeftOut,
}

/// Most pictures of one GA/T 1400 list; our choice: 200 vehicles with five each.
const LIST_PICTURES: usize = 1_000;

/// How pictures stand in the JSON of a dialect; `None` for multipart dialects.
fn rules(dialect: Dialect, parts: usize) -> Option<Rules> {
    match dialect {
        Dialect::Isapi => None,
        Dialect::Neutral => Some(Rules { key: "jpeg", lenient: false, pictures: parts }),
        Dialect::Dahua => Some(Rules { key: "Content", lenient: true, pictures: parts }),
        Dialect::Gat1400 => Some(Rules { key: "Data", lenient: true, pictures: LIST_PICTURES }),
    }
}

impl Reception {
    /// For a body of this Content-Type. A multipart type without boundary, or no type at all,
    /// is decided by the first line.
    pub(super) fn new(
        dialect: Dialect,
        content_type: Option<&str>,
        parts: usize,
        folder: PictureFolder,
    ) -> Result<Self, Refused> {
        let kind = content_type.and_then(media_type).unwrap_or_default();
        let charset = content_type.and_then(|value| parameter(value, "charset"));
        let mut part = Part::Between;
        let form = if let Some(rules) = rules(dialect, parts) {
            Form::Filtered(Box::new(Filter::new(rules)))
        } else if kind.is_empty() || kind.starts_with("multipart/") {
            let boundary = content_type.and_then(|value| parameter(value, "boundary"));
            let bounds = Bounds { parts, ..Bounds::default() };
            let reader = Reader::new(boundary.as_deref(), bounds).map_err(Refused::Multipart)?;
            Form::Multipart(Box::new(reader))
        } else {
            part =
                Part::begin(PartHead { content_type: Some(kind), charset, ..PartHead::default() });
            Form::Single
        };
        Ok(Self {
            folder,
            form,
            part,
            texts: Vec::new(),
            pictures: Vec::new(),
            begun: 0,
            left_out: LeftOut::default(),
        })
    }

    /// Takes the next bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        let mut form = std::mem::replace(&mut self.form, Form::Single);
        let result = match &mut form {
            Form::Multipart(reader) => {
                reader.push(bytes);
                self.pull(reader)
            }
            Form::Single => self.data(bytes),
            Form::Filtered(filter) => match filter.push(bytes) {
                Ok(pieces) => pieces.into_iter().try_for_each(|piece| self.piece(piece)),
                Err(error) => Err(Refused::Filter(error)),
            },
        };
        self.form = form;
        result
    }

    /// The body has ended as its transport says.
    pub(super) fn finish(mut self) -> Result<Received, Refused> {
        let mut quirks = Quirks::default();
        match std::mem::replace(&mut self.form, Form::Single) {
            Form::Multipart(mut reader) => {
                reader.end();
                self.pull(&mut reader)?;
                quirks = reader.quirks();
            }
            Form::Single => self.part_end(PartEnd::Delimited)?,
            Form::Filtered(filter) => {
                let bytes = filter.finish().map_err(|error| match error {
                    FilterError::Truncated(_) => Refused::Truncated,
                    other => Refused::Filter(other),
                })?;
                self.texts.push(Text { bytes, charset: None, pictures_before: 0 });
            }
        }
        Ok(Received {
            texts: self.texts,
            pictures: self.pictures,
            left_out: self.left_out,
            quirks,
            unclosed: quirks.unclosed > 0,
        })
    }

    fn pull(&mut self, reader: &mut Reader) -> Result<(), Refused> {
        while let Some(event) = reader.pull().map_err(Refused::Multipart)? {
            match event {
                Event::Part(head) => self.part = Part::begin(head),
                Event::Data(data) => self.data(data)?,
                Event::PartEnd(end) => self.part_end(end)?,
                Event::End => {}
            }
        }
        Ok(())
    }

    fn piece(&mut self, piece: Piece) -> Result<(), Refused> {
        match piece {
            Piece::Begin => {
                self.part = Part::begin(PartHead {
                    content_type: Some("image/jpeg".into()),
                    ..PartHead::default()
                })
            }
            Piece::Data(data) => self.data(&data)?,
            Piece::Broken => self.part = Part::Ignored { picture: true, bytes: 1 },
            Piece::End => self.part_end(PartEnd::Delimited)?,
        }
        Ok(())
    }

    fn data(&mut self, data: &[u8]) -> Result<(), Refused> {
        let part = std::mem::replace(&mut self.part, Part::Between);
        self.part = part.data(data, &self.folder)?;
        let held: usize = self.texts.iter().map(|text| text.bytes.len()).sum();
        if held + self.part.held() > MAX_TEXT_BYTES {
            return Err(Refused::TextTooLarge(MAX_TEXT_BYTES));
        }
        Ok(())
    }

    fn part_end(&mut self, end: PartEnd) -> Result<(), Refused> {
        if end == PartEnd::Truncated {
            return Err(Refused::Truncated);
        }
        let part = std::mem::replace(&mut self.part, Part::Between).end();
        self.begun += 1;
        match part {
            Part::Text(bytes, charset) => {
                self.texts.push(Text { bytes, charset, pictures_before: self.pictures.len() })
            }
            Part::Picture(mut picture) => {
                if end == PartEnd::EndOfBody && !picture.has_end() {
                    return Err(Refused::Truncated);
                }
                picture.close();
                self.pictures.push(picture.numbered(self.begun - 1));
            }
            Part::Ignored { picture, bytes } => {
                self.left_out.bytes += bytes;
                match (picture, bytes) {
                    (true, 0) => self.left_out.empty_pictures += 1,
                    (true, _) => self.left_out.foreign_pictures += 1,
                    (false, 0) => {}
                    (false, _) => self.left_out.parts += 1,
                }
            }
            Part::Between | Part::Undecided { .. } => {}
        }
        Ok(())
    }
}
