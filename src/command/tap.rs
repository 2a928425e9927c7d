//! The ports themselves, listened to while no daemon runs.
//!
//! In: the configuration. Out: what the controllers tell, asked as the daemon would ask. Nothing is
//! acknowledged, so each controller keeps every vehicle for the daemon.

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Exit, Failure};
use crate::clock::Clock;
use crate::config::Config;
use crate::daemon::journal::line_name;
use crate::io::intake::{self, Offer};
use crate::io::recorder::Recording;
use crate::io::scale::{ScalePort, ScaleStatus};
use crate::pipeline::Arrival;

/// Offers that may wait.
const QUEUE: usize = 16;

/// Every line of a configuration, open.
pub(super) struct Tap {
    ports: JoinSet<()>,
    offers: mpsc::Receiver<Offer>,
    scales: Vec<watch::Receiver<ScaleStatus>>,
    stop: CancellationToken,
}

impl Tap {
    /// Begins to listen; a port that is absent or busy is tried again. Needs a runtime around it.
    pub(super) fn open(
        config: &Config,
        clock: Clock,
        recording: Option<&Recording>,
    ) -> Result<Self, Failure> {
        if config.scale.is_empty() {
            return Err(Failure::new(Exit::Configuration, "no [[scale]] is configured")
                .advice("add the [[scale]] of each line: `wimd ports` lists the ports"));
        }
        let (intake, offers) = intake::channel(QUEUE);
        let stop = CancellationToken::new();
        let (mut ports, mut scales) = (JoinSet::new(), Vec::new());
        for section in &config.scale {
            let recorder = recording.map(|to| to.recorder(&line_name(&section.name)));
            let port = ScalePort::listening(section, clock, intake.clone(), recorder)?;
            scales.push(port.status());
            ports.spawn(port.run(stop.clone()));
        }
        Ok(Self { ports, offers, scales, stop })
    }

    /// How each line is, in the order of the configuration.
    pub(super) fn scales(&self) -> Vec<watch::Receiver<ScaleStatus>> {
        self.scales.clone()
    }

    /// The next inputs; `None` when every port has ended.
    pub(super) async fn next(&mut self) -> Option<Vec<Arrival>> {
        let Offer { arrivals, done, .. } = self.offers.recv().await?;
        // A line that only listens asks for the next ones, and acknowledges nothing for it.
        let _gone = done.send(Ok(())).is_err();
        Some(arrivals)
    }

    /// Lets the ports go, for whoever needs them.
    pub(super) async fn close(mut self) {
        self.stop.cancel();
        while self.ports.join_next().await.is_some() {}
    }
}
