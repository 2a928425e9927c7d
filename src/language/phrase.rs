//! Puts a phrase into Chinese.

use super::catalogue::{Catalogue, Entry};
use super::proper::is_proper;
use super::template::Piece;

/// Where a text of several phrases comes apart, and what stands there in Chinese.
const BETWEEN: [(&str, &str); 5] =
    [(": ", "："), ("; ", "；"), (" · ", " · "), (" -> ", " → "), ("\t", "\t")];

/// What parts the members of a list.
const COMMA: &str = ", ";

/// A value in a phrase in a phrase: deeper is no text of ours.
const DEEPEST: u8 = 12;

/// A phrase with fewer bytes beside its values, such as `{0} is not {1}`, fits many a sentence that
/// is not ours.
const SAYS: usize = 12;

/// Puts English lines into Chinese.
#[derive(Clone, Debug)]
pub struct Translator {
    catalogue: Catalogue,
}

impl Default for Translator {
    fn default() -> Self {
        Self { catalogue: Catalogue::chinese() }
    }
}

impl Translator {
    /// The Chinese of a text; `None` when nothing in it is known.
    pub fn phrase(&self, text: &str) -> Option<String> {
        self.deeper(text, DEEPEST)
    }

    /// The Chinese of a text that is one phrase of the catalogue.
    pub(super) fn one_phrase(&self, text: &str) -> Option<String> {
        self.whole(text, DEEPEST)
    }

    fn deeper(&self, text: &str, depth: u8) -> Option<String> {
        let depth = depth.checked_sub(1)?;
        if !text.contains(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let whole = self.whole(text, depth).or_else(|| self.parts(text, depth));
        whole.or_else(|| self.list(text, depth))
    }

    /// The text as a list of which each member is known; a list of keys or names is none.
    fn list(&self, text: &str, depth: u8) -> Option<String> {
        let members = text.contains(COMMA).then(|| text.split(COMMA))?;
        let chinese: Option<Vec<String>> = members.map(|one| self.whole(one, depth)).collect();
        chinese.map(|members| members.join("、"))
    }

    /// The text as one phrase of the catalogue.
    fn whole(&self, text: &str, depth: u8) -> Option<String> {
        self.catalogue.entries.iter().find_map(|entry| {
            let values = entry.english.read(text)?;
            let says = entry.english.literal_len() >= SAYS;
            let fits = says || values.iter().all(|value| self.is_known(value, depth));
            fits.then(|| self.filled(entry, &values, depth))
        })
    }

    /// Whether a value is a single word, or a phrase that is known.
    fn is_known(&self, value: &str, depth: u8) -> bool {
        !value.trim().contains(' ') || self.deeper(value, depth).is_some()
    }

    fn filled(&self, entry: &Entry, values: &[&str], depth: u8) -> String {
        let value = |name: &str| {
            let place = entry.english.values().position(|other| other == name);
            place.and_then(|place| values.get(place)).copied().unwrap_or_default()
        };
        let mut text = String::new();
        for piece in &entry.chinese.pieces {
            match piece {
                Piece::Text(literal) => text.push_str(literal),
                Piece::Value(name) if is_proper(name) => text.push_str(value(name)),
                Piece::Value(name) => {
                    let value = value(name);
                    text.push_str(self.deeper(value, depth).as_deref().unwrap_or(value));
                }
            }
        }
        text
    }

    /// The text as phrases one after the other, of which at least one is known.
    fn parts(&self, text: &str, depth: u8) -> Option<String> {
        BETWEEN.into_iter().find_map(|(english, chinese)| {
            let both = text.match_indices(english).find_map(|(at, _)| {
                let (before, after) = (&text[..at], &text[at + english.len()..]);
                let first = self.whole(before.trim_start(), depth);
                let second = self.whole(after, depth);
                (first.is_some() || second.is_some()).then_some((before, after, first, second))
            });
            let (before, after, first, second) = both?;
            let first = first.or_else(|| self.deeper(before, depth));
            let second = second.or_else(|| self.deeper(after, depth));
            let first = first.as_deref().unwrap_or(before);
            let second = second.as_deref().unwrap_or(after);
            Some(format!("{first}{chinese}{second}"))
        })
    }
}
