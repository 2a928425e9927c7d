//! What is asked before the events: greeting, identity, clock.

use firmware_protocol::{Rewind, TimeReply, TimeRequest};

use super::*;

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
        Message::TimeRequest(TimeRequest { request: 1_000 }),
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
fn an_answer_to_another_question_is_not_believed() {
    let mut link = Link::new(SETTINGS, None);
    assert_eq!(link.hear(at(1), &welcome(BOOT, 1, 0), false), []);
    assert!(matches!(link.question(at(1)), Some(Message::Hello(_))));
}

#[test]
fn what_an_old_question_lets_flow_is_left_until_identity_and_clock_have_been_asked_for() {
    let mut link = greeted(Mode::Push, 3);
    link.hear(at(1), &welcome_to(Mode::Push, BOOT, 4, 5), true);
    link.time_due = Duration::ZERO;
    assert_eq!(link.hear(at(2), &event(BOOT, 4, 4), false), []);
    let asked = link.question(at(3));
    assert!(matches!(asked, Some(Message::TimeRequest(_))), "{asked:?}");
    assert_eq!(link.hear(at(4), &event(BOOT, 5, 4), false), []);
    link.time_due = IDENTITY_PERIOD;
    let rewind = Message::Rewind(Rewind { boot_id: BOOT, acknowledged: 3, next: 4 });
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
        let greeting = welcome_to(mode, BOOT, 4, 4);
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

#[test]
fn one_bad_exchange_is_no_reason_to_take_vehicles_at_an_unknown_time() {
    let mut link = greeted(Mode::Poll, 3);
    link.taking = false;
    link.time_due = Duration::ZERO;
    for ms in 1..u64::from(INSISTENCE) {
        assert!(matches!(link.question(at(ms)), Some(Message::TimeRequest(_))), "{ms}");
        let thinks_longer_than_we_wait =
            TimeReply { request: 0, boot_id: BOOT, received_us: 5, sent_us: 900_000_000 };
        link.hear(at(ms), &Message::TimeReply(thinks_longer_than_we_wait), true);
    }
    link.taking = true;
    let drained = link.hear(at(50), &answer_end(BOOT, 4, 3), true);
    assert_eq!(drained, [], "and nothing has expired by such a clock");
    link.taking = false;
    let right = TimeReply { request: 0, boot_id: BOOT, received_us: 5, sent_us: 5 };
    assert!(link.question(at(60)).is_some());
    link.hear(at(61), &Message::TimeReply(right), true);
    assert!(matches!(link.question(at(100)), Some(Message::Poll(_))));
}

#[test]
fn what_comes_behind_a_calibration_waits_for_the_new_identity() {
    for mode in [Mode::Poll, Mode::Push] {
        let mut link = greeted(mode, 3);
        link.hear(at(1), &answer_end(BOOT, 4, 3), true);
        assert_eq!(sequences(&link.hear(at(2), &event(BOOT, 4, 4), false)), [4]);
        link.audited(at(2), &calibrated(2));
        assert_eq!(link.hear(at(2), &event(BOOT, 5, 4), false), []);
        assert_eq!(link.question(at(3)), Some(Message::IdentityRequest));
        link.identity_due = IDENTITY_PERIOD;
        let next = match link.question(at(3)) {
            Some(Message::Poll(poll)) => poll.next,
            Some(Message::Rewind(rewind)) => rewind.next,
            other => panic!("no question for events: {other:?}"),
        };
        assert_eq!(next, 5);
        assert_eq!(sequences(&link.hear(at(4), &event(BOOT, 5, 4), false)), [5]);
    }
}

#[test]
fn in_push_mode_a_flow_that_brings_nothing_is_asked_for_again() {
    let mut link = greeted(Mode::Push, 3);
    link.settings.time_exchange = Duration::from_secs(600);
    link.hear(at(1), &answer_end(BOOT, 4, 3), true);
    link.hear(at(6_000), &event(BOOT, 4, 4), false);
    assert_eq!(link.question(at(15_999)), None);
    let rewind = Rewind { boot_id: BOOT, acknowledged: 3, next: 5 };
    assert_eq!(link.question(at(16_000)), Some(Message::Rewind(rewind)));
    link.hear(at(16_001), &answer_end(BOOT, 4, 4), true);
    assert_eq!(link.question(at(16_002)), None);
}
