//! Passages that are not one vehicle: two nose to tail, or a part of one.

use std::collections::BTreeMap;

use super::{LONGEST_TRAVEL, LaneWindow, OpenPassage};
use crate::clock::Timestamp;
use crate::pipeline::evasion::around::{End, second_heads};
use crate::pipeline::passage::Direction;
use crate::pipeline::plate::CameraRole;
use crate::pipeline::plate::confusion::differ_by_little;
use crate::pipeline::plate::held::Reads;
use crate::units::Micros;

/// How long an event of the second head may be on its way: most cameras send within that.
const ON_ITS_WAY: Micros = Micros::from_millis(1_500);
/// The head may be so much later than the axle behind the gap, by the jitter of cameras.
const LATER: Micros = Micros::from_millis(250);
/// What waited beside a passage is taken up within that after a restart, perhaps behind it. Our choice.
const TAKEN_UP: Micros = Micros::from_millis(100);

impl LaneWindow {
    /// Notes whether the passage is the rest of the one before it, and waits for a second head
    /// when its axles could be those of two vehicles.
    pub(super) fn look_around(&mut self, now: Timestamp, entering: &mut OpenPassage) {
        let before = self.last_end.take().filter(|(_, end)| end.goes_on_in(&entering.passage));
        if let Some((before, _)) = before {
            entering.around.is_part = true;
            let open = self.open.iter_mut().find(|open| open.id == before);
            if let Some(open) = open {
                open.around.is_part = true;
            }
        }
        self.last_end = End::new(&entering.passage).map(|end| (entering.id.clone(), end));
        entering.rest_by = self.last_end.as_ref().map(|(_, end)| end.rest_by(now));
        let Some(latest) = second_heads(&entering.passage).into_iter().map(|(_, to)| to).max()
        else {
            return;
        };
        let seen = self.sights.iter().zip(&entering.slots);
        let heads = seen.filter(|(sight, _)| sight.placement.role != CameraRole::Rear);
        let last = heads.map(|(_, slot)| slot.expected.at + latest).max();
        let until = last.map(|at| (at + ON_ITS_WAY).min(now + LONGEST_TRAVEL).max(now + TAKEN_UP));
        entering.hold_until = entering.hold_until.max(until);
    }

    /// Heads that passed a camera while a vehicle was passing that could be two, and that nobody
    /// else has been given.
    pub(super) fn find_heads(&self, passage: &mut OpenPassage, reads: &Reads) {
        // against the traffic heads and tails change places
        let against = passage.passage.direction == Direction::AgainstTraffic;
        if against {
            return;
        }
        let spans = second_heads(&passage.passage);
        let mut heads = Vec::new();
        for (sight, slot) in self.sights.iter().zip(&passage.slots) {
            let exact = sight.clock.is_learnt() && slot.expected.teaches;
            if sight.placement.role == CameraRole::Rear || !exact {
                continue;
            }
            let chosen = slot.decided.as_ref().and_then(|decided| decided.pairing.chosen.as_ref());
            let own = chosen.and_then(|chosen| chosen.plate_read.plate.text.as_deref());
            let within = |(earliest, latest): &(Micros, Micros)| {
                sight.seen_within(slot.expected.at + *earliest, slot.expected.at + *latest + LATER)
            };
            let seen: BTreeMap<_, _> = spans.iter().flat_map(within).collect();
            for (input, at) in seen {
                // a second event of the first head, read a little differently, is no second head
                let other = |text: &&str| {
                    own.is_none_or(|own| own != *text && !differ_by_little(own, text))
                };
                let Some(text) = reads.plate(input).filter(other) else {
                    continue;
                };
                let later = at.since(slot.expected.at).0 / 1_000;
                let camera = &sight.placement.camera;
                heads.push(format!("camera {camera}: plate {text} {later} ms after the head"));
            }
        }
        passage.around.heads.append(&mut heads);
    }
}
