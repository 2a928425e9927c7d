//! Drawn pictures: a truck on a road, encoded once, varied cheaply so that digests differ.

use bytes::Bytes;
use jpeg_encoder::{ColorType, Encoder};

/// A picture of a simulated event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimPicture {
    /// Its name, such as `detectionPicture.jpg`.
    pub name: String,
    /// The JPEG.
    pub jpeg: Bytes,
}

/// Pixels of a small picture across and down.
const WIDTH: u16 = 480;
const HEIGHT: u16 = 270;
/// A picture for evidence is as many times larger each way: 1920 by 1080, two megapixels.
const LARGER: u16 = 4;
/// JPEG quality of scenes.
const QUALITY: u8 = 80;
/// Start of image, and the marker of a comment.
const MARKERS: [u8; 4] = [0xff, 0xd8, 0xff, 0xfe];

/// A small picture of a truck with so many axles on a road; encoding takes some milliseconds, so
/// make few and vary them.
pub fn scene(axles: u8) -> Bytes {
    drawn(axles, 1)
}

/// The same in the two megapixels that evidence wants.
pub fn large_scene(axles: u8) -> Bytes {
    drawn(axles, LARGER)
}

fn drawn(axles: u8, larger: u16) -> Bytes {
    let (width, height) = (WIDTH * larger, HEIGHT * larger);
    let mut pixels = Vec::with_capacity(usize::from(width) * usize::from(height) * 3);
    for y in 0..height {
        for x in 0..width {
            pixels.extend_from_slice(&colour_at(x / larger, y / larger, axles));
        }
    }
    let mut jpeg = Vec::new();
    Encoder::new(&mut jpeg, QUALITY)
        .encode(&pixels, width, height, ColorType::Rgb)
        .expect("the pixels are as many as width and height say");
    jpeg.into()
}

/// The same picture with a comment inside: another digest at the price of a copy.
pub fn variation(scene: &Bytes, comment: &str) -> Bytes {
    let comment: String = comment.chars().take(1_000).collect();
    // The length of a comment counts its own two bytes; 1 000 letters have at most 4 000.
    let length = u16::try_from(comment.len() + 2).unwrap_or(u16::MAX);
    let mut jpeg = Vec::with_capacity(scene.len() + comment.len() + 4);
    jpeg.extend_from_slice(&MARKERS);
    jpeg.extend_from_slice(&length.to_be_bytes());
    jpeg.extend_from_slice(comment.as_bytes());
    jpeg.extend_from_slice(scene.get(2..).unwrap_or_default());
    jpeg.into()
}

fn colour_at(x: u16, y: u16, axles: u8) -> [u8; 3] {
    const SKY: [u8; 3] = [150, 190, 225];
    const ROAD: [u8; 3] = [90, 92, 96];
    const LINE: [u8; 3] = [235, 235, 235];
    const CAB: [u8; 3] = [190, 40, 40];
    const LOAD: [u8; 3] = [60, 90, 140];
    const PLATE: [u8; 3] = [235, 190, 30];
    const WHEEL: [u8; 3] = [20, 20, 20];
    if is_wheel(x, y, axles) {
        WHEEL
    } else if (60..90).contains(&x) && (176..184).contains(&y) {
        PLATE
    } else if (50..120).contains(&x) && (90..190).contains(&y) {
        CAB
    } else if (126..440).contains(&x) && (70..190).contains(&y) {
        LOAD
    } else if y < 150 {
        SKY
    } else if (236..240).contains(&y) && (x / 40).is_multiple_of(2) {
        LINE
    } else {
        ROAD
    }
}

fn is_wheel(x: u16, y: u16, axles: u8) -> bool {
    if y.abs_diff(196) >= 15 {
        return false;
    }
    let rear = u16::from(axles.clamp(2, 9)) - 1;
    let first = std::iter::once(85_u16);
    let others = (0..rear).map(|axle| 420 - axle * 36);
    first.chain(others).any(|centre| {
        let (dx, dy) = (u32::from(x.abs_diff(centre)), u32::from(y.abs_diff(196)));
        dx * dx + dy * dy < 15 * 15
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variations_are_jpegs_that_differ() {
        let scene = scene(6);
        let (one, two) = (variation(&scene, "1"), variation(&scene, "2"));
        assert_ne!(one, two);
        for jpeg in [&scene, &one, &two] {
            assert_eq!(
                (&jpeg[..2], &jpeg[jpeg.len() - 2..]),
                (&[0xff, 0xd8][..], &[0xff, 0xd9][..])
            );
        }
    }
}
