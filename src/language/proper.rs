//! Names that the configuration gives: nobody's words, and the same in every language.
//!
//! A name in a table or beside other text cannot be told from a word (`rear` is a camera here and
//! a role there), so whoever prints it marks it. The marks have no width, and the door takes them
//! away. Within a phrase of the catalogue no mark is needed: the phrase itself knows which of its
//! values are names, see [`is_proper`].

use std::fmt;

use unicode_width::UnicodeWidthChar;

/// Stand around a name: first strong isolate, pop directional isolate (UAX #9).
const BEGIN: char = '\u{2068}';
const END: char = '\u{2069}';

/// Stand for the columns of a name while its line is translated: no phrase has signs of this area,
/// no word ends in it, and each is one column wide.
const FIRST_STAND_IN: u32 = 0xe000;
const LAST_STAND_IN: u32 = 0xf8ff;

/// Values of a phrase that are names, or are typed, by what the catalogue calls them.
const PROPER: [&str; 10] =
    ["camera", "id", "key", "name", "path", "place", "plate", "scale", "site", "typed"];

/// Whether the value of this name in a phrase stays as it is.
pub(super) fn is_proper(value: &str) -> bool {
    PROPER.contains(&value)
}

/// A name, marked.
pub fn proper(name: impl fmt::Display) -> String {
    format!("{BEGIN}{name}{END}")
}

/// The text without marks, as it is printed.
pub fn unmarked(text: &str) -> String {
    text.replace([BEGIN, END], "")
}

/// Names that were taken out of a line.
#[derive(Debug, Default)]
pub(super) struct Names {
    names: Vec<String>,
}

impl Names {
    /// The text with a stand-in of the same width for each name.
    pub(super) fn take_out(&mut self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(BEGIN) {
            let (name, after) = after.split_once(END).unwrap_or((after, ""));
            out.push_str(before);
            match self.stand_in() {
                Some(sign) => {
                    let width: usize = name.chars().map(|sign| sign.width().unwrap_or(0)).sum();
                    out.extend(std::iter::repeat_n(sign, width));
                    self.names.push(name.to_owned());
                }
                None => out.push_str(name),
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }

    /// The text with each name in its place again.
    pub(super) fn put_back(&self, text: &str) -> String {
        let mut out = String::new();
        let mut before = None;
        for sign in text.chars() {
            let place = u32::from(sign).checked_sub(FIRST_STAND_IN);
            let name = place.and_then(|place| self.names.get(usize::try_from(place).ok()?));
            match name {
                Some(name) if before != Some(sign) => out.push_str(name),
                Some(_) => {}
                None => out.push(sign),
            }
            before = Some(sign);
        }
        out
    }

    fn stand_in(&self) -> Option<char> {
        let place = FIRST_STAND_IN + u32::try_from(self.names.len()).ok()?;
        (place <= LAST_STAND_IN).then(|| char::from_u32(place)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_comes_back_as_it_was_and_keeps_its_width_meanwhile() {
        let text = format!("camera {} at {}", proper("rear"), proper("南 门"));
        let mut names = Names::default();
        let without = names.take_out(&text);
        assert_eq!(without.replace(|c: char| !c.is_ascii(), "."), "camera .... at .....");
        assert_eq!(names.put_back(&without), "camera rear at 南 门");
        assert_eq!(unmarked(&text), "camera rear at 南 门");
    }
}
