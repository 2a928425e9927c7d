//! The neutral message of bridges (`deploy/neutral-plate.md`): JSON text in, message out.
//!
//! It is our own format, so it is read strictly: an unknown field or a wrong type is refused
//! with its name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::pipeline::plate::{LateReason, PictureKind, Plate, PlateState};
use crate::units::DeciKmh;

use super::colour::{Colour, neutral_word};
use super::message::{
    Content, Facing, MAX_FURTHER_PLATES, Message, PlateTold, bounded, with_systems,
};
use super::stamp;

/// What is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NeutralKind {
    /// A vehicle.
    #[default]
    Plate,
    /// A sign of life.
    Heartbeat,
}

/// Why the event is not live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NeutralLate {
    /// Sent again after an outage.
    Retransmitted,
    /// From an archive.
    Historical,
}

/// Direction relative to the camera.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NeutralDirection {
    /// As the camera calls it.
    Forward,
    /// As the camera calls it.
    Reverse,
    /// Not told.
    #[default]
    Unknown,
}

/// The plate as the bridge's camera read it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NeutralPlate {
    /// Text; `-` for a character that could not be read.
    pub text: String,
    /// Overrides what the text says: `absent`, `unread` or `covered`.
    pub state: Option<PlateState>,
    /// `blue`, `yellow`, `black`, `white`, `green`, `yellow_green`, `other`, `unknown`.
    pub colour: String,
    /// The camera's word or code for the kind of plate, with its system in front where it has one,
    /// such as `gat1400:15`.
    pub kind: Option<String>,
    /// 0 to 100.
    pub confidence: Option<u8>,
    /// 0 to 100, one per character.
    pub character_confidence: Vec<u8>,
}

/// A picture in the message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NeutralPicture {
    /// What it shows.
    pub kind: PictureKind,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// The JPEG in base64 (standard alphabet, padded).
    pub jpeg: String,
}

/// One message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NeutralEvent {
    /// What is told.
    pub event: NeutralKind,
    /// The camera's id of the event, at most 64 characters.
    pub id: Option<String>,
    /// When it was taken: RFC 3339 with offset.
    pub at: Option<String>,
    /// The plate.
    pub plate: NeutralPlate,
    /// Other plates of the same vehicle, such as the trailer's; at most 4.
    pub further_plates: Vec<NeutralPlate>,
    /// The camera's own lane number.
    pub line: Option<u8>,
    /// Direction relative to the camera.
    pub direction: NeutralDirection,
    /// Speed in 0.1 km/h; leave it out when not measured.
    pub speed_dkmh: Option<DeciKmh>,
    /// The camera's word for the vehicle.
    pub vehicle_class: Option<String>,
    /// The camera's word or code for the vehicle's colour, with its system in front where it has
    /// one.
    pub vehicle_colour: Option<String>,
    /// Code of a traffic offence that the camera saw.
    pub offence_code: Option<String>,
    /// Echo of the scale controller's trigger.
    pub trigger_id: Option<u32>,
    /// Set when it is not live.
    pub late: Option<NeutralLate>,
    /// True when a fuller message with the same id follows.
    pub more_follows: bool,
    /// At most 16.
    pub pictures: Vec<NeutralPicture>,
}

/// A message and, for each of its pictures, kind, name and number in the body.
pub struct Read {
    /// The message.
    pub content: Content,
    /// In the order of the list; the number is the one that the filter left in the text.
    pub pictures: Vec<(PictureKind, String, usize)>,
}

/// Reads the text that the filter left.
///
/// # Errors
/// serde's, with line and column.
pub fn read(text: &[u8]) -> Result<Read, serde_json::Error> {
    let event: NeutralEvent = serde_json::from_slice(text)?;
    let pictures = event.pictures.iter();
    let pictures = pictures.filter_map(|picture| {
        let number = picture.jpeg.parse().ok()?;
        Some((picture.kind, bounded(&picture.name), number))
    });
    let pictures: Vec<_> = pictures.collect();
    let content = match event.event {
        NeutralKind::Heartbeat => Content::Heartbeat,
        NeutralKind::Plate => Content::Plate(Box::new(message(event))),
    };
    Ok(Read { content, pictures })
}

/// A bridge may pass the system of its camera on.
fn with_system(told: Option<&str>) -> Vec<String> {
    match told.filter(|word| !word.is_empty()) {
        Some(word) if word.contains(':') => vec![bounded(word)],
        word => with_systems([("neutral", word)]),
    }
}

fn plate(told: NeutralPlate) -> Plate {
    let mut plate = PlateTold {
        raw: &told.text,
        colours: [neutral_word(&told.colour), Colour::untold()],
        kinds: with_system(told.kind.as_deref()),
        confidence: told.confidence,
        characters: told.character_confidence,
    }
    .plate();
    if let Some(state @ (PlateState::Absent | PlateState::Unread | PlateState::Covered)) =
        told.state
    {
        plate.state = state;
        plate.text = None;
        plate.format = None;
        plate.confidence = None;
        plate.character_confidence.clear();
    }
    plate
}

fn message(event: NeutralEvent) -> Message {
    let plate = plate(event.plate);
    let further = event.further_plates.into_iter().take(MAX_FURTHER_PLATES);
    let further_plates = further.map(self::plate).collect();
    Message {
        source_id: event.id.as_deref().map(bounded),
        written: event.at.as_deref().and_then(stamp::read),
        late: event.late.map(|late| match late {
            NeutralLate::Retransmitted => LateReason::Retransmitted,
            NeutralLate::Historical => LateReason::Historical,
        }),
        plate,
        line: event.line,
        facing: match event.direction {
            NeutralDirection::Forward => Facing::Forward,
            NeutralDirection::Reverse => Facing::Reverse,
            NeutralDirection::Unknown => Facing::Untold,
        },
        speed: event.speed_dkmh.filter(|speed| speed.0 > 0),
        vehicle_class: event.vehicle_class.as_deref().map(bounded),
        vehicle_colours: with_system(event.vehicle_colour.as_deref()),
        offence_code: event.offence_code.as_deref().map(bounded),
        target_id: event.trigger_id,
        more_follows: event.more_follows,
        announced_pictures: Some(event.pictures.len()),
        pictures_elsewhere: 0,
        picture_names: Vec::new(),
        further_plates,
        upload_number: None,
    }
}
