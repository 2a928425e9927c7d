//! Takes the bytes of one body apart, in whatever form the dialect has its parts.
//!
//! It blocks on the disk and knows no socket. Nothing is durable before [`super::handover`].

use crate::config::camera::Dialect;
use crate::io::pictures::PictureFolder;

use super::gathering::{Gathering, Received};
use super::json_filter::{Filter, FilterError, Piece, Rules};
use super::multipart::{Bounds, Event, PartEnd, PartHead, Quirks, Reader, media_type, parameter};
use super::refused::Refused;

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
    form: Form,
    gathering: Gathering,
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
        let mut gathering = Gathering::new(folder);
        let form = if let Some(rules) = rules(dialect, parts) {
            Form::Filtered(Box::new(Filter::new(rules)))
        } else if kind.is_empty() || kind.starts_with("multipart/") {
            let boundary = content_type.and_then(|value| parameter(value, "boundary"));
            let bounds = Bounds { parts, ..Bounds::default() };
            let reader = Reader::new(boundary.as_deref(), bounds).map_err(Refused::Multipart)?;
            Form::Multipart(Box::new(reader))
        } else {
            gathering.begin(PartHead { content_type: Some(kind), charset, ..PartHead::default() });
            Form::Single
        };
        Ok(Self { form, gathering })
    }

    /// Takes the next bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        let gathering = &mut self.gathering;
        match &mut self.form {
            Form::Multipart(reader) => {
                reader.push(bytes);
                pull(reader, gathering)
            }
            Form::Single => gathering.data(bytes),
            Form::Filtered(filter) => {
                let pieces = filter.push(bytes).map_err(Refused::Filter)?;
                pieces.into_iter().try_for_each(|piece| take_piece(piece, gathering))
            }
        }
    }

    /// The body has ended as its transport says.
    pub(super) fn finish(self) -> Result<Received, Refused> {
        let Self { form, mut gathering } = self;
        let mut quirks = Quirks::default();
        match form {
            Form::Multipart(mut reader) => {
                reader.end();
                pull(&mut reader, &mut gathering)?;
                quirks = reader.quirks();
            }
            Form::Single => gathering.part_end(PartEnd::Delimited)?,
            Form::Filtered(filter) => {
                gathering.text(filter.finish().map_err(|error| match error {
                    FilterError::Truncated(_) => Refused::Truncated,
                    other => Refused::Filter(other),
                })?);
            }
        }
        Ok(gathering.received(quirks))
    }
}

fn pull(reader: &mut Reader, gathering: &mut Gathering) -> Result<(), Refused> {
    while let Some(event) = reader.pull().map_err(Refused::Multipart)? {
        match event {
            Event::Part(head) => gathering.begin(head),
            Event::Data(data) => gathering.data(data)?,
            Event::PartEnd(end) => gathering.part_end(end)?,
            Event::End => {}
        }
    }
    Ok(())
}

fn take_piece(piece: Piece, gathering: &mut Gathering) -> Result<(), Refused> {
    match piece {
        Piece::Begin => gathering
            .begin(PartHead { content_type: Some("image/jpeg".into()), ..PartHead::default() }),
        Piece::Data(data) => gathering.data(&data)?,
        Piece::Broken => gathering.leave_out(1),
        Piece::End => gathering.part_end(PartEnd::Delimited)?,
    }
    Ok(())
}
