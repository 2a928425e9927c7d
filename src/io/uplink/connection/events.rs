//! What the broker's packets mean for the session, the store and the status.

use std::time::Instant;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{
    ConnAck, PubAck, PubAckReason, Publish, SubAck, SubscribeReasonCode,
};

use super::{Connection, disorder, overrun};
use crate::config::Confirm;
use crate::io::uplink::payload::{Presence, StatusMessage};
use crate::io::uplink::receipt::{Receipt, ReceiptError};
use crate::io::uplink::session::{Limits, Outcome};
use crate::io::uplink::status::{FailureKind, LinkState};
use crate::io::uplink::topics;

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
        if self.shared.config.confirm == Confirm::Receipt {
            let topic = self.shared.topics.leaf(topics::RECEIPT);
            if self.client.try_subscribe(topic, QoS::AtLeastOnce).is_err() {
                self.broken = Some(overrun());
            }
        }
        self.tell(Presence::Online);
    }

    /// Publishes the retained state.
    pub(super) fn tell(&mut self, presence: Presence) {
        let backlog = self.shared.source.backlog();
        self.shared.status.send_modify(|status| status.backlog = backlog);
        let mut message = StatusMessage::new(presence, self.since, Some(self.shared.clock.now()));
        message.health = self.shared.health.as_ref().map(|health| health.borrow().clone());
        let topic = self.shared.topics.leaf(topics::STATUS);
        match self.client.try_publish(topic, QoS::AtLeastOnce, true, message.bytes()) {
            Ok(()) => self.session.offer_status(),
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
        let mut success = false;
        self.shared.status.send_modify(|status| {
            success = status.refused.count(acknowledgement.reason);
            status.acknowledged += u64::from(success);
        });
        let lasting = matches!(
            acknowledgement.reason,
            PubAckReason::TopicNameInvalid | PubAckReason::PayloadFormatInvalid
        );
        if lasting && let Some(key) = self.session.rejected(acknowledgement.pkid) {
            return self.rejected(key).await;
        }
        match self.session.acknowledged(now, acknowledgement.pkid, success) {
            Outcome::Remove(key) => self.remover.remove(key),
            Outcome::AwaitReceipt | Outcome::Refused | Outcome::Status => {}
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
            let text = format!("the broker does not let us read the receipts: {code:?}");
            self.shared.failed((FailureKind::Refused, text));
        }
    }

    pub(super) fn message(&mut self, message: &Publish) {
        if message.topic != self.shared.topics.leaf(topics::RECEIPT).as_bytes() {
            self.shared.status.send_modify(|status| status.unexpected_messages += 1);
            return;
        }
        let head = self.shared.store.last_seq();
        let parsed = Receipt::parse(&message.payload).and_then(|receipt| receipt.within(head));
        let settled = match &parsed {
            Ok(receipt) => self.session.receipt(receipt),
            Err(error) => {
                tracing::warn!(error = %error, "a receipt is not believed");
                Vec::new()
            }
        };
        self.shared.status.send_modify(|status| {
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
