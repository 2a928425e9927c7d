//! A line whose whole input is written down, so that it can be played again offline.
//!
//! The line is pure: the same calls with the same arguments give the same offers. Each call is
//! one line of text: a letter, the two times (nanoseconds of real time, microseconds of steady
//! time), and what came. [`super::replay`] reads them.

use std::collections::HashMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::line::{Action, Line};
use super::moment::Moment;
use crate::clock::SystemClockState;
use crate::config::ScaleConfig;
use crate::io::intake::LinkCursor;
use crate::io::recorder::Recorder;

/// How a line begins: with its configuration, all that the same input needs to give the same
/// offers.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Start {
    /// How many times as fast as real time its clocks run.
    pub(super) speed_up: u32,
    /// What the store knew of its controllers, by `name/address`.
    pub(super) cursors: HashMap<String, LinkCursor>,
    /// Nothing is acknowledged; absent in recordings of older versions, which always did.
    #[serde(default)]
    pub(super) listening: bool,
}

impl Start {
    /// The line of `config`, before anything came.
    pub(super) fn line(&self, config: &ScaleConfig) -> Line {
        if self.listening {
            Line::listening(config, self.speed_up)
        } else {
            Line::new(config, self.speed_up, &self.cursors)
        }
    }
}

/// The line, and where its input is written down.
#[derive(Debug)]
pub(super) struct RecordedLine {
    line: Line,
    recorder: Option<Recorder>,
}

macro_rules! note {
    ($self:ident, $($what:tt)+) => {
        if let Some(recorder) = &mut $self.recorder {
            recorder.line(format_args!($($what)+));
        }
    };
}

impl RecordedLine {
    /// The line of `config` that begins so.
    pub(super) fn new(config: &ScaleConfig, start: &Start, recorder: Option<Recorder>) -> Self {
        let mut recorded = Self { line: start.line(config), recorder };
        if recorded.recorder.is_some() {
            note!(recorded, "S {}", serde_json::json!(start));
        }
        recorded
    }

    /// The line itself, to look at.
    pub(super) fn line(&self) -> &Line {
        &self.line
    }

    pub(super) fn opened(&mut self, now: Moment) {
        note!(self, "O {} {}", now.real.as_nanos(), now.steady.0);
        self.line.opened(now);
    }

    pub(super) fn closed(&mut self) {
        note!(self, "C");
        self.line.closed();
    }

    pub(super) fn received(&mut self, now: Moment, bytes: &[u8]) -> bool {
        note!(self, "I {} {} {}", now.real.as_nanos(), now.steady.0, hex::encode(bytes));
        self.line.received(now, bytes)
    }

    pub(super) fn tick(&mut self, now: Moment) {
        note!(self, "T {} {}", now.real.as_nanos(), now.steady.0);
        self.line.tick(now);
    }

    pub(super) fn accepted(&mut self, now: Moment, controller: usize) {
        note!(self, "A {} {} {controller}", now.real.as_nanos(), now.steady.0);
        self.line.accepted(now, controller);
    }

    pub(super) fn refused(&mut self, controller: usize) {
        note!(self, "R {controller}");
        self.line.refused(controller);
    }

    pub(super) fn offer_again(&mut self, controller: usize) {
        note!(self, "G {controller}");
        self.line.offer_again(controller);
    }

    /// An offer leaves, stamped with this state of the system clock.
    pub(super) fn offered(&mut self, system: SystemClockState) {
        if self.recorder.is_some() {
            let system = serde_json::json!(system);
            note!(self, "Y {system}");
        }
    }

    pub(super) fn wake_at(&mut self) -> Duration {
        self.line.wake_at()
    }

    pub(super) fn next_action(&mut self) -> Option<Action> {
        self.line.next_action()
    }
}
