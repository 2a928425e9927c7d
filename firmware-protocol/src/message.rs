//! The messages, one file each. Kinds below 0x80 go from the host to a controller, kinds from
//! 0x80 on from a controller to the host, and those from 0xA0 on are events.

mod ack;
mod answer_end;
mod audit_event;
mod axle;
mod controller_status;
mod event;
mod hello;
mod identity;
mod identity_request;
mod poll;
mod rewind;
mod time_reply;
mod time_request;
mod vehicle_begin;
mod vehicle_end;
mod welcome;

pub use ack::Ack;
pub use answer_end::AnswerEnd;
pub use audit_event::{AuditEvent, AuditKind};
pub use axle::{Axle, Tyres};
pub use controller_status::{ControllerStatus, Sensor, SensorHealth, SensorKind, Sensors};
pub use event::{Event, EventHeader};
pub use hello::{Hello, Mode};
pub use identity::Identity;
pub use poll::Poll;
pub use rewind::Rewind;
pub use time_reply::TimeReply;
pub use time_request::TimeRequest;
pub use vehicle_begin::{Direction, VehicleBegin};
pub use vehicle_end::{AxlesChecksum, GroupCodes, VehicleEnd};
pub use welcome::Welcome;

use crate::wire::{Reader, Writer};
use identity_request::IdentityRequest;

/// Fields of one kind of message.
pub(crate) trait Payload: Sized {
    /// Byte in the header.
    const KIND: u8;
    /// Shortest payload that can be read, without the header of an event.
    const LEN: usize;
    /// Whether [`Payload::read`] will read it: much cheaper than to do so.
    fn fits(payload: &[u8]) -> bool {
        payload.len() >= Self::LEN
    }
    /// Appends the fields.
    fn write(&self, to: &mut Writer);
    /// Takes the fields; bytes behind them belong to a newer sender and are left. `None` when
    /// the payload is too short or a list or text in it is not what it says.
    fn read(from: &mut Reader<'_>) -> Option<Self>;
}

/// Any message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// Host: opens a link.
    Hello(Hello),
    /// Host: asks for the identity.
    IdentityRequest,
    /// Host: asks for events.
    Poll(Poll),
    /// Host: events are received and durable.
    Ack(Ack),
    /// Host: start or go back.
    Rewind(Rewind),
    /// Host: asks for the clock.
    TimeRequest(TimeRequest),
    /// Controller: answer to a hello.
    Welcome(Welcome),
    /// Controller: answer to an identity request.
    Identity(Identity),
    /// Controller: end of the answer to a poll, answer to a rewind.
    AnswerEnd(AnswerEnd),
    /// Controller: answer to a time request.
    TimeReply(TimeReply),
    /// Controller: an event with its number.
    Event(EventHeader, Event),
}

/// Why a payload is not a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// No message of this kind is known.
    UnknownKind,
    /// The payload is too short, or a list or text in it is not what it says.
    Malformed,
}

impl Message {
    /// The kind byte of the header.
    pub const fn kind(&self) -> u8 {
        match self {
            Self::Hello(_) => Hello::KIND,
            Self::IdentityRequest => IdentityRequest::KIND,
            Self::Poll(_) => Poll::KIND,
            Self::Ack(_) => Ack::KIND,
            Self::Rewind(_) => Rewind::KIND,
            Self::TimeRequest(_) => TimeRequest::KIND,
            Self::Welcome(_) => Welcome::KIND,
            Self::Identity(_) => Identity::KIND,
            Self::AnswerEnd(_) => AnswerEnd::KIND,
            Self::TimeReply(_) => TimeReply::KIND,
            Self::Event(_, event) => event.kind(),
        }
    }

    /// Whether it goes from a controller to the host. On a two-wire line everyone hears
    /// everyone: a controller ignores these, the host ignores the others, its own echo.
    pub const fn is_from_controller(&self) -> bool {
        self.kind() >= 0x80
    }

    /// Whether it may be the answer to `question`, or a part of it, when both carry the same
    /// exchange. Exchanges begin anew with the host: what comes late from before may carry the
    /// number of another question, and a reading of the clock the number of another reading.
    pub fn answers(&self, question: &Self) -> bool {
        match (question, self) {
            (Self::TimeRequest(asked), Self::TimeReply(told)) => asked.request == told.request,
            (Self::Hello(_), Self::Welcome(_))
            | (Self::IdentityRequest, Self::Identity(_))
            | (Self::Poll(_), Self::Event(..) | Self::AnswerEnd(_))
            | (Self::Rewind(_), Self::AnswerEnd(_)) => true,
            _ => false,
        }
    }

    pub(crate) fn write(&self, to: &mut Writer) {
        match self {
            Self::Hello(message) => message.write(to),
            Self::IdentityRequest => IdentityRequest.write(to),
            Self::Poll(message) => message.write(to),
            Self::Ack(message) => message.write(to),
            Self::Rewind(message) => message.write(to),
            Self::TimeRequest(message) => message.write(to),
            Self::Welcome(message) => message.write(to),
            Self::Identity(message) => message.write(to),
            Self::AnswerEnd(message) => message.write(to),
            Self::TimeReply(message) => message.write(to),
            Self::Event(header, event) => {
                header.write(to);
                event.write(to);
            }
        }
    }

    /// Whether [`Message::read`] will read it.
    #[inline]
    pub(crate) fn check(kind: u8, payload: &[u8]) -> Result<(), Unreadable> {
        let fits = match kind {
            Hello::KIND => Hello::fits(payload),
            IdentityRequest::KIND => IdentityRequest::fits(payload),
            Poll::KIND => Poll::fits(payload),
            Ack::KIND => Ack::fits(payload),
            Rewind::KIND => Rewind::fits(payload),
            TimeRequest::KIND => TimeRequest::fits(payload),
            Welcome::KIND => Welcome::fits(payload),
            Identity::KIND => Identity::fits(payload),
            AnswerEnd::KIND => AnswerEnd::fits(payload),
            TimeReply::KIND => TimeReply::fits(payload),
            VehicleBegin::KIND => event_fits::<VehicleBegin>(payload),
            Axle::KIND => event_fits::<Axle>(payload),
            VehicleEnd::KIND => event_fits::<VehicleEnd>(payload),
            ControllerStatus::KIND => event_fits::<ControllerStatus>(payload),
            AuditEvent::KIND => event_fits::<AuditEvent>(payload),
            _ => return Err(Unreadable::UnknownKind),
        };
        if fits { Ok(()) } else { Err(Unreadable::Malformed) }
    }

    #[inline]
    pub(crate) fn read(kind: u8, payload: &[u8]) -> Result<Self, Unreadable> {
        let from = &mut Reader(payload);
        match kind {
            Hello::KIND => Hello::read(from).map(Self::Hello),
            IdentityRequest::KIND => IdentityRequest::read(from).map(|_| Self::IdentityRequest),
            Poll::KIND => Poll::read(from).map(Self::Poll),
            Ack::KIND => Ack::read(from).map(Self::Ack),
            Rewind::KIND => Rewind::read(from).map(Self::Rewind),
            TimeRequest::KIND => TimeRequest::read(from).map(Self::TimeRequest),
            Welcome::KIND => Welcome::read(from).map(Self::Welcome),
            Identity::KIND => Identity::read(from).map(Self::Identity),
            AnswerEnd::KIND => AnswerEnd::read(from).map(Self::AnswerEnd),
            TimeReply::KIND => TimeReply::read(from).map(Self::TimeReply),
            VehicleBegin::KIND => event(from, Event::VehicleBegin),
            Axle::KIND => event(from, Event::Axle),
            VehicleEnd::KIND => event(from, Event::VehicleEnd),
            ControllerStatus::KIND => event(from, Event::ControllerStatus),
            AuditEvent::KIND => event(from, Event::AuditEvent),
            _ => return Err(Unreadable::UnknownKind),
        }
        .ok_or(Unreadable::Malformed)
    }
}

#[inline]
fn event_fits<P: Payload>(payload: &[u8]) -> bool {
    payload.get(EventHeader::LEN..).is_some_and(P::fits)
}

#[inline]
fn event<P: Payload>(from: &mut Reader<'_>, wrap: fn(P) -> Event) -> Option<Message> {
    let header = EventHeader::read(from)?;
    Some(Message::Event(header, wrap(P::read(from)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MAX_PAYLOAD, Mode};

    #[test]
    fn a_message_answers_its_own_question_and_no_other() {
        let poll = Poll { boot_id: 7, acknowledged: 0, next: 1, limit: 8 };
        let hello =
            Hello { min_version: 1, max_version: 1, mode: Mode::Push, window: 8, resend_ms: 200 };
        let questions = [
            Message::Hello(hello),
            Message::Poll(poll),
            Message::Rewind(Rewind { boot_id: 7, acknowledged: 0, next: 1 }),
            Message::TimeRequest(TimeRequest { request: 5 }),
            Message::TimeRequest(TimeRequest { request: 6 }),
            Message::IdentityRequest,
        ];
        let answered_by = |message: Message| questions.map(|asked| message.answers(&asked));
        let end = AnswerEnd { boot_id: 7, oldest: 1, newest: 0, overflowed: 0, sent: 0 };
        let time = TimeReply { request: 6, boot_id: 7, received_us: 1, sent_us: 2 };
        assert_eq!(answered_by(Message::AnswerEnd(end)), [false, true, true, false, false, false]);
        assert_eq!(
            answered_by(Message::TimeReply(time)),
            [false, false, false, false, true, false]
        );
        for question in questions {
            assert_eq!(answered_by(question), [false; 6], "a question answers nothing");
        }
    }

    #[test]
    fn what_fits_is_exactly_what_can_be_read() {
        for kind in 0..=u8::MAX {
            for filling in 0..=u8::MAX {
                let payload = [filling; MAX_PAYLOAD];
                for length in 0..=MAX_PAYLOAD {
                    let payload = &payload[..length];
                    let read = Message::read(kind, payload).map(|_| ());
                    assert_eq!(Message::check(kind, payload), read, "{kind} {filling} {length}");
                    if read == Err(Unreadable::UnknownKind) {
                        break;
                    }
                }
            }
        }
    }
}
