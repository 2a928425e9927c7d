//! Width and height of a JPEG, from its own header.

use std::fs;
use std::path::Path;

/// Pixels across and down; `None` when the file cannot be read or is none.
pub(super) fn size(path: &Path) -> Option<(u16, u16)> {
    size_of(&fs::read(path).ok()?)
}

/// Walks over the segments to the one that begins a frame.
fn size_of(bytes: &[u8]) -> Option<(u16, u16)> {
    let mut rest = bytes.strip_prefix(&[0xff, 0xd8])?;
    loop {
        let (marker, after) = match rest {
            [0xff, 0xff, ..] => {
                rest = &rest[1..];
                continue;
            }
            [0xff, marker, after @ ..] => (*marker, after),
            _ => return None,
        };
        let length = usize::from(u16::from_be_bytes([*after.first()?, *after.get(1)?]));
        let frame = matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
        if let (true, [_, _, _, h1, h2, w1, w2, ..]) = (frame, after) {
            return Some((u16::from_be_bytes([*w1, *w2]), u16::from_be_bytes([*h1, *h2])));
        }
        rest = after.get(length..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_stands_behind_segments_of_any_kind() {
        let app10 = [0xff, 0xea, 0, 4, 1, 2];
        let frame = [0xff, 0xff, 0xc2, 0, 9, 8, 0x06, 0x10, 0x0a, 0x80, 3, 0];
        let jpeg = [&[0xff, 0xd8][..], &app10, &frame].concat();
        assert_eq!(size_of(&jpeg), Some((2_688, 1_552)));
        for cut in 0..jpeg.len() - 2 {
            assert_eq!(size_of(&jpeg[..cut]), None, "cut at {cut}");
        }
    }
}
