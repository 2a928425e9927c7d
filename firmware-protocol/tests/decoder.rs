//! What the decoder makes of anything that a line can bring.

mod common;

use common::{bytes_of, marker, strategies};
use firmware_protocol::{Decoder, Frame};
use proptest::collection::vec;
use proptest::prelude::*;

/// Pushes `bytes` in chunks of the given lengths, again and again.
fn push_in_chunks(decoder: &mut Decoder, mut bytes: &[u8], chunks: &[usize]) -> Vec<Frame> {
    let mut frames = Vec::new();
    for length in chunks.iter().cycle() {
        let (chunk, rest) = bytes.split_at(bytes.len().min(*length));
        frames.extend(decoder.push(chunk));
        bytes = rest;
        if bytes.is_empty() {
            break;
        }
    }
    frames
}

fn accounted(decoder: &Decoder) -> u64 {
    let settled = decoder.frame_bytes() + decoder.delimiters() + decoder.drops().total();
    settled + decoder.held() as u64
}

/// Pieces of a line: noise, frames, frames with one bit wrong, frames cut short.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let noise = vec(any::<u8>(), 0..300);
    let good = strategies::frame().prop_map(|frame| bytes_of(&frame)).boxed();
    let flipped = (good.clone(), any::<prop::sample::Index>(), 0..8u8).prop_map(|(b, at, bit)| {
        let mut bytes: Vec<u8> = b;
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        bytes
    });
    let cut = (good.clone(), any::<prop::sample::Index>()).prop_map(|(mut bytes, at)| {
        bytes.truncate(at.index(bytes.len()));
        bytes
    });
    vec(prop_oneof![noise, good, flipped, cut], 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_in_any_chunks_are_all_accounted_for(
        bytes in vec(any::<u8>(), 0..2_000),
        chunks in vec(1..400usize, 1..20),
    ) {
        let mut decoder = Decoder::new();
        push_in_chunks(&mut decoder, &bytes, &chunks);
        prop_assert_eq!(accounted(&decoder), bytes.len() as u64);
    }

    #[test]
    fn chunks_make_no_difference(bytes in line(), chunks in vec(1..99usize, 1..20)) {
        let (mut whole, mut parts) = (Decoder::new(), Decoder::new());
        let at_once: Vec<_> = whole.push(&bytes).collect();
        let bit_by_bit = push_in_chunks(&mut parts, &bytes, &chunks);
        prop_assert_eq!(at_once, bit_by_bit);
        prop_assert_eq!(whole.drops(), parts.drops());
        prop_assert_eq!(accounted(&parts), bytes.len() as u64);
    }

    #[test]
    fn noise_before_a_good_frame_never_loses_it(bytes in line(), chunks in vec(1..99usize, 1..9)) {
        let mut line = bytes;
        line.extend(bytes_of(&marker()));
        let frames = push_in_chunks(&mut Decoder::new(), &line, &chunks);
        prop_assert_eq!(frames.last(), Some(&marker()));
    }

    #[test]
    fn what_is_written_is_read_and_written_the_same(frame in strategies::frame()) {
        let written = bytes_of(&frame);
        let mut decoder = Decoder::new();
        let read: Vec<_> = decoder.push(&written).collect();
        prop_assert_eq!(&read, &vec![frame]);
        prop_assert_eq!(bytes_of(&read[0]), written);
        prop_assert_eq!(decoder.drops().total(), 0);
    }

    #[test]
    fn whatever_is_read_of_a_line_is_written_and_read_the_same(bytes in line()) {
        for frame in common::decoded(&bytes) {
            prop_assert_eq!(common::decoded(&bytes_of(&frame)), vec![frame]);
        }
    }

    #[test]
    fn a_frame_with_wrong_bits_is_not_taken_for_one(
        frame in strategies::frame(),
        wrong in vec((any::<prop::sample::Index>(), 0..8u8), 1..=3),
    ) {
        let good = bytes_of(&frame);
        let mut bytes = good.clone();
        for (at, bit) in wrong {
            let at = 1 + at.index(bytes.len() - 2);
            bytes[at] ^= 1 << bit;
        }
        let read = common::decoded(&bytes);
        prop_assert_eq!(read, if bytes == good { vec![frame] } else { vec![] });
    }
}

#[test]
fn the_raw_bytes_of_a_frame_carry_their_own_checksum() {
    let bytes = bytes_of(&marker());
    let mut decoder = Decoder::new();
    let received = decoder.pull(&mut bytes.as_slice()).map(|received| received.raw.to_vec());
    let raw = received.unwrap();
    let (content, checksum) = raw.split_last_chunk::<4>().unwrap();
    assert_eq!(firmware_protocol::crc32c(content), u32::from_le_bytes(*checksum));
}

#[test]
fn a_flood_without_a_delimiter_is_counted_and_the_next_frame_read() {
    let mut decoder = Decoder::new();
    for _ in 0..1_000 {
        assert_eq!(decoder.push(&[0x55; 1_000]).count(), 0);
    }
    let frames: Vec<_> = decoder.push(&bytes_of(&marker())).collect();
    assert_eq!((frames, decoder.drops().oversize), (vec![marker()], 1_000_000));
}

#[test]
fn frames_not_taken_from_the_iterator_are_still_decoded() {
    let twice = bytes_of(&marker()).repeat(2);
    let mut decoder = Decoder::new();
    drop(decoder.push(&twice));
    assert_eq!((decoder.frames(), decoder.held()), (2, 0));
}
