//! What a camera's message says, the same for every dialect, before it is mapped to the site.

use crate::pipeline::plate::{LateReason, Plate, PlateFormat, PlateState};
use crate::units::DeciKmh;

use super::colour::{Colour, first_told, prefix};
use super::plate_text::{normalise, plate_format};
use super::stamp::Written;

/// Longest free word that is kept, in characters; our choice: words seen are below 40.
pub(super) const MAX_WORD: usize = 64;

/// Most plates beside the first that are kept; our choice: tractor and two trailers.
pub(super) const MAX_FURTHER_PLATES: usize = 4;

/// The content of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A vehicle.
    Plate(Box<Message>),
    /// A picture that came apart from its vehicle.
    Picture(Box<LoosePicture>),
    /// A sign of life.
    Heartbeat,
    /// Some other event, which is of no use here.
    Other,
}

/// What is told of a picture that came apart from its vehicle (GA/T 1400 `Images`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoosePicture {
    /// Its own id, by which a vehicle may name it.
    pub id: String,
    /// Ids of vehicles that it names.
    pub vehicles: Vec<String>,
    /// When it was taken, not judged yet.
    pub written: Option<Written>,
}

/// A camera's word for the direction, relative to itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Facing {
    /// `forward`
    Forward,
    /// `reverse`
    Reverse,
    /// Code of a point of the compass (GA/T 1400), not relative to the camera.
    Compass(u8),
    /// Not told.
    #[default]
    Untold,
}

impl Facing {
    /// From the word `forward` or `reverse`.
    pub fn of(word: &str) -> Self {
        match word {
            "forward" => Self::Forward,
            "reverse" => Self::Reverse,
            _ => Self::Untold,
        }
    }
}

/// One vehicle as the camera tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The camera's id of the event.
    pub source_id: Option<String>,
    /// Its stamp, not judged yet.
    pub written: Option<Written>,
    /// Set when the camera itself says that it is not live.
    pub late: Option<LateReason>,
    /// The plate.
    pub plate: Plate,
    /// The camera's own lane number.
    pub line: Option<u8>,
    /// Direction relative to the camera.
    pub facing: Facing,
    /// Speed, 0.1 km/h; `None` when not measured.
    pub speed: Option<DeciKmh>,
    /// The camera's word for the vehicle.
    pub vehicle_class: Option<String>,
    /// Its words and codes for the vehicle's colour, each with its system.
    pub vehicle_colours: Vec<String>,
    /// Code of an offence.
    pub offence_code: Option<String>,
    /// What may be the controller's trigger.
    pub target_id: Option<u32>,
    /// A fuller message with the same id is announced.
    pub more_follows: bool,
    /// Pictures that the message announces in its own body; `None` when it does not tell.
    pub announced_pictures: Option<usize>,
    /// Pictures that the message tells by an address only, where they are not fetched.
    pub pictures_elsewhere: u64,
    /// Ids of pictures with the names that they stand for (GA/T 1400: with the codes of their types).
    pub picture_names: Vec<(String, String)>,
    /// Plates beside the first, such as the trailer's.
    pub further_plates: Vec<Plate>,
    /// Number of the upload, counted by the camera.
    pub upload_number: Option<u32>,
}

/// What a camera says of the plate, before it is normalised.
#[derive(Clone, Debug)]
pub(super) struct PlateTold<'a> {
    pub(super) raw: &'a str,
    /// In order of credibility; the leading character of the text comes last.
    pub(super) colours: [Colour; 2],
    /// The kind of plate, each word with its system.
    pub(super) kinds: Vec<String>,
    pub(super) confidence: Option<u8>,
    pub(super) characters: Vec<u8>,
}

impl PlateTold<'_> {
    pub(super) fn plate(self) -> Plate {
        let normal = normalise(self.raw);
        let readable = matches!(normal.state, PlateState::Read | PlateState::Partial);
        let length = normal.text.as_ref().map_or(0, |text| text.chars().count());
        let mut characters = self.characters;
        characters.truncate(MAX_WORD);
        if normal.prefix.is_some() && characters.len() == length + 1 {
            characters.remove(0);
        }
        let [first, second] = self.colours;
        let colour = first_told([first, second, prefix(normal.prefix)]);
        let whole = normal.text.as_deref().filter(|_| normal.state == PlateState::Read);
        let format = whole.map(|text| plate_format(text).unwrap_or(PlateFormat::Unusual));
        Plate {
            state: normal.state,
            text: normal.text,
            format,
            raw: bounded(self.raw),
            colour: colour.colour,
            colour_raw: colour.raw,
            kinds_raw: self.kinds,
            confidence: self.confidence.filter(|value| readable && *value <= 100),
            character_confidence: if readable { characters } else { Vec::new() },
        }
    }
}

/// The first characters of a word of a camera.
pub(super) fn bounded(word: &str) -> String {
    word.chars().take(MAX_WORD).collect()
}

/// Words and codes that were told, each with the name of its system in front.
pub(super) fn with_systems<const N: usize>(told: [(&str, Option<&str>); N]) -> Vec<String> {
    let told = told.into_iter().filter_map(|(system, word)| Some((system, word?)));
    told.map(|(system, word)| bounded(&format!("{system}:{word}"))).collect()
}

/// `56` or `56.4` km/h; zero is "not measured" on these devices.
pub(super) fn speed(text: &str) -> Option<DeciKmh> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let tenth = fraction.bytes().next().filter(u8::is_ascii_digit);
    let whole: u16 = whole.parse().ok()?;
    let value =
        whole.checked_mul(10)?.checked_add(tenth.map_or(0, |digit| u16::from(digit - b'0')))?;
    (value > 0).then_some(DeciKmh(value))
}
