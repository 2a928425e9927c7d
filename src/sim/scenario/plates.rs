//! What a camera makes of a plate.

use super::Camera;
use super::dice::Dice;
use super::vehicle::{Incident, Vehicle};
use crate::pipeline::plate::{CameraRole, Plate, PlateColour, PlateState};

/// Characters that cameras take for one another; each pair both ways. The issue names 8/B and 0/D,
/// the others are of the same kind.
const CONFUSIONS: [(char, char); 10] = [
    ('8', 'B'),
    ('0', 'D'),
    ('0', 'Q'),
    ('1', 'L'),
    ('2', 'Z'),
    ('5', 'S'),
    ('6', 'G'),
    ('7', 'T'),
    ('U', 'V'),
    ('E', 'F'),
];
/// Of covered and absent plates, those that the camera calls so, 1/10 000; the others it calls
/// unread. Our choice.
const NAMED: u32 = 9_500;

/// The plate that this camera sees on this vehicle, as it reads it.
pub(super) fn look(dice: &mut Dice, camera: &Camera, vehicle: &Vehicle) -> Plate {
    let wrong_way = vehicle.incident == Incident::WrongWay;
    let tail = (camera.role == CameraRole::Rear) != (wrong_way && camera.role != CameraRole::Side);
    let text = if tail { &vehicle.truck.rear_plate } else { &vehicle.truck.plate };
    let named = dice.chance(NAMED);
    match vehicle.incident {
        Incident::CoveredPlate if named => return without(PlateState::Covered),
        Incident::AbsentPlate if named => return without(PlateState::Absent),
        Incident::CoveredPlate | Incident::AbsentPlate => return without(PlateState::Unread),
        _ if dice.chance(camera.false_absent) => return without(PlateState::Absent),
        _ => {}
    }
    let mut text: Vec<char> = text.chars().collect();
    let mut confidence: Vec<u8> =
        text.iter().map(|_| u8::try_from(dice.between(92, 99)).unwrap_or(99)).collect();
    if dice.chance(camera.misread) {
        let sure = dice.chance(camera.confident);
        for _ in 0..if dice.chance(2_000) { 2 } else { 1 } {
            if let Some(place) = confuse(dice, &mut text)
                && !sure
            {
                confidence[place] = u8::try_from(dice.between(25, 88)).unwrap_or(50);
            }
        }
    }
    let text: String = text.into_iter().collect();
    Plate {
        state: PlateState::Read,
        format: None,
        raw: text.clone(),
        text: Some(text),
        colour: PlateColour::Yellow,
        colour_raw: "yellow".to_owned(),
        confidence: confidence.iter().min().copied(),
        character_confidence: confidence,
        ..Plate::unread()
    }
}

/// Takes one character for another; where none of the plate's is easily confused, any for any.
fn confuse(dice: &mut Dice, text: &mut [char]) -> Option<usize> {
    let mut places: Vec<(usize, char)> = Vec::new();
    for (place, character) in text.iter().enumerate().skip(1) {
        for (one, other) in CONFUSIONS {
            if *character == one {
                places.push((place, other));
            } else if *character == other {
                places.push((place, one));
            }
        }
    }
    if places.is_empty() {
        let place = usize::try_from(dice.between(2, 5)).unwrap_or(2);
        let before = *text.get(place)?;
        places.push((place, if before == '3' { '9' } else { '3' }));
    }
    let (place, character) = *dice.pick(&places);
    text[place] = character;
    Some(place)
}

fn without(state: PlateState) -> Plate {
    Plate { state, ..Plate::unread() }
}
