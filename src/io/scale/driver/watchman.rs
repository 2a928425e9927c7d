//! Tells what happens to a port: publishes its status, and logs changes of state once.

use std::error::Error;

use tokio::sync::watch;
use tokio::time::Instant;
use tracing::{info, warn};

use super::STATUS_PERIOD;
use crate::io::intake::Refusal;
use crate::io::scale::line::Line;
use crate::io::scale::port::PortError;
use crate::io::scale::status::{LinkState, PortCounts, PortState, ScaleStatus};

/// What was last said about a port.
pub(super) struct Watchman {
    sender: watch::Sender<ScaleStatus>,
    status: ScaleStatus,
    /// Whether the last word in the log was that the port works.
    said_working: Option<bool>,
    said_links: Vec<LinkState>,
    said_refusal: Option<Refusal>,
    changed: bool,
    published_at: Instant,
}

impl Watchman {
    pub(super) fn new(sender: watch::Sender<ScaleStatus>) -> Self {
        let status = sender.borrow().clone();
        Self {
            sender,
            status,
            said_working: None,
            said_links: Vec::new(),
            said_refusal: None,
            changed: true,
            published_at: Instant::now(),
        }
    }

    pub(super) fn counts(&mut self) -> &mut PortCounts {
        &mut self.status.counts
    }

    /// The port is in this state now. A port that opens and closes without a word of sense in
    /// between is not worth a line each time.
    pub(super) fn enter(&mut self, state: PortState, error: Option<&PortError>) {
        self.changed |= state != self.status.state;
        self.status.state = state;
        if let Some(error) = error {
            self.status.last_error = Some(in_words(error));
        }
        match state {
            PortState::Working => {
                self.status.last_error = None;
                if self.said_working.replace(true) != Some(true) {
                    info!(scale = self.status.name, port = self.status.port, "port works");
                }
            }
            PortState::Absent if self.said_working.replace(false) != Some(false) => warn!(
                scale = self.status.name,
                port = self.status.port,
                error = self.status.last_error,
                "port is gone, trying again"
            ),
            PortState::Absent | PortState::Opening | PortState::Open => {}
        }
    }

    pub(super) fn refused(&mut self, refusal: Refusal) {
        if self.said_refusal.replace(refusal) != Some(refusal) {
            warn!(
                scale = self.status.name,
                reason = %refusal,
                "store refuses, controllers keep their events"
            );
        }
    }

    pub(super) fn accepted(&mut self) {
        if self.said_refusal.take().is_some() {
            info!(scale = self.status.name, "store accepts again");
        }
    }

    /// Looks at the line after each step, and publishes when it is time.
    pub(super) fn look(&mut self, line: &Line) {
        if !self.changed && self.published_at.elapsed() < STATUS_PERIOD {
            return;
        }
        self.changed = false;
        self.published_at = Instant::now();
        self.status.line = line.counts();
        self.status.drops = line.drops();
        self.status.controllers = line.reports();
        self.tell_links();
        self.sender.send_replace(self.status.clone());
    }

    /// When the status should be published although nothing happens.
    pub(super) fn publish_at(&self) -> Instant {
        self.published_at + STATUS_PERIOD
    }

    fn tell_links(&mut self) {
        let controllers = &self.status.controllers;
        self.said_links.resize(controllers.len(), LinkState::Silent);
        for (controller, said) in controllers.iter().zip(&mut self.said_links) {
            if *said == controller.state {
                continue;
            }
            *said = controller.state;
            let (scale, address) = (&self.status.name, controller.address);
            match controller.state {
                LinkState::Answering => info!(scale, address, "controller answers"),
                LinkState::Silent => warn!(scale, address, "controller is silent"),
                LinkState::Incompatible => {
                    warn!(scale, address, "controller speaks no version that we speak");
                }
            }
        }
    }
}

/// An error with its causes.
fn in_words(error: &PortError) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}
