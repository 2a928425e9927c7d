//! Plate text: what a camera sent in, the normalised text and its state out.
//!
//! Full-width letters become ASCII, blanks and dots go, words that mean "no plate" or "not read"
//! become states, one leading colour character is split off. Nothing is guessed or corrected.

use crate::pipeline::plate::{PlateColour, PlateState};

/// The first characters of the provinces' plates.
const PROVINCES: &str = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新台";
/// Longest plate text in characters; the longest Chinese format has nine (WJ with province).
const MAX_CHARACTERS: usize = 12;

/// A normalised plate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlateText {
    /// Whether it could be read.
    pub state: PlateState,
    /// The text; `Some` exactly when read or partial. `-` stands for a character not read.
    pub text: Option<String>,
    /// Colour by the leading colour character.
    pub prefix: Option<PlateColour>,
}

impl PlateText {
    fn without_text(state: PlateState) -> Self {
        Self {
            state,
            text: None,
            prefix: None,
        }
    }
}

/// Normalises a camera's plate text.
pub fn normalise(raw: &str) -> PlateText {
    let cleaned: String = raw
        .chars()
        .map(half_width)
        .filter(|c| !is_filler(*c))
        .collect();
    if let Some(state) = sentinel(&cleaned) {
        return PlateText::without_text(state);
    }
    let (prefix, rest) = split_colour(&cleaned);
    let text: String = rest.chars().map(readable).collect();
    if text.chars().all(|letter| letter == '-') || text.chars().count() > MAX_CHARACTERS {
        return PlateText::without_text(PlateState::Unread);
    }
    let state = if text.contains('-') {
        PlateState::Partial
    } else {
        PlateState::Read
    };
    PlateText {
        state,
        text: Some(text),
        prefix,
    }
}

/// Full-width forms to ASCII, letters to upper case.
fn half_width(letter: char) -> char {
    let narrow = match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        '\u{3000}' => ' ',
        other => other,
    };
    narrow.to_ascii_uppercase()
}

fn is_filler(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(
            letter,
            '.' | '·' | '•' | '・' | '‧' | '∙' | '⋅' | '･' | '。' | '\u{200b}' | '\u{feff}'
        )
}

/// Words of cameras that stand for a state (cameras.md sections 2.4, 3.2 and 4.3).
fn sentinel(cleaned: &str) -> Option<PlateState> {
    match cleaned {
        "NOPLATE" | "UNLICENSED" | "无车牌" | "无牌" | "无号牌" | "无牌车" => {
            Some(PlateState::Absent)
        }
        "" | "UNKNOWN" | "NULL" | "NONE" | "未识别" | "未知" | "车牌" => {
            Some(PlateState::Unread)
        }
        "COVERED" | "遮挡" | "号牌遮挡" => Some(PlateState::Covered),
        _ => None,
    }
}

/// Splits one leading colour character off, but only before a province: 黄 and 蓝 never begin a
/// plate, yet nothing else proves that the character is not part of the text.
fn split_colour(text: &str) -> (Option<PlateColour>, &str) {
    let mut letters = text.chars();
    let colour = match letters.next() {
        Some('蓝') => PlateColour::Blue,
        Some('黄') => PlateColour::Yellow,
        Some('绿') => PlateColour::Green,
        Some('白') => PlateColour::White,
        Some('黑') => PlateColour::Black,
        _ => return (None, text),
    };
    let rest = letters.as_str();
    if rest.starts_with(is_province) {
        (Some(colour), rest)
    } else {
        (None, text)
    }
}

fn is_province(letter: char) -> bool {
    PROVINCES.contains(letter)
}

/// Anything that no plate carries counts as a character not read.
fn readable(letter: char) -> char {
    if letter.is_ascii_alphanumeric() || matches!(letter, '\u{4e00}'..='\u{9fff}') {
        letter
    } else {
        '-'
    }
}

/// The Chinese plate formats (law.md section 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlateFormat {
    /// Seven characters.
    Civil,
    /// Ends with 挂.
    Trailer,
    /// Ends with 学.
    School,
    /// Ends with 警.
    Police,
    /// Ends with 港 or 澳.
    HongKongMacao,
    /// Eight characters, D or F (or a newer letter) third.
    NewEnergySmall,
    /// Eight characters, D or F last.
    NewEnergyLarge,
    /// 使
    Embassy,
    /// 领
    Consulate,
    /// WJ
    ArmedPolice,
    /// Two letters and five digits.
    Military,
    /// Ends with 超, 试, 临 or 外.
    Special,
}

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(raw: &str) -> PlateText {
        normalise(raw)
    }

    fn with(state: PlateState, text: &str, prefix: Option<PlateColour>) -> PlateText {
        PlateText {
            state,
            text: Some(text.into()),
            prefix,
        }
    }

    #[test]
    fn blanks_dots_and_full_width_letters_are_normalised() {
        for raw in [
            "赣E12345",
            "赣E·12345",
            " 赣 E.12345 ",
            "赣Ｅ１２３４５",
            "赣e12345",
        ] {
            assert_eq!(read(raw), with(PlateState::Read, "赣E12345", None), "{raw}");
        }
    }

    #[test]
    fn one_leading_colour_character_is_split_off_before_a_province_only() {
        assert_eq!(
            read("黄赣E12345"),
            with(PlateState::Read, "赣E12345", Some(PlateColour::Yellow))
        );
        assert_eq!(
            read("绿赣AD12345"),
            with(PlateState::Read, "赣AD12345", Some(PlateColour::Green))
        );
        assert_eq!(
            read("蓝黄赣E12345"),
            with(PlateState::Read, "蓝黄赣E12345", None)
        );
        assert_eq!(read("黄12345"), with(PlateState::Read, "黄12345", None));
        assert_eq!(read("黑A12345"), with(PlateState::Read, "黑A12345", None));
    }

    #[test]
    fn sentinels_become_states() {
        let states = [
            "noPlate",
            "无车牌",
            "unknown",
            "",
            "--",
            "unlicensed",
            "遮挡",
            "-------",
        ]
        .map(|raw| (read(raw).state, read(raw).text));
        assert_eq!(
            states,
            [
                (PlateState::Absent, None),
                (PlateState::Absent, None),
                (PlateState::Unread, None),
                (PlateState::Unread, None),
                (PlateState::Unread, None),
                (PlateState::Absent, None),
                (PlateState::Covered, None),
                (PlateState::Unread, None),
            ]
        );
    }

    #[test]
    fn a_missing_character_makes_it_partial() {
        assert_eq!(
            read("赣E1-345"),
            with(PlateState::Partial, "赣E1-345", None)
        );
        assert_eq!(
            read("黄赣E?2<45"),
            with(PlateState::Partial, "赣E-2-45", Some(PlateColour::Yellow))
        );
    }

    #[test]
    fn a_text_beyond_any_plate_is_unread() {
        assert_eq!(read(&"赣".repeat(13)).state, PlateState::Unread);
    }

    #[test]
    fn all_chinese_formats_are_known() {
        let formats = [
            ("赣E12345", Some(PlateFormat::Civil)),
            ("赣E1234挂", Some(PlateFormat::Trailer)),
            ("赣E1234学", Some(PlateFormat::School)),
            ("赣EA123警", Some(PlateFormat::Police)),
            ("粤Z1234港", Some(PlateFormat::HongKongMacao)),
            ("粤ZA123澳", Some(PlateFormat::HongKongMacao)),
            ("赣AD12345", Some(PlateFormat::NewEnergySmall)),
            ("赣A12345D", Some(PlateFormat::NewEnergyLarge)),
            ("224578使", None),
            ("123456使", Some(PlateFormat::Embassy)),
            ("沪A1234领", Some(PlateFormat::Consulate)),
            ("WJ赣12345", Some(PlateFormat::ArmedPolice)),
            ("WJ1234X", Some(PlateFormat::ArmedPolice)),
            ("VA12345", Some(PlateFormat::Military)),
            ("赣E1234超", Some(PlateFormat::Special)),
            ("赣EI2345", None),
            ("赣E123", None),
            ("ABC1234", None),
            ("", None),
        ];
        for (text, format) in formats {
            assert_eq!(plate_format(text), format, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_gives_a_bounded_plate(raw in any::<String>()) {
            let plate = normalise(&raw);
            prop_assert_eq!(
                plate.text.is_some(),
                matches!(plate.state, PlateState::Read | PlateState::Partial)
            );
            if let Some(text) = &plate.text {
                prop_assert!(text.chars().count() <= MAX_CHARACTERS);
                let again = normalise(text);
                if plate.prefix.is_none() && again.prefix.is_none() {
                    prop_assert_eq!(again.text, plate.text);
                }
                let _ = plate_format(text);
            }
        }

        #[test]
        fn a_prefix_never_changes_the_plate(
            colour in prop::sample::select(vec!["蓝", "黄", "绿", "白", "黑"]),
            serial in "[A-HJ-NP-Z][A-HJ-NP-Z0-9]{5}",
        ) {
            let plate = format!("赣{serial}");
            prop_assert_eq!(normalise(&format!("{colour}{plate}")).text, Some(plate));
        }
    }
}
