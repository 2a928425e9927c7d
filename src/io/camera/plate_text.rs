//! Plate text: what a camera sent in, the normalised text and its state out.
//!
//! Full-width letters become ASCII, blanks and dots go, words that mean "no plate" or "not read"
//! become states, one leading colour character is split off. Nothing is guessed or corrected.

mod format;

pub use format::plate_format;

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
        Self { state, text: None, prefix: None }
    }
}

/// Normalises a camera's plate text.
pub fn normalise(raw: &str) -> PlateText {
    let cleaned: String = raw.chars().map(half_width).filter(|c| !is_filler(*c)).collect();
    if let Some(state) = sentinel(&cleaned) {
        return PlateText::without_text(state);
    }
    let (prefix, rest) = split_colour(&cleaned);
    let text: String = rest.chars().map(readable).collect();
    if text.chars().all(|letter| letter == '-') || text.chars().count() > MAX_CHARACTERS {
        return PlateText::without_text(PlateState::Unread);
    }
    let state = if text.contains('-') { PlateState::Partial } else { PlateState::Read };
    PlateText { state, text: Some(text), prefix }
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
    if rest.starts_with(is_province) { (Some(colour), rest) } else { (None, text) }
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

#[cfg(test)]
mod tests;
