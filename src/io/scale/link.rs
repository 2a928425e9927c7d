//! The host's side of the link to one controller.
//!
//! In: frames from its address, and whether a question of ours went unanswered. Out: what to ask
//! next, and what was heard: each event exactly once and in order, spans that are gone, starts
//! of the controller. Pure; it sends nothing and never decides whose turn it is.

mod answers;
mod events;
mod identity;
mod questions;
#[cfg(test)]
mod tests;

use std::time::Duration;

use firmware_protocol::{Ack, AuditEvent, Event, EventHeader, Message, Mode};

use super::assembler::Surroundings;
use super::moment::Moment;
use super::status::{LinkCounts, LinkState};
use super::time_map::TimeMap;
use crate::clock::Timestamp;
use crate::io::intake::{KnownScale, LinkCursor};
use crate::pipeline::passage::ScaleIdentity;
use identity::Identities;

/// Unanswered questions in a row after which the controller counts as silent (our choice: at a
/// loss of 10 % of the frames, three in a row are one in a thousand).
const PATIENCE: u32 = 3;

/// Pause between questions to a silent controller, so that it does not take the line from the
/// others (our choice).
const SILENT_PAUSE: Duration = Duration::from_secs(1);

/// So often the next event may come whole and unreadable before it is told as a gap: it will not be read
/// the next time, and holds up all that is behind it. Our choice.
const UNREADABLE: u32 = 3;

/// Push mode: after so long without an event the flow is asked for once more (PROTOCOL.md section 7),
/// however rarely the clock is asked.
const FLOW_WAIT: Duration = Duration::from_secs(10);

/// Pause before asking a controller again that speaks none of our versions.
const INCOMPATIBLE_PAUSE: Duration = Duration::from_secs(5);

/// How often the identity is asked for when nothing hints at a change. A certificate is renewed
/// once a year; an hour keeps a wrong one from lasting a day.
const IDENTITY_PERIOD: Duration = Duration::from_secs(3_600);

/// Unanswered questions in a row for identity or clock after which it is done without for a
/// minute (our choice). A controller that answers all else is worth its weights. Where a tenth of
/// the frames is lost and a twentieth damaged each way, 27 % of the questions go unanswered, and
/// twelve in a row are one in six million.
const INSISTENCE: u32 = 12;

/// Until what was done without is asked for again.
const DONE_WITHOUT_PAUSE: Duration = Duration::from_secs(60);

/// Exchanges before the clock counts as learnt, and the pause between them.
const FIRST_EXCHANGES: usize = 8;
const FIRST_EXCHANGES_PAUSE: Duration = Duration::from_millis(250);

/// What the configuration and the port's rate lay down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkSettings {
    /// Mode to ask for.
    pub mode: Mode,
    /// Events in one answer at most.
    pub limit: u8,
    /// Push mode: events under way at most.
    pub window: u8,
    /// Push mode: when the controller sends again, milliseconds of its clock.
    pub resend_ms: u16,
    /// Pause between polls when there is nothing to tell.
    pub poll_interval: Duration,
    /// Pause between time exchanges.
    pub time_exchange: Duration,
}

/// What a frame brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The next event.
    Event(EventHeader, Event),
    /// Events that cannot be had any more; everything before is received.
    Gap {
        /// Of which boot.
        boot_id: u32,
        /// First missing.
        first: u32,
        /// Last missing; `None` when unknown.
        last: Option<u32>,
        /// Why.
        reason: &'static str,
    },
    /// The controller has another boot id than the one known before; nothing old can come.
    Restarted {
        /// The new boot id.
        boot_id: u32,
    },
    /// The link is agreed; the controller's newest event at that time.
    Greeted {
        /// Newest event.
        newest: u32,
    },
    /// Everything up to `clock_us` of the controller's clock has been received.
    Drained {
        /// Microseconds since its start.
        clock_us: u64,
    },
}

/// One controller as we see it.
#[derive(Debug)]
pub struct Link {
    settings: LinkSettings,
    boot_id: Option<u32>,
    received: u32,
    acknowledged: u32,
    newest: u32,
    held_back: bool,
    listening: bool,
    greeted: bool,
    mode: Mode,
    flowing: bool,
    /// Events are asked for: all that must be known before them has been.
    taking: bool,
    ack_wanted: bool,
    unanswered: u32,
    insisted: u32,
    silent: bool,
    incompatible: bool,
    pause_until: Duration,
    identity_due: Duration,
    time_due: Duration,
    poll_due: Duration,
    /// Push mode: when a flow that brings nothing is asked for once more.
    flow_due: Duration,
    time_sent: Timestamp,
    clock_us: Option<u64>,
    time: TimeMap,
    identities: Identities,
    before: Option<(TimeMap, Option<ScaleIdentity>)>,
    /// Sequence of an event that came whole and could not be read, and how often.
    unreadable: (u32, u32),
    counts: LinkCounts,
}

impl Link {
    /// A link that continues behind `cursor`, when there is one.
    pub fn new(settings: LinkSettings, cursor: Option<&LinkCursor>) -> Self {
        let acknowledged = cursor.map_or(0, |cursor| cursor.acknowledged);
        Self {
            settings,
            boot_id: cursor.map(|cursor| cursor.boot_id),
            received: acknowledged,
            acknowledged,
            newest: 0,
            held_back: false,
            listening: false,
            greeted: false,
            mode: settings.mode,
            flowing: false,
            taking: false,
            ack_wanted: false,
            unanswered: 0,
            insisted: 0,
            silent: true,
            incompatible: false,
            pause_until: Duration::ZERO,
            identity_due: Duration::ZERO,
            time_due: Duration::ZERO,
            poll_due: Duration::ZERO,
            flow_due: Duration::ZERO,
            time_sent: Timestamp::default(),
            clock_us: None,
            time: TimeMap::default(),
            identities: Identities::new(
                cursor.map_or(KnownScale::Never, |cursor| cursor.scale.clone()),
            ),
            before: None,
            unreadable: (0, 0),
            counts: LinkCounts::default(),
        }
    }

    /// Nothing is kept here: events are asked for and never acknowledged, so that the controller
    /// holds every one of them for the daemon.
    pub fn listen_only(&mut self) {
        self.listening = true;
    }

    /// The port is new: whoever is behind it must be greeted.
    pub fn opened(&mut self, now: Moment) {
        self.greeted = false;
        self.flowing = false;
        self.pause_until = now.real;
    }

    /// The port is gone, and with it the controller.
    pub fn closed(&mut self) {
        self.silent = true;
    }

    /// Everything up to `acknowledged` of boot `boot_id` is durable.
    pub fn settle(&mut self, now: Moment, boot_id: u32, acknowledged: u32) {
        if self.listening {
            return;
        }
        if self.boot_id == Some(boot_id) && acknowledged > self.acknowledged {
            self.acknowledged = acknowledged;
            self.ack_wanted = true;
            self.poll_due = self.poll_due.min(now.real);
        }
    }

    /// Whether events are refused for now because the store does not keep up.
    pub fn hold_back(&mut self, held_back: bool) {
        if self.held_back && !held_back {
            self.flowing = false;
        }
        self.held_back = held_back;
    }

    /// In push mode, the acknowledgement that is owed, once.
    pub fn take_ack(&mut self) -> Option<Message> {
        let owed = std::mem::take(&mut self.ack_wanted);
        let boot_id = self.boot_id?;
        (owed && self.greeted && self.mode == Mode::Push).then_some(Message::Ack(Ack {
            boot_id,
            acknowledged: self.acknowledged,
            received: self.received,
        }))
    }

    /// The event just heard is `audit`. Events behind one that changes the identity are left until
    /// that is known.
    pub fn audited(&mut self, now: Moment, audit: &AuditEvent) {
        self.identity_due = now.real;
        if self.identities.audited(audit) {
            self.taking = false;
            self.flowing = false;
            self.poll_due = self.poll_due.min(now.real);
        }
    }

    /// A silent one is not asked before that, so that the others have the line.
    pub fn rest_until(&mut self, then: Duration) {
        self.pause_until = self.pause_until.max(then);
    }

    /// When the flow is asked for again unless something comes.
    fn next_flow(&self, now: Moment) -> Duration {
        now.real + self.settings.time_exchange.min(FLOW_WAIT)
    }

    /// How it is.
    pub fn state(&self) -> LinkState {
        match (self.silent, self.incompatible) {
            (true, _) => LinkState::Silent,
            (false, true) => LinkState::Incompatible,
            (false, false) => LinkState::Answering,
        }
    }

    /// The boot id agreed on, and the numbers received, acknowledged and newest.
    pub fn progress(&self) -> (Option<u32>, u32, u32, u32) {
        (self.boot_id, self.received, self.acknowledged, self.newest.max(self.received))
    }

    /// Counters since the start.
    pub fn counts(&self) -> &LinkCounts {
        &self.counts
    }

    /// What the vehicles need to know of the controller now.
    pub(super) fn surroundings(&self, now: Moment) -> Surroundings<'_> {
        Surroundings { received_at: now.steady, time: &self.time, scale: self.identities.present() }
    }

    pub(super) fn time(&self) -> &TimeMap {
        &self.time
    }

    /// What the controller last said it is.
    pub(super) fn identity(&self) -> Option<&ScaleIdentity> {
        self.identities.newest()
    }

    /// What is to be known of the scale after a restart of ours.
    pub(super) fn known_scale(&self) -> &KnownScale {
        self.identities.known()
    }

    /// Clock and identity of the boot before, once after [`Heard::Restarted`]: what was open then
    /// was measured by them.
    pub(super) fn take_before(&mut self) -> (TimeMap, Option<ScaleIdentity>) {
        self.before.take().unwrap_or_default()
    }
}
