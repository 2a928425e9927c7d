//! A controller under test and what one says to it.

use firmware_protocol::device::Session;
use firmware_protocol::{
    AuditEvent, AuditKind, Event, Frame, Hello, Identity, MAX_ENCODED, Message, Mode, Poll, Rewind,
    Text,
};

pub(crate) const ADDRESS: u8 = 7;
pub(crate) const BOOT: u32 = 0x5A17_C0DE;
/// Patience asked for in push mode.
pub(crate) const RESEND_US: u64 = 500_000;
/// Window asked for in push mode.
pub(crate) const WINDOW: u8 = 4;

/// Room for eight events.
pub(crate) type Controller = Session<8>;

pub(crate) fn identity() -> Identity {
    Identity {
        boot_id: BOOT,
        calibration_count: Some(0),
        configuration_count: None,
        certificate_expiry: None,
        lanes: Some(2),
        model: Text::EMPTY,
        serial: Text::EMPTY,
        software: Text::EMPTY,
        certificate: Text::EMPTY,
    }
}

pub(crate) fn controller() -> Controller {
    Session::new(ADDRESS, identity())
}

/// An event that is told from others by its instant.
pub(crate) fn event(at_us: u64) -> Event {
    Event::AuditEvent(AuditEvent {
        at_us,
        kind: AuditKind::ZeroSet,
        subject: None,
        before: None,
        after: None,
        calibration_count: None,
        configuration_count: None,
    })
}

/// A controller that has recorded `events` events, whose instants are their numbers.
pub(crate) fn controller_with(events: u32) -> Controller {
    let mut controller = controller();
    record(&mut controller, events);
    controller
}

pub(crate) fn record<const N: usize>(controller: &mut Session<N>, events: u32) {
    for _ in 0..events {
        let next = controller.newest() + 1;
        let recorded = controller.record(event(u64::from(next)));
        assert_eq!(recorded, Ok(next));
    }
}

pub(crate) fn to(address: u8, exchange: u8, message: Message) -> Frame {
    Frame { address, exchange, message }
}

/// All that the controller says at `now_us`.
pub(crate) fn said<const N: usize>(controller: &mut Session<N>, now_us: u64) -> Vec<Frame> {
    let mut buffer = [0; MAX_ENCODED];
    let mut frames = Vec::new();
    while let Some(length) = controller.transmit(now_us, &mut buffer) {
        frames.extend(super::decoded(&buffer[..length]));
    }
    frames
}

/// The answer to one message.
pub(crate) fn asked<const N: usize>(
    controller: &mut Session<N>,
    now_us: u64,
    message: Message,
) -> Vec<Message> {
    controller.handle(now_us, &to(ADDRESS, 1, message));
    said(controller, now_us).into_iter().map(|frame| frame.message).collect()
}

pub(crate) fn poll(acknowledged: u32, next: u32, limit: u8) -> Message {
    Message::Poll(Poll { boot_id: BOOT, acknowledged, next, limit })
}

pub(crate) fn rewind(acknowledged: u32, next: u32) -> Message {
    Message::Rewind(Rewind { boot_id: BOOT, acknowledged, next })
}

pub(crate) fn hello(mode: Mode) -> Message {
    Message::Hello(Hello {
        min_version: 1,
        max_version: 1,
        mode,
        window: WINDOW,
        resend_ms: (RESEND_US / 1_000) as u16,
    })
}

/// Sequence numbers of the events among `messages`.
pub(crate) fn sequences(messages: &[Message]) -> Vec<u32> {
    messages
        .iter()
        .filter_map(|message| match message {
            Message::Event(header, _) => Some(header.sequence),
            _ => None,
        })
        .collect()
}
