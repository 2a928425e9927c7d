//! Periods by the calendar of the site, and counts that add up.

use super::super::{Alarm, Audit, Eviction, EvictionReason, Provenance, RECORD_VERSION, Site};
use super::*;
use crate::units::Micros;

const HOUR: Micros = Period::Hour.length();

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn cursor(from: &str) -> Cursor {
    Cursor { from: at(from), first_seq: 1, hash: String::new(), again: 0 }
}

#[test]
fn an_hour_and_a_day_begin_by_the_time_of_china() {
    let instant = at("2026-11-26T00:30:05+08:00");
    assert_eq!(Period::Hour.start(instant), at("2026-11-26T00:00:00+08:00"));
    assert_eq!(Period::Day.start(instant), at("2026-11-26T00:00:00+08:00"));
    let evening = at("2026-11-25T16:00:00Z");
    assert_eq!(Period::Day.start(evening + Micros(-1)), at("2026-11-25T00:00:00+08:00"));
    assert_eq!(Period::Day.start(evening), at("2026-11-26T00:00:00+08:00"));
    assert_eq!(Period::Hour.start(Timestamp(-1)), Timestamp(-HOUR.0));
}

#[test]
fn a_period_is_due_when_it_is_over_and_not_before() {
    let open = cursor("2026-11-26T10:00:00+08:00");
    let end = at("2026-11-26T11:00:00+08:00");
    assert_eq!(open.due(Period::Hour, end + Micros(-1)), Due::At(end));
    assert_eq!(open.due(Period::Hour, end), Due::Now(end));
}

#[test]
fn missed_periods_are_due_one_by_one() {
    let mut open = cursor("2026-11-26T10:00:00+08:00");
    let now = at("2026-11-26T14:20:00+08:00");
    let mut ends = Vec::new();
    while let Due::Now(end) = open.due(Period::Hour, now) {
        ends.push(end);
        open.from = end;
    }
    let first = at("2026-11-26T11:00:00+08:00");
    assert_eq!(ends, [0, 1, 2, 3].map(|n| first + Micros(n * HOUR.0)));
}

#[test]
fn years_are_made_up_in_one_and_the_last_month_one_by_one() {
    let mut open = cursor("2016-11-26T10:00:00+08:00");
    let now = at("2026-11-26T14:20:00+08:00");
    let Due::Now(end) = open.due(Period::Hour, now) else { panic!("nothing is due") };
    assert_eq!(end, Period::Hour.start(now) + Micros(-744 * HOUR.0) + HOUR);
    open.from = end;
    assert_eq!(open.due(Period::Hour, now), Due::Now(end + HOUR));
}

#[test]
fn a_clock_that_went_back_goes_on_from_where_it_is() {
    let open = cursor("2036-11-26T10:00:00+08:00");
    let now = at("2026-11-26T14:20:00+08:00");
    assert_eq!(open.due(Period::Hour, now), Due::Behind(at("2026-11-26T14:00:00+08:00")));
}

fn record(body: Body) -> Record {
    Record {
        version: RECORD_VERSION,
        id: "r".into(),
        site: Site::default(),
        occurred_at: Timestamp(0),
        body,
        provenance: Provenance::default(),
    }
}

fn alarm() -> Record {
    record(Body::Alarm(Alarm { name: "a".into(), lane: None, text: String::new() }))
}

fn audit(event: &str) -> Record {
    let text = String::new;
    record(Body::Audit(Audit {
        source: text(),
        event: event.into(),
        before: text(),
        after: text(),
    }))
}

/// Two pictures had to go.
fn eviction() -> Record {
    let mut eviction = Eviction::new(Evicted::Pictures, EvictionReason::Room);
    eviction.note(1, Some(Lane(1)), 300_000);
    eviction.note(3, Some(Lane(2)), 300_000);
    record(Body::Eviction(eviction))
}

#[test]
fn kinds_and_what_cannot_be_read_add_up_to_the_sequences() {
    let open = Cursor { first_seq: 5, ..cursor("2026-11-26T10:00:00+08:00") };
    let mut tally = Tally::default();
    tally.add(5, "05".into(), &alarm());
    tally.add(8, "08".into(), &eviction());
    tally.add(9, "09".into(), &audit("calibration_changed"));
    let to = open.from + HOUR;
    let clock = SystemClockState::default();
    let (figures, next) = tally.close(Period::Hour, &open, to, (3, clock));
    assert_eq!((figures.first_seq, figures.last_seq, figures.unreadable), (5, 9, 2));
    assert_eq!(figures.kinds, Kinds { alarm: 1, audit: 1, eviction: 1, ..Kinds::default() });
    assert_eq!(figures.evictions, BTreeMap::from([("pictures".to_owned(), 2)]));
    assert_eq!(next, Cursor { from: to, first_seq: 10, hash: "09".into(), again: 0 });
    assert_eq!(figures.id("s1", &open), "s1-hour-20261126T10-5");
}

#[test]
fn an_empty_period_has_the_head_of_the_one_before() {
    let open = Cursor { first_seq: 5, hash: "04".into(), ..cursor("2026-11-26T10:00:00+08:00") };
    let clock = SystemClockState::default();
    let (figures, next) =
        Tally::default().close(Period::Day, &open, open.from + Period::Day.length(), (1, clock));
    assert_eq!((figures.last_seq, figures.unreadable, figures.head.as_str()), (4, 0, "04"));
    assert_eq!((next.first_seq, next.hash), (5, "04".into()));
}

#[test]
fn an_hour_that_comes_again_when_the_clock_is_set_back_has_another_id() {
    let hour = at("2026-11-26T10:00:00+08:00");
    let end = at("2026-11-26T11:00:00+08:00");
    let mut open =
        Cursor { first_seq: 5, hash: "04".into(), ..cursor("2026-11-26T10:00:00+08:00") };
    let mut ids = Vec::new();
    for _ in 0..3 {
        let clock = SystemClockState::default();
        let (figures, mut next) = Tally::default().close(Period::Hour, &open, end, (1, clock));
        ids.push(figures.id("s1", &open));
        assert_eq!((next.from, next.first_seq), (end, 5), "nothing was counted");
        next.set_back(hour);
        open = next;
    }
    let expected = ["", "-again-1", "-again-2"].map(|end| format!("s1-hour-20261126T10-5{end}"));
    assert_eq!(ids, expected);
}
