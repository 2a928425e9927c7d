//! An event and a plate of which a camera has told nothing yet, to be filled field by field.

use super::{CameraRole, Plate, PlateColour, PlateRead, PlateState};
use crate::clock::Timestamp;
use crate::pipeline::passage::Direction;

impl PlateRead {
    /// An event of that camera, received at `at`, that tells nothing.
    pub fn untold(camera: impl Into<String>, role: CameraRole, at: Timestamp) -> Self {
        Self {
            camera: camera.into(),
            role,
            lane: None,
            source_id: None,
            stamp: None,
            received_at: at,
            late: None,
            plate: Plate::unread(),
            further_plates: Vec::new(),
            direction: Direction::Unknown,
            speed_dkmh: None,
            vehicle_class: None,
            vehicle_colours_raw: Vec::new(),
            offence_code: None,
            trigger_id: None,
            pictures: Vec::new(),
            more_follows: false,
        }
    }
}

impl Plate {
    /// A plate that could not be read, of unknown colour.
    pub fn unread() -> Self {
        Self {
            state: PlateState::Unread,
            text: None,
            format: None,
            raw: String::new(),
            colour: PlateColour::Unknown,
            colour_raw: String::new(),
            kinds_raw: Vec::new(),
            confidence: None,
            character_confidence: Vec::new(),
        }
    }

    /// A plate of which every character was read, of unknown colour and format.
    pub fn read(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { state: PlateState::Read, raw: text.clone(), text: Some(text), ..Self::unread() }
    }
}
