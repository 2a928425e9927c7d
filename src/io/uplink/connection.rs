//! One connection from CONNECT to its end: moves events between the client, the session and the
//! store.
//!
//! In: what the broker sends, what the store has, the order to stop. Out: why it ended and for
//! how long it was good. The client and its queue live no longer than the connection: what they
//! hold is forgotten, and the store offers it again.

mod asides;
mod events;
mod offers;
mod requests;

use std::time::{Duration, Instant};

use rumqttc::Outgoing;
use rumqttc::v5::mqttbytes::v5::Packet;
use rumqttc::v5::{AsyncClient, ConnectionError, Event, EventLoop, MqttOptions};
use tokio::sync::watch;
use tokio::time::{Interval, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;

use super::Shared;
use super::bookmark::Bookmark;
use super::desk::Desk;
use super::failure::{self, Description};
use super::payload::Presence;
use super::remover::Remover;
use super::session::Session;
use super::status::FailureKind;
use crate::clock::Timestamp;
use crate::io::store::OutboxKey;

/// When no acknowledgement comes for this long, or the one that later ones have overtaken, while
/// the keep-alive is answered, the connection ends. Our choice: a picture of 16 MiB over 1 Mbit/s takes as long.
const ACKNOWLEDGE_LIMIT: Duration = Duration::from_secs(150);

/// How long an ordered stop waits for what is in flight. Our choice: a round trip over a bad
/// cell, and well below systemd's stop time-out.
const STOP_LIMIT: Duration = Duration::from_secs(3);

/// Shortest keep-alive that the client takes. Also longer than half of a connection's set-up.
const SHORTEST_KEEP_ALIVE: Duration = Duration::from_secs(12);

/// Requests beside the window: subscription, status messages, disconnect.
const SPARE_REQUESTS: usize = 16;

/// How a connection ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// How long it was good; `None` when it never was.
    pub(super) good: Option<Duration>,
    /// Why; `None` when it was ordered to stop.
    pub(super) why: Option<Description>,
}

/// What outlives a connection.
pub(super) struct Kept<'a> {
    /// What is under way and what waits.
    pub(super) session: &'a mut Session<OutboxKey>,
    /// How far the picture under way has come.
    pub(super) bookmark: &'a mut Bookmark,
    /// The platform's requests.
    pub(super) desk: &'a mut Desk,
    /// Who removes what is delivered.
    pub(super) remover: &'a Remover,
}

/// A connection and what it works with.
pub(super) struct Connection<'a> {
    shared: &'a Shared,
    session: &'a mut Session<OutboxKey>,
    bookmark: &'a mut Bookmark,
    desk: &'a mut Desk,
    remover: &'a Remover,
    client: AsyncClient,
    since: Timestamp,
    connected: Option<Instant>,
    progress: Instant,
    stopping: Option<Instant>,
    broken: Option<Description>,
    /// Digest of the picture whose file was last found to be whole.
    verified: Option<String>,
}

impl<'a> Connection<'a> {
    /// Prepares it; nothing happens before [`Connection::run`].
    pub(super) fn new(
        shared: &'a Shared,
        kept: Kept<'a>,
        options: MqttOptions,
        since: Timestamp,
    ) -> (Self, EventLoop) {
        let Kept { session, bookmark, desk, remover } = kept;
        let requests = usize::from(shared.config.window) + SPARE_REQUESTS;
        let (client, events) = AsyncClient::new(options, requests);
        let connection = Self {
            shared,
            session,
            bookmark,
            desk,
            remover,
            client,
            since,
            connected: None,
            progress: Instant::now(),
            stopping: None,
            broken: None,
            verified: None,
        };
        (connection, events)
    }

    /// Works until the connection ends or the stop is carried out.
    pub(super) async fn run(mut self, mut events: EventLoop, stop: &CancellationToken) -> Ended {
        let mut outbox = self.shared.store.outbox_changed();
        let mut health = self.shared.health_ticks();
        loop {
            let polled = self.poll(&mut events, &mut outbox, &mut health, stop).await;
            match polled {
                Polled::Event(event) => match *event {
                    Event::Outgoing(Outgoing::Disconnect) if self.stopping.is_some() => {
                        return self.stopped();
                    }
                    // nobody has ordered it: what the client answers to a broken packet
                    Event::Outgoing(Outgoing::Disconnect) => return self.ended(nonsense()),
                    event => self.event(event).await,
                },
                Polled::Failed(error) => return self.ended(failure::of_connection(&error)),
                Polled::Silent => return self.ended(silence()),
                Polled::Stopped => return self.stopped(),
            }
            if let Some(why) = self.broken.take() {
                return self.ended(why);
            }
            self.fill().await;
            self.show();
        }
    }

    /// Waits for the client's next event. The client's future is never dropped half-way, since
    /// it may just be writing; what happens meanwhile is done beside it.
    async fn poll(
        &mut self,
        events: &mut EventLoop,
        outbox: &mut watch::Receiver<u64>,
        health: &mut Interval,
        stop: &CancellationToken,
    ) -> Polled {
        // Answered keep-alives are events too: two periods without any are silence.
        let period = events.options.keep_alive().max(SHORTEST_KEEP_ALIVE);
        let silence = Instant::now() + 2 * period;
        let poll = timeout_at(silence.into(), events.poll());
        tokio::pin!(poll);
        loop {
            let wake = self.wake_at();
            tokio::select! {
                polled = &mut poll => return match polled {
                    Ok(Ok(event)) => Polled::Event(Box::new(event)),
                    Ok(Err(error)) => Polled::Failed(error),
                    Err(_) => Polled::Silent,
                },
                changed = outbox.changed(), if self.is_open() => {
                    if changed.is_err() {
                        return Polled::Stopped;
                    }
                    self.session.outbox_changed();
                }
                () = sleep_until(wake.into()) => {
                    if self.is_overdue() {
                        return if self.stopping.is_some() { Polled::Stopped } else { Polled::Silent };
                    }
                }
                () = self.remover.stayed(), if self.is_open() => self.session.entries_stayed(),
                _ = health.tick(), if self.is_open() => self.tell(Presence::Online),
                () = stop.cancelled(), if self.stopping.is_none() => {
                    if self.connected.is_none() {
                        return Polled::Stopped;
                    }
                    self.begin_stop();
                }
            }
            self.fill().await;
            self.show();
        }
    }

    fn is_open(&self) -> bool {
        self.connected.is_some() && self.stopping.is_none()
    }

    /// When something has to be looked at even though nothing arrives.
    fn wake_at(&self) -> Instant {
        let limit = self.limit();
        let due = self.session.wake_at().into_iter().chain(self.desk.wake_at()).min();
        match due.filter(|_| self.is_open()) {
            Some(due) => due.min(limit),
            None => limit,
        }
    }

    fn limit(&self) -> Instant {
        match self.stopping {
            Some(began) => began + STOP_LIMIT,
            None => {
                let overtaken = self.session.overtaken_since().unwrap_or(self.progress);
                self.progress.min(overtaken) + ACKNOWLEDGE_LIMIT
            }
        }
    }

    /// The limit is over; with nothing in flight it begins anew.
    fn is_overdue(&mut self) -> bool {
        if self.stopping.is_none() && self.session.in_flight() == 0 {
            self.progress = Instant::now();
        }
        Instant::now() >= self.limit()
    }

    async fn event(&mut self, event: Event) {
        match event {
            Event::Incoming(Packet::ConnAck(_)) if self.connected.is_some() => {
                self.broken = Some(nonsense());
            }
            Event::Incoming(Packet::ConnAck(connack)) => self.accepted(connack).await,
            Event::Incoming(Packet::PubAck(answer)) => self.acknowledged(&answer).await,
            Event::Incoming(Packet::Publish(message)) => self.message(&message).await,
            Event::Incoming(Packet::SubAck(grant)) => self.granted(&grant),
            Event::Outgoing(Outgoing::Publish(packet_id)) => {
                if !self.session.sent(Instant::now(), packet_id) {
                    self.broken = Some(disorder(packet_id));
                }
            }
            Event::Incoming(_) | Event::Outgoing(_) => {}
        }
    }

    fn show(&self) {
        let session = &*self.session;
        self.shared.status.send_if_modified(|status| {
            let before = (status.in_flight, status.awaiting_retry, status.awaiting_receipt);
            status.in_flight = session.in_flight() as u64;
            status.awaiting_retry = session.refused() as u64;
            status.awaiting_receipt = session.unreceipted() as u64;
            before != (status.in_flight, status.awaiting_retry, status.awaiting_receipt)
        });
    }

    fn ended(self, why: Description) -> Ended {
        let asked = self.stopping.is_some();
        Ended { good: self.connected.map(|since| since.elapsed()), why: (!asked).then_some(why) }
    }

    fn stopped(self) -> Ended {
        Ended { good: self.connected.map(|since| since.elapsed()), why: None }
    }
}

enum Polled {
    Event(Box<Event>),
    Failed(ConnectionError),
    Silent,
    Stopped,
}

fn silence() -> Description {
    let text = "the broker has gone silent: no keep-alive or no acknowledgement comes back";
    (FailureKind::Timeout, text.into())
}

/// The client and the session disagree about what is under way.
fn disorder(packet_id: u16) -> Description {
    let text = format!("packet id {packet_id} belongs to no offer");
    (FailureKind::Protocol, text)
}

/// The broker breaks the protocol: it is left alone for a while, and nothing else stops.
fn nonsense() -> Description {
    let text = "the broker sent a packet that breaks the protocol";
    (FailureKind::Protocol, text.into())
}

/// The client's queue is full although the window is not: its event loop has ended.
fn overrun() -> Description {
    let text = "the client takes no more requests";
    (FailureKind::Protocol, text.into())
}
