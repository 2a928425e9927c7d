//! Messages to the service manager: ready, alive, stopping (sd_notify(3)).
//!
//! Without a service manager they go nowhere. "Alive" is sent by the task that does the work, at
//! most once per interval; a separate ticker would tell that the ticker lives.

use std::time::{Duration, Instant};

use sd_notify::NotifyState;

/// How often the loop turns at least, also without a service manager: it bounds the age of what
/// `status` shows.
const LEAST_OFTEN: Duration = Duration::from_secs(1);

/// Feeds the watchdog of the service manager, when there is one.
#[derive(Debug)]
pub struct Watchdog {
    interval: Option<Duration>,
    fed: Option<Instant>,
}

impl Watchdog {
    /// As the environment asks (`WATCHDOG_USEC`, `WATCHDOG_PID`).
    pub fn from_environment() -> Self {
        let mut micros = 0;
        let interval = sd_notify::watchdog_enabled(false, &mut micros)
            // Three times per span, so that one late turn does not end the process.
            .then(|| Duration::from_micros(micros) / 3);
        Self { interval, fed: None }
    }

    /// One that nobody watches, for a daemon inside another process.
    pub fn unwatched() -> Self {
        Self { interval: None, fed: None }
    }

    /// The longest pause that the loop may make.
    pub fn period(&self) -> Duration {
        self.interval.map_or(LEAST_OFTEN, |interval| interval.min(LEAST_OFTEN))
    }

    /// The work goes on.
    pub fn feed(&mut self) {
        let Some(interval) = self.interval else {
            return;
        };
        if self.fed.is_none_or(|fed| fed.elapsed() >= interval) {
            tell(&[NotifyState::Watchdog]);
            self.fed = Some(Instant::now());
        }
    }
}

/// The doors are open.
pub fn ready(text: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(text)]);
}

/// The order to stop has come.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// One line for `systemctl status`.
pub fn status(text: &str) {
    tell(&[NotifyState::Status(text)]);
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(false, states) {
        tracing::warn!(%error, "cannot tell the service manager");
    }
}
