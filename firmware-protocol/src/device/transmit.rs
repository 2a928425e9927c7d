//! What a controller says next: answers first, in the order of their urgency, then the flow.

use super::{Answer, Session};
use crate::{AnswerEnd, MIN_VERSION, Message, TimeReply, VERSION, Welcome};

impl<const EVENTS: usize> Session<EVENTS> {
    pub(super) fn next_message(&mut self, now_us: u64) -> Option<(u8, Message)> {
        if let Some((exchange, version)) = self.replies.welcome.take() {
            return Some((exchange, self.welcome(version)));
        }
        if let Some((exchange, request, received_us)) = self.replies.time.take() {
            let boot_id = self.identity.boot_id;
            let reply = TimeReply { request, boot_id, received_us, sent_us: now_us };
            return Some((exchange, Message::TimeReply(reply)));
        }
        if let Some(exchange) = self.replies.identity.take() {
            return Some((exchange, Message::Identity(self.identity)));
        }
        if let Some(answer) = self.replies.answer.take() {
            return Some((answer.exchange, self.answer(answer)));
        }
        self.pushed(now_us)
    }

    fn welcome(&self, version: u8) -> Message {
        Message::Welcome(Welcome {
            min_version: MIN_VERSION,
            max_version: VERSION,
            version,
            mode: self.mode,
            boot_id: self.identity.boot_id,
            oldest: self.store.oldest(),
            newest: self.store.newest(),
        })
    }

    fn answer(&mut self, answer: Answer) -> Message {
        let next = answer.next.max(self.store.oldest());
        let event = if answer.left > 0 { self.store.get(next) } else { None };
        match event {
            Some(event) => {
                self.replies.answer = Some(Answer {
                    next: next.saturating_add(1),
                    left: answer.left - 1,
                    sent: answer.sent + 1,
                    ..answer
                });
                Message::Event(self.header(next), event)
            }
            None => Message::AnswerEnd(AnswerEnd {
                boot_id: self.identity.boot_id,
                oldest: self.store.oldest(),
                newest: self.store.newest(),
                overflowed: self.counts.overflowed,
                sent: answer.sent,
            }),
        }
    }

    fn pushed(&mut self, now_us: u64) -> Option<(u8, Message)> {
        let (oldest, newest) = (self.store.oldest(), self.store.newest());
        let next = self.flow.next(now_us, oldest, newest, &mut self.counts)?;
        let event = self.store.get(next)?;
        Some((0, Message::Event(self.header(next), event)))
    }
}
