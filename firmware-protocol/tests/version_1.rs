//! The bytes of version 1.
//!
//! If this fails, do not change the test and do not change a vector: controllers in the road
//! speak these bytes. Change the code, or add version 2 with its own file and its own vectors.

mod common;

use common::{describe, vectors};
use firmware_protocol::{
    Decoder, EncodeError, Frame, MAX_ENCODED, Message, TimeRequest, VERSION, encode,
};

/// One per message and case; a vector may be added but never taken away.
const VECTORS: [&str; 48] = [
    "ack",
    "answer_end",
    "audit_event",
    "audit_event_not_measured",
    "audit_event_zero",
    "axle",
    "axle_extremes",
    "axle_not_measured",
    "axle_zero",
    "bad_crc",
    "bad_longest_unknown",
    "bad_malformed_groups",
    "bad_malformed_short",
    "bad_malformed_text",
    "bad_noise_before",
    "bad_noise_short",
    "bad_oversize",
    "bad_truncated",
    "bad_unknown_message",
    "bad_unknown_version",
    "bad_version_zero",
    "controller_status",
    "controller_status_most_sensors",
    "controller_status_not_measured",
    "hello",
    "hello_poll",
    "idle_delimiters",
    "identity",
    "identity_request",
    "identity_unknown",
    "identity_zero_counters",
    "newer_codes",
    "newer_longer_after_list",
    "newer_longer_payload",
    "passage_six_axles",
    "poll",
    "rewind",
    "shared_delimiter",
    "time_reply",
    "time_request",
    "vehicle_begin",
    "vehicle_begin_not_measured",
    "vehicle_end",
    "vehicle_end_most_groups",
    "vehicle_end_not_measured",
    "vehicle_end_zero",
    "welcome",
    "welcome_refused",
];

#[test]
fn no_vector_has_gone() {
    let present = vectors::all();
    let gone: Vec<_> = VECTORS.iter().filter(|name| !present.contains_key(**name)).collect();
    assert_eq!(gone, Vec::<&&str>::new());
}

#[test]
fn each_vector_is_read_as_it_says() {
    for (name, vector) in vectors::all() {
        let mut decoder = Decoder::new();
        let frames: Vec<_> = decoder.push(&vector.bytes()).collect();
        let read: Vec<_> = frames.iter().map(describe::frame).collect();
        assert_eq!(read, vector.frames, "frames of {name}: {}", vector.about);
        assert_eq!(*decoder.drops(), vector.drops(), "drops of {name}: {}", vector.about);
    }
}

#[test]
fn each_vector_is_written_as_it_stands() {
    for (name, vector) in vectors::all() {
        if vector.encodes {
            let frames = common::decoded(&vector.bytes());
            let written: Vec<u8> = frames.iter().flat_map(common::bytes_of).collect();
            assert_eq!(written, vector.bytes(), "{name}: {}", vector.about);
        }
    }
}

#[test]
fn a_frame_is_built_byte_by_byte_as_the_specification_says() {
    let message = Message::TimeRequest(TimeRequest { request: 77 });
    let frame = Frame { address: 7, exchange: 8, message };
    let body = [VERSION, 7, 0x06, 8, 77, 0, 0, 0];
    let crc = firmware_protocol::crc32c(&body).to_le_bytes();
    assert!(!crc.contains(&0), "the stuffing below relies on it");
    let stuffed = [6, 1, 7, 6, 8, 77, 1, 1, 5];
    let mut expected = vec![0];
    expected.extend(stuffed);
    expected.extend(crc);
    expected.push(0);
    assert_eq!(common::bytes_of(&frame), expected);
}

#[test]
fn the_longest_event_fits_the_longest_frame() {
    let longest = vectors::named("controller_status_most_sensors").bytes().len();
    assert!(longest <= MAX_ENCODED, "{longest} bytes");
}

#[test]
fn a_measured_value_that_means_not_measured_is_refused() {
    let bytes = vectors::named("axle").bytes();
    let mut frame = common::decoded(&bytes).remove(0);
    if let Message::Event(_, firmware_protocol::Event::Axle(axle)) = &mut frame.message {
        axle.load_kg = Some(u16::MAX);
    }
    let mut buffer = [0; MAX_ENCODED];
    let refused = encode(&frame, &mut buffer);
    assert_eq!(refused, Err(EncodeError::Reserved { field: "load_kg" }));
    assert_eq!(buffer, [0; MAX_ENCODED]);
}

#[test]
fn a_buffer_that_is_too_short_is_refused_and_left_alone() {
    let frame = common::marker();
    let needed = common::bytes_of(&frame).len();
    let mut buffer = vec![0xEE; needed - 1];
    let refused = encode(&frame, &mut buffer);
    assert_eq!(refused, Err(EncodeError::BufferTooSmall { needed, given: needed - 1 }));
    assert_eq!(buffer, vec![0xEE; needed - 1]);
}
