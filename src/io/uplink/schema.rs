//! The contract with the platform as documents, made from the types themselves.
//!
//! In: nothing. Out: JSON Schemas (draft 7, which AsyncAPI takes without an extension) of what is
//! published and received, and an AsyncAPI 3 document that refers to them. Never written by hand.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Value, json};

use super::payload::StatusMessage;
use super::receipt::Receipt;
use super::request::{Request, Response};
use super::topics;
use crate::io::store::Proof;
use crate::pipeline::record::{Channel, Record};

/// What AsyncAPI calls the schemas' dialect.
const SCHEMA_FORMAT: &str = "application/schema+json;version=draft-07";

/// Payload of every record: `{"record": …, "proof": …}`. The bytes of `record` are canonical
/// (RFC 8785): cut out as they stand, they are what `proof.hash` was made from.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Envelope")]
pub struct Envelope {
    /// What happened.
    pub record: Record,
    /// Its place in the site's ledger and who sealed it.
    pub proof: Proof,
}

/// A document and where it stands below `deploy/`.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Relative path.
    pub path: &'static str,
    /// Content.
    pub json: Value,
}

impl Document {
    /// The file's text: indented, with a newline at its end.
    pub fn text(&self) -> String {
        // A JSON value with string keys always has a text.
        let text = serde_json::to_string_pretty(&self.json).unwrap_or_default();
        text + "\n"
    }
}

/// Every document.
pub fn documents() -> Vec<Document> {
    let document = |path, json| Document { path, json };
    vec![
        document("schema/record.json", schema::<Envelope>()),
        document("schema/status.json", schema::<StatusMessage>()),
        document("schema/receipt.json", schema::<Receipt>()),
        document("schema/request.json", schema::<Request>()),
        document("schema/response.json", schema::<Response>()),
        document("asyncapi.json", asyncapi()),
    ]
}

/// The schema of `T` as it is written.
fn schema<T: JsonSchema>() -> Value {
    let generator = SchemaSettings::draft07().for_serialize().into_generator();
    generator.into_root_schema_for::<T>().to_value()
}

/// One topic of the site.
struct Topic {
    name: &'static str,
    address: &'static str,
    message: &'static str,
    /// As the site sees it: `send` or `receive`.
    action: &'static str,
    retain: bool,
    text: &'static str,
}

const fn record_topic(channel: Channel, text: &'static str) -> Topic {
    let name = topics::channel_name(channel);
    Topic { name, address: name, message: "record", action: "send", retain: false, text }
}

const TOPICS: [Topic; 11] = [
    record_topic(
        Channel::Violation,
        "Records with verdict overload, and records over on an axle group only (basis \
        axle_group), which are never enforceable. First lane.",
    ),
    record_topic(Channel::Evasion, "Records with signs of evasion. First lane."),
    record_topic(
        Channel::Alarm,
        "Something a person must act on, and passages of 100 t or 100 % over and more, or in a \
        lane that nobody configured. First lane.",
    ),
    record_topic(Channel::Passage, "Every other record. Second lane."),
    record_topic(
        Channel::Reconciliation,
        "The figures of each hour and each day in the time of China, as sealed records. The \
        stretches of sequences follow each other without a gap. Second lane.",
    ),
    Topic {
        name: topics::EVIDENCE,
        address: "evidence/{record}/{name}",
        message: "picture",
        action: "send",
        retain: false,
        text: "A picture of a record, in pieces of at most 64 KiB. Last lane.",
    },
    Topic {
        name: topics::STATUS,
        address: topics::STATUS,
        message: "status",
        action: "send",
        retain: true,
        text: "Whether the site can be reached, and its health. Also the last will.",
    },
    Topic {
        name: topics::RECEIPT,
        address: topics::RECEIPT,
        message: "receipt",
        action: "receive",
        retain: false,
        text: "The platform confirms the records that it holds durably. Read when the site is \
               configured with confirm = \"receipt\".",
    },
    Topic {
        name: topics::REQUEST,
        address: topics::REQUEST,
        message: "request",
        action: "receive",
        retain: false,
        text: "The platform asks for records or pictures once more, or for the health. At most \
               4 096 bytes; 20 at once and then one in three seconds. Read while the site is online.",
    },
    Topic {
        name: topics::RESPONSE,
        address: topics::RESPONSE,
        message: "response",
        action: "send",
        retain: false,
        text: "The answer to each request, also to refused ones. A response topic of the request \
               is used when it is this one or below it; correlation data of up to 256 bytes is given back.",
    },
    Topic {
        name: topics::PROBE,
        address: topics::PROBE,
        message: "probe",
        action: "send",
        retain: false,
        text: "Empty, sent only by `wimd doctor` to try the way to the broker. Ignore it.",
    },
];

fn asyncapi() -> Value {
    let channels = TOPICS.iter().map(|topic| (topic.name.to_owned(), topic.channel()));
    let operations = TOPICS.iter().map(|topic| {
        let name = format!("{}_{}", topic.action, topic.name);
        (name, topic.operation())
    });
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "wimd site",
            "version": "1.0.0",
            "description": "What a roadside overload detection point publishes, and what it \
                reads. Every message may come more than once, with the same id and the same \
                bytes. Ledger sequences have no gaps: a platform that has seen every sequence \
                has seen everything.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "platform": {
                "host": "broker.example:8883",
                "protocol": "secure-mqtt",
                "protocolVersion": "5",
            },
        },
        "channels": channels.collect::<serde_json::Map<_, _>>(),
        "operations": operations.collect::<serde_json::Map<_, _>>(),
        "components": { "messages": messages() },
    })
}

impl Topic {
    fn channel(&self) -> Value {
        let mut parameters = json!({
            "site": { "description": "Id of the site." },
        });
        if self.address.contains("{record}") {
            parameters["record"] = json!({ "description": "Id of the record." });
            parameters["name"] = json!({
                "description": "The camera's name for the picture; not unique. The digest is."
            });
        }
        let message = self.message;
        json!({
            "address": format!("{}/{{site}}/{}", topics::ROOT, self.address),
            "description": self.text,
            "parameters": parameters,
            "messages": {
                message: { "$ref": format!("#/components/messages/{message}") },
            },
        })
    }

    fn operation(&self) -> Value {
        json!({
            "action": self.action,
            "channel": { "$ref": format!("#/channels/{}", self.name) },
            "bindings": {
                "mqtt": { "qos": 1, "retain": self.retain, "bindingVersion": "0.2.0" },
            },
        })
    }
}

fn messages() -> Value {
    let payload = |name: &str| {
        json!({
            "schemaFormat": SCHEMA_FORMAT,
            "schema": { "$ref": format!("schema/{name}.json") },
        })
    };
    json!({
        "record": {
            "title": "Sealed record",
            "contentType": "application/json",
            "summary": "MQTT user property: id, the record's id; with uplink.plate_colours also \
                        plate_colour_system and plate_colour.",
            "payload": payload("record"),
        },
        "picture": {
            "title": "Picture",
            "contentType": "image/jpeg",
            "summary": "MQTT user properties: record, name, kind, sha256 and total (bytes) of the \
                whole picture; offset and length (bytes) of the piece that is the payload. The \
                picture is there when all bytes from 0 to total are; pieces may come again, and \
                a picture may begin again with other pieces. Its bytes are those that the camera \
                sent, and have the digest that the record names.",
            "payload": { "type": "string", "format": "binary" },
        },
        "status": {
            "title": "State of the site",
            "contentType": "application/json",
            "payload": payload("status"),
        },
        "receipt": {
            "title": "Confirmation",
            "contentType": "application/json",
            "payload": payload("receipt"),
        },
        "request": {
            "title": "Request",
            "contentType": "application/json",
            "payload": payload("request"),
        },
        "response": {
            "title": "Answer",
            "contentType": "application/json",
            "payload": payload("response"),
        },
        "probe": {
            "title": "Trial",
            "summary": "Empty.",
            "payload": { "type": "string", "maxLength": 0 },
        },
    })
}
