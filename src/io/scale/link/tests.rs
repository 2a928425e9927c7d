//! The link to one controller, question by question.

mod greeting;
mod identity;

use firmware_protocol::{AnswerEnd, AuditKind, ControllerStatus, Sensors, Welcome};

use super::*;

const BOOT: u32 = 40;
const SETTINGS: LinkSettings = LinkSettings {
    mode: Mode::Poll,
    limit: 8,
    window: 8,
    resend_ms: 200,
    poll_interval: Duration::from_millis(20),
    time_exchange: Duration::from_secs(10),
};

fn at(ms: u64) -> Moment {
    let micros = i64::try_from(ms * 1_000).expect("short");
    Moment { real: Duration::from_millis(ms), steady: Timestamp(micros) }
}

fn welcome(boot_id: u32, oldest: u32, newest: u32) -> Message {
    welcome_to(Mode::Poll, boot_id, oldest, newest)
}

fn welcome_to(mode: Mode, boot_id: u32, oldest: u32, newest: u32) -> Message {
    Message::Welcome(Welcome {
        min_version: 1,
        max_version: 1,
        version: 1,
        mode,
        boot_id,
        oldest,
        newest,
    })
}

fn answer_end(boot_id: u32, oldest: u32, newest: u32) -> Message {
    Message::AnswerEnd(AnswerEnd { boot_id, oldest, newest, overflowed: 0, sent: 0 })
}

fn event(boot_id: u32, sequence: u32, oldest: u32) -> Message {
    let header = EventHeader { boot_id, sequence, oldest };
    let status = ControllerStatus {
        at_us: 0,
        temperature_dc: None,
        supply_mv: None,
        sensors: Sensors::new(&[]).expect("no sensor"),
    };
    Message::Event(header, Event::ControllerStatus(status))
}

/// The scale was calibrated for the `count`th time.
fn calibrated(count: u64) -> AuditEvent {
    AuditEvent {
        at_us: 0,
        kind: AuditKind::CalibrationChanged,
        subject: None,
        before: None,
        after: None,
        calibration_count: Some(count),
        configuration_count: Some(1),
    }
}

/// Sequences of the events that were heard.
fn sequences(heard: &[Heard]) -> Vec<u32> {
    heard
        .iter()
        .filter_map(|heard| match heard {
            Heard::Event(header, _) => Some(header.sequence),
            _ => None,
        })
        .collect()
}

/// A link that has been greeted and continues behind event `received`.
fn greeted(mode: Mode, received: u32) -> Link {
    let cursor = LinkCursor {
        boot_id: BOOT,
        acknowledged: received,
        stored_vehicles: Vec::new(),
        bad_sensors: Vec::new(),
        scale: KnownScale::Never,
        repeats: 0,
    };
    let mut link = Link::new(LinkSettings { mode, ..SETTINGS }, Some(&cursor));
    link.hear(at(0), &welcome_to(mode, BOOT, received + 1, received), true);
    link.identity_due = IDENTITY_PERIOD;
    link.time_due = IDENTITY_PERIOD;
    link.taking = true;
    link
}

#[test]
fn a_controller_that_has_used_up_its_numbers_is_asked_on() {
    let mut link = greeted(Mode::Poll, 3);
    let heard = link.hear(at(1), &event(BOOT, u32::MAX, u32::MAX), false);
    assert_eq!(sequences(&heard), [u32::MAX]);
    assert_eq!(link.hear(at(2), &event(BOOT, u32::MAX, 1), false), []);
    assert_eq!(link.hear(at(3), &answer_end(BOOT, u32::MAX, u32::MAX), true), []);
    assert!(matches!(link.question(at(60)), Some(Message::Poll(poll)) if poll.next == u32::MAX));
}

#[test]
fn events_are_taken_in_order_and_repetitions_are_counted() {
    let mut link = greeted(Mode::Poll, 3);
    let heard: Vec<u32> = [4, 4, 6, 5, 6]
        .into_iter()
        .flat_map(|sequence| sequences(&link.hear(at(1), &event(BOOT, sequence, 4), false)))
        .collect();
    assert_eq!(heard, [4, 5, 6]);
    let counts = link.counts();
    assert_eq!((counts.duplicate_events, counts.out_of_order_events), (1, 1));
}

#[test]
fn a_link_that_only_listens_asks_on_and_acknowledges_nothing() {
    for mode in [Mode::Poll, Mode::Push] {
        let mut link = Link::new(LinkSettings { mode, ..SETTINGS }, None);
        link.listen_only();
        let heard = link.hear(at(0), &welcome_to(mode, BOOT, 8, 9), true);
        let expected = [Heard::Restarted { boot_id: BOOT }, Heard::Greeted { newest: 9 }];
        assert_eq!(heard, expected, "what was settled before is no gap");
        link.identity_due = IDENTITY_PERIOD;
        link.time_due = IDENTITY_PERIOD;
        link.taking = true;
        assert_eq!(sequences(&link.hear(at(1), &event(BOOT, 8, 8), false)), [8]);
        link.settle(at(2), BOOT, 8);
        let (boot_id, acknowledged) = (BOOT, 0);
        if mode == Mode::Push {
            let ack = Ack { boot_id, acknowledged, received: 8 };
            assert_eq!(link.take_ack(), Some(Message::Ack(ack)));
        } else {
            let poll = firmware_protocol::Poll { boot_id, acknowledged, next: 9, limit: 8 };
            assert_eq!(link.question(at(60)), Some(Message::Poll(poll)));
        }
    }
}

#[test]
fn in_push_mode_a_missing_event_is_asked_for_again_once() {
    let mut link = greeted(Mode::Push, 3);
    link.hear(at(1), &answer_end(BOOT, 4, 3), true);
    assert_eq!(link.question(at(1)), None, "events flow by themselves");
    link.hear(at(2), &event(BOOT, 5, 4), false);
    let rewind =
        Message::Rewind(firmware_protocol::Rewind { boot_id: BOOT, acknowledged: 3, next: 4 });
    assert_eq!(link.question(at(2)), Some(rewind));
    link.hear(at(3), &answer_end(BOOT, 4, 5), true);
    assert_eq!(link.question(at(3)), None);
    assert_eq!(sequences(&link.hear(at(4), &event(BOOT, 4, 4), false)), [4]);
}

#[test]
fn in_push_mode_a_repeated_event_is_acknowledged_again() {
    let mut link = greeted(Mode::Push, 3);
    let ack = Some(Message::Ack(Ack { boot_id: BOOT, acknowledged: 3, received: 4 }));
    link.hear(at(1), &event(BOOT, 4, 4), false);
    assert_eq!((link.take_ack(), link.take_ack()), (ack, None));
    link.hear(at(2), &event(BOOT, 4, 4), false);
    assert_eq!(link.take_ack(), ack);
}

#[test]
fn events_that_the_controller_no_longer_has_are_a_gap() {
    let mut link = greeted(Mode::Poll, 3);
    let heard = link.hear(at(1), &event(BOOT, 9, 9), false);
    let gap =
        Heard::Gap { boot_id: BOOT, first: 4, last: Some(8), reason: "not_held_by_controller" };
    assert_eq!((&heard[0], sequences(&heard)), (&gap, vec![9]));
    assert_eq!((link.counts().gaps, link.counts().missing_events), (1, 5));
}

#[test]
fn three_unanswered_questions_are_silence_and_slow_the_questions_down() {
    let mut link = greeted(Mode::Poll, 0);
    for ms in [100, 200, 300] {
        let question = link.question(at(ms)).expect("a question is due");
        link.timed_out(at(ms), &question);
    }
    assert_eq!(link.state(), LinkState::Silent);
    assert_eq!(link.due(), Duration::from_millis(1_300));
    assert_eq!(link.question(at(1_299)), None);
    assert!(matches!(link.question(at(1_300)), Some(Message::Hello(_))));
}

#[test]
fn while_the_store_does_not_keep_up_events_are_left_with_the_controller() {
    let mut link = greeted(Mode::Poll, 3);
    link.hold_back(true);
    assert_eq!(link.hear(at(1), &event(BOOT, 4, 4), false), []);
    let limits: Vec<u8> = [true, false]
        .into_iter()
        .filter_map(|held_back| {
            link.hold_back(held_back);
            match link.question(at(1)) {
                Some(Message::Poll(poll)) => Some(poll.limit),
                _ => None,
            }
        })
        .collect();
    assert_eq!(limits, [0, 8]);
    assert_eq!(sequences(&link.hear(at(2), &event(BOOT, 4, 4), false)), [4]);
}

#[test]
fn only_what_is_durable_is_acknowledged_in_a_poll() {
    let mut link = greeted(Mode::Poll, 3);
    link.hear(at(1), &event(BOOT, 4, 4), false);
    let acknowledged = |link: &mut Link| match link.question(at(1)) {
        Some(Message::Poll(poll)) => (poll.acknowledged, poll.next),
        other => panic!("not a poll: {other:?}"),
    };
    assert_eq!(acknowledged(&mut link), (3, 5));
    link.settle(at(1), BOOT, 4);
    assert_eq!(acknowledged(&mut link), (4, 5));
    link.settle(at(1), BOOT + 1, 9);
    assert_eq!(acknowledged(&mut link), (4, 5));
}
