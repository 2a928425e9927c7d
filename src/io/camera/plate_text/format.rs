//! The formats of Chinese plates, to tell a usual text from an unusual one.

use super::is_province;
use crate::pipeline::plate::PlateFormat;

/// The format of a normalised text; `None` for texts that no Chinese format allows.
pub fn plate_format(text: &str) -> Option<PlateFormat> {
    let letters: Vec<char> = text.chars().collect();
    match letters.as_slice() {
        ['W', 'J', rest @ ..] => armed_police(rest),
        [province, letter, serial @ ..]
            if is_province(*province) && letter.is_ascii_uppercase() =>
        {
            provincial(serial)
        }
        [first, second, digits @ ..]
            if digits.len() == 5
                && first.is_ascii_uppercase()
                && second.is_ascii_uppercase()
                && all_digits(digits) =>
        {
            Some(PlateFormat::Military)
        }
        [digits @ .., '使'] if digits.len() == 6 && all_digits(digits) => {
            Some(PlateFormat::Embassy)
        }
        ['使', digits @ ..] if digits.len() == 6 && all_digits(digits) => {
            Some(PlateFormat::Embassy)
        }
        _ => None,
    }
}

fn provincial(serial: &[char]) -> Option<PlateFormat> {
    let known = |letters: &[char]| letters.iter().all(|letter| is_serial(*letter));
    match serial {
        [rest @ .., mark] if rest.len() == 4 && known(rest) && !is_serial(*mark) => match mark {
            '挂' => Some(PlateFormat::Trailer),
            '学' => Some(PlateFormat::School),
            '警' => Some(PlateFormat::Police),
            '港' | '澳' => Some(PlateFormat::HongKongMacao),
            '领' => Some(PlateFormat::Consulate),
            '超' | '试' | '临' | '外' => Some(PlateFormat::Special),
            _ => None,
        },
        five if five.len() == 5 && known(five) => Some(PlateFormat::Civil),
        [digits @ .., 'D' | 'F'] if digits.len() == 5 && all_digits(digits) => {
            Some(PlateFormat::NewEnergyLarge)
        }
        ['A'..='H' | 'J' | 'K', second, digits @ ..]
            if digits.len() == 4 && is_serial(*second) && all_digits(digits) =>
        {
            Some(PlateFormat::NewEnergySmall)
        }
        _ => None,
    }
}

fn armed_police(rest: &[char]) -> Option<PlateFormat> {
    let serial = match rest {
        [province, serial @ ..] if is_province(*province) => serial,
        serial => serial,
    };
    let (last, digits) = serial.split_last()?;
    (digits.len() == 4 && all_digits(digits) && last.is_ascii_alphanumeric())
        .then_some(PlateFormat::ArmedPolice)
}

/// A to H, J to N, P to Z and digits: I and O never appear in a serial (law.md section 8).
fn is_serial(letter: char) -> bool {
    (letter.is_ascii_uppercase() || letter.is_ascii_digit()) && !matches!(letter, 'I' | 'O')
}

fn all_digits(letters: &[char]) -> bool {
    letters.iter().all(char::is_ascii_digit)
}
