//! Fills the free slots of the window from the store.

use std::time::Instant;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::Publish;

use super::{Connection, overrun};
use crate::io::store::{AsideReason, OutboxEntry, OutboxItem, OutboxKey, StoreError};
use crate::io::uplink::session::{Next, Verdict};
use crate::io::uplink::source::{Cut, Ready, Unfit};
use crate::io::uplink::status::UplinkStatus;

impl Connection<'_> {
    /// Sends answers, then offers entries, as long as there are free slots.
    pub(super) async fn fill(&mut self) {
        self.tell_refusals().await;
        self.answer();
        while self.is_open() && self.broken.is_none() {
            match self.session.next(Instant::now()) {
                Next::Nothing => return,
                Next::Again(key) => self.again(key).await,
                Next::Read { lane, after } => self.read(lane, after).await,
                Next::SkipAhead { lane } => {
                    let last = self.shared.source.last(lane);
                    let last = last.inspect_err(|error| self.unreadable(error)).ok().flatten();
                    self.session.skipped(lane, last);
                }
                Next::StartOver { lane } => {
                    self.remover.flush().await;
                    self.session.start_over(lane);
                }
            }
        }
    }

    async fn read(&mut self, lane: usize, after: Option<OutboxKey>) {
        match self.shared.source.next(lane, after) {
            Ok(Some(entry)) if self.session.knows(entry.key) => self.session.pass(entry.key, lane),
            Ok(Some(entry)) => self.offer(entry).await,
            Ok(None) => self.session.lane_is_empty(lane),
            Err(error) => {
                self.unreadable(&error);
                self.session.lane_is_unreadable(Instant::now(), lane);
            }
        }
    }

    async fn again(&mut self, key: OutboxKey) {
        match self.shared.source.again(key) {
            Ok(Some(entry)) => self.offer(entry).await,
            Ok(None) => self.session.gone(key),
            Err(error) => {
                self.unreadable(&error);
                self.session.missed(key, key.lane as usize, Instant::now());
            }
        }
    }

    fn unreadable(&self, error: &StoreError) {
        tracing::error!(error = %error, "the outbox cannot be read");
        let count = |status: &mut UplinkStatus| status.read_failures += 1;
        self.shared.status.send_modify(count);
    }

    async fn offer(&mut self, entry: OutboxEntry) {
        let (key, what) = (entry.key, entry.what.clone());
        let digest = match &what {
            OutboxItem::Picture { picture, .. } => Some(picture.sha256.clone()),
            OutboxItem::Record { .. } => None,
        };
        let (from, most) = self.session.piece(key);
        let packet = self.session.maximum_packet();
        let verified = digest.is_some() && digest == self.verified;
        match self.shared.source.ready(entry, Cut { packet, from, most, verified }).await {
            Ok(ready) => {
                self.verified = digest.or(self.verified.take());
                let packet_bytes = ready.candidate.bytes as u64;
                if self.publish(ready) == Verdict::TooLarge {
                    self.set_aside(key, what, AsideReason::Oversize, packet_bytes).await;
                }
            }
            Err(Unfit::Aside { what, reason, packet_bytes }) => {
                self.session.pass(key, key.lane as usize);
                self.session.gone(key);
                self.set_aside(key, what, reason, packet_bytes).await;
            }
            Err(Unfit::NotNow(reason)) => {
                tracing::error!(reason, "an outbox entry cannot be read");
                self.session.pass(key, key.lane as usize);
                self.session.missed(key, key.lane as usize, Instant::now());
                self.shared.status.send_modify(|status| status.read_failures += 1);
            }
        }
    }

    fn publish(&mut self, ready: Ready) -> Verdict {
        if self.session.in_flight() == 0 {
            self.progress = Instant::now();
        }
        let verdict = self.session.offer(Instant::now(), ready.candidate);
        if verdict == Verdict::TooLarge {
            return verdict;
        }
        let Publish { topic, payload, properties, .. } = ready.message;
        let handed = self.client.try_publish_with_properties(
            String::from_utf8_lossy(&topic),
            QoS::AtLeastOnce,
            false,
            payload,
            properties.unwrap_or_default(),
        );
        match handed {
            Ok(()) => self.shared.status.send_modify(|status| status.published += 1),
            Err(_) => self.broken = Some(overrun()),
        }
        verdict
    }
}
