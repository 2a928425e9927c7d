//! Events, each exactly once and in order.

use firmware_protocol::{Event, EventHeader};

use super::{Heard, Link, UNREADABLE};
use crate::io::scale::moment::Moment;

impl Link {
    pub(super) fn event(&mut self, now: Moment, header: EventHeader, event: &Event) -> Vec<Heard> {
        // Before the greeting the boot id may be an old one, and its numbers mean nothing.
        if !self.greeted || !self.is_known_boot(header.boot_id) {
            self.counts.out_of_order_events += u64::from(!self.greeted);
            return Vec::new();
        }
        self.newest = self.newest.max(header.sequence);
        // A flow that an earlier question has started runs on: what it brings before identity and
        // clock are known would be a vehicle of an unknown scale at an unknown time.
        if !self.taking {
            self.counts.early_events += 1;
            return Vec::new();
        }
        if header.sequence <= self.received {
            self.counts.duplicate_events += 1;
            // In push mode our acknowledgement may have been lost.
            self.ack_wanted = true;
            return Vec::new();
        }
        if self.held_back {
            self.counts.held_back_events += 1;
            return Vec::new();
        }
        let mut heard: Vec<Heard> =
            self.gap_before(header.oldest.min(header.sequence)).into_iter().collect();
        if header.sequence - 1 != self.received {
            self.counts.out_of_order_events += 1;
            self.flowing = false;
            return heard;
        }
        self.identities.advance(self.received);
        self.received = header.sequence;
        self.flow_due = self.next_flow(now);
        self.counts.events += 1;
        self.ack_wanted = true;
        heard.push(Heard::Event(header, *event));
        heard
    }

    /// The next event came whole and cannot be read: after some tries it is told as a gap, and what is
    /// behind it is taken.
    pub fn unreadable(&mut self, now: Moment, header: EventHeader) -> Option<Heard> {
        let next = self.received.saturating_add(1);
        let is_next = self.taking && self.is_known_boot(header.boot_id) && header.sequence == next;
        if !self.greeted || !is_next || self.held_back {
            return None;
        }
        let (sequence, times) = self.unreadable;
        self.unreadable = (next, if sequence == next { times + 1 } else { 1 });
        if self.unreadable.1 < UNREADABLE {
            return None;
        }
        self.identities.advance(self.received);
        self.received = next;
        // it may have told of a change
        self.identity_due = now.real;
        self.flow_due = self.next_flow(now);
        self.ack_wanted = true;
        self.counts.gaps += 1;
        self.counts.missing_events += 1;
        let (boot_id, last) = (header.boot_id, Some(next));
        Some(Heard::Gap { boot_id, first: next, last, reason: "unreadable" })
    }

    /// The events between the last received and `oldest`, which the controller no longer has.
    pub(super) fn gap_before(&mut self, oldest: u32) -> Option<Heard> {
        let first = self.received.saturating_add(1);
        if oldest <= first {
            return None;
        }
        self.received = oldest - 1;
        self.counts.gaps += 1;
        self.counts.missing_events += u64::from(oldest - first);
        Some(Heard::Gap {
            boot_id: self.boot_id.unwrap_or(0),
            first,
            last: Some(oldest - 1),
            reason: "not_held_by_controller",
        })
    }
}
