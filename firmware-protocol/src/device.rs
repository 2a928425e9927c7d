//! The controller's side of the link, for firmware and simulators.
//!
//! In go events as they are measured and frames as they arrive; out come the frames to send.
//! An event is kept until the host has acknowledged it as durable. Time is an argument, in
//! microseconds since the start of the controller. Never speaks without being asked, except in
//! push mode after a hello and a rewind.

mod counts;
mod error;
mod push;
mod reply;
mod store;
mod transmit;

pub use counts::Counts;
pub use error::RecordError;

use crate::{
    Ack, EncodeError, Event, EventHeader, Frame, Hello, Identity, MAX_ENCODED, MIN_VERSION,
    Message, Mode, Poll, Rewind, VERSION, encode,
};
use push::Flow;
use reply::{Answer, Replies};
use store::EventStore;

/// The link as one controller sees it, with room for `EVENTS` unacknowledged events.
#[derive(Clone, Debug)]
pub struct Session<const EVENTS: usize> {
    address: u8,
    identity: Identity,
    store: EventStore<EVENTS>,
    mode: Mode,
    flow: Flow,
    replies: Replies,
    counts: Counts,
}

impl<const EVENTS: usize> Session<EVENTS> {
    /// A controller that has just started. `identity.boot_id` is the random number drawn at
    /// this start and stands in every event.
    pub fn new(address: u8, identity: Identity) -> Self {
        Self {
            address,
            identity,
            store: EventStore::new(),
            mode: Mode::Poll,
            flow: Flow::default(),
            replies: Replies::default(),
            counts: Counts::default(),
        }
    }

    /// Numbers an event and keeps it until it is acknowledged. When the store is full, the
    /// oldest event is dropped and counted.
    ///
    /// # Errors
    /// [`RecordError`] when it can never be sent; nothing is then recorded.
    pub fn record(&mut self, event: Event) -> Result<u32, RecordError> {
        let header = self.header(self.store.newest());
        let mut buffer = [0; MAX_ENCODED];
        self.encode(0, Message::Event(header, event), &mut buffer).map_err(RecordError::Encode)?;
        let recorded = self.store.push(event).ok_or(RecordError::Exhausted)?;
        self.counts.overflowed = self.counts.overflowed.saturating_add(recorded.overflowed);
        Ok(recorded.sequence)
    }

    /// Takes a frame whose last byte arrived at `now_us`.
    pub fn handle(&mut self, now_us: u64, frame: &Frame) {
        if frame.message.is_from_controller() {
            self.counts.from_controllers = self.counts.from_controllers.saturating_add(1);
            return;
        }
        if frame.address != self.address {
            self.counts.other_address = self.counts.other_address.saturating_add(1);
            if self.mode == Mode::Poll {
                self.replies = Replies::default();
            }
            return;
        }
        let exchange = frame.exchange;
        match frame.message {
            Message::Hello(hello) => self.hello(exchange, &hello),
            Message::IdentityRequest => self.replies.identity = Some(exchange),
            Message::Poll(poll) => self.poll(exchange, &poll),
            Message::Ack(ack) => self.ack(now_us, &ack),
            Message::Rewind(rewind) => self.rewind(exchange, &rewind),
            Message::TimeRequest(request) => {
                self.replies.time = Some((exchange, request.request, now_us));
            }
            Message::Welcome(_)
            | Message::Identity(_)
            | Message::AnswerEnd(_)
            | Message::TimeReply(_)
            | Message::Event(..) => {}
        }
    }

    /// Writes the next frame to send at `now_us` to the front of `out` and returns its length;
    /// `None` when there is nothing to send. To be called until `None` after each
    /// [`Self::handle`] and, in push mode, each [`Self::record`] and at [`Self::wake_at`].
    pub fn transmit(&mut self, now_us: u64, out: &mut [u8; MAX_ENCODED]) -> Option<usize> {
        loop {
            let (exchange, message) = self.next_message(now_us)?;
            match self.encode(exchange, message, out) {
                Ok(length) => return Some(length),
                Err(_) => self.counts.unsendable = self.counts.unsendable.saturating_add(1),
            }
        }
    }

    /// When to call [`Self::transmit`] again although nothing has happened.
    pub const fn wake_at(&self) -> Option<u64> {
        self.flow.deadline()
    }

    /// Replaces the identity, such as after a calibration; the boot id stays.
    pub fn set_identity(&mut self, identity: Identity) {
        self.identity = Identity { boot_id: self.identity.boot_id, ..identity };
    }

    /// Mode agreed by the last hello; poll mode before it.
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Oldest event held; `newest + 1` when none is.
    pub const fn oldest(&self) -> u32 {
        self.store.oldest()
    }

    /// Newest event; 0 when there was none.
    pub const fn newest(&self) -> u32 {
        self.store.newest()
    }

    /// What was dropped, ignored and sent again.
    pub const fn counts(&self) -> &Counts {
        &self.counts
    }

    fn header(&self, sequence: u32) -> EventHeader {
        EventHeader { boot_id: self.identity.boot_id, sequence, oldest: self.store.oldest() }
    }

    fn encode(&self, exchange: u8, message: Message, out: &mut [u8]) -> Result<usize, EncodeError> {
        encode(&Frame { address: self.address, exchange, message }, out)
    }

    fn hello(&mut self, exchange: u8, hello: &Hello) {
        let version = VERSION.min(hello.max_version);
        let common = version >= MIN_VERSION.max(hello.min_version);
        let push = common && hello.mode == Mode::Push;
        self.mode = if push { Mode::Push } else { Mode::Poll };
        self.flow = Flow::new(hello.window, hello.resend_ms);
        self.replies = Replies {
            welcome: Some((exchange, if common { version } else { 0 })),
            ..Replies::default()
        };
    }

    fn poll(&mut self, exchange: u8, poll: &Poll) {
        self.mode = Mode::Poll;
        self.flow = Flow::default();
        let known = self.acknowledge(poll.boot_id, poll.acknowledged);
        self.replies.answer = Some(Answer {
            exchange,
            next: poll.next,
            left: if known { poll.limit } else { 0 },
            sent: 0,
        });
    }

    fn ack(&mut self, now_us: u64, ack: &Ack) {
        if self.acknowledge(ack.boot_id, ack.acknowledged) {
            self.flow.received(now_us, ack.received);
        }
    }

    fn rewind(&mut self, exchange: u8, rewind: &Rewind) {
        let known = self.acknowledge(rewind.boot_id, rewind.acknowledged);
        if known && self.mode == Mode::Push {
            self.flow.start(rewind.next.clamp(1, self.store.newest() + 1));
        }
        self.replies.answer = Some(Answer { exchange, next: 0, left: 0, sent: 0 });
    }

    /// Drops what is durable at the host; false when the numbers are not those of this start.
    fn acknowledge(&mut self, boot_id: u32, acknowledged: u32) -> bool {
        if boot_id != self.identity.boot_id {
            self.counts.other_boot = self.counts.other_boot.saturating_add(1);
            return false;
        }
        if !self.store.drop_to(acknowledged) {
            self.counts.impossible_ack = self.counts.impossible_ack.saturating_add(1);
        }
        true
    }
}
