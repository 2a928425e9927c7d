//! What a camera's word for a vehicle says of its size, and whether it is a bus.

use super::PlateRead;
use crate::pipeline::passage::size::Size;

/// Words and beginnings of codes, in lower case and without spaces: those of cameras.md 2.8 and 4;
/// K3 and K4 are the passenger cars and H1, H2 the heavy and medium goods vehicles of GA/T 16.4
/// (general knowledge). Words that fit both, such as a light lorry, are in neither list.
const LARGE: [&str; 9] = [
    "truck",
    "slagtruck",
    "containertruck",
    "platformtrailer",
    "oiltanktruck",
    "mediumheavytruck",
    "heavytruck",
    "h1",
    "h2",
];
const SMALL: [&str; 4] = ["car", "suv", "k3", "k4"];
/// Beginnings of the codes of large and medium buses (law.md 10). `coach` is no such word: cameras use it
/// for the plates of driving schools.
const BUSES: [&str; 2] = ["k1", "k2"];

impl PlateRead {
    /// How large the camera says that the vehicle is; `None` without a word that tells.
    pub(in crate::pipeline) fn size(&self) -> Option<Size> {
        let word = self.vehicle_class.as_deref()?;
        let is = |known: &str| {
            let mut letters = word.chars().filter(|letter| !letter.is_whitespace());
            let begins = known.chars().all(|letter| {
                letters.next().is_some_and(|other| other.eq_ignore_ascii_case(&letter))
            });
            // a code goes on, a word does not
            begins && (known.len() == 2 || letters.next().is_none())
        };
        if LARGE.into_iter().any(is) {
            return Some(Size::Large);
        }
        SMALL.into_iter().any(is).then_some(Size::Small)
    }

    /// Whether the camera says that it is a bus.
    pub(in crate::pipeline) fn is_bus(&self) -> bool {
        let word = self.vehicle_class.as_deref().unwrap_or_default().trim().to_ascii_lowercase();
        word.contains("bus") || BUSES.iter().any(|code| word.starts_with(code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::pipeline::plate::CameraRole;

    fn of_class(word: &str) -> PlateRead {
        let untold = PlateRead::untold("front", CameraRole::Front, Timestamp(0));
        PlateRead { vehicle_class: Some(word.to_owned()), ..untold }
    }

    #[test]
    fn buses_are_told_by_word_or_code() {
        for word in ["bus", "largeBus", "MiniBus", "K11", "k22", " bus "] {
            assert!(of_class(word).is_bus(), "{word}");
        }
        for word in ["coach", "H10", "K33", "truck", ""] {
            assert!(!of_class(word).is_bus(), "{word}");
        }
    }

    #[test]
    fn words_and_codes_tell_the_size_and_unknown_ones_nothing() {
        let size = |word: &str| of_class(word).size();
        for word in ["truck", "slagTruck", "HeavyTruck", "heavy truck", "H10", "H21"] {
            assert_eq!(size(word), Some(Size::Large), "{word}");
        }
        for word in ["car", "K33", "SUV"] {
            assert_eq!(size(word), Some(Size::Small), "{word}");
        }
        for word in ["lightTruck", "buggy", "", "cargo", "K11", "unknown"] {
            assert_eq!(size(word), None, "{word}");
        }
    }
}
