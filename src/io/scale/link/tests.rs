//! The link to one controller, question by question.

use firmware_protocol::{AnswerEnd, ControllerStatus, Sensors, TimeReply, Welcome};

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
    Message::Welcome(Welcome {
        min_version: 1,
        max_version: 1,
        version: 1,
        mode: Mode::Poll,
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
    let cursor = LinkCursor { boot_id: BOOT, acknowledged: received, stored_vehicles: Vec::new() };
    let mut link = Link::new(LinkSettings { mode, ..SETTINGS }, Some(&cursor));
    let mut welcome = welcome(BOOT, received + 1, received);
    if let Message::Welcome(welcome) = &mut welcome {
        welcome.mode = mode;
    }
    link.hear(at(0), &welcome, true);
    link.identity_due = IDENTITY_PERIOD;
    link.time_due = IDENTITY_PERIOD;
    link.taking = true;
    link
}

#[test]
fn it_asks_for_greeting_identity_clock_and_events_in_this_order() {
    let mut link = Link::new(SETTINGS, None);
    let mut kinds = Vec::new();
    assert!(matches!(link.question(at(0)), Some(Message::Hello(_))));
    link.hear(at(1), &welcome(BOOT, 1, 0), true);
    kinds.push(link.question(at(1)));
    link.identity_due = IDENTITY_PERIOD;
    kinds.push(link.question(at(1)));
    let reply = TimeReply { request: 1_000, boot_id: BOOT, received_us: 500, sent_us: 500 };
    link.hear(at(2), &Message::TimeReply(reply), true);
    kinds.push(link.question(at(2)));
    let expected = [
        Message::IdentityRequest,
        Message::TimeRequest(firmware_protocol::TimeRequest { request: 1_000 }),
        Message::Poll(firmware_protocol::Poll {
            boot_id: BOOT,
            acknowledged: 0,
            next: 1,
            limit: 8,
        }),
    ];
    assert_eq!(kinds, expected.map(Some));
    assert_eq!(link.time().latest_error(), Some(crate::units::Micros(501)));
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
        let mut greeting = welcome(BOOT, 8, 9);
        if let Message::Welcome(welcome) = &mut greeting {
            welcome.mode = mode;
        }
        let heard = link.hear(at(0), &greeting, true);
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
fn another_boot_id_is_greeted_first_and_then_leaves_a_gap_without_end() {
    let mut link = greeted(Mode::Poll, 3);
    assert_eq!(link.hear(at(1), &event(BOOT + 1, 1, 1), false), []);
    assert!(matches!(link.question(at(1)), Some(Message::Hello(_))));
    let heard = link.hear(at(2), &welcome(BOOT + 1, 1, 2), true);
    let expected = [
        Heard::Gap { boot_id: BOOT, first: 4, last: None, reason: "controller_restarted" },
        Heard::Restarted { boot_id: BOOT + 1 },
        Heard::Greeted { newest: 2 },
    ];
    assert_eq!(heard, expected);
    assert_eq!(link.progress(), (Some(BOOT + 1), 0, 0, 2));
}

#[test]
fn the_same_boot_id_with_fewer_events_is_a_restart_too() {
    let mut link = greeted(Mode::Poll, 30);
    let heard = link.hear(at(2), &welcome(BOOT, 1, 2), true);
    assert!(heard.contains(&Heard::Restarted { boot_id: BOOT }));
    assert_eq!(link.counts().restarts, 1);
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
fn a_controller_without_a_common_version_is_named_and_asked_again_later() {
    let mut link = Link::new(SETTINGS, None);
    let mut refusal = welcome(BOOT, 1, 0);
    if let Message::Welcome(welcome) = &mut refusal {
        welcome.version = 0;
    }
    link.hear(at(0), &refusal, true);
    assert_eq!(link.state(), LinkState::Incompatible);
    assert_eq!(link.due(), INCOMPATIBLE_PAUSE);
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

#[test]
fn an_answer_to_another_question_is_not_believed() {
    let mut link = Link::new(SETTINGS, None);
    assert_eq!(link.hear(at(1), &welcome(BOOT, 1, 0), false), []);
    assert!(matches!(link.question(at(1)), Some(Message::Hello(_))));
}

#[test]
fn what_an_old_question_lets_flow_is_left_until_identity_and_clock_have_been_asked_for() {
    let mut link = greeted(Mode::Push, 3);
    let mut again = welcome(BOOT, 4, 5);
    if let Message::Welcome(welcome) = &mut again {
        welcome.mode = Mode::Push;
    }
    link.hear(at(1), &again, true);
    link.time_due = Duration::ZERO;
    assert_eq!(link.hear(at(2), &event(BOOT, 4, 4), false), []);
    let asked = link.question(at(3));
    assert!(matches!(asked, Some(Message::TimeRequest(_))), "{asked:?}");
    assert_eq!(link.hear(at(4), &event(BOOT, 5, 4), false), []);
    link.time_due = IDENTITY_PERIOD;
    let rewind =
        Message::Rewind(firmware_protocol::Rewind { boot_id: BOOT, acknowledged: 3, next: 4 });
    assert_eq!(link.question(at(5)), Some(rewind));
    assert_eq!(sequences(&link.hear(at(6), &event(BOOT, 4, 4), false)), [4]);
    assert_eq!(link.counts().early_events, 2);
}

#[test]
fn no_two_questions_for_the_clock_have_one_number_not_even_across_a_restart() {
    let numbers: Vec<u32> = [1, 2, 9_000]
        .into_iter()
        .filter_map(|ms| {
            let mut link = greeted(Mode::Push, 3);
            link.time_due = Duration::ZERO;
            match link.question(at(ms)) {
                Some(Message::TimeRequest(asked)) => Some(asked.request),
                _ => None,
            }
        })
        .collect();
    assert_eq!(numbers, [1_000, 2_000, 9_000_000]);
}

#[test]
fn a_controller_that_answers_all_but_identity_and_clock_is_worth_its_weights() {
    for mode in [Mode::Poll, Mode::Push] {
        let mut link = greeted(mode, 3);
        link.identity_due = Duration::ZERO;
        link.time_due = Duration::ZERO;
        let mut greeting = welcome(BOOT, 4, 4);
        if let Message::Welcome(welcome) = &mut greeting {
            welcome.mode = mode;
        }
        let (mut ms, mut unanswered) = (1_000, 0);
        let events = loop {
            ms += 1_000;
            match link.question(at(ms)).expect("the pause is over") {
                Message::Hello(_) => drop(link.hear(at(ms), &greeting, true)),
                question @ (Message::IdentityRequest | Message::TimeRequest(_)) => {
                    unanswered += 1;
                    link.timed_out(at(ms), &question);
                }
                question => break question,
            }
        };
        assert!(matches!(events, Message::Poll(_) | Message::Rewind(_)), "{events:?}");
        assert_eq!(unanswered, 2 * INSISTENCE, "{mode:?}");
        assert_eq!(sequences(&link.hear(at(ms + 1), &event(BOOT, 4, 4), false)), [4]);
    }
}
