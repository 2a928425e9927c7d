//! Bytes of stored values, by version. Never edit a version's bytes: add the next version.

use proptest::prelude::*;
use wimd::clock::Timestamp;
use wimd::io::intake::{ChangeCounts, KnownScale, LinkCursor};
use wimd::io::store::OutboxItem;
use wimd::io::store::codec::{CodecError, decode, encode};
use wimd::pipeline::passage::ScaleIdentity;
use wimd::pipeline::plate::{PictureKind, PictureRef};
use wimd::pipeline::record::{Alarm, Audit, CameraGap, Channel, Gap};
use wimd::pipeline::{Arrival, Input, Known};
use wimd::units::Lane;

fn hex(text: &str) -> Vec<u8> {
    hex::decode(text.replace(char::is_whitespace, "")).expect("hexadecimal")
}

fn arrival(input: Input) -> Arrival {
    Arrival { received_at: Timestamp(1_795_000_000_123_456), input, raw: vec![0xAA, 0xBB] }
}

fn version_1_arrivals() -> Vec<(Arrival, Vec<u8>)> {
    // version, zigzag instant, variant, fields, raw
    vec![
        (
            arrival(Input::Gap(Gap {
                controller: 7,
                boot_id: 0xDEAD_BEEF,
                first_sequence: 250,
                last_sequence: Some(251),
                reason: "lost".to_owned(),
            })),
            hex("01 fd 8024c20216c10c00 02 07 fcefbeadde fa 01 fbfb00 04 6c6f7374 02 aabb"),
        ),
        (
            arrival(Input::Audit(Audit {
                source: "c".to_owned(),
                event: "e".to_owned(),
                before: String::new(),
                after: "1".to_owned(),
            })),
            hex("01 fd 8024c20216c10c00 03 01 63 01 65 00 01 31 02 aabb"),
        ),
        (
            arrival(Input::Alarm(Alarm {
                name: "n".to_owned(),
                lane: Some(Lane(2)),
                text: "t".to_owned(),
            })),
            hex("01 fd 8024c20216c10c00 04 01 6e 01 02 01 74 02 aabb"),
        ),
        (
            arrival(Input::CameraGap(CameraGap {
                camera: "c".to_owned(),
                from: None,
                to: Timestamp(1_795_000_000_123_456),
                reason: "r".to_owned(),
            })),
            hex("01 fd 8024c20216c10c00 05 01 63 00 fd 8024c20216c10c00 01 72 02 aabb"),
        ),
    ]
}

#[test]
fn counters_of_a_scale_are_stored_as_when_they_were_not_optional_and_none_is_no_zero() {
    let identity = |count| ScaleIdentity { calibration_count: count, ..Default::default() };
    for (value, bytes) in [
        (identity(Some(0)), "01 00 00 00 00 00 00 fdffffffffffffffff"),
        (identity(Some(300)), "01 00 00 00 00 00 fb2c01 fdffffffffffffffff"),
        (identity(None), "01 00 00 00 00 00 fdffffffffffffffff fdffffffffffffffff"),
    ] {
        let bytes = hex(bytes);
        assert_eq!(hex::encode(encode(&value).expect("encoded")), hex::encode(&bytes));
        assert_eq!(decode::<ScaleIdentity>(&bytes).expect("decoded"), value);
        let json = serde_json::to_value(&value).expect("encoded");
        assert_eq!(json["calibration_count"], serde_json::json!(value.calibration_count));
    }
}

#[test]
fn version_1_of_an_arrival_is_these_bytes() {
    for (value, bytes) in version_1_arrivals() {
        assert_eq!(hex::encode(encode(&value).expect("encoded")), hex::encode(&bytes));
        assert_eq!(decode::<Arrival>(&bytes).expect("decoded"), value);
    }
}

#[test]
fn version_1_of_a_cursor_with_sensors_scale_and_repeats_is_these_bytes() {
    let cursor = LinkCursor {
        boot_id: 1,
        acknowledged: 70_000,
        stored_vehicles: vec![3, 4],
        bad_sensors: vec![[1, 1, 2, 3]],
        scale: KnownScale::Changed(ChangeCounts { calibration: Some(3), configuration: None }),
        repeats: 2,
    };
    let bytes = hex("01 01 fc70110100 02 03 04 01 01 01 02 03 03 01 03 00 02");
    assert_eq!(encode(&cursor).expect("encoded"), bytes);
    assert_eq!(decode::<LinkCursor>(&bytes).expect("decoded"), cursor);
}

#[test]
fn version_1_of_an_outbox_item_is_these_bytes() {
    let items = [
        (OutboxItem::Record { seq: 5, channel: Channel::Violation }, hex("01 00 05 00")),
        (
            OutboxItem::Picture {
                record_id: "r".to_owned(),
                picture: PictureRef {
                    kind: PictureKind::PlateCrop,
                    name: "p".to_owned(),
                    sha256: "ab".to_owned(),
                    bytes: 1,
                },
            },
            hex("01 01 01 72 01 01 70 02 6162 01"),
        ),
    ];
    for (item, bytes) in items {
        assert_eq!(encode(&item).expect("encoded"), bytes);
        assert_eq!(decode::<OutboxItem>(&bytes).expect("decoded"), item);
    }
}

#[test]
fn what_the_pipeline_has_learnt_is_these_bytes_and_the_older_ones_are_still_read() {
    let pieces = include_str!("../fixtures/store/known.txt").split("\n\n").skip(1);
    let mut keys = Vec::new();
    for piece in pieces {
        let line = |name: &str| piece.lines().find_map(|line| line.strip_prefix(name));
        let bytes = hex(line("bytes ").expect(piece));
        let known: Known = decode(&bytes).expect(piece);
        assert_eq!(
            (Some(&*known.key()), Some(&*format!("{known:?}"))),
            (line("key "), line("means "))
        );
        assert_eq!(hex::encode(encode(&known).expect("encoded")), hex::encode(&bytes), "{piece}");
        if let Some(older) = line("older ") {
            assert_eq!(decode::<Known>(&hex(older)).expect(piece), known);
        }
        keys.push(known.key());
    }
    let kinds = ["event", "event", "past", "clock", "calibrations", "drift", "reconciled", "time"];
    let kind = |key: &String| key.split('/').next().map(str::to_owned);
    assert!(keys.iter().filter_map(kind).eq(kinds), "{keys:?}");
}

#[test]
fn a_version_from_the_future_is_named() {
    let error = decode::<LinkCursor>(&[2, 0, 0, 0]).expect_err("unknown");
    assert_eq!(error.to_string(), "the value has version 2, and this program reads version 1");
    assert!(matches!(decode::<LinkCursor>(&[]), Err(CodecError::Empty)));
}

#[test]
fn bytes_left_over_are_no_value() {
    let mut bytes = encode(&LinkCursor::default()).expect("encoded");
    bytes.push(0);
    assert!(decode::<LinkCursor>(&bytes).is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_a_value_or_an_error(mut bytes in any::<Vec<u8>>()) {
        let _any = decode::<Arrival>(&bytes);
        bytes.insert(0, 1);
        if let Ok(arrival) = decode::<Arrival>(&bytes) {
            let again = encode(&arrival).expect("encoded");
            prop_assert_eq!(decode::<Arrival>(&again).expect("decoded"), arrival);
        }
    }

    #[test]
    fn a_length_beyond_the_bytes_asks_for_no_memory(tail in any::<[u8; 8]>()) {
        // a raw length of 2^63 or so behind a good head
        let mut bytes = hex("01 fd 8024c20216c10c00 03 00 00 00 00 fd");
        bytes.extend(tail);
        let _any = decode::<Arrival>(&bytes);
    }
}
