//! One picture of a request on its way to the disk: what it shows, its safe name, its end.

use crate::io::hands::side_by_side;
use crate::io::pictures::{PictureError, PictureFolder, PictureWriter};
use crate::pipeline::plate::{PictureKind, PictureRef};

use super::multipart::PartHead;

/// Pictures of one body that are made durable at the same time; our choice: cameras send two to
/// five, and each holds a thread and a descriptor.
const AT_ONCE: usize = 4;
/// Longest name that is kept, in characters; our choice.
const MAX_NAME: usize = 64;
/// Every JPEG begins so (cameras.md section 2.5: nothing more may be asked for).
pub(super) const JPEG_START: [u8; 2] = [0xff, 0xd8];
/// And ends so.
pub(super) const JPEG_END: [u8; 2] = [0xff, 0xd9];

/// A picture that is being received; dropped, it leaves nothing on the disk.
#[derive(Debug)]
pub(super) struct Picture {
    /// Candidates for its name, the best first.
    pub(super) names: Vec<String>,
    /// Told by the message rather than by the name.
    pub(super) kind: Option<PictureKind>,
    /// The message whose text names it, by its place in the body.
    pub(super) owner: Option<usize>,
    /// How many parts of the body came before it.
    pub(super) number: usize,
    writer: PictureWriter,
    tail: [u8; 2],
}

impl Picture {
    pub(super) fn begin(folder: &PictureFolder, head: &PartHead) -> Result<Self, PictureError> {
        let candidates = [&head.filename, &head.name, &head.content_id];
        Ok(Self {
            names: candidates.into_iter().flatten().cloned().collect(),
            kind: None,
            owner: None,
            number: 0,
            writer: folder.begin()?,
            tail: [0; 2],
        })
    }

    /// With the number of parts that came before it.
    pub(super) fn numbered(mut self, number: usize) -> Self {
        self.number = number;
        self
    }

    pub(super) fn write(&mut self, data: &[u8]) -> Result<(), PictureError> {
        self.tail = tail(self.tail, data);
        self.writer.write(data)
    }

    /// Nothing more of it comes before it is finished.
    pub(super) fn close(&mut self) {
        self.writer.close();
    }

    /// Whether the end of a JPEG has been seen; asked only when nothing else tells the end.
    pub(super) fn has_end(&self) -> bool {
        self.tail == JPEG_END
    }

    /// Whether it would end with these bytes.
    pub(super) fn would_end(&self, last: &[u8]) -> bool {
        tail(self.tail, last) == JPEG_END
    }

    /// Makes it durable. `pictures` are the names of the message for ids of pictures.
    pub(super) fn finish(self, pictures: &[(String, String)]) -> Result<PictureRef, PictureError> {
        let told = self.names.iter().find_map(|name| {
            let (_, told) = pictures.iter().find(|(id, _)| id == name)?;
            Some(told)
        });
        let kinds = self.names.iter().chain(told).map(|name| kind_of(name));
        let kind = self.kind.or_else(|| kinds.into_iter().find(|kind| *kind != PictureKind::Other));
        let name = told.or(self.names.first()).map_or("picture", String::as_str);
        let name = safe_name(name);
        let stored = self.writer.finish_blocking()?;
        Ok(PictureRef {
            kind: kind.unwrap_or(PictureKind::Other),
            name,
            sha256: stored.sha256,
            bytes: stored.bytes,
        })
    }
}

/// Makes pictures durable, each with the names of its message for ids of pictures; some at the same
/// time, because the disk brings what several wait for in one go.
pub(super) fn finish_all(
    pictures: Vec<(Picture, &[(String, String)])>,
) -> Result<Vec<PictureRef>, PictureError> {
    let mut stored = Vec::with_capacity(pictures.len());
    let mut pictures = pictures.into_iter().peekable();
    while pictures.peek().is_some() {
        let some = pictures.by_ref().take(AT_ONCE).collect();
        for finished in side_by_side(some, |(picture, names)| picture.finish(names)) {
            stored.push(finished?);
        }
    }
    Ok(stored)
}

/// Bytes that may stand behind the end of a picture.
fn is_padding(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n' | 0)
}

/// What a picture shows by the beginning of its name (cameras.md section 2.1): several of one
/// kind carry numbers, and the extension varies.
pub(super) fn kind_of(name: &str) -> PictureKind {
    let name = name.to_ascii_lowercase();
    let begins = |words: &[&str]| words.iter().any(|word| name.starts_with(word));
    if begins(&["detectionpicture", "panoramapicture"]) {
        PictureKind::Scene
    } else if begins(&["licenseplatepicture"]) {
        PictureKind::PlateCrop
    } else if begins(&["vehiclepicture", "featurepicture"]) {
        PictureKind::Vehicle
    } else if begins(&["compositepicture"]) {
        PictureKind::Composite
    } else {
        PictureKind::Other
    }
}

/// Letters, digits, `.`, `-` and `_`; anything else, such as a separator of paths or topics,
/// becomes `_`, and so do leading dots.
fn safe_name(name: &str) -> String {
    let safe = |letter: char| {
        if letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_') {
            letter
        } else {
            '_'
        }
    };
    let name: String = name.chars().take(MAX_NAME).map(safe).collect();
    if name.is_empty() || name.starts_with('.') {
        format!("_{}", name.trim_start_matches('.'))
    } else {
        name
    }
}

/// The last two bytes of a picture behind which more has come. Line breaks and zeros behind its end are
/// padding, however many.
fn tail(before: [u8; 2], data: &[u8]) -> [u8; 2] {
    let mut last = data.iter().rev().filter(|byte| !is_padding(**byte)).copied();
    match (last.next(), last.next()) {
        (Some(end), Some(first)) => [first, end],
        (Some(end), None) => [before[1], end],
        (None, _) => before,
    }
}

/// Gives pictures of the same name numbers.
pub(super) fn number_names(pictures: &mut [PictureRef]) {
    for at in 1..pictures.len() {
        let (before, rest) = pictures.split_at_mut(at);
        let taken = |name: &str| before.iter().any(|picture| picture.name == name);
        let mut number = 1_u32;
        let plain = rest[0].name.clone();
        while taken(&rest[0].name) {
            number += 1;
            rest[0].name = format!("{number}-{plain}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_is_told_by_the_beginning_of_the_name() {
        let kinds = [
            "detectionPicture.jpg",
            "detectionPicture_1.jpg",
            "licensePlatePicture",
            "LICENSEPLATEPICTURE.JPG",
            "vehiclePicture_2.jpeg",
            "compositePicture.jpg",
            "pilotPicture.jpg",
            "",
        ]
        .map(kind_of);
        assert_eq!(
            kinds,
            [
                PictureKind::Scene,
                PictureKind::Scene,
                PictureKind::PlateCrop,
                PictureKind::PlateCrop,
                PictureKind::Vehicle,
                PictureKind::Composite,
                PictureKind::Other,
                PictureKind::Other,
            ]
        );
    }

    #[test]
    fn the_end_of_a_picture_is_found_before_any_padding_in_any_chunks() {
        let padded = [&[1, 2, 0xFF, 0xD9][..], &[0; 40], b"\r\n"].concat();
        for chunk in 1..=padded.len() {
            let end = padded.chunks(chunk).fold([0; 2], tail);
            assert_eq!(end, JPEG_END, "in chunks of {chunk}");
        }
    }

    #[test]
    fn no_name_leads_out_of_a_folder_or_a_topic() {
        let names =
            ["../../etc/passwd", "..", "", "a/b#+.jpg", "车牌.jpg", "\0\n\""].map(safe_name);
        assert_eq!(names, ["__.._etc_passwd", "_", "_", "a_b__.jpg", "__.jpg", "___"]);
    }

    #[test]
    fn pictures_of_one_name_are_numbered() {
        let picture = |name: &str| PictureRef {
            kind: PictureKind::Other,
            name: name.into(),
            sha256: String::new(),
            bytes: 0,
        };
        let mut pictures = ["a", "a", "b", "a"].map(picture);
        number_names(&mut pictures);
        assert_eq!(pictures.map(|picture| picture.name), ["a", "2-a", "b", "3-a"]);
    }
}
