//! Who is asked next, and what goes onto the wire.

use std::time::Duration;

use firmware_protocol::{Frame, MAX_ENCODED, Message, Mode, encode, timing};

use super::{Action, Line, Question};
use crate::config::{LinkMode, ScaleConfig};
use crate::io::scale::link::LinkSettings;
use crate::io::scale::moment::Moment;

/// Longest share of the line that one answer may take, so that the other controllers are asked
/// again soon (our choice).
const ANSWER_SHARE_US: u64 = 250_000;

/// Length of a typical event on the wire in bytes, for that share.
const TYPICAL_EVENT: usize = 56;

/// Push mode: events under way. 32 axles of 56 bytes are 2 KiB, half of what Linux buffers for a
/// serial port.
const WINDOW: u8 = 32;

/// Push mode: the controller sends again after this time without an acknowledgement, on top of the
/// time that a window takes on the wire (our choice).
const RESEND: Duration = Duration::from_millis(200);

impl Line {
    pub(super) fn acknowledge(&mut self) {
        for index in 0..self.controllers.len() {
            if let Some(message) = self.controllers[index].link().take_ack() {
                self.send(index, 0, message);
            }
        }
    }

    pub(super) fn ask(&mut self, now: Moment) {
        let count = self.controllers.len();
        for index in (0..count).map(|step| (self.turn + step) % count.max(1)) {
            let Some(message) = self.controllers[index].link().question(now) else {
                continue;
            };
            self.turn = index + 1;
            self.exchange = self.exchange.checked_add(1).unwrap_or(1);
            let exchange = self.exchange;
            let sent = self.send(index, exchange, message);
            let on_the_wire = Duration::from_micros(timing::wire_time_us(sent, self.baud));
            self.question = Some(Question {
                controller: index,
                exchange,
                message,
                deadline: now.real + on_the_wire + self.answer_timeout,
            });
            return;
        }
    }

    fn send(&mut self, controller: usize, exchange: u8, message: Message) -> usize {
        let frame = Frame { address: self.controllers[controller].address(), exchange, message };
        let mut bytes = [0; MAX_ENCODED];
        match encode(&frame, &mut bytes) {
            Ok(length) => {
                self.counts.frames_out += 1;
                self.actions.push_back(Action::Send(bytes[..length].to_vec()));
                length
            }
            Err(_) => {
                self.counts.unsendable += 1;
                0
            }
        }
    }
}

pub(super) fn settings(config: &ScaleConfig, speed_up: u32) -> LinkSettings {
    let event_us = timing::wire_time_us(TYPICAL_EVENT, config.baud);
    let limit = (ANSWER_SHARE_US / event_us.max(1)).clamp(1, WINDOW.into());
    let window_ms = event_us.saturating_mul(WINDOW.into()) / 1_000;
    let resend_ms = u64::try_from(RESEND.as_millis())
        .unwrap_or(u64::MAX)
        .saturating_add(window_ms)
        .saturating_mul(speed_up.into());
    LinkSettings {
        mode: match config.mode {
            LinkMode::Poll => Mode::Poll,
            LinkMode::Push => Mode::Push,
        },
        limit: u8::try_from(limit).unwrap_or(WINDOW),
        window: WINDOW,
        resend_ms: u16::try_from(resend_ms).unwrap_or(u16::MAX),
        poll_interval: Duration::from_millis(config.poll_interval_ms.into()),
        time_exchange: Duration::from_secs(config.time_exchange_s.into()),
    }
}
