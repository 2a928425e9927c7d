//! The cameras' colliding words and codes for plate colours, one explicit table each
//! (cameras.md section 8). The raw word is kept beside ours, with the name of its system.

use crate::pipeline::plate::PlateColour;

/// Longest raw word that is kept, in characters; our choice.
const MAX_RAW: usize = 32;

/// A colour with the word it was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colour {
    /// Ours.
    pub colour: PlateColour,
    /// `system:word`; empty when nothing was told.
    pub raw: String,
}

impl Colour {
    /// Nothing was told.
    pub fn untold() -> Self {
        Self { colour: PlateColour::Unknown, raw: String::new() }
    }

    fn of(system: &str, word: &str, colour: PlateColour) -> Self {
        let word: String = word.chars().take(MAX_RAW).collect();
        Self { colour, raw: format!("{system}:{word}") }
    }
}

/// Element `plateColor` of the Hikvision message: a word.
pub fn isapi_word(word: &str) -> Colour {
    let colour = match word.to_ascii_lowercase().as_str() {
        "" => return Colour::untold(),
        "blue" => PlateColour::Blue,
        "yellow" => PlateColour::Yellow,
        "black" => PlateColour::Black,
        "white" => PlateColour::White,
        "green" | "newenergygreen" => PlateColour::Green,
        "newenergyyellowgreen" => PlateColour::YellowGreen,
        "unknown" => PlateColour::Unknown,
        _ => PlateColour::Other,
    };
    Colour::of("isapi", word, colour)
}

/// Element `plateColorByGAT` of the Hikvision message: a GA code.
pub fn isapi_ga_code(code: &str) -> Colour {
    let colour = match code {
        "" => return Colour::untold(),
        "0" => PlateColour::White,
        "1" => PlateColour::Yellow,
        "2" => PlateColour::Blue,
        "3" => PlateColour::Black,
        "4" => PlateColour::Green,
        "5" => PlateColour::Unknown,
        _ => PlateColour::Other,
    };
    Colour::of("isapi-ga", code, colour)
}

/// Field `PlateColor` of Dahua's message: a word.
pub fn dahua_word(word: &str) -> Colour {
    let colour = match word {
        "" => return Colour::untold(),
        "Blue" => PlateColour::Blue,
        "Yellow" | "YellowbottomBlackText" => PlateColour::Yellow,
        "Black" | "BlackBottomWhiteText" => PlateColour::Black,
        "White" => PlateColour::White,
        "Green" | "ShadowGreen" => PlateColour::Green,
        "YellowGreen" => PlateColour::YellowGreen,
        "Unknown" => PlateColour::Unknown,
        _ => PlateColour::Other,
    };
    Colour::of("dahua", word, colour)
}

/// Field `PlateColor` of GA/T 1400: a code of the list for bodies and plates alike.
pub fn gat1400_code(code: &str) -> Colour {
    let colour = match code {
        "" => return Colour::untold(),
        "1" => PlateColour::Black,
        "2" => PlateColour::White,
        "5" => PlateColour::Blue,
        "6" => PlateColour::Yellow,
        "9" => PlateColour::Green,
        "99" => PlateColour::Unknown,
        _ => PlateColour::Other,
    };
    Colour::of("gat1400", code, colour)
}

/// `colorType` of the VZ family, which comes through bridges.
pub fn vz_code(code: &str) -> Colour {
    let colour = match code {
        "" => return Colour::untold(),
        "0" => PlateColour::Unknown,
        "1" => PlateColour::Blue,
        "2" => PlateColour::Yellow,
        "3" => PlateColour::White,
        "4" => PlateColour::Black,
        "5" => PlateColour::Green,
        "6" => PlateColour::YellowGreen,
        _ => PlateColour::Other,
    };
    Colour::of("vz", code, colour)
}

/// The code of one vendor's SDK (cameras.md section 8, last column), which comes through bridges.
pub fn sdk_code(code: &str) -> Colour {
    let colour = match code {
        "" => return Colour::untold(),
        "0" => PlateColour::Blue,
        "1" => PlateColour::Yellow,
        "2" => PlateColour::White,
        "3" => PlateColour::Black,
        "4" => PlateColour::Green,
        "255" => PlateColour::Unknown,
        _ => PlateColour::Other,
    };
    Colour::of("sdk", code, colour)
}

/// The leading character of the plate text.
pub fn prefix(colour: Option<PlateColour>) -> Colour {
    let word = match colour {
        Some(PlateColour::Blue) => "蓝",
        Some(PlateColour::Yellow) => "黄",
        Some(PlateColour::Green) => "绿",
        Some(PlateColour::White) => "白",
        Some(PlateColour::Black) => "黑",
        _ => return Colour::untold(),
    };
    Colour::of("prefix", word, colour.unwrap_or_default())
}

/// Field `plate.colour` of the neutral message: our own words, or `system:code` for a bridge that
/// passes its camera's code on.
pub fn neutral_word(word: &str) -> Colour {
    match word.split_once(':') {
        Some(("isapi", word)) => return isapi_word(word),
        Some(("isapi-ga", code)) => return isapi_ga_code(code),
        Some(("dahua", word)) => return dahua_word(word),
        Some(("gat1400", code)) => return gat1400_code(code),
        Some(("vz", code)) => return vz_code(code),
        Some(("sdk", code)) => return sdk_code(code),
        _ => {}
    }
    let colour = match word {
        "" => return Colour::untold(),
        "blue" => PlateColour::Blue,
        "yellow" => PlateColour::Yellow,
        "black" => PlateColour::Black,
        "white" => PlateColour::White,
        "green" => PlateColour::Green,
        "yellow_green" => PlateColour::YellowGreen,
        "unknown" => PlateColour::Unknown,
        _ => PlateColour::Other,
    };
    Colour::of("neutral", word, colour)
}

/// The first that names a colour; else the first that says anything.
pub fn first_told(candidates: [Colour; 3]) -> Colour {
    let known = candidates.iter().find(|candidate| candidate.colour != PlateColour::Unknown);
    let told = known.or_else(|| candidates.iter().find(|candidate| !candidate.raw.is_empty()));
    told.cloned().unwrap_or_else(Colour::untold)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_code_means_different_colours_in_different_systems() {
        assert_eq!(isapi_ga_code("0").colour, PlateColour::White);
        assert_eq!(isapi_ga_code("5").colour, PlateColour::Unknown);
        assert_eq!(isapi_word("5").colour, PlateColour::Other);
        let five = ["isapi-ga:5", "gat1400:5", "vz:5", "sdk:5"].map(neutral_word);
        assert_eq!(
            five.map(|colour| (colour.colour, colour.raw)),
            [
                (PlateColour::Unknown, "isapi-ga:5".to_owned()),
                (PlateColour::Blue, "gat1400:5".to_owned()),
                (PlateColour::Green, "vz:5".to_owned()),
                (PlateColour::Other, "sdk:5".to_owned()),
            ]
        );
        assert_eq!(dahua_word("YellowGreen").colour, PlateColour::YellowGreen);
    }

    #[test]
    fn yellow_green_stays_apart_from_green() {
        assert_eq!(
            ["newEnergyYellowGreen", "newEnergyGreen", "green"].map(|word| isapi_word(word).colour),
            [PlateColour::YellowGreen, PlateColour::Green, PlateColour::Green]
        );
    }

    #[test]
    fn the_raw_word_keeps_its_system() {
        assert_eq!(
            first_told([isapi_word("unknown"), isapi_ga_code("1"), Colour::untold()]),
            Colour { colour: PlateColour::Yellow, raw: "isapi-ga:1".into() }
        );
        assert_eq!(
            first_told([isapi_word("unknown"), Colour::untold(), Colour::untold()]),
            Colour { colour: PlateColour::Unknown, raw: "isapi:unknown".into() }
        );
    }
}
