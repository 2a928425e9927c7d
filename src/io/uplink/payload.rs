//! The bytes and properties of what is published.
//!
//! A record goes out as the very bytes that were hashed, with its proof beside them; a picture
//! as its JPEG bytes in pieces, each with the digest of the whole and its own place in user
//! properties. No record is serialised a second time.

use bytes::Bytes;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Publish, PublishProperties};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::pipeline::plate::{ColourSystem, PictureKind, PictureRef, Plate};

/// Largest picture that is published, whatever the broker allows: the camera door's own bound of
/// a whole request (16 MiB).
pub const MAX_PICTURE: u64 = 16 * 1024 * 1024;

/// Bytes of a packet id, which the client adds after the size was computed (MQTT 5, 3.3.2.2).
const PACKET_ID: usize = 2;

/// A further byte of the remaining length, should the packet id push it over a boundary.
const LENGTH_CARRY: usize = 1;

/// A record's message: JSON, with its id as user property `id`, so that a receiver can tell a
/// repetition without parsing.
pub fn record(topic: String, id: &str, payload: Bytes) -> Publish {
    let properties = PublishProperties {
        payload_format_indicator: Some(1),
        content_type: Some("application/json".into()),
        user_properties: vec![("id".into(), id.into())],
        ..PublishProperties::default()
    };
    Publish::new(topic, QoS::AtLeastOnce, payload, Some(properties))
}

/// A piece of a picture from byte `offset` on, with `record`, `name`, `kind`, `sha256` and `total`
/// of the whole picture and `offset` and `length` of the piece as user properties.
pub fn picture(
    topic: String,
    record: &str,
    picture: &PictureRef,
    offset: u64,
    bytes: Bytes,
) -> Publish {
    let properties = PublishProperties {
        content_type: Some("image/jpeg".into()),
        user_properties: vec![
            ("record".into(), record.into()),
            ("name".into(), picture.name.clone()),
            ("kind".into(), kind_name(picture.kind).into()),
            ("sha256".into(), picture.sha256.clone()),
            ("total".into(), picture.bytes.to_string()),
            ("offset".into(), offset.to_string()),
            ("length".into(), bytes.len().to_string()),
        ],
        ..PublishProperties::default()
    };
    Publish::new(topic, QoS::AtLeastOnce, bytes, Some(properties))
}

/// Adds the code of the plate's colour in the receiver's system: the record itself, which is signed,
/// holds our own word and the camera's.
pub fn with_colour(mut message: Publish, system: ColourSystem, plate: &Plate) -> Publish {
    let properties = message.properties.get_or_insert_default();
    let name = serde_json::to_value(system).ok();
    let name = name.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
    properties.user_properties.push(("plate_colour_system".into(), name.into()));
    properties.user_properties.push(("plate_colour".into(), system.code(plate).into()));
    message
}

/// Size on the wire, never less than what the client will send.
pub fn packet_bytes(publish: &Publish) -> usize {
    publish.size() + PACKET_ID + LENGTH_CARRY
}

fn kind_name(kind: PictureKind) -> &'static str {
    match kind {
        PictureKind::Scene => "scene",
        PictureKind::PlateCrop => "plate_crop",
        PictureKind::Vehicle => "vehicle",
        PictureKind::Composite => "composite",
        PictureKind::Other => "other",
    }
}

/// Whether the site can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Connected.
    Online,
    /// Told by the site when it stops in order.
    Stopped,
    /// Told by the broker (last will) when the connection ended without a word.
    Offline,
}

/// `wim/v1/{site}/status`, retained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatusMessage {
    /// Whether the site can be reached.
    pub presence: Presence,
    /// Version of wimd.
    pub software: String,
    /// When the connection was made, also in the last will of that connection.
    pub since: Timestamp,
    /// When this was written; absent in the last will, which the broker sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// The daemon's health, as `wimd status --json` prints it; absent in the last will and when
    /// there is none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<serde_json::Value>,
}

impl StatusMessage {
    /// Of this build, without health.
    pub fn new(presence: Presence, since: Timestamp, at: Option<Timestamp>) -> Self {
        Self { presence, software: env!("CARGO_PKG_VERSION").into(), since, at, health: None }
    }

    /// Its JSON.
    pub fn bytes(&self) -> Vec<u8> {
        // Strings, numbers and an already built JSON value: serialising them cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::plate::PlateColour;

    #[test]
    fn the_size_that_is_checked_is_never_below_the_size_that_is_sent() {
        for length in [0, 90, 100, 110, 120, 16_250, 16_350, 16_360, 2_097_100] {
            let mut message = record("t".into(), "id", vec![0; length].into());
            let checked = packet_bytes(&message);
            message.pkid = 1;
            assert!(checked >= message.size(), "{length}");
            assert!(checked <= message.size() + 1, "{length}");
        }
    }

    #[test]
    fn the_colour_of_the_plate_goes_beside_the_record_in_the_code_of_its_receiver() {
        let plate = Plate { colour: PlateColour::Blue, ..Plate::read("赣E12345") };
        let sent = |system| {
            let message = record("t".into(), "r", Bytes::from_static(b"{}"));
            with_colour(message, system, &plate).properties.expect("some").user_properties
        };
        let told = |system: &str, code: &str| {
            [("id", "r"), ("plate_colour_system", system), ("plate_colour", code)]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec()
        };
        assert_eq!(sent(ColourSystem::Jtt697), told("jtt697", "1"));
        assert_eq!(sent(ColourSystem::Toll), told("toll", "0"));
    }
}
