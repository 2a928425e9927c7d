//! One part of a body: what it is shows in its first bytes, then in its type and name.

use crate::io::pictures::PictureFolder;

use super::super::multipart::PartHead;
use super::super::picture::{JPEG_START, Picture};
use super::super::refused::Refused;

/// Bytes that decide what a part is; a mark may stand behind a byte order mark and blanks.
const SNIFF: usize = 64;

/// A part.
#[derive(Debug)]
pub(super) enum Part {
    /// There is none now.
    Between,
    /// Too few bytes to tell.
    Undecided { head: PartHead, bytes: Vec<u8> },
    /// A message, with its charset.
    Text(Vec<u8>, Option<String>),
    /// A JPEG.
    Picture(Box<Picture>),
    /// Of no use; `picture` when it claims to be one.
    Ignored { picture: bool, bytes: u64 },
}

impl Part {
    pub(super) fn begin(head: PartHead) -> Self {
        Self::Undecided { head, bytes: Vec::new() }
    }

    /// Bytes of text that it holds in memory.
    pub(super) fn held(&self) -> usize {
        match self {
            Self::Text(bytes, _) | Self::Undecided { bytes, .. } => bytes.len(),
            _ => 0,
        }
    }

    pub(super) fn data(self, data: &[u8], folder: &PictureFolder) -> Result<Self, Refused> {
        Ok(match self {
            Self::Between => Self::Between,
            Self::Undecided { head, mut bytes } => {
                bytes.extend_from_slice(data);
                if bytes.starts_with(&JPEG_START) {
                    let mut picture = Picture::begin(folder, &head).map_err(Refused::Picture)?;
                    picture.write(&bytes).map_err(Refused::Picture)?;
                    Self::Picture(Box::new(picture))
                } else if bytes.len() < SNIFF {
                    Self::Undecided { head, bytes }
                } else {
                    decide(head, bytes)
                }
            }
            Self::Text(mut bytes, charset) => {
                bytes.extend_from_slice(data);
                Self::Text(bytes, charset)
            }
            Self::Picture(mut picture) => {
                picture.write(data).map_err(Refused::Picture)?;
                Self::Picture(picture)
            }
            Self::Ignored { picture, bytes } => {
                Self::Ignored { picture, bytes: bytes + data.len() as u64 }
            }
        })
    }

    /// Decided at last.
    pub(super) fn end(self) -> Self {
        match self {
            Self::Undecided { head, bytes } => decide(head, bytes),
            other => other,
        }
    }
}

/// For a part that does not begin as a JPEG does.
fn decide(head: PartHead, bytes: Vec<u8>) -> Part {
    let kind = head.content_type.as_deref().unwrap_or_default();
    let named = |endings: &[&str]| {
        let names = [&head.filename, &head.name];
        names.into_iter().flatten().any(|name| {
            let name = name.to_ascii_lowercase();
            endings.iter().any(|ending| name.ends_with(ending))
        })
    };
    let mark = bytes
        .iter()
        .find(|byte| !byte.is_ascii_whitespace() && !matches!(byte, 0xef | 0xbb | 0xbf | 0));
    let text = ["xml", "json"].iter().any(|word| kind.contains(word)) || named(&[".xml", ".json"]);
    let picture = kind.starts_with("image/") || named(&[".jpg", ".jpeg"]);
    if (text || (!picture && matches!(mark, Some(b'<' | b'{' | b'[')))) && !bytes.is_empty() {
        return Part::Text(bytes, head.charset);
    }
    Part::Ignored { picture, bytes: bytes.len() as u64 }
}
