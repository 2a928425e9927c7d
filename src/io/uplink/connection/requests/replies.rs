//! Answers on their way, and what is written down about requests.

use std::time::Instant;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::PublishProperties;

use super::Sender;
use crate::io::uplink::connection::{Connection, overrun};
use crate::io::uplink::desk::Answer;
use crate::io::uplink::request::{Reason, Request, Response};
use crate::io::uplink::topics;
use crate::pipeline::record::{Audit, Record};
use crate::pipeline::{Action, Seal};

impl Connection<'_> {
    /// Answers and writes down what was refused for frequency, all at once, when it is time.
    pub(in crate::io::uplink::connection) async fn tell_refusals(&mut self) {
        if !self.is_open() {
            return;
        }
        let now = Instant::now();
        if let Some(refused) = self.desk.refusals(now) {
            let at = self.shared.clock.now();
            let text = "more requests than are answered in this time".to_owned();
            let refusal = Response::refusal(None, Reason::TooFrequent, text, at);
            let topic = self.shared.topics.leaf(topics::RESPONSE);
            let sender = Sender { topic, correlation: None };
            self.reply(sender, &Response { refused: Some(refused), ..refusal });
        }
        if let Some(refused) = self.desk.unaudited(now) {
            let asked = format!("{refused} requests");
            let audit = self.audit("request_refused", asked, "too many in this time".to_owned());
            self.write_down(audit).await;
        }
    }

    /// Hands answers to the client as long as there is room.
    pub(in crate::io::uplink::connection) fn answer(&mut self) {
        while self.is_open() && self.broken.is_none() && self.session.has_room() {
            let Some(answer) = self.desk.next_answer() else { return };
            let properties = PublishProperties {
                payload_format_indicator: Some(1),
                content_type: Some("application/json".into()),
                correlation_data: answer.correlation,
                ..PublishProperties::default()
            };
            let handed = self.client.try_publish_with_properties(
                answer.topic,
                QoS::AtLeastOnce,
                false,
                answer.payload,
                properties,
            );
            match handed {
                Ok(()) => {
                    self.session.offer_own();
                    self.shared.status.send_modify(|status| status.requests.answers += 1);
                }
                Err(_) => self.broken = Some(overrun()),
            }
        }
    }

    pub(super) fn reply(&mut self, sender: Sender, response: &Response) {
        let Sender { topic, correlation } = sender;
        if !self.desk.reply(Answer { topic, correlation, payload: response.bytes() }) {
            self.shared.status.send_modify(|status| status.requests.answers_dropped += 1);
        }
    }

    pub(super) fn response(&self, request: &Request) -> Response {
        let (store, at) = (&self.shared.store, self.shared.clock.now());
        let first_kept = Some(store.status().anchor.seq + 1);
        Response { first_kept, last: Some(store.last_seq()), ..Response::to(Some(request), at) }
    }

    pub(super) fn count_refused(&self, reason: Reason) {
        self.shared.status.send_modify(|status| {
            *status.requests.refused.entry(reason).or_default() += 1;
        });
    }

    pub(super) fn audit(&mut self, event: &str, asked: String, done: String) -> Record {
        let at = self.shared.clock.now();
        let origin = &self.shared.origin;
        let subject = format!("{}-{}-{}", origin.site.id, at.0, self.desk.number());
        let source = "platform".to_owned();
        origin.audit(
            &subject,
            at,
            Audit { source, event: event.to_owned(), before: asked, after: done },
        )
    }

    pub(super) async fn write_down(&mut self, audit: Record) {
        let seal = Seal { record: audit, raw: Vec::new(), consumes: Vec::new() };
        if let Err(error) = self.shared.store.commit(vec![Action::Seal(Box::new(seal))]).await {
            tracing::error!(error = %error, "the store takes no audit record of a request");
            self.shared.status.send_modify(|status| status.requests.unaudited += 1);
        }
    }
}
