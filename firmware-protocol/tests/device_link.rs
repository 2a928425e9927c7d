//! A controller and a host of few lines on a bad line: each event arrives once and in order.

mod common;

use common::controller::{ADDRESS, BOOT, RESEND_US, event, hello, identity, poll, rewind, to};
use common::{bytes_of, decoded};
use firmware_protocol::device::Session;
use firmware_protocol::{Ack, Frame, MAX_ENCODED, Message, Mode};
use proptest::collection::vec;
use proptest::prelude::*;

/// What the line does to one frame.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Arrives,
    Lost,
    Doubled,
    Damaged,
    /// Arrives behind the next one.
    Late,
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    let fate = prop_oneof![
        6 => Just(Fate::Arrives),
        1 => Just(Fate::Lost),
        1 => Just(Fate::Doubled),
        1 => Just(Fate::Damaged),
        1 => Just(Fate::Late),
    ];
    vec(fate, 1..200)
}

/// One direction of the line.
struct Line {
    fates: Vec<Fate>,
    used: usize,
    held: Vec<u8>,
}

impl Line {
    fn new(fates: Vec<Fate>) -> Self {
        Self { fates, used: 0, held: Vec::new() }
    }

    /// The bytes that arrive when `frame` is sent; good ones only once the fates are used up.
    fn carry(&mut self, frame: &[u8]) -> Vec<u8> {
        let fate = self.fates.get(self.used).copied().unwrap_or(Fate::Arrives);
        self.used += 1;
        let mut arrives = match fate {
            Fate::Arrives => frame.to_vec(),
            Fate::Lost => Vec::new(),
            Fate::Doubled => frame.repeat(2),
            Fate::Damaged => {
                let mut bytes = frame.to_vec();
                bytes[5] ^= 0x40;
                bytes
            }
            Fate::Late => {
                self.held.extend_from_slice(frame);
                return Vec::new();
            }
        };
        arrives.append(&mut self.held);
        arrives
    }
}

/// A host as section 7 of the specification has it, without its clock.
#[derive(Debug)]
struct Host {
    expected: u32,
    taken: Vec<u32>,
    gaps: Vec<(u32, u32)>,
    behind: bool,
}

impl Host {
    fn new() -> Self {
        Self { expected: 1, taken: Vec::new(), gaps: Vec::new(), behind: false }
    }

    fn hear(&mut self, frame: &Frame) {
        let Message::Event(header, _) = frame.message else {
            return;
        };
        if header.oldest > self.expected {
            self.gaps.push((self.expected, header.oldest - 1));
            self.expected = header.oldest;
        }
        if header.sequence == self.expected {
            self.taken.push(header.sequence);
            self.expected += 1;
        } else if header.sequence > self.expected {
            self.behind = true;
        }
    }

    fn durable(&self) -> u32 {
        self.expected - 1
    }
}

/// The two ends and the line between them.
struct Link {
    controller: Session<64>,
    host: Host,
    down: Line,
    up: Line,
}

impl Link {
    fn new(down: Vec<Fate>, up: Vec<Fate>) -> Self {
        Self {
            controller: Session::new(ADDRESS, identity()),
            host: Host::new(),
            down: Line::new(down),
            up: Line::new(up),
        }
    }

    fn tell(&mut self, now_us: u64, exchange: u8, message: Message) {
        let bytes = self.down.carry(&bytes_of(&to(ADDRESS, exchange, message)));
        for frame in decoded(&bytes) {
            self.controller.handle(now_us, &frame);
        }
    }

    fn listen(&mut self, now_us: u64) {
        let mut buffer = [0; MAX_ENCODED];
        while let Some(length) = self.controller.transmit(now_us, &mut buffer) {
            for frame in decoded(&self.up.carry(&buffer[..length])) {
                self.host.hear(&frame);
            }
        }
    }

    fn record(&mut self, events: u32) {
        for _ in 0..events {
            let next = self.controller.newest() + 1;
            assert_eq!(self.controller.record(event(u64::from(next))), Ok(next));
        }
    }

    fn is_quiet(&self) -> bool {
        self.host.expected == self.controller.newest() + 1
            && self.controller.oldest() == self.host.expected
    }
}

proptest! {
    #[test]
    fn polled_events_arrive_once_and_in_order(
        down in fates(),
        up in fates(),
        bursts in vec(0..6u32, 1..10),
    ) {
        let total: u32 = bursts.iter().sum();
        let mut link = Link::new(down, up);
        let mut bursts = bursts.into_iter();
        for round in 0..400 {
            link.record(bursts.next().unwrap_or(0));
            link.tell(round, round as u8, poll(link.host.durable(), link.host.expected, 5));
            link.listen(round);
        }
        prop_assert!(link.is_quiet());
        prop_assert_eq!(link.host.taken, (1..=total).collect::<Vec<_>>());
        prop_assert_eq!(link.host.gaps, vec![]);
    }

    #[test]
    fn pushed_events_arrive_once_and_in_order(
        down in fates(),
        up in fates(),
        bursts in vec(0..6u32, 1..10),
    ) {
        let total: u32 = bursts.iter().sum();
        let mut link = Link::new(vec![], up);
        link.tell(0, 1, hello(Mode::Push));
        link.tell(0, 2, rewind(0, 1));
        link.down = Line::new(down);
        let mut bursts = bursts.into_iter();
        for round in 0..400 {
            let now_us = round * RESEND_US;
            link.record(bursts.next().unwrap_or(0));
            link.listen(now_us);
            let next = link.host.expected;
            let settled = link.host.durable();
            if std::mem::take(&mut link.host.behind) {
                link.tell(now_us, 3, rewind(settled, next));
            } else {
                let ack = Ack { boot_id: BOOT, acknowledged: settled, received: settled };
                link.tell(now_us, 0, Message::Ack(ack));
            }
        }
        prop_assert!(link.is_quiet());
        prop_assert_eq!(link.host.taken, (1..=total).collect::<Vec<_>>());
        prop_assert_eq!(link.host.gaps, vec![]);
    }

    #[test]
    fn after_an_overflow_the_host_knows_exactly_what_is_gone(
        before in 0..64u32,
        burst in 0..300u32,
    ) {
        let mut link = Link::new(vec![], vec![]);
        link.record(before);
        link.tell(0, 1, poll(0, 1, 255));
        link.listen(0);
        link.record(burst);
        for round in 0..4 {
            link.tell(0, round, poll(link.host.durable(), link.host.expected, 255));
            link.listen(0);
        }
        prop_assert!(link.is_quiet());
        let gone: Vec<u32> = link.host.gaps.iter().flat_map(|(from, to)| *from..=*to).collect();
        let mut all = link.host.taken.clone();
        all.extend(&gone);
        all.sort_unstable();
        prop_assert_eq!(all, (1..=before + burst).collect::<Vec<_>>());
    }

    #[test]
    fn no_frames_make_a_controller_panic_or_drop_what_is_not_acknowledged(
        frames in vec(common::strategies::frame(), 0..60),
    ) {
        let mut controller = Session::<16>::new(ADDRESS, identity());
        let mut buffer = [0; MAX_ENCODED];
        for (now_us, frame) in frames.iter().enumerate() {
            let newest = controller.record(event(0)).unwrap_or(0);
            controller.handle(now_us as u64, &Frame { address: ADDRESS, ..*frame });
            for _ in 0..=usize::from(u8::MAX) {
                controller.transmit(now_us as u64, &mut buffer);
            }
            prop_assert_eq!(controller.transmit(now_us as u64, &mut buffer), None);
            prop_assert_eq!(controller.oldest(), newest.saturating_sub(15).max(1));
        }
    }
}
