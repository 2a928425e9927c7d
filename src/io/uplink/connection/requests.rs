//! The platform's requests: let in, carried out, answered and written down.
//!
//! A request only reads: it puts delivered entries into the outbox once more, or is answered at
//! once. Its audit record is sealed in the same commit as what it asks for.

mod replies;

use std::time::Instant;

use bytes::Bytes;
use rumqttc::v5::mqttbytes::v5::Publish;

use super::Connection;
use crate::io::store::{Lane, OutboxEntry, OutboxItem, StoreError};
use crate::io::uplink::request::{MAX_PROPERTY, Reason, Request, RequestError, Response};
use crate::io::uplink::topics;

/// Room in an answer's packet beside its payload.
const ANSWER_OVERHEAD: usize = 1_024;

/// Why a request is not carried out.
struct Refusal {
    reason: Reason,
    text: String,
}

impl From<RequestError> for Refusal {
    fn from(error: RequestError) -> Self {
        Self { reason: error.reason(), text: error.to_string() }
    }
}

/// Where the answer goes.
struct Sender {
    topic: String,
    correlation: Option<Bytes>,
}

impl Connection<'_> {
    /// A message on the request topic.
    pub(super) async fn request(&mut self, message: &Publish) {
        if message.retain {
            self.shared.status.send_modify(|status| status.requests.retained += 1);
            return;
        }
        self.shared.status.send_modify(|status| status.requests.received += 1);
        if !self.desk.admit(Instant::now()) {
            self.count_refused(Reason::TooFrequent);
            return;
        }
        let (sender, misplaced) = self.sender_of(message);
        let (request, refused) = match Request::parse(&message.payload) {
            Ok(request) => {
                let refused = misplaced.or(request.within_bounds().err().map(Refusal::from));
                (Some(request), refused)
            }
            Err(error) => (None, Some(error.into())),
        };
        let carried_out = match (&request, refused) {
            (Some(request), None) => self.carry_out(request).await,
            (_, Some(refusal)) => Err(refusal),
            (None, None) => return,
        };
        let response = match carried_out {
            Ok(response) => {
                if let Some(kind) = response.request {
                    self.shared.status.send_modify(|status| {
                        *status.requests.carried_out.entry(kind).or_default() += 1;
                    });
                }
                response
            }
            Err(refusal) => self.refuse(request.as_ref(), refusal).await,
        };
        self.reply(sender, &response);
    }

    /// Topic and correlation data of the answer; what is wrong with them.
    fn sender_of(&self, message: &Publish) -> (Sender, Option<Refusal>) {
        let ours = self.shared.topics.leaf(topics::RESPONSE);
        let properties = message.properties.clone().unwrap_or_default();
        let short = |data: &Bytes| data.len() <= MAX_PROPERTY;
        let correlation = properties.correlation_data.clone().filter(short);
        let too_long = properties.correlation_data.is_some() && correlation.is_none();
        let default =
            |refusal| (Sender { topic: ours.clone(), correlation: correlation.clone() }, refusal);
        if too_long {
            let text = format!("correlation data of more than {MAX_PROPERTY} bytes");
            return default(Some(Refusal { reason: Reason::TooLarge, text }));
        }
        match properties.response_topic {
            None => default(None),
            Some(topic) if is_below(&topic, &ours) => {
                (Sender { topic, correlation: correlation.clone() }, None)
            }
            Some(_) => {
                let text = format!(
                    "the response topic must be {ours} or up to {MOST_LEVELS} levels below it"
                );
                default(Some(Refusal { reason: Reason::ForeignTopic, text }))
            }
        }
    }

    async fn carry_out(&mut self, request: &Request) -> Result<Response, Refusal> {
        tracing::info!(request = request.kind().name(), id = request.id(), "the platform asks");
        match request {
            Request::Resend { from, to, .. } => self.resend(request, *from, *to).await,
            Request::Evidence { seq, .. } => self.evidence(request, *seq).await,
            Request::Health { .. } => self.health(request).await,
        }
    }

    async fn resend(&mut self, request: &Request, from: u64, to: u64) -> Result<Response, Refusal> {
        let store = self.shared.store.clone();
        let read = tokio::task::spawn_blocking(move || {
            let mut found = Vec::new();
            let mut missing = 0_u64;
            for seq in from..=to {
                match store.entries_again(seq)? {
                    Some(entries) => found.push(entries),
                    None => missing += 1,
                }
            }
            Ok((found, missing))
        });
        let (found, missing) =
            read.await.unwrap_or(Err(StoreError::Closed)).map_err(|error| in_the_way(&error))?;
        let sending = found.len() as u64;
        if sending == 0 {
            let text = format!("the ledger has no record from {from} to {to}");
            return Err(Refusal { reason: Reason::NoRecord, text });
        }
        let entries = found.into_iter().flatten().filter(|entry| entry.key.lane != Lane::Last);
        let asked = format!("records {from} to {to}");
        let done = format!("{sending} records on their way, {missing} missing");
        self.enter(request, entries.collect(), (asked, done)).await?;
        self.session.asked_again((from, to));
        Ok(Response { sending: Some(sending), missing: Some(missing), ..self.response(request) })
    }

    async fn evidence(&mut self, request: &Request, seq: u64) -> Result<Response, Refusal> {
        let entries = self.shared.store.entries_again(seq).map_err(|error| in_the_way(&error))?;
        let Some(entries) = entries else {
            let text = format!("the ledger has no record {seq}");
            return Err(Refusal { reason: Reason::NoRecord, text });
        };
        let is_picture = |entry: &OutboxEntry| entry.key.lane == Lane::Last;
        let pictures: Vec<OutboxEntry> = entries.into_iter().filter(is_picture).collect();
        let all = pictures.len() as u64;
        let there: Vec<OutboxEntry> =
            pictures.into_iter().filter(|entry| self.has_file(entry)).collect();
        let (sending, missing) = (there.len() as u64, all - there.len() as u64);
        if sending == 0 {
            let text = format!("record {seq} names {all} pictures, none of which is here");
            return Err(Refusal { reason: Reason::NoPicture, text });
        }
        let done = format!("{sending} pictures on their way, {missing} missing");
        self.enter(request, there, (format!("pictures of record {seq}"), done)).await?;
        Ok(Response { sending: Some(sending), missing: Some(missing), ..self.response(request) })
    }

    fn has_file(&self, entry: &OutboxEntry) -> bool {
        match &entry.what {
            OutboxItem::Picture { picture, .. } => self.shared.source.has(picture),
            OutboxItem::Record { .. } => false,
        }
    }

    async fn health(&mut self, request: &Request) -> Result<Response, Refusal> {
        let health = self.shared.health.as_ref().map(|health| health());
        let Some(health) = health.filter(|health| !health.is_null()) else {
            let text = "the health is not known yet".to_owned();
            return Err(Refusal { reason: Reason::Unknown, text });
        };
        let response = Response { health: Some(health), ..self.response(request) };
        let (bytes, limit) = (response.bytes().len(), self.session.maximum_packet());
        if bytes + ANSWER_OVERHEAD > limit {
            let text = format!("the health has {bytes} bytes, the broker takes packets of {limit}");
            return Err(Refusal { reason: Reason::TooLarge, text });
        }
        let audit = self.audit("request_health", named("the health", request), "told".to_owned());
        self.write_down(audit).await;
        Ok(response)
    }

    /// Puts entries into the outbox, with what the audit record says was asked for and done.
    async fn enter(
        &mut self,
        request: &Request,
        entries: Vec<OutboxEntry>,
        (asked, done): (String, String),
    ) -> Result<(), Refusal> {
        let event = format!("request_{}", request.kind().name());
        let audit = self.audit(&event, named(&asked, request), done);
        let lanes: Vec<usize> = [Lane::Second, Lane::Last]
            .into_iter()
            .filter(|lane| entries.iter().any(|entry| entry.key.lane == *lane))
            .map(|lane| lane as usize)
            .collect();
        let entered = self.shared.store.outbox_again(entries, audit).await;
        entered.map_err(|error| in_the_way(&error))?;
        // what stands before the place that was read last would not be read
        self.remover.flush().await;
        lanes.into_iter().for_each(|lane| self.session.start_over(lane));
        Ok(())
    }

    async fn refuse(&mut self, request: Option<&Request>, refusal: Refusal) -> Response {
        let Refusal { reason, text } = refusal;
        tracing::warn!(reason = ?reason, text, "a request of the platform is refused");
        self.count_refused(reason);
        let asked = match request {
            Some(request) => named(request.kind().name(), request),
            None => "what cannot be read".to_owned(),
        };
        let audit = self.audit("request_refused", asked, text.clone());
        self.write_down(audit).await;
        let at = self.shared.clock.now();
        Response::refusal(request, reason, text, at)
    }
}

fn named(asked: &str, request: &Request) -> String {
    format!("{asked}, asked as {}", request.id())
}

fn in_the_way(error: &StoreError) -> Refusal {
    Refusal { reason: Reason::Store, text: error.to_string() }
}

/// Levels below our response topic at most. Our choice: enough for a client and its question; brokers
/// end the connection of who publishes to a topic of too many (mosquitto: 200, `TOPIC_HIERARCHY_LIMIT`).
const MOST_LEVELS: usize = 4;

/// Whether a topic is this one or below it, and one that can be published to.
fn is_below(topic: &str, ours: &str) -> bool {
    let below = topic.strip_prefix(ours).is_some_and(|rest| {
        (rest.is_empty() || rest.starts_with('/')) && rest.matches('/').count() <= MOST_LEVELS
    });
    let plain = !topic.contains(['+', '#']) && !topic.chars().any(char::is_control);
    below && plain && topic.len() <= MAX_PROPERTY
}
