//! One line with its controllers: whose turn it is, what is sent, what is offered to the store.
//!
//! In: bytes as they come, the passing of time, the store's answers. Out: [`Action`]s. Pure: a
//! serial port, TCP and a test in virtual time drive the same object.

mod turns;

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use firmware_protocol::{Decoder, Frame, Message, timing};

use super::controller::{Controller, ToStore};
use super::moment::Moment;
use super::status::{ControllerReport, DropStatus, LineCounts, LinkState};
use crate::config::{LinkMode, ScaleConfig};
use crate::io::intake::LinkCursor;

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Write these bytes.
    Send(Vec<u8>),
    /// Hand this to the store; answer with [`Line::accepted`] or [`Line::refused`].
    Store {
        /// Position of the controller in the configuration.
        controller: usize,
        /// What.
        offer: Box<ToStore>,
    },
}

/// Silences after a question without answer at most, however many late frames restart it. Our choice:
/// an answer and its events are over by then, and who goes on is another host on the line.
const MOST_SILENCES: u32 = 4;

/// Of the time of a line with several controllers the silent ones take an eighth, all together; each is
/// asked once a minute at least. Our choice: a slow line needs the rest for those that answer.
const REST: u32 = 8;
const LONGEST_REST: Duration = Duration::from_secs(60);

#[derive(Debug)]
struct Question {
    controller: usize,
    exchange: u8,
    message: Message,
    deadline: Duration,
}

/// The line.
#[derive(Debug)]
pub struct Line {
    decoder: Decoder,
    drops_before: DropStatus,
    controllers: Vec<Controller>,
    question: Option<Question>,
    turn: usize,
    exchange: u8,
    quiet_until: Duration,
    /// Until when late frames restart the silence.
    quiet_at_most: Duration,
    /// Pause between an answer and the next question, in which a two-wire line is handed back.
    pause: Duration,
    /// Silence after a question without answer: a late one must not meet the next question.
    silence: Duration,
    answer_timeout: Duration,
    baud: u32,
    actions: VecDeque<Action>,
    counts: LineCounts,
}

impl Line {
    /// The line of `config`, continuing behind `cursors` (by `name/address`). The controllers'
    /// clocks run `speed_up` times as fast as real time; 1 outside simulations.
    pub fn new(config: &ScaleConfig, speed_up: u32, cursors: &HashMap<String, LinkCursor>) -> Self {
        let settings = turns::settings(config, speed_up);
        let controllers = config
            .addresses
            .iter()
            .map(|address| {
                let cursor = cursors.get(&format!("{}/{address}", config.name));
                Controller::new(*address, config, settings, cursor)
            })
            .collect();
        let wire_us = timing::answer_timeout_us(config.baud);
        let extra = Duration::from_millis(config.answer_timeout_ms.into());
        let answer_timeout = Duration::from_micros(wire_us) + extra;
        let (pause, silence) = match config.mode {
            LinkMode::Poll => (Duration::from_micros(timing::TURN_AROUND_MIN_US), answer_timeout),
            LinkMode::Push => (Duration::ZERO, Duration::ZERO),
        };
        Self {
            decoder: Decoder::new(),
            drops_before: DropStatus::default(),
            controllers,
            question: None,
            turn: 0,
            exchange: 0,
            quiet_until: Duration::ZERO,
            quiet_at_most: Duration::ZERO,
            pause,
            silence,
            answer_timeout,
            baud: config.baud,
            actions: VecDeque::new(),
            counts: LineCounts::default(),
        }
    }

    /// A line that only listens: what comes is offered, and nothing is ever acknowledged.
    pub fn listening(config: &ScaleConfig, speed_up: u32) -> Self {
        let mut line = Self::new(config, speed_up, &HashMap::new());
        line.controllers.iter_mut().for_each(|controller| controller.link().listen_only());
        line
    }

    /// The port has been opened: half a frame from before is gone, and everyone is greeted.
    pub fn opened(&mut self, now: Moment) {
        self.counts.cut_off_bytes += self.decoder.held() as u64;
        self.drops_before = self.drops();
        let decoder = std::mem::take(&mut self.decoder);
        self.counts.frames_in += decoder.frames();
        self.question = None;
        self.actions.retain(|action| matches!(action, Action::Store { .. }));
        for controller in &mut self.controllers {
            controller.link().opened(now);
        }
        self.tick(now);
    }

    /// The port is gone: nobody answers.
    pub fn closed(&mut self) {
        for controller in &mut self.controllers {
            controller.link().closed();
        }
    }

    /// Bytes have come. Returns whether there was a good frame of one of our controllers in them.
    pub fn received(&mut self, now: Moment, mut bytes: &[u8]) -> bool {
        let mut sensible = false;
        let mut decoder = std::mem::take(&mut self.decoder);
        while let Some(received) = decoder.pull(&mut bytes) {
            if let Some(frame) = received.frame() {
                sensible |= self.hear(now, &frame, received.raw);
            }
        }
        if let Some((address, header)) = decoder.take_unreadable()
            && let Some(controller) = self.controllers.iter_mut().find(|it| it.address() == address)
        {
            controller.hear_unreadable(now, header);
        }
        self.decoder = decoder;
        self.offer();
        self.tick(now);
        sensible
    }

    /// Time has passed, while the port is open.
    pub fn tick(&mut self, now: Moment) {
        if let Some(question) = self.question.take_if(|question| question.deadline <= now.real)
            && let Some(controller) = self.controllers.get_mut(question.controller)
        {
            controller.link().timed_out(now, &question.message);
            self.quiet_until = question.deadline + self.silence;
            self.quiet_at_most = question.deadline + self.silence * MOST_SILENCES;
            self.rest(now, question.controller);
        }
        self.acknowledge();
        if self.question.is_none() && self.quiet_until <= now.real {
            self.ask(now);
        }
    }

    /// A controller that has just not answered leaves the line to the others, if it is silent.
    fn rest(&mut self, now: Moment, controller: usize) {
        let is_silent = |one: &mut Controller| one.link().state() == LinkState::Silent;
        let silent: Vec<bool> = self.controllers.iter_mut().map(is_silent).collect();
        let others = silent.len() > 1 && silent.get(controller) == Some(&true);
        if let Some(controller) = self.controllers.get_mut(controller).filter(|_| others) {
            let count = silent.iter().filter(|silent| **silent).count();
            let cost = (self.answer_timeout + self.silence) * REST;
            let rest = cost.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX));
            controller.link().rest_until(now.real + rest.min(LONGEST_REST));
        }
    }

    /// When [`Line::tick`] has something to do although no byte comes.
    pub fn wake_at(&mut self) -> Duration {
        match &self.question {
            Some(question) => question.deadline,
            None => {
                let due = self.controllers.iter_mut().map(|one| one.link().due());
                due.min().unwrap_or(Duration::MAX).max(self.quiet_until)
            }
        }
    }

    /// The next thing to do.
    pub fn next_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// The store holds the last offer of this controller.
    pub fn accepted(&mut self, now: Moment, controller: usize) {
        if let Some(controller) = self.controllers.get_mut(controller) {
            controller.accepted(now);
        }
        self.offer();
    }

    /// The store has refused the last offer of this controller; [`Line::offer_again`] repeats it.
    pub fn refused(&mut self, controller: usize) {
        if let Some(controller) = self.controllers.get_mut(controller) {
            controller.refused();
        }
    }

    /// Makes the refused offer of this controller again.
    pub fn offer_again(&mut self, controller: usize) {
        let offer = self.controllers.get(controller).and_then(Controller::offer_again);
        self.actions.extend(offer.map(|offer| store(controller, offer)));
    }

    /// Counters since the start.
    pub fn counts(&self) -> LineCounts {
        LineCounts {
            frames_in: self.counts.frames_in + self.decoder.frames(),
            ..self.counts.clone()
        }
    }

    /// Bytes dropped since the start.
    pub fn drops(&self) -> DropStatus {
        self.drops_before.plus(self.decoder.drops())
    }

    /// Each controller.
    pub fn reports(&self) -> Vec<ControllerReport> {
        self.controllers.iter().map(Controller::report).collect()
    }

    fn hear(&mut self, now: Moment, frame: &Frame, raw: &[u8]) -> bool {
        if !frame.message.is_from_controller() {
            self.counts.echoes += 1;
            return false;
        }
        let Some(index) = self.controllers.iter().position(|one| one.address() == frame.address)
        else {
            self.counts.foreign_address += 1;
            return false;
        };
        let answers = self.question.as_ref().is_some_and(|question| {
            question.controller == index
                && question.exchange == frame.exchange
                && frame.message.answers(&question.message)
        });
        if answers {
            self.answered(now, &frame.message);
        } else if frame.exchange != 0 {
            self.counts.late_answers += 1;
            let restarted = (now.real + self.silence).min(self.quiet_at_most);
            self.quiet_until = self.quiet_until.max(restarted);
        }
        if let Some(controller) = self.controllers.get_mut(index) {
            controller.hear(now, &frame.message, raw, answers);
        }
        true
    }

    /// Events keep the question open for the next frame of the answer; all else ends it.
    fn answered(&mut self, now: Moment, message: &Message) {
        match (message, &mut self.question) {
            (Message::Event(..), Some(question)) => {
                question.deadline = now.real + self.answer_timeout;
            }
            _ => {
                self.question = None;
                self.quiet_until = now.real + self.pause;
            }
        }
    }

    fn offer(&mut self) {
        for (index, controller) in self.controllers.iter_mut().enumerate() {
            let offer = controller.offer();
            self.actions.extend(offer.map(|offer| store(index, offer)));
        }
    }
}

fn store(controller: usize, offer: ToStore) -> Action {
    Action::Store { controller, offer: Box::new(offer) }
}
