//! The controller's side in push mode.

mod common;

use common::controller::{
    ADDRESS, BOOT, Controller, RESEND_US, asked, controller_with, hello, poll, record, rewind,
    said, sequences, to,
};
use firmware_protocol::{Ack, Message, Mode};

const NOTHING: [u32; 0] = [];

/// A controller with `events` events whose flow has started with the first.
fn flowing(events: u32) -> Controller {
    let mut controller = controller_with(events);
    asked(&mut controller, 0, hello(Mode::Push));
    controller.handle(0, &to(ADDRESS, 1, rewind(0, 1)));
    controller
}

fn pushed(controller: &mut Controller, now_us: u64) -> Vec<u32> {
    let messages: Vec<_> = said(controller, now_us).into_iter().map(|f| f.message).collect();
    sequences(&messages)
}

fn ack(controller: &mut Controller, now_us: u64, acknowledged: u32, received: u32) {
    let ack = Ack { boot_id: BOOT, acknowledged, received };
    controller.handle(now_us, &to(ADDRESS, 0, Message::Ack(ack)));
}

#[test]
fn nothing_flows_before_the_host_has_said_from_where() {
    let mut controller = controller_with(3);
    let answer = asked(&mut controller, 0, hello(Mode::Push));
    assert_eq!((answer.len(), controller.mode()), (1, Mode::Push));
    assert_eq!(pushed(&mut controller, 10 * RESEND_US), NOTHING);
}

#[test]
fn a_rewind_is_answered_before_the_events_follow() {
    let mut controller = flowing(3);
    let frames = said(&mut controller, 0);
    let exchanges: Vec<_> = frames.iter().map(|frame| frame.exchange).collect();
    assert!(matches!(frames[0].message, Message::AnswerEnd(_)), "{frames:?}");
    assert_eq!(exchanges, vec![1, 0, 0, 0]);
}

#[test]
fn a_rewind_in_poll_mode_starts_no_flow() {
    let mut controller = controller_with(3);
    let answer = asked(&mut controller, 0, rewind(0, 1));
    assert_eq!((answer.len(), sequences(&answer)), (1, vec![]));
}

#[test]
fn an_event_is_sent_as_it_happens() {
    let mut controller = flowing(0);
    assert_eq!(pushed(&mut controller, 0), NOTHING);
    record(&mut controller, 1);
    assert_eq!(pushed(&mut controller, 5), vec![1]);
    assert_eq!(pushed(&mut controller, 6), NOTHING);
}

#[test]
fn no_more_than_the_window_is_under_way() {
    let mut controller = flowing(8);
    assert_eq!(pushed(&mut controller, 0), vec![1, 2, 3, 4]);
    ack(&mut controller, 1, 0, 3);
    assert_eq!(pushed(&mut controller, 1), vec![5, 6, 7]);
}

#[test]
fn what_is_received_but_not_durable_is_kept_and_not_sent_again() {
    let mut controller = flowing(3);
    pushed(&mut controller, 0);
    ack(&mut controller, 1, 0, 3);
    assert_eq!(controller.wake_at(), None);
    assert_eq!(pushed(&mut controller, 10 * RESEND_US), NOTHING);
    assert_eq!(controller.oldest(), 1);
    ack(&mut controller, 2, 3, 3);
    assert_eq!(controller.oldest(), 4);
}

#[test]
fn without_news_everything_from_the_first_unreceived_is_sent_again() {
    let mut controller = flowing(3);
    pushed(&mut controller, 0);
    ack(&mut controller, 10, 0, 1);
    assert_eq!(controller.wake_at(), Some(10 + RESEND_US));
    assert_eq!(pushed(&mut controller, 9 + RESEND_US), NOTHING);
    assert_eq!(pushed(&mut controller, 10 + RESEND_US), vec![2, 3]);
    assert_eq!(controller.counts().resent, 2);
}

#[test]
fn each_wait_in_vain_is_twice_as_long_up_to_sixteen_times() {
    let mut controller = flowing(1);
    pushed(&mut controller, 0);
    let mut now = 0;
    let waits: Vec<_> = (0..6)
        .map(|_| {
            let deadline = controller.wake_at().unwrap();
            assert_eq!(pushed(&mut controller, deadline), vec![1]);
            let wait = (deadline - now) / RESEND_US;
            now = deadline;
            wait
        })
        .collect();
    assert_eq!(waits, vec![1, 2, 4, 8, 16, 16]);
    record(&mut controller, 1);
    pushed(&mut controller, now);
    ack(&mut controller, now, 1, 1);
    assert_eq!(controller.wake_at(), Some(now + RESEND_US));
}

#[test]
fn the_host_can_go_back() {
    let mut controller = flowing(4);
    pushed(&mut controller, 0);
    let answer = asked(&mut controller, 1, rewind(1, 3));
    assert_eq!(sequences(&answer), vec![3, 4]);
    assert_eq!(controller.oldest(), 2);
}

#[test]
fn a_rewind_beyond_the_newest_waits_for_the_next_event() {
    let mut controller = flowing(2);
    assert_eq!(sequences(&asked(&mut controller, 0, rewind(0, 4_000_000_000))), NOTHING);
    record(&mut controller, 1);
    assert_eq!(pushed(&mut controller, 0), vec![3]);
}

#[test]
fn an_overflow_moves_the_flow_to_what_is_left() {
    let mut controller = flowing(4);
    assert_eq!(pushed(&mut controller, 0), vec![1, 2, 3, 4]);
    record(&mut controller, 20);
    assert_eq!(pushed(&mut controller, 1), vec![17, 18, 19, 20]);
    assert_eq!((controller.oldest(), controller.counts().overflowed), (17, 16));
}

#[test]
fn numbers_never_sent_are_not_received() {
    let mut controller = flowing(8);
    pushed(&mut controller, 0);
    ack(&mut controller, 0, 0, 7);
    assert_eq!(pushed(&mut controller, RESEND_US), vec![1, 2, 3, 4]);
}

#[test]
fn a_hello_stops_the_flow() {
    let mut controller = flowing(3);
    let answer = asked(&mut controller, 0, hello(Mode::Push));
    assert_eq!((answer.len(), controller.wake_at()), (1, None));
}

#[test]
fn a_poll_ends_push_mode() {
    let mut controller = flowing(3);
    assert_eq!(sequences(&asked(&mut controller, 0, poll(0, 1, 1))), vec![1]);
    assert_eq!((controller.mode(), pushed(&mut controller, 9_000_000)), (Mode::Poll, vec![]));
}
