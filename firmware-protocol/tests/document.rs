//! What `PROTOCOL.md` says in numbers is what the crate does.

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use common::{bytes_of, decoded, vectors};
use firmware_protocol::timing::{answer_timeout_us, wire_time_us};
use firmware_protocol::{CHECKSUM_LEN, Decoder, HEADER_LEN, MAX_ENCODED};

fn document() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("PROTOCOL.md");
    fs::read_to_string(path).expect("the specification lies beside the crate")
}

/// Kind, shortest and longest payload of each heading such as `### 0xA3 end (52 to 72 bytes)`.
fn lengths(document: &str) -> Vec<(u8, usize, usize)> {
    let headings = document.lines().filter_map(|line| line.strip_prefix("### 0x"));
    headings
        .map(|heading| {
            let kind = u8::from_str_radix(&heading[..2], 16).expect("a kind in the heading");
            let (_, lengths) = heading.split_once('(').expect("a length in the heading");
            let (lengths, _) = lengths.split_once(" bytes)").expect("a length in bytes");
            let (least, most) = lengths.split_once(" to ").unwrap_or((lengths, lengths));
            let number = |text: &str| text.parse().expect("a length is a number");
            (kind, number(least), number(most))
        })
        .collect()
}

#[test]
fn the_worked_example_is_what_the_encoder_writes() {
    let mut written = Vec::new();
    let document = document();
    for block in document.split("```hex\n").skip(1) {
        let (hex, _) = block.split_once("```").unwrap();
        written.extend(vectors::bytes_of_hex(hex));
    }
    let vector = vectors::named("passage_six_axles").bytes();
    assert_eq!(written, vector);
    let encoded: Vec<u8> = decoded(&written).iter().flat_map(bytes_of).collect();
    assert_eq!(written, encoded);
}

#[test]
fn every_payload_is_as_long_as_its_heading_says() {
    let lengths = lengths(&document());
    let mut seen = Vec::new();
    for (name, vector) in vectors::all() {
        if !vector.encodes {
            continue;
        }
        let (mut decoder, bytes) = (Decoder::new(), vector.bytes());
        let mut input = bytes.as_slice();
        while let Some(received) = decoder.pull(&mut input) {
            let kind = received.raw[2];
            let length = received.raw.len() - HEADER_LEN - CHECKSUM_LEN;
            let fits = |(k, least, most): &(u8, usize, usize)| {
                *k == kind && (*least..=*most).contains(&length)
            };
            assert!(lengths.iter().any(fits), "{name}: {kind:#04X} with {length} bytes");
            seen.push(kind);
        }
    }
    let unseen: Vec<_> = lengths.iter().filter(|(kind, ..)| !seen.contains(kind)).collect();
    assert!(unseen.is_empty(), "without a vector: {unseen:?}");
}

#[test]
fn the_table_of_times_is_computed() {
    let tenths = |us: u64| format!("{}.{}", us / 1_000, us % 1_000 / 100);
    let (axle, document) = (vectors::named("axle").bytes().len(), document());
    for baud in [9_600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600] {
        let mut row = format!("| {baud} | {} ", wire_time_us(1, baud));
        let times = [
            wire_time_us(axle, baud),
            wire_time_us(MAX_ENCODED, baud),
            answer_timeout_us(baud),
            16 * wire_time_us(axle, baud),
        ];
        for time in times {
            write!(row, "| {} ", tenths(time)).unwrap();
        }
        assert!(document.contains(&format!("{row}|\n")), "no row {row}|");
    }
}
