//! What the broker's packets mean for the session, the store and the status.

use std::time::Instant;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{
    ConnAck, Filter, PubAck, Publish, RetainForwardRule, SubAck, SubscribeReasonCode,
};

use super::{Connection, disorder, nonsense, overrun};
use crate::config::Confirm;
use crate::io::uplink::payload::{Presence, StatusMessage};
use crate::io::uplink::receipt::{Receipt, ReceiptError};
use crate::io::uplink::session::{Limits, Outcome};
use crate::io::uplink::status::{FailureKind, LinkState, Refusal, RefusalReason};
use crate::io::uplink::topics;

/// Bytes of a packet beside topic and payload at most: its head, the length of the topic, the packet
/// id and no property (MQTT 5, 3.3).
const PACKET_BESIDE: usize = 10;

impl Connection<'_> {
    pub(super) async fn accepted(&mut self, connack: ConnAck) {
        // What was settled on the connection before must not be read again.
        self.remover.flush().await;
        let properties = connack.properties;
        self.session.connected(Limits {
            receive_maximum: properties.as_ref().and_then(|told| told.receive_max),
            maximum_packet: properties.as_ref().and_then(|told| told.max_packet_size),
        });
        self.release().await;
        self.connected = Some(Instant::now());
        self.progress = Instant::now();
        self.shared.enter(LinkState::Connected);
        self.shared.status.send_modify(|status| {
            status.connects += 1;
        });
        tracing::info!(broker = %self.shared.address, "connected to the broker");
        let mut filters = vec![self.filter(topics::REQUEST)];
        if self.shared.config.confirm == Confirm::Receipt {
            filters.push(self.filter(topics::RECEIPT));
        }
        if self.client.try_subscribe_many(filters).is_err() {
            self.broken = Some(overrun());
        }
        self.tell(Presence::Online);
    }

    /// What came before the connection has no one any more who waits for an answer.
    fn filter(&self, leaf: &str) -> Filter {
        let retain_forward_rule = RetainForwardRule::Never;
        let path = self.shared.topics.leaf(leaf);
        Filter { retain_forward_rule, ..Filter::new(path, QoS::AtLeastOnce) }
    }

    /// Publishes the retained state.
    pub(super) fn tell(&mut self, presence: Presence) {
        let mut message = StatusMessage::new(presence, self.since, Some(self.shared.clock.now()));
        message.health = self.shared.health.as_ref().map(|health| health());
        let topic = self.shared.topics.leaf(topics::STATUS);
        let mut bytes = message.bytes();
        if topic.len() + bytes.len() + PACKET_BESIDE > self.session.maximum_packet() {
            // that it is there is worth more than how it is, and the connection lives on
            message.health = None;
            bytes = message.bytes();
            self.shared.status.send_modify(|status| status.states_without_health += 1);
        }
        match self.client.try_publish(topic, QoS::AtLeastOnce, true, bytes) {
            Ok(()) => self.session.offer_state(),
            Err(_) => self.broken = Some(overrun()),
        }
    }

    pub(super) fn begin_stop(&mut self) {
        self.stopping = Some(Instant::now());
        self.tell(Presence::Stopped);
    }

    pub(super) async fn acknowledged(&mut self, acknowledgement: &PubAck) {
        let now = Instant::now();
        self.progress = now;
        // a state that is kept reaches whoever subscribes later
        let kept = self.session.is_state(acknowledgement.pkid);
        let refusal = RefusalReason::of(acknowledgement.reason)
            .filter(|reason| !kept || *reason != RefusalReason::NoMatchingSubscribers);
        let entry = self.session.is_entry(acknowledgement.pkid);
        let at = self.shared.clock.now();
        self.shared.status.send_modify(|status| match refusal {
            None => status.acknowledged += u64::from(entry),
            Some(reason) => {
                status.refused.count(reason);
                status.last_refusal = Some(Refusal { at, reason });
            }
        });
        let success = refusal.is_none();
        if refusal.is_some_and(RefusalReason::lasts)
            && entry
            && let Some(key) = self.session.rejected(now, acknowledgement.pkid)
        {
            return self.rejected(key).await;
        }
        match self.session.acknowledged(now, acknowledgement.pkid, success) {
            Outcome::Remove(key) => {
                self.bookmark.finish(key);
                self.remover.remove(key);
            }
            Outcome::Piece(key) => {
                self.bookmark.note(&self.shared.source, key, self.session.so_far(key));
            }
            Outcome::AwaitReceipt => self.shared.status.send_modify(|status| {
                status.unreceipted_since.get_or_insert(at);
            }),
            Outcome::Refused | Outcome::Own => {}
            Outcome::Unknown => self.broken = Some(disorder(acknowledgement.pkid)),
        }
        if self.stopping.is_some() && self.session.in_flight() == 0 {
            let _ = self.client.try_disconnect();
        }
    }

    pub(super) fn granted(&mut self, grant: &SubAck) {
        let refused =
            |code: &&SubscribeReasonCode| !matches!(code, SubscribeReasonCode::Success(_));
        if let Some(code) = grant.return_codes.iter().find(refused) {
            let text = format!("the broker does not let us read requests or receipts: {code:?}");
            self.shared.failed((FailureKind::Refused, text));
        }
    }

    pub(super) async fn message(&mut self, message: &Publish) {
        let properties = message.properties.as_ref();
        if properties.is_some_and(|told| told.topic_alias.is_some()) {
            // we allow none (MQTT 5, 3.1.2.11.5), and the client would remember each
            self.broken = Some(nonsense());
            return;
        }
        let is_on = |leaf| message.topic == self.shared.topics.leaf(leaf).as_bytes();
        if is_on(topics::RECEIPT) {
            self.receipt(message);
        } else if is_on(topics::REQUEST) {
            self.request(message).await;
        } else {
            self.shared.status.send_modify(|status| status.unexpected_messages += 1);
        }
    }

    fn receipt(&mut self, message: &Publish) {
        let head = self.shared.store.last_seq();
        let parsed = Receipt::parse(&message.payload).and_then(|receipt| receipt.within(head));
        let settled = match &parsed {
            Ok(receipt) => self.session.receipt(receipt),
            Err(error) => {
                tracing::warn!(error = %error, "a receipt is not believed");
                Vec::new()
            }
        };
        let at = self.shared.clock.now();
        let waits = self.session.unreceipted() > 0;
        self.shared.status.send_modify(|status| {
            if parsed.is_ok() && (!waits || !settled.is_empty()) {
                status.unreceipted_since = waits.then_some(at);
            }
            let counts = &mut status.receipts;
            match parsed {
                Ok(_) => counts.accepted += 1,
                Err(ReceiptError::Beyond { .. }) => counts.beyond_ledger += 1,
                Err(_) => counts.malformed += 1,
            }
            counts.settled += settled.len() as u64;
        });
        for key in settled {
            self.remover.remove(key);
        }
    }
}
