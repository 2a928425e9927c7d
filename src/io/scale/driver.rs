//! Drives a line over its port: opens, reads, writes, closes, opens again.
//!
//! In: the port and the intake. Out: the line's actions done, and its status published. It acts
//! on every read at once, and nothing that happens to a port ends it.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::controller::ToStore;
use super::line::Action;
use super::moment::Moment;
use super::port::{Address, BackOff, PortError, Wire};
use super::recorded::RecordedLine;
use super::status::{PortState, ScaleStatus};
use crate::clock::Clock;
use crate::io::intake::{Intake, Refusal};
use crate::pipeline::{Arrival, Input};

mod watchman;

/// A read takes at most what Linux buffers for a serial port.
const READ_BYTES: usize = 4_096;

/// A question is at most 256 bytes: at 1 200 bit/s two seconds and a bit.
const WRITE_TIMEOUT: Duration = Duration::from_secs(5);

/// Pause before an offer is made again that the store has refused (our choice: a full disk does
/// not empty in less, and the controller keeps its events meanwhile).
const OFFER_PAUSE: Duration = Duration::from_millis(500);

/// The status is published at most this often, except when a port opens or closes.
const STATUS_PERIOD: Duration = Duration::from_millis(100);

/// What became of an offer.
enum Outcome {
    Accepted(usize),
    Refused(usize, Refusal),
    PauseOver(usize),
}

/// What woke the driver up.
enum Event {
    Read(std::io::Result<usize>),
    Offer(Outcome),
    Timer,
}

/// The task of one port.
pub(super) struct Driver {
    pub(super) address: Address,
    pub(super) clock: Clock,
    pub(super) intake: Intake,
    pub(super) line: RecordedLine,
    pub(super) silence: Option<Duration>,
    wire: Option<Box<dyn Wire>>,
    back_off: BackOff,
    open_at: Instant,
    heard_at: Instant,
    offers: JoinSet<Outcome>,
    started: Instant,
    watchman: watchman::Watchman,
}

impl Driver {
    pub(super) fn new(
        (address, line): (Address, RecordedLine),
        (clock, intake): (Clock, Intake),
        (reopen_max, silence): (Duration, Duration),
        status: watch::Sender<ScaleStatus>,
    ) -> Self {
        let now = Instant::now();
        Self {
            silence: address.is_tcp().then_some(silence),
            address,
            clock,
            intake,
            line,
            wire: None,
            back_off: BackOff::new(reopen_max),
            open_at: now,
            heard_at: now,
            offers: JoinSet::new(),
            started: now,
            watchman: watchman::Watchman::new(status),
        }
    }

    /// Waits for the next thing to happen and does what it asks for.
    pub(super) async fn step(&mut self) {
        let result = match self.wire.take() {
            Some(wire) => self.serve(wire).await,
            None => self.wait_or_open().await,
        };
        if let Err(error) = result {
            self.closed(&error);
        }
        self.watchman.look(self.line.line());
    }

    async fn wait_or_open(&mut self) -> Result<(), PortError> {
        let wake = self.open_at;
        tokio::select! {
            Some(outcome) = self.offers.join_next() => {
                self.settle(outcome);
                self.store_only();
                return Ok(());
            }
            () = sleep_until(wake) => {}
        }
        let opened = self.address.open().await;
        match opened {
            Ok(wire) => {
                self.watchman.counts().opened += 1;
                self.watchman.enter(PortState::Open, None);
                self.heard_at = Instant::now();
                let now = self.now();
                self.line.opened(now);
                self.perform(wire).await
            }
            Err(error) => {
                self.watchman.counts().open_failures += 1;
                Err(error)
            }
        }
    }

    async fn serve(&mut self, mut wire: Box<dyn Wire>) -> Result<(), PortError> {
        let mut buffer = [0; READ_BYTES];
        let wake = self.wake_at();
        let event = tokio::select! {
            biased;
            read = wire.read(&mut buffer) => Event::Read(read),
            Some(outcome) = self.offers.join_next() => Event::Offer(outcome.unwrap_or(
                // An aborted offer is one that was not accepted; nothing aborts them but the end.
                Outcome::Refused(usize::MAX, Refusal::Stopping),
            )),
            () = sleep_until(wake) => Event::Timer,
        };
        match event {
            // the line ticks by itself when it receives
            Event::Read(read) => self.read(read, &buffer)?,
            Event::Offer(outcome) => {
                self.settle(Ok(outcome));
                self.tick();
            }
            Event::Timer => {
                self.check_silence()?;
                self.tick();
            }
        }
        self.perform(wire).await
    }

    fn read(
        &mut self,
        read: std::io::Result<usize>,
        buffer: &[u8; READ_BYTES],
    ) -> Result<(), PortError> {
        let port = || self.address.to_string();
        let length = match read {
            Ok(0) => {
                let port = port();
                self.watchman.counts().unplugged += 1;
                return Err(PortError::Unplugged { port });
            }
            Ok(length) => length,
            Err(source) => {
                let port = port();
                self.watchman.counts().io_errors += 1;
                return Err(PortError::Read { port, source });
            }
        };
        self.watchman.counts().bytes_in += length as u64;
        self.heard_at = Instant::now();
        let now = self.now();
        if self.line.received(now, buffer.get(..length).unwrap_or(&[])) {
            self.back_off.reset();
            self.watchman.enter(PortState::Working, None);
        }
        Ok(())
    }

    fn check_silence(&mut self) -> Result<(), PortError> {
        match self.silence {
            Some(patience) if self.heard_at.elapsed() >= patience => {
                self.watchman.counts().silences += 1;
                Err(PortError::Silent {
                    port: self.address.to_string(),
                    seconds: patience.as_secs(),
                })
            }
            _ => Ok(()),
        }
    }

    /// Does what the line asks for; keeps the wire when all went well.
    async fn perform(&mut self, mut wire: Box<dyn Wire>) -> Result<(), PortError> {
        while let Some(action) = self.line.next_action() {
            match action {
                Action::Store { controller, offer } => self.offer(controller, *offer),
                Action::Send(bytes) => {
                    let written = timeout(WRITE_TIMEOUT, wire.write_all(&bytes)).await;
                    let written = written.unwrap_or(Err(std::io::ErrorKind::TimedOut.into()));
                    if let Err(source) = written {
                        self.watchman.counts().io_errors += 1;
                        let port = self.address.to_string();
                        return Err(PortError::Write { port, source });
                    }
                    self.watchman.counts().bytes_out += bytes.len() as u64;
                }
            }
        }
        self.wire = Some(wire);
        Ok(())
    }

    /// Without a port only the store is served; what was to be sent is asked again later.
    fn store_only(&mut self) {
        while let Some(action) = self.line.next_action() {
            if let Action::Store { controller, offer } = action {
                self.offer(controller, *offer);
            }
        }
    }

    fn offer(&mut self, controller: usize, mut offer: ToStore) {
        let system = self.clock.system_state();
        self.line.offered(system);
        for Arrival { input, .. } in &mut offer.arrivals {
            if let Input::Passage(passage) = input {
                passage.time.system = system;
            }
        }
        let intake = self.intake.clone();
        self.offers.spawn(async move {
            match intake.accept(offer.arrivals, Some(offer.cursor)).await {
                Ok(()) => Outcome::Accepted(controller),
                Err(refusal) => Outcome::Refused(controller, refusal),
            }
        });
    }

    fn settle(&mut self, outcome: Result<Outcome, tokio::task::JoinError>) {
        let now = self.now();
        match outcome {
            Ok(Outcome::Accepted(controller)) => {
                self.line.accepted(now, controller);
                self.watchman.accepted();
            }
            Ok(Outcome::Refused(controller, refusal)) => {
                self.line.refused(controller);
                self.watchman.refused(refusal);
                self.offers.spawn(async move {
                    tokio::time::sleep(OFFER_PAUSE).await;
                    Outcome::PauseOver(controller)
                });
            }
            Ok(Outcome::PauseOver(controller)) => self.line.offer_again(controller),
            Err(_) => {}
        }
    }

    fn closed(&mut self, error: &PortError) {
        self.line.closed();
        self.watchman.enter(PortState::Absent, Some(error));
        self.open_at = Instant::now() + self.back_off.step();
        self.store_only();
    }

    fn wake_at(&mut self) -> Instant {
        let wake = self.started.checked_add(self.line.wake_at());
        let silence = self.silence.map(|patience| self.heard_at + patience);
        let status = self.watchman.publish_at();
        let next = [wake, silence].into_iter().flatten().min();
        // the status rides with a step that comes soon, and is worth a wake-up only without one
        match next {
            Some(next) if next <= status + STATUS_PERIOD => next,
            _ => status,
        }
    }

    fn tick(&mut self) {
        let now = self.now();
        self.line.tick(now);
    }

    fn now(&self) -> Moment {
        Moment { real: self.started.elapsed(), steady: self.clock.now() }
    }
}
