//! The scale door: bytes of the controllers on one line in, passages at the intake out.
//!
//! Nothing is acknowledged to a controller before the store holds it, and nothing that happens to
//! a port or a controller is fatal: an unplugged, absent or wrong port is tried again, counted and
//! shown. It does not judge what it receives.

pub mod controller;
pub mod line;
pub mod link;
pub mod moment;
pub mod port;
pub mod probe;
pub mod status;

mod assembler;
mod driver;
mod names;
mod recorded;
pub mod replay;
mod settlement;
mod time_map;

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::ScaleConfig;
use crate::io::intake::{Intake, LinkCursor};
use crate::io::recorder::Recorder;
pub use assembler::rebuild::{RebuildError, rebuild};
use driver::Driver;
use port::{Address, PortError};
use recorded::{RecordedLine, Start};
pub use status::ScaleStatus;

/// Silence after which a TCP connection is given up: ten questions without an answer. A poll comes after
/// 10 s at most, and a flow that brings nothing is asked for again after 10 s.
const SILENCE: Duration = Duration::from_secs(15);

/// One `[[scale]]`: a port with its controllers.
pub struct ScalePort {
    driver: Driver,
    status: watch::Receiver<ScaleStatus>,
}

impl ScalePort {
    /// Prepares the port; opens nothing. `cursors` holds, by `name/address`, what the store knows
    /// of each controller; `recorder` writes down what comes in.
    ///
    /// # Errors
    /// [`PortError::NotAnAddress`] and [`PortError::Baud`] for a port that cannot be.
    pub fn new(
        config: &ScaleConfig,
        clock: Clock,
        intake: Intake,
        cursors: &HashMap<String, LinkCursor>,
        recorder: Option<Recorder>,
    ) -> Result<Self, PortError> {
        let own = format!("{}/", config.name);
        let known = cursors.iter().filter(|(controller, _)| controller.starts_with(&own));
        let cursors = known.map(|(controller, cursor)| (controller.clone(), cursor.clone()));
        let (speed_up, cursors) = (clock.speed_up(), cursors.collect());
        let start = Start { speed_up, cursors, listening: false };
        Self::prepare(config, &start, (clock, intake), recorder)
    }

    /// A port that only listens: it asks as the daemon would and hands over what comes, but
    /// acknowledges nothing, so that the controller keeps every event for the daemon.
    ///
    /// # Errors
    /// As [`ScalePort::new`].
    pub fn listening(
        config: &ScaleConfig,
        clock: Clock,
        intake: Intake,
        recorder: Option<Recorder>,
    ) -> Result<Self, PortError> {
        let (speed_up, cursors) = (clock.speed_up(), HashMap::new());
        let start = Start { speed_up, cursors, listening: true };
        Self::prepare(config, &start, (clock, intake), recorder)
    }

    fn prepare(
        config: &ScaleConfig,
        start: &Start,
        (clock, intake): (Clock, Intake),
        recorder: Option<Recorder>,
    ) -> Result<Self, PortError> {
        let address = Address::of(config)?;
        let line = RecordedLine::new(config, start, recorder);
        let (sender, status) = watch::channel(ScaleStatus {
            name: config.name.clone(),
            port: config.port.clone(),
            controllers: line.line().reports(),
            ..ScaleStatus::default()
        });
        let reopen_max = Duration::from_secs(config.reopen_max_s.into());
        let driver = Driver::new((address, line), (clock, intake), (reopen_max, SILENCE), sender);
        Ok(Self { driver, status })
    }

    /// How the port and its controllers are; changes at most ten times a second.
    pub fn status(&self) -> watch::Receiver<ScaleStatus> {
        self.status.clone()
    }

    /// Serves the port until `stop`. What is not durable then, the controllers still hold.
    pub async fn run(mut self, stop: CancellationToken) {
        while stop.run_until_cancelled(self.driver.step()).await.is_some() {}
    }
}
