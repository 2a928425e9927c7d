//! Our plate colours in the code systems of those who receive records (law.md section 9): one explicit
//! table each, because the same digit means different colours.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Plate, PlateColour, PlateFormat};

/// A code system of receivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColourSystem {
    /// JT/T 697.7-2014.
    Jtt697,
    /// The toll and ETC network, also used by uploads of overload data.
    Toll,
}

impl ColourSystem {
    /// The code of a plate's colour.
    pub fn code(self, plate: &Plate) -> &'static str {
        match self {
            Self::Jtt697 => jtt697(plate.colour),
            Self::Toll => toll(plate.colour, plate.format),
        }
    }
}

/// It has no code for the greens of new energy beside green, and 9 for everything else.
fn jtt697(colour: PlateColour) -> &'static str {
    match colour {
        PlateColour::Blue => "1",
        PlateColour::Yellow => "2",
        PlateColour::Black => "3",
        PlateColour::White => "4",
        PlateColour::Green => "5",
        PlateColour::YellowGreen | PlateColour::Other | PlateColour::Unknown => "9",
    }
}

/// The green of small new-energy plates fades and has a code of its own.
fn toll(colour: PlateColour, format: Option<PlateFormat>) -> &'static str {
    match colour {
        PlateColour::Blue => "0",
        PlateColour::Yellow => "1",
        PlateColour::Black => "2",
        PlateColour::White => "3",
        PlateColour::Green if format == Some(PlateFormat::NewEnergySmall) => "4",
        PlateColour::YellowGreen => "5",
        PlateColour::Green => "11",
        PlateColour::Other | PlateColour::Unknown => "9",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_colour_has_another_code_for_each_receiver() {
        let codes = |colour, format| {
            let plate = Plate { colour, format, ..Plate::unread() };
            [ColourSystem::Jtt697, ColourSystem::Toll].map(|system| system.code(&plate))
        };
        let small = Some(PlateFormat::NewEnergySmall);
        for (colour, format, expected) in [
            (PlateColour::Blue, None, ["1", "0"]),
            (PlateColour::Yellow, None, ["2", "1"]),
            (PlateColour::Black, None, ["3", "2"]),
            (PlateColour::White, None, ["4", "3"]),
            (PlateColour::Green, None, ["5", "11"]),
            (PlateColour::Green, small, ["5", "4"]),
            (PlateColour::YellowGreen, None, ["9", "5"]),
            (PlateColour::Other, None, ["9", "9"]),
            (PlateColour::Unknown, None, ["9", "9"]),
        ] {
            assert_eq!(codes(colour, format), expected, "{colour:?} {format:?}");
        }
    }
}
