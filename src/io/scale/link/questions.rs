//! What to ask a controller next: greeting, identity, clock, events, in this order; and what
//! follows when there is no answer.

use std::time::Duration;

use firmware_protocol::{Hello, Message, Mode, Poll, Rewind, TimeRequest};

use super::{DONE_WITHOUT_PAUSE, INSISTENCE, Link, PATIENCE, SILENT_PAUSE};
use crate::io::scale::moment::Moment;

impl Link {
    /// What it wants to ask now. The caller sends it and reports an answer or none.
    pub fn question(&mut self, now: Moment) -> Option<Message> {
        if now.real < self.due() {
            return None;
        }
        let boot_id = self.boot_id.unwrap_or(0);
        if !self.greeted {
            return Some(self.hello());
        }
        if self.identity_due <= now.real {
            return Some(Message::IdentityRequest);
        }
        if self.time_due <= now.real {
            self.time_sent = now.steady;
            let request = request_number(now);
            return Some(Message::TimeRequest(TimeRequest { request }));
        }
        self.taking = true;
        let next = self.received.saturating_add(1);
        let acknowledged = self.acknowledged;
        match self.mode {
            Mode::Push => {
                self.counts.rewinds += 1;
                Some(Message::Rewind(Rewind { boot_id, acknowledged, next }))
            }
            Mode::Poll | Mode::Other(_) => Some(Message::Poll(Poll {
                boot_id,
                acknowledged,
                next,
                limit: if self.held_back { 0 } else { self.settings.limit },
            })),
        }
    }

    /// `question` had no answer in time.
    pub fn timed_out(&mut self, now: Moment, question: &Message) {
        self.counts.timeouts += 1;
        match question {
            Message::IdentityRequest => self.identity_due = self.due_again(now, self.identity_due),
            Message::TimeRequest(_) => self.time_due = self.due_again(now, self.time_due),
            _ => {}
        }
        self.unanswered = self.unanswered.saturating_add(1);
        if self.unanswered < PATIENCE {
            return;
        }
        self.silent = true;
        self.greeted = false;
        self.flowing = false;
        self.pause_until = now.real + SILENT_PAUSE;
    }

    /// When identity or clock, of which nothing was learnt once more, is asked for again: at once,
    /// and later when it was done without.
    pub(super) fn due_again(&mut self, now: Moment, due: Duration) -> Duration {
        self.insisted += 1;
        if self.insisted < INSISTENCE {
            return due;
        }
        self.insisted = 0;
        now.real + DONE_WITHOUT_PAUSE
    }

    /// When it next wants to ask.
    pub fn due(&self) -> Duration {
        let wanted = if !self.greeted {
            Duration::ZERO
        } else {
            let events = match self.mode {
                // a flow that a restart or a late greeting has ended brings nothing either
                Mode::Push if self.flowing => self.flow_due,
                Mode::Push => Duration::ZERO,
                Mode::Poll | Mode::Other(_) => self.poll_due,
            };
            events.min(self.identity_due).min(self.time_due)
        };
        wanted.max(self.pause_until)
    }

    fn hello(&self) -> Message {
        Message::Hello(Hello {
            min_version: firmware_protocol::MIN_VERSION,
            max_version: firmware_protocol::VERSION,
            mode: self.settings.mode,
            window: self.settings.window,
            resend_ms: self.settings.resend_ms,
        })
    }
}

/// Another one for each question, also after a restart of ours: the answer to a question of the
/// time before would tell of a clock that has gone on since. The microseconds since the epoch
/// repeat after 71 minutes.
fn request_number(now: Moment) -> u32 {
    let [.., a, b, c, d] = now.steady.0.to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}
