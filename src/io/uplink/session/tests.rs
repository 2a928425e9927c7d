//! Scenarios without a network: an outbox in a map, a broker that the test plays itself.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::*;
use crate::config::Confirm;
use crate::io::uplink::receipt::Receipt;

mod crowds;
mod pictures;
mod receipts;

type Key = (usize, u64);

const REFUSED: Duration = Duration::from_secs(30);
const UNRECEIPTED: Duration = Duration::from_secs(60);

struct Scene {
    now: Instant,
    session: Session<Key>,
    outbox: BTreeMap<Key, usize>,
    next_id: u16,
    published: Vec<Key>,
    too_large: Vec<Key>,
    /// Picture, offset and length of each piece that was offered.
    pieces: Vec<(u64, u64, u64)>,
    /// The store cannot be read.
    unreadable: bool,
}

fn scene(window: u16, confirm: Confirm, limits: Limits) -> Scene {
    let mut session = Session::new(Settings {
        window,
        confirm,
        retry_refused: REFUSED,
        retry_unreceipted: UNRECEIPTED,
        catch_up_percent: 100,
    });
    session.connected(limits);
    Scene {
        now: Instant::now(),
        session,
        outbox: BTreeMap::new(),
        next_id: 1,
        published: Vec::new(),
        too_large: Vec::new(),
        pieces: Vec::new(),
        unreadable: false,
    }
}

fn unlimited(window: u16, confirm: Confirm) -> Scene {
    scene(window, confirm, Limits::default())
}

impl Scene {
    fn store(&mut self, keys: &[Key]) {
        self.outbox.extend(keys.iter().map(|key| (*key, 100)));
        self.session.outbox_changed();
    }

    /// Fills every free slot and gives each offer its packet id; returns what was published.
    fn fill(&mut self) -> Vec<Key> {
        let before = self.published.len();
        loop {
            let key = match self.session.next(self.now) {
                Next::Nothing => break,
                Next::Again(key) => Some(key),
                Next::SkipAhead { lane } => {
                    let last = self.outbox.range((lane, 0)..(lane + 1, 0)).next_back();
                    let last = last.map(|(key, _)| *key);
                    self.session.skipped(lane, last);
                    None
                }
                Next::StartOver { lane } => {
                    self.session.start_over(lane);
                    None
                }
                Next::Read { lane, .. } if self.unreadable => {
                    self.session.lane_is_unreadable(self.now, lane);
                    None
                }
                Next::Read { lane, after } => self.read(lane, after),
            };
            let Some(key) = key else { continue };
            let Some(bytes) = self.outbox.get(&key).copied() else {
                self.session.gone(key);
                continue;
            };
            let (lane, seq) = key;
            let piece = (lane == 2).then(|| {
                let (offset, most) = self.session.piece(key);
                let total = bytes as u64;
                Piece { offset, length: (total - offset).min(most as u64), total }
            });
            let bytes = piece.map_or(bytes, |piece| usize::try_from(piece.length).unwrap());
            let entry = Candidate { key, lane, seq: (lane < 2).then_some(seq), bytes, piece };
            self.pieces.extend(piece.map(|piece| (seq, piece.offset, piece.length)));
            match self.session.offer(self.now, entry) {
                Verdict::Publish => self.published.push(key),
                Verdict::TooLarge => self.too_large.push(key),
            }
        }
        let fresh = self.published[before..].to_vec();
        for _ in &fresh {
            assert!(self.session.sent(self.now, self.next_id));
            self.next_id += 1;
        }
        fresh
    }

    fn read(&mut self, lane: usize, after: Option<Key>) -> Option<Key> {
        let from = after.map_or((lane, 0), |(lane, seq)| (lane, seq + 1));
        let key = self.outbox.range(from..(lane + 1, 0)).next().map(|(key, _)| *key);
        match key {
            None => self.session.lane_is_empty(lane),
            Some(key) if self.session.knows(key) => self.session.pass(key, lane),
            Some(key) => return Some(key),
        }
        None
    }

    /// Publishes all that it may, and the broker answers all of it in the same way.
    fn answer_everything(&mut self, success: bool) {
        loop {
            let first = self.next_id;
            if self.fill().is_empty() {
                return;
            }
            for id in first..self.next_id {
                let _ = self.ack(id, success);
            }
        }
    }

    fn ack(&mut self, id: u16, success: bool) -> Outcome<Key> {
        let outcome = self.session.acknowledged(self.now, id, success);
        if let Outcome::Remove(key) = outcome {
            self.outbox.remove(&key);
        }
        outcome
    }

    fn receipt(&mut self, text: &str) -> Vec<Key> {
        let receipt = Receipt::parse(text.as_bytes()).unwrap();
        let removed = self.session.receipt(&receipt);
        for key in &removed {
            self.outbox.remove(key);
        }
        removed
    }

    fn left(&self) -> Vec<Key> {
        self.outbox.keys().copied().collect()
    }
}

#[test]
fn violations_leave_before_passages_and_passages_before_pictures() {
    let mut scene = unlimited(16, Confirm::Puback);
    scene.store(&[(1, 1), (2, 1), (1, 2), (0, 3), (0, 4)]);
    assert_eq!(scene.fill(), [(0, 3), (0, 4), (1, 1), (1, 2), (2, 1)]);
}

#[test]
fn a_new_violation_takes_the_next_free_slot_before_a_thousand_queued_passages() {
    let mut scene = unlimited(2, Confirm::Puback);
    let passages: Vec<Key> = (1..=1_000).map(|seq| (1, seq)).collect();
    scene.store(&passages);
    assert_eq!(scene.fill(), [(1, 1)]);
    scene.store(&[(0, 1_001)]);
    assert_eq!(scene.fill(), [(0, 1_001)]);
    assert_eq!(scene.ack(1, true), Outcome::Remove((1, 1)));
    scene.store(&[(0, 1_002)]);
    assert_eq!(scene.fill(), [(0, 1_002)]);
}

#[test]
fn nothing_is_removed_before_its_own_acknowledgement() {
    let mut scene = unlimited(16, Confirm::Puback);
    scene.store(&[(0, 1), (0, 2), (0, 3)]);
    scene.fill();
    assert_eq!(scene.ack(2, true), Outcome::Remove((0, 2)));
    assert_eq!(scene.left(), [(0, 1), (0, 3)]);
    assert_eq!(scene.ack(2, true), Outcome::Unknown);
    assert_eq!(scene.left(), [(0, 1), (0, 3)]);
}

#[test]
fn after_a_new_connection_everything_unacknowledged_is_offered_again_and_nothing_else() {
    let mut scene = unlimited(16, Confirm::Puback);
    scene.store(&[(0, 1), (0, 2), (1, 3)]);
    scene.fill();
    let _ = scene.ack(1, true);
    scene.session.connected(Limits::default());
    assert_eq!(scene.fill(), [(0, 2), (1, 3)]);
    assert_eq!(scene.ack(1, true), Outcome::Unknown);
}

#[test]
fn the_window_stays_one_below_the_receive_maximum() {
    let limits = Limits { receive_maximum: Some(4), maximum_packet: None };
    let mut scene = scene(100, Confirm::Puback, limits);
    let violations: Vec<Key> = (1..=10).map(|seq| (0, seq)).collect();
    scene.store(&violations);
    assert_eq!(scene.fill(), [(0, 1), (0, 2), (0, 3)]);
    let _ = scene.ack(1, true);
    assert_eq!(scene.fill(), [(0, 4)]);
}

#[test]
fn a_receive_maximum_of_one_still_sends() {
    let limits = Limits { receive_maximum: Some(1), maximum_packet: None };
    let mut scene = scene(100, Confirm::Puback, limits);
    scene.store(&[(1, 1), (1, 2)]);
    assert_eq!(scene.fill(), [(1, 1)]);
    assert_eq!(scene.fill(), []);
}

#[test]
fn a_refused_entry_stays_and_comes_again_after_the_pause_behind_fresh_ones() {
    let mut scene = unlimited(16, Confirm::Puback);
    scene.store(&[(0, 1)]);
    scene.fill();
    assert_eq!(scene.ack(1, false), Outcome::Refused);
    assert_eq!((scene.left(), scene.session.refused()), (vec![(0, 1)], 1));
    assert_eq!(scene.fill(), []);
    assert_eq!(scene.session.wake_at(), Some(scene.now + REFUSED));
    scene.now += REFUSED;
    scene.store(&[(0, 2)]);
    assert_eq!(scene.fill(), [(0, 2), (0, 1)]);
    assert_eq!(scene.ack(3, true), Outcome::Remove((0, 1)));
}

#[test]
fn an_oversize_entry_is_never_offered_and_blocks_nothing() {
    let limits = Limits { receive_maximum: None, maximum_packet: Some(1_000) };
    let mut scene = scene(16, Confirm::Puback, limits);
    scene.outbox.insert((0, 1), 1_001);
    scene.outbox.insert((0, 2), 1_000);
    assert_eq!(scene.fill(), [(0, 2)]);
    assert_eq!(scene.too_large, [(0, 1)]);
    let _ = scene.ack(1, true);
    assert_eq!(scene.left(), [(0, 1)]);
    scene.session.connected(Limits::default());
    assert_eq!(scene.fill(), [(0, 1)]);
}

#[test]
fn an_entry_that_the_broker_will_never_take_leaves_its_slot_and_does_not_come_again() {
    let mut scene = unlimited(2, Confirm::Puback);
    scene.store(&[(0, 1), (0, 2), (0, 3)]);
    scene.fill();
    assert_eq!(scene.session.rejected(scene.now, 1), Some((0, 1)));
    assert_eq!(scene.fill(), [(0, 3)]);
    scene.now += REFUSED;
    assert_eq!(scene.fill(), []);
    assert_eq!(scene.session.rejected(scene.now, 9), None);
}

#[test]
fn a_message_of_our_own_keeps_its_place_among_the_offers() {
    let mut scene = unlimited(16, Confirm::Puback);
    scene.session.offer_own();
    assert!(scene.session.sent(scene.now, 1));
    scene.next_id = 2;
    scene.store(&[(0, 1)]);
    scene.fill();
    assert_eq!(scene.ack(1, true), Outcome::Own);
    assert_eq!(scene.ack(2, true), Outcome::Remove((0, 1)));
}

#[test]
fn a_packet_id_without_an_offer_is_reported() {
    let mut scene = unlimited(16, Confirm::Puback);
    assert!(!scene.session.sent(scene.now, 1));
}

#[test]
fn an_acknowledgement_that_later_ones_overtake_is_missed() {
    let mut scene = unlimited(16, Confirm::Puback);
    let began = scene.now;
    scene.store(&[(0, 1), (0, 2)]);
    scene.fill();
    scene.now += REFUSED;
    assert_eq!(scene.session.overtaken_since(), None, "nothing has come back yet");
    assert_eq!(scene.ack(2, true), Outcome::Remove((0, 2)));
    assert_eq!(scene.session.overtaken_since(), Some(began));
    scene.store(&[(0, 3)]);
    scene.fill();
    assert_eq!(scene.ack(1, true), Outcome::Remove((0, 1)));
    assert_eq!(scene.session.overtaken_since(), None, "the third is later than all");
}
