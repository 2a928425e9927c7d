//! What has come of a body or of a stream: texts are kept, pictures go to the disk as they come.
//!
//! It blocks on the disk. Nothing is durable before [`super::handover`].

mod part;

use crate::io::pictures::PictureFolder;

use super::document::{MAX_TEXT_BYTES, decode, parse};
use super::multipart::{PartEnd, PartHead, Quirks};
use super::picture::{JPEG_END, JPEG_START, Picture};
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
    /// Told by an address only.
    pub(super) pictures_elsewhere: u64,
    /// Nobody told whose they are, or they are of no vehicle.
    pub(super) unassigned_pictures: u64,
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

/// Parts on their way in.
#[derive(Debug)]
pub(super) struct Gathering {
    folder: PictureFolder,
    part: Part,
    texts: Vec<Text>,
    pictures: Vec<Picture>,
    /// Parts that have begun.
    begun: usize,
    left_out: LeftOut,
}

impl Gathering {
    /// Nothing has come yet.
    pub(super) fn new(folder: PictureFolder) -> Self {
        Self {
            folder,
            part: Part::Between,
            texts: Vec::new(),
            pictures: Vec::new(),
            begun: 0,
            left_out: LeftOut::default(),
        }
    }

    /// A part begins.
    pub(super) fn begin(&mut self, head: PartHead) {
        self.part = Part::begin(head);
    }

    /// Bytes of the part.
    pub(super) fn data(&mut self, data: &[u8]) -> Result<(), Refused> {
        let part = std::mem::replace(&mut self.part, Part::Between);
        self.part = part.data(data, &self.folder)?;
        let held: usize = self.texts.iter().map(|text| text.bytes.len()).sum();
        if held + self.part.held() > MAX_TEXT_BYTES {
            return Err(Refused::TextTooLarge(MAX_TEXT_BYTES));
        }
        Ok(())
    }

    /// The part is no picture although it should be one, or has no place: what else comes of it is
    /// counted with `bytes`.
    pub(super) fn leave_out(&mut self, bytes: u64) {
        self.part = Part::Ignored { picture: true, bytes };
    }

    /// A text that came by itself.
    pub(super) fn text(&mut self, bytes: Vec<u8>) {
        self.texts.push(Text { bytes, charset: None, pictures_before: 0 });
    }

    /// The part ends.
    pub(super) fn part_end(&mut self, end: PartEnd) -> Result<(), Refused> {
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

    /// Whether the part would be whole with these last bytes: asked of a stream that is silent.
    pub(super) fn is_whole(&self, last: &[u8]) -> bool {
        let parses = |bytes: &[u8], charset: Option<&str>| {
            parse(&decode(&[bytes, last].concat(), charset)).is_ok()
        };
        match &self.part {
            Part::Between => false,
            Part::Ignored { .. } => true,
            Part::Undecided { bytes, head } => {
                let whole = [bytes, last].concat();
                let picture = whole.starts_with(&JPEG_START) && whole.ends_with(&JPEG_END);
                picture || parses(bytes, head.charset.as_deref())
            }
            Part::Text(bytes, charset) => parses(bytes, charset.as_deref()),
            Part::Picture(picture) => picture.would_end(last),
        }
    }

    /// The text that came last.
    pub(super) fn last_text(&self) -> Option<&Text> {
        self.texts.last()
    }

    /// How many pictures came.
    pub(super) fn pictures(&self) -> usize {
        self.pictures.len()
    }

    /// How many came, with those that are empty or none.
    pub(super) fn with_left_out(&self) -> usize {
        let LeftOut { empty_pictures, foreign_pictures, .. } = self.left_out;
        let left_out = empty_pictures.saturating_add(foreign_pictures);
        self.pictures.len().saturating_add(usize::try_from(left_out).unwrap_or(usize::MAX))
    }

    /// Leaves pictures out that came before any text: nothing says whose they are.
    pub(super) fn leave_strays_out(&mut self) {
        if self.texts.is_empty() {
            self.left_out.parts += self.pictures.drain(..).len() as u64;
        }
    }

    /// How many texts came.
    pub(super) fn texts(&self) -> usize {
        self.texts.len()
    }

    /// What came before the last text; the text stays.
    pub(super) fn before_last_text(&mut self, quirks: Quirks) -> Received {
        let mut rest = Self::new(self.folder.clone());
        rest.texts.extend(self.texts.pop().map(|text| Text { pictures_before: 0, ..text }));
        std::mem::replace(self, rest).received(quirks)
    }

    /// Everything so far, to begin anew.
    pub(super) fn take(&mut self, quirks: Quirks) -> Received {
        let rest = Self::new(self.folder.clone());
        std::mem::replace(self, rest).received(quirks)
    }

    /// Everything that came.
    pub(super) fn received(self, quirks: Quirks) -> Received {
        Received {
            texts: self.texts,
            pictures: self.pictures,
            left_out: self.left_out,
            quirks,
            unclosed: quirks.unclosed > 0,
        }
    }
}
