//! Fills the free slots of the window from the store.

use std::time::Instant;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::Publish;

use super::{Connection, overrun};
use crate::io::store::{OutboxEntry, OutboxKey, StoreError};
use crate::io::uplink::session::{Next, Verdict};
use crate::io::uplink::source::{Ready, Unfit};
use crate::io::uplink::status::UplinkStatus;

impl Connection<'_> {
    /// Offers entries as long as there are free slots.
    pub(super) async fn fill(&mut self) {
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
            Ok(None) => {}
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
        let (key, limit) = (entry.key, self.session.maximum_packet());
        match self.shared.source.ready(entry, limit).await {
            Ok(ready) => self.publish(ready),
            Err(unfit) => {
                self.session.pass(key, key.lane as usize);
                self.count_aside(unfit);
            }
        }
    }

    fn publish(&mut self, ready: Ready) {
        if self.session.in_flight() == 0 {
            self.progress = Instant::now();
        }
        if self.session.offer(ready.candidate) == Verdict::TooLarge {
            self.count_aside(Unfit::Oversize);
            return;
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
    }

    fn count_aside(&self, unfit: Unfit) {
        tracing::error!(reason = ?unfit, "an outbox entry cannot be published and is set aside");
        self.shared.status.send_modify(|status| {
            let counts = &mut status.aside;
            match unfit {
                Unfit::Oversize => counts.oversize += 1,
                Unfit::PictureMissing => counts.picture_missing += 1,
                Unfit::PictureDamaged => counts.picture_damaged += 1,
                Unfit::RecordMissing => counts.record_missing += 1,
                Unfit::RecordUnreadable => counts.record_unreadable += 1,
            }
        });
    }
}
