use proptest::prelude::*;

use super::*;

const NOON: &str = "2026-11-23T12:00:00.500+08:00";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn judge(memory: &mut ZoneMemory, stamp: &str, received: &str) -> (Timestamp, ZoneBasis, bool) {
    let judged = memory.judge(read(stamp).unwrap(), at(received), false);
    (judged.stamp.at, judged.stamp.zone, judged.late.is_some())
}

#[test]
fn all_spellings_of_an_instant_are_read() {
    let spellings = [
        "2026-11-23T12:00:00+08:00",
        "2026-11-23 12:00:00+0800",
        "2026-11-23T12:00:00.000+08",
        "2026-11-23T04:00:00Z",
        "2026-11-23T01:00:00-03:00",
        "2026-11-23T12:00:00",
        " 2026-11-23 12:00:00 ",
    ];
    for text in spellings {
        let read = read(text).unwrap();
        assert_eq!(read.at, at("2026-11-23T12:00:00+08:00"), "{text}");
    }
}

#[test]
fn an_offset_is_read_however_its_hour_is_written() {
    for offset in ["+08:00", "+8:00", "+0800", "+08", "+8"] {
        let written = read(&format!("2026-11-23T12:00:00{offset}"));
        assert_eq!(written, read("2026-11-23T04:00:00Z"), "{offset}");
        assert!(written.is_some());
    }
    assert_eq!(read("2017-12-01T09:01:18-6:00"), read("2017-12-01T15:01:18Z"));
    assert!(read("2017-12-01T09:01:18-6:00").is_some());
}

#[test]
fn what_is_no_stamp_is_none() {
    for text in
        ["", "noon", "2026-11-23", "2026-13-40T99:00:00", "T:", "2026-11-23T12:00:00+800", "12:00-"]
    {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn a_right_zone_is_explicit_and_a_missing_one_assumed() {
    let mut memory = ZoneMemory::default();
    let received = "2026-11-23T12:00:01.700+08:00";
    assert_eq!(judge(&mut memory, NOON, received), (at(NOON), ZoneBasis::Explicit, false));
    assert_eq!(
        judge(&mut memory, "2026-11-23T12:00:00.500", received),
        (at(NOON), ZoneBasis::Assumed, false)
    );
}

#[test]
fn an_inverted_zone_is_repaired_and_stays_suspect() {
    let mut memory = ZoneMemory::default();
    assert_eq!(
        judge(&mut memory, "2026-11-23T12:00:00.500-08:00", "2026-11-23T12:00:02+08:00"),
        (at(NOON), ZoneBasis::Suspect, false)
    );
    let resent = memory.judge(
        read("2026-11-23T10:00:00-08:00").unwrap(),
        at("2026-11-23T12:00:02+08:00"),
        true,
    );
    assert_eq!(resent.stamp.at, at("2026-11-23T10:00:00+08:00"));
    assert_eq!(resent.stamp.zone, ZoneBasis::Suspect);
}

#[test]
fn a_stamp_of_2034_is_kept_and_suspect() {
    let mut memory = ZoneMemory::default();
    assert_eq!(
        judge(&mut memory, "2034-01-01T00:00:00+08:00", "2026-11-23T12:00:02+08:00"),
        (at("2034-01-01T00:00:00+08:00"), ZoneBasis::Suspect, false)
    );
}

#[test]
fn an_old_event_of_a_camera_with_a_good_clock_is_late_and_no_zone_error() {
    let mut memory = ZoneMemory::default();
    judge(&mut memory, NOON, "2026-11-23T12:00:01+08:00");
    assert_eq!(
        judge(&mut memory, NOON, "2026-11-23T14:00:01+08:00"),
        (at(NOON), ZoneBasis::Explicit, true)
    );
}

#[test]
fn a_changed_zone_is_believed_at_the_third_event_in_a_row() {
    let mut memory = ZoneMemory::default();
    judge(&mut memory, NOON, "2026-11-23T12:00:01+08:00");
    let zones =
        [(); 3].map(|()| judge(&mut memory, "2026-11-23T12:00:00Z", "2026-11-23T12:00:01+08:00").0);
    assert_eq!(
        zones,
        [at("2026-11-23T12:00:00Z"), at("2026-11-23T12:00:00Z"), at("2026-11-23T12:00:00+08:00")]
    );
}

proptest! {
    #[test]
    fn any_text_and_any_arrival_never_panic(text in "[0-9TZ:. +-]{0,40}", received in any::<i64>()) {
        if let Some(written) = read(&text) {
            let mut memory = ZoneMemory::default();
            let _ = memory.judge(written, Timestamp(received), false);
            let _ = memory.judge(written, Timestamp(received), true);
        }
    }
}
