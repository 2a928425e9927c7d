//! Answers of the controller to what we asked.

use firmware_protocol::{AnswerEnd, Identity, Message, Mode, TimeReply, Welcome};

use super::identity::Learnt;
use super::{
    FIRST_EXCHANGES, FIRST_EXCHANGES_PAUSE, Heard, IDENTITY_PERIOD, INCOMPATIBLE_PAUSE, Link,
};
use crate::io::scale::moment::Moment;
use crate::io::scale::time_map::Exchange;
use crate::pipeline::passage::ScaleIdentity;

impl Link {
    /// A good frame from its address. `answers` tells whether it belongs to the question that is
    /// open; only events are believed without that.
    pub fn hear(&mut self, now: Moment, message: &Message, answers: bool) -> Vec<Heard> {
        self.counts.frames += 1;
        self.silent = false;
        if answers {
            self.unanswered = 0;
        }
        match message {
            Message::Event(header, event) => self.event(now, *header, event),
            Message::Welcome(welcome) if answers => self.welcome(now, welcome),
            Message::Identity(identity) if answers => self.learn_identity(now, identity),
            Message::TimeReply(reply) if answers => self.learn_time(now, reply),
            Message::AnswerEnd(end) if answers => self.answer_end(now, end),
            _ => Vec::new(),
        }
    }

    fn welcome(&mut self, now: Moment, welcome: &Welcome) -> Vec<Heard> {
        self.incompatible = welcome.version == 0;
        if self.incompatible {
            self.counts.incompatible += 1;
            self.pause_until = now.real + INCOMPATIBLE_PAUSE;
            return Vec::new();
        }
        self.greeted = true;
        self.flowing = false;
        self.taking = false;
        self.mode = match (self.settings.mode, welcome.mode) {
            (Mode::Push, Mode::Push) => Mode::Push,
            _ => Mode::Poll,
        };
        self.poll_due = now.real;
        let mut heard = self.adopt(now, welcome);
        self.newest = welcome.newest;
        heard.extend(self.gap_before(welcome.oldest));
        heard.push(Heard::Greeted { newest: welcome.newest });
        heard
    }

    /// Takes over the boot id. The same id with fewer events than we have is a controller whose
    /// random numbers repeat: a new start all the same.
    fn adopt(&mut self, now: Moment, welcome: &Welcome) -> Vec<Heard> {
        let boot_id = welcome.boot_id;
        match self.boot_id {
            Some(known) if known == boot_id && welcome.newest >= self.received => Vec::new(),
            None => {
                self.boot_id = Some(boot_id);
                if self.listening {
                    // what the daemon has settled before is no gap
                    self.received = welcome.oldest.saturating_sub(1);
                }
                vec![Heard::Restarted { boot_id }]
            }
            Some(known) => {
                let first = self.received.saturating_add(1);
                self.boot_id = Some(boot_id);
                self.received = 0;
                self.acknowledged = 0;
                self.before = Some((std::mem::take(&mut self.time), self.identities.restart()));
                self.time_due = now.real;
                self.clock_us = None;
                self.identity_due = now.real;
                self.counts.restarts += 1;
                self.counts.gaps += 1;
                let gap = Heard::Gap {
                    boot_id: known,
                    first,
                    last: None,
                    reason: "controller_restarted",
                };
                vec![gap, Heard::Restarted { boot_id }]
            }
        }
    }

    fn learn_identity(&mut self, now: Moment, identity: &Identity) -> Vec<Heard> {
        if !self.is_known_boot(identity.boot_id) {
            return Vec::new();
        }
        let learnt = self.identities.learn(ScaleIdentity {
            model: identity.model.as_str().to_owned(),
            serial: identity.serial.as_str().to_owned(),
            software: identity.software.as_str().to_owned(),
            certificate: identity.certificate.as_str().to_owned(),
            certificate_expiry: identity.certificate_expiry,
            calibration_count: identity.calibration_count,
            configuration_count: identity.configuration_count,
        });
        match learnt {
            Learnt::Present => {}
            Learnt::Coming => {
                // only the end of an answer tells how many events are of before
                self.flowing = false;
                self.poll_due = self.poll_due.min(now.real);
            }
            Learnt::Outdated => {
                self.counts.outdated_identities += 1;
                self.identity_due = self.due_again(now, self.identity_due);
                return Vec::new();
            }
        }
        self.insisted = 0;
        self.identity_due = now.real + IDENTITY_PERIOD;
        Vec::new()
    }

    fn learn_time(&mut self, now: Moment, reply: &TimeReply) -> Vec<Heard> {
        if !self.is_known_boot(reply.boot_id) {
            return Vec::new();
        }
        let exchange = Exchange {
            sent: self.time_sent,
            reached_us: reply.received_us,
            answered_us: reply.sent_us,
            received: now.steady,
        };
        if self.time.learn(exchange) {
            self.insisted = 0;
            self.clock_us = Some(reply.sent_us);
        } else {
            self.counts.bad_time_exchanges += 1;
            if self.time.len() == 0 {
                // nothing is taken at an unknown time because of one bad exchange
                self.time_due = self.due_again(now, self.time_due);
                return Vec::new();
            }
        }
        let pause = if self.time.len() < FIRST_EXCHANGES {
            FIRST_EXCHANGES_PAUSE.min(self.settings.time_exchange)
        } else {
            self.settings.time_exchange
        };
        self.time_due = now.real + pause;
        Vec::new()
    }

    fn answer_end(&mut self, now: Moment, end: &AnswerEnd) -> Vec<Heard> {
        if !self.is_known_boot(end.boot_id) {
            return Vec::new();
        }
        if end.newest < self.received {
            // it has started anew and drawn the same boot id: the greeting tells
            self.greeted = false;
            return Vec::new();
        }
        let mut heard: Vec<Heard> = self.gap_before(end.oldest).into_iter().collect();
        self.newest = end.newest;
        self.identities.reach(self.received, end.newest);
        self.flowing = true;
        self.flow_due = self.next_flow(now);
        let drained = self.received >= end.newest;
        self.poll_due = if drained || self.held_back {
            now.real + self.settings.poll_interval
        } else {
            now.real
        };
        if let (true, Some(clock_us)) = (drained, self.clock_us) {
            heard.push(Heard::Drained { clock_us });
        }
        heard
    }

    /// Whether `boot_id` is the one agreed on; if not, the controller must be greeted again.
    pub(super) fn is_known_boot(&mut self, boot_id: u32) -> bool {
        let known = self.boot_id == Some(boot_id);
        if !known {
            self.counts.other_boot += 1;
            self.greeted = false;
            self.flowing = false;
        }
        known
    }
}
