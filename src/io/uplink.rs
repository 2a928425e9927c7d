//! Drains the outbox to the platform's MQTT 5 broker.
//!
//! In: the store's outbox, sealed records, pictures, the platform's receipts and requests. Out:
//! messages on the site's topics, answers, and removals of what the broker (or with
//! `confirm = "receipt"` the platform) has confirmed. The store is the only truth: each TCP connection gets a fresh client
//! with a clean start, and everything unconfirmed is offered again. It never removes an entry
//! without a success reason and never falls back to plain text or to an unchecked certificate.

mod bookmark;
mod connection;
pub mod desk;
mod failure;
pub mod listener;
pub mod options;
pub mod payload;
pub mod probe;
pub mod receipt;
mod remover;
pub mod request;
pub mod schema;
pub mod session;
mod source;
pub mod status;
pub mod tls;
pub mod topics;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::UplinkConfig;
use crate::io::backoff::Backoff;
use crate::io::pictures::PictureFolder;
use crate::io::store::{Origin, Store};
use bookmark::Bookmark;
use connection::{Connection, Ended, Kept};
use desk::Desk;
use failure::Description;
use options::{Address, OptionsError};
use payload::{Presence, StatusMessage};
use remover::Remover;
use session::{Session, Settings};
use source::Source;
pub use source::backlog;
use status::{Failure, LinkState, UplinkStatus};
use topics::Topics;

/// Pause before a refused entry is offered again. Our choice: a platform that restarts
/// subscribes again within seconds, and four thousand waiting entries stay below 150 a second.
const RETRY_REFUSED: Duration = Duration::from_secs(30);

/// Pause before an unconfirmed entry is sent again. Our choice: platforms confirm in batches of
/// minutes; a repetition costs the line twice.
const RETRY_UNRECEIPTED: Duration = Duration::from_secs(300);

/// Pauses before entries are offered again on the same connection.
#[derive(Clone, Copy, Debug)]
pub struct Retry {
    /// After the broker refused one.
    pub refused: Duration,
    /// After the platform did not confirm one.
    pub unreceipted: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { refused: RETRY_REFUSED, unreceipted: RETRY_UNRECEIPTED }
    }
}

/// Tells the daemon's health, whenever it is asked.
pub type Health = Arc<dyn Fn() -> serde_json::Value + Send + Sync>;

/// What every connection uses.
struct Shared {
    config: UplinkConfig,
    origin: Origin,
    address: Address,
    topics: Topics,
    store: Store,
    source: Source,
    clock: Clock,
    credentials: Option<PathBuf>,
    health: Option<Health>,
    status: watch::Sender<UplinkStatus>,
}

/// The uplink; [`Uplink::run`] does the work.
pub struct Uplink {
    shared: Shared,
    retry: Retry,
}

impl Uplink {
    /// Checks the address; touches neither network nor secrets yet.
    ///
    /// # Errors
    /// [`OptionsError::Address`] or [`OptionsError::PlainText`].
    pub fn new(
        config: &UplinkConfig,
        origin: Origin,
        store: Store,
        pictures: PictureFolder,
        clock: Clock,
    ) -> Result<Self, OptionsError> {
        let address = options::address(config)?;
        let topics = Topics::new(&origin.site.id);
        let (status, _) = watch::channel(UplinkStatus {
            since: clock.now(),
            broker: address.to_string(),
            ..UplinkStatus::default()
        });
        let shared = Shared {
            config: config.clone(),
            origin,
            address,
            source: Source::new(store.clone(), pictures, topics.clone())
                .with_colours(config.plate_colours),
            topics,
            store,
            clock,
            credentials: std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from),
            health: None,
            status,
        };
        let retry = Retry::default();
        Ok(Self { shared, retry })
    }

    /// Publishes this with the retained status, at each connection and every
    /// `health_interval_s`.
    #[must_use]
    pub fn with_health(mut self, health: Health) -> Self {
        self.shared.health = Some(health);
        self
    }

    /// Other pauses than the default ones.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// The uplink's state; the last value stays readable after the end.
    pub fn status(&self) -> watch::Receiver<UplinkStatus> {
        self.shared.status.subscribe()
    }

    /// Connects, drains and reconnects until `stop`. A lost broker is daily life and never ends
    /// it. When it ends, what was acknowledged has been removed from the outbox.
    pub async fn run(self, stop: CancellationToken) {
        let Self { shared, retry } = self;
        let remover = Remover::spawn(shared.store.clone(), shared.status.clone());
        let mut session = Session::new(Settings {
            window: shared.config.window,
            confirm: shared.config.confirm,
            retry_refused: retry.refused,
            retry_unreceipted: retry.unreceipted,
            catch_up_percent: shared.config.catch_up_percent,
        });
        let mut bookmark =
            Bookmark::open(shared.store.dir(), &shared.config.broker, &shared.origin.site.id);
        if let Some((key, arrived)) = bookmark.half_sent(&shared.source) {
            session.resume(key, arrived);
        }
        let mut desk = Desk::new(Instant::now());
        let mut backoff = Backoff::default();
        while !stop.is_cancelled() {
            shared.enter(LinkState::Connecting);
            let kept = Kept {
                session: &mut session,
                bookmark: &mut bookmark,
                desk: &mut desk,
                remover: &remover,
            };
            let ended = shared.connect(kept, &stop).await;
            let Some(why) = ended.why else { break };
            shared.failed(why);
            shared.enter(LinkState::Pausing);
            // Without randomness the pause is the whole one: late, never wrong.
            let jitter = getrandom::u32().unwrap_or(u32::MAX);
            let pause = backoff.pause(ended.good, jitter);
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        remover.finish().await;
        shared.enter(LinkState::Stopped);
    }
}

impl Shared {
    async fn connect(&self, kept: Kept<'_>, stop: &CancellationToken) -> Ended {
        let since = self.clock.now();
        let will = (
            self.topics.leaf(topics::STATUS),
            StatusMessage::new(Presence::Offline, since, None).bytes(),
        );
        let credentials = self.credentials.as_deref();
        match options::build(&self.config, &self.origin.site.id, credentials, will) {
            Ok(options) => {
                let (connection, events) = Connection::new(self, kept, options, since);
                connection.run(events, stop).await
            }
            Err(error) => Ended { good: None, why: Some(failure::of_options(&error)) },
        }
    }

    /// The pauses and attempts of one outage are one time without a broker.
    fn enter(&self, state: LinkState) {
        let now = self.clock.now();
        let is_up = |state| state == LinkState::Connected;
        self.status.send_modify(|status| {
            if is_up(state) != is_up(status.state) {
                if let Some(waiting) = status.unreceipted_since.as_mut().filter(|_| is_up(state)) {
                    // no platform can confirm anything by a line that is down
                    *waiting = *waiting + (now - status.since);
                }
                status.since = now;
            }
            status.state = state;
            if state != LinkState::Connected {
                status.in_flight = 0;
            }
        });
    }

    /// Counts a failure; logs it only when it differs from the one before.
    fn failed(&self, (kind, text): Description) {
        let at = self.clock.now();
        self.status.send_modify(|status| {
            status.failures += 1;
            let same = status.last_failure.as_ref().is_some_and(|last| last.text == text);
            if !same {
                tracing::warn!(broker = %self.address, kind = ?kind, reason = text, "no uplink");
            }
            status.last_failure = Some(Failure { at, kind, text });
        });
    }

    fn health_ticks(&self) -> Interval {
        let period = Duration::from_secs(self.config.health_interval_s.max(1).into());
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.reset();
        ticks
    }
}
