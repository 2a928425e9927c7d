//! The controller's side in poll mode.

mod common;

use common::controller::{
    ADDRESS, BOOT, asked, controller, controller_with, event, hello, identity, poll, record, said,
    sequences, to,
};
use firmware_protocol::device::{RecordError, Session};
use firmware_protocol::{
    AnswerEnd, Axle, EncodeError, Event, EventHeader, Flags, Hello, Identity, Message, Mode,
    TimeReply, TimeRequest, Tyres, Welcome,
};

fn answer_end(oldest: u32, newest: u32, overflowed: u32, sent: u8) -> Message {
    Message::AnswerEnd(AnswerEnd { boot_id: BOOT, oldest, newest, overflowed, sent })
}

fn numbered(sequence: u32, oldest: u32) -> Message {
    let header = EventHeader { boot_id: BOOT, sequence, oldest };
    Message::Event(header, event(u64::from(sequence)))
}

#[test]
fn a_controller_says_nothing_unasked() {
    let mut controller = controller_with(3);
    assert_eq!(said(&mut controller, 5), vec![]);
    assert_eq!(controller.wake_at(), None);
}

#[test]
fn a_hello_is_answered_with_what_is_held() {
    let answer = asked(&mut controller_with(3), 0, hello(Mode::Poll));
    let welcome = Welcome {
        min_version: 1,
        max_version: 1,
        version: 1,
        mode: Mode::Poll,
        boot_id: BOOT,
        oldest: 1,
        newest: 3,
    };
    assert_eq!(answer, vec![Message::Welcome(welcome)]);
}

#[test]
fn a_host_without_a_common_version_is_told_so() {
    let hello = |min_version, max_version| {
        let (mode, window, resend_ms) = (Mode::Push, 1, 1);
        Message::Hello(Hello { min_version, max_version, mode, window, resend_ms })
    };
    let agreed = |message| match asked(&mut controller(), 0, message).as_slice() {
        [Message::Welcome(welcome)] => (welcome.version, welcome.mode),
        other => panic!("{other:?}"),
    };
    assert_eq!(agreed(hello(2, 9)), (0, Mode::Poll));
    assert_eq!(agreed(hello(0, 0)), (0, Mode::Poll));
    assert_eq!(agreed(hello(1, 9)), (1, Mode::Push));
}

#[test]
fn a_mode_that_is_not_known_becomes_poll_mode() {
    let mut controller = controller();
    asked(&mut controller, 0, hello(Mode::Other(9)));
    assert_eq!(controller.mode(), Mode::Poll);
}

#[test]
fn a_poll_is_answered_with_events_and_their_end() {
    let answer = asked(&mut controller_with(3), 0, poll(0, 1, 10));
    let expected = vec![numbered(1, 1), numbered(2, 1), numbered(3, 1), answer_end(1, 3, 0, 3)];
    assert_eq!(answer, expected);
}

#[test]
fn every_frame_of_an_answer_carries_the_exchange_of_its_question() {
    let mut controller = controller_with(2);
    controller.handle(0, &to(ADDRESS, 211, poll(0, 1, 10)));
    let exchanges: Vec<_> = said(&mut controller, 0).iter().map(|f| f.exchange).collect();
    assert_eq!(exchanges, vec![211, 211, 211]);
}

#[test]
fn a_poll_is_limited() {
    let mut controller = controller_with(5);
    assert_eq!(sequences(&asked(&mut controller, 0, poll(0, 1, 2))), vec![1, 2]);
    assert_eq!(asked(&mut controller, 0, poll(0, 3, 0)), vec![answer_end(1, 5, 0, 0)]);
}

#[test]
fn the_same_poll_has_the_same_answer() {
    let mut controller = controller_with(5);
    let first = asked(&mut controller, 0, poll(2, 3, 2));
    assert_eq!(asked(&mut controller, 9, poll(2, 3, 2)), first);
}

#[test]
fn only_what_is_acknowledged_is_dropped() {
    let mut controller = controller_with(5);
    asked(&mut controller, 0, poll(0, 6, 10));
    assert_eq!((controller.oldest(), controller.newest()), (1, 5));
    asked(&mut controller, 0, poll(3, 6, 10));
    assert_eq!((controller.oldest(), controller.newest()), (4, 5));
    asked(&mut controller, 0, poll(1, 6, 10));
    assert_eq!((controller.oldest(), controller.newest()), (4, 5));
    asked(&mut controller, 0, poll(5, 6, 10));
    assert_eq!((controller.oldest(), controller.newest()), (6, 5));
}

#[test]
fn a_full_store_drops_its_oldest_events_and_shows_it() {
    let mut controller = controller_with(11);
    assert_eq!((controller.oldest(), controller.newest()), (4, 11));
    let answer = asked(&mut controller, 0, poll(0, 1, 1));
    assert_eq!(answer, vec![numbered(4, 4), answer_end(4, 11, 3, 1)]);
    assert_eq!(controller.counts().overflowed, 3);
}

#[test]
fn an_overflow_while_an_answer_is_under_way_shows_in_the_rest_of_it() {
    let mut controller = controller_with(8);
    controller.handle(0, &to(ADDRESS, 1, poll(0, 1, 3)));
    record(&mut controller, 4);
    let answer: Vec<_> = said(&mut controller, 0).into_iter().map(|f| f.message).collect();
    assert_eq!(sequences(&answer), vec![5, 6, 7]);
    assert_eq!(answer.last(), Some(&answer_end(5, 12, 4, 3)));
}

#[test]
fn numbers_of_another_start_drop_nothing() {
    let mut controller = controller_with(3);
    let stale = match poll(3, 4, 10) {
        Message::Poll(poll) => Message::Poll(firmware_protocol::Poll { boot_id: 1, ..poll }),
        other => other,
    };
    assert_eq!(asked(&mut controller, 0, stale), vec![answer_end(1, 3, 0, 0)]);
    assert_eq!(controller.counts().other_boot, 1);
}

#[test]
fn an_acknowledgement_of_what_does_not_exist_drops_nothing() {
    let mut controller = controller_with(3);
    asked(&mut controller, 0, poll(4, 1, 0));
    assert_eq!((controller.oldest(), controller.counts().impossible_ack), (1, 1));
    asked(&mut controller, 0, poll(u32::MAX, u32::MAX, 255));
    assert_eq!((controller.oldest(), controller.counts().impossible_ack), (1, 2));
}

#[test]
fn a_controller_falls_silent_when_the_host_turns_to_another() {
    let mut controller = controller_with(5);
    controller.handle(0, &to(ADDRESS, 1, poll(0, 1, 10)));
    controller.handle(0, &to(ADDRESS + 1, 2, poll(0, 1, 10)));
    assert_eq!(said(&mut controller, 0), vec![]);
    assert_eq!(controller.counts().other_address, 1);
}

#[test]
fn other_controllers_are_ignored() {
    let mut controller = controller_with(5);
    controller.handle(0, &to(ADDRESS, 1, answer_end(9, 9, 9, 9)));
    assert_eq!(said(&mut controller, 0), vec![]);
    assert_eq!(controller.counts().from_controllers, 1);
}

#[test]
fn the_clock_is_told_as_of_arrival_and_answer() {
    let mut controller = controller();
    let request = Message::TimeRequest(TimeRequest { request: 77 });
    controller.handle(1_000, &to(ADDRESS, 1, request));
    let reply = TimeReply { request: 77, boot_id: BOOT, received_us: 1_000, sent_us: 1_250 };
    assert_eq!(said(&mut controller, 1_250), vec![to(ADDRESS, 1, Message::TimeReply(reply))]);
}

#[test]
fn a_new_identity_keeps_the_boot_id() {
    let mut controller = controller();
    controller.set_identity(Identity { boot_id: 1, calibration_count: Some(9), ..identity() });
    let expected = Identity { calibration_count: Some(9), ..identity() };
    let answer = asked(&mut controller, 0, Message::IdentityRequest);
    assert_eq!(answer, vec![Message::Identity(expected)]);
}

#[test]
fn an_event_that_cannot_be_sent_is_not_recorded() {
    let mut controller = Session::<2>::new(ADDRESS, identity());
    let axle = Axle {
        vehicle: 1,
        number: 1,
        at_us: 0,
        load_kg: Some(u16::MAX),
        left_kg: None,
        right_kg: None,
        spacing_mm: None,
        speed_dkmh: None,
        tyres: Tyres::NotMeasured,
        flags: Flags::NONE,
    };
    let refused = controller.record(Event::Axle(axle));
    let reserved = EncodeError::Reserved { field: "load_kg" };
    assert_eq!(refused, Err(RecordError::Encode(reserved)));
    assert_eq!(controller.newest(), 0);
}
