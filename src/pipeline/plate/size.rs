//! What a camera's word for a vehicle says of its size.

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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::pipeline::plate::CameraRole;

    #[test]
    fn words_and_codes_tell_the_size_and_unknown_ones_nothing() {
        let size = |word: &str| {
            let class = Some(word.to_owned());
            let untold = PlateRead::untold("front", CameraRole::Front, Timestamp(0));
            PlateRead { vehicle_class: class, ..untold }.size()
        };
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
