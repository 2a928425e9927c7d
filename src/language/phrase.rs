//! Puts a phrase into Chinese.

use super::catalogue::{Catalogue, Entry};
use super::proper::is_proper;
use super::quoted::{are_quotes, is_quoted};
use super::several::Several;
use super::template::Piece;

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

/// What a text became.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) chinese: String,
    /// Letters that stayed English although they are neither names nor typed.
    pub(super) left: usize,
}

impl Said {
    /// A text that stays as it is.
    pub(super) fn english(text: &str) -> Self {
        Self { chinese: text.to_owned(), left: letters(text) }
    }
}

/// English letters of a text.
fn letters(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_alphabetic).count()
}

impl Translator {
    /// The Chinese of a text; `None` when nothing in it is known.
    pub fn phrase(&self, text: &str) -> Option<String> {
        self.deeper(text, DEEPEST).map(|said| said.chinese)
    }

    /// The Chinese of a text that is one phrase of the catalogue.
    pub(super) fn one_phrase(&self, text: &str) -> Option<String> {
        self.whole(text, DEEPEST).map(|said| said.chinese)
    }

    fn deeper(&self, text: &str, depth: u8) -> Option<Said> {
        let depth = depth.checked_sub(1)?;
        if letters(text) == 0 || is_quoted(text) {
            return None;
        }
        match Several::of(text) {
            Some(several) => several.said(|text| self.whole_or_list(text, depth)),
            None => self.whole_or_list(text, depth),
        }
    }

    fn whole_or_list(&self, text: &str, depth: u8) -> Option<Said> {
        self.whole(text, depth).or_else(|| self.list(text, depth))
    }

    /// The text as a list of which each member is known or quoted; a list of names is none.
    fn list(&self, text: &str, depth: u8) -> Option<Said> {
        let members = text.contains(COMMA).then(|| text.split(COMMA))?;
        let member = |one: &str| match is_quoted(one) {
            true => Some(Said { chinese: one.to_owned(), left: 0 }),
            false => self.whole(one, depth),
        };
        let members: Vec<Said> = members.map(member).collect::<Option<_>>()?;
        let left = members.iter().map(|one| one.left).sum();
        let chinese: Vec<String> = members.into_iter().map(|one| one.chinese).collect();
        Some(Said { chinese: chinese.join("、"), left })
    }

    /// The text as one phrase of the catalogue.
    fn whole(&self, text: &str, depth: u8) -> Option<Said> {
        self.catalogue.entries.iter().find_map(|entry| {
            let values = entry.english.read(text)?;
            let says = entry.english.literal_len() >= SAYS;
            let known =
                |(name, value): (&str, &&str)| is_proper(name) || self.is_known(value, depth);
            let fits = says || entry.english.values().zip(&values).all(known);
            fits.then(|| self.filled(entry, &values, depth))
        })
    }

    /// Whether a value needs no translation, or has one.
    fn is_known(&self, value: &str, depth: u8) -> bool {
        is_named(value) || self.deeper(value, depth).is_some()
    }

    fn filled(&self, entry: &Entry, values: &[&str], depth: u8) -> Said {
        let value = |name: &str| {
            let place = entry.english.values().position(|other| other == name);
            place.and_then(|place| values.get(place)).copied().unwrap_or_default()
        };
        let mut said = Said { chinese: String::new(), left: 0 };
        for (place, piece) in entry.chinese.pieces.iter().enumerate() {
            match piece {
                Piece::Text(literal) => said.chinese.push_str(literal),
                Piece::Value(name) if is_typed(&entry.chinese.pieces, place) || is_proper(name) => {
                    said.chinese.push_str(value(name));
                }
                Piece::Value(name) => {
                    let value = self.value(value(name), depth);
                    said.chinese.push_str(&value.chinese);
                    said.left += value.left;
                }
            }
        }
        said
    }

    fn value(&self, text: &str, depth: u8) -> Said {
        let otherwise = || match is_named(text) {
            true => Said { chinese: text.to_owned(), left: 0 },
            false => Said::english(text),
        };
        self.deeper(text, depth).unwrap_or_else(otherwise)
    }
}

/// Whether a value that the catalogue lacks is none of our words: a single one is a name, what is
/// quoted is typed, and figures are the same in every language.
fn is_named(value: &str) -> bool {
    !value.trim().contains(' ') || is_quoted(value) || letters(value) == 0
}

/// Whether the phrase itself puts quotation marks around the value here.
fn is_typed(pieces: &[Piece<'_>], place: usize) -> bool {
    let before = place.checked_sub(1).and_then(|before| pieces.get(before));
    match (before, pieces.get(place + 1)) {
        (Some(Piece::Text(before)), Some(Piece::Text(after))) => are_quotes(before, after),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chinese(text: &str) -> Option<String> {
        Translator::default().phrase(text)
    }

    #[test]
    fn what_is_typed_stays_as_it_is_within_a_translated_sentence() {
        let table = [
            ("allowed: \"front\", \"side\"", "允许：\"front\"、\"side\""),
            ("unknown key; allowed: `id`, `name`", "未知的键；允许：`id`、`name`"),
            ("invalid value 'name' for '--verdict'", "'--verdict' 的值 'name' 无效"),
            ("[possible values: overload, front]", "[可选值：overload, front]"),
            ("missing; allowed: 1 to 32 entries", "缺失；允许：1 至 32 项"),
            ("wimd.toml:2: lane: missing", "wimd.toml:2: lane：缺失"),
        ];
        for (english, expected) in table {
            assert_eq!(chinese(english).as_deref(), Some(expected));
        }
        for typed in ["\"front\"", "`name`", "'name'"] {
            assert_eq!(chinese(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_text_of_several_phrases_comes_apart_where_most_of_it_is_known() {
        let text = "wimd.toml:7: site.id: \"a: b\" does not have the right form; \
                    allowed: 1 to 32 letters, digits, - and _";
        let expected =
            "wimd.toml:7: site.id：\"a: b\" 格式不正确；允许：1 至 32 个字母、数字、- 和 _";
        assert_eq!(chinese(text).as_deref(), Some(expected));
        let text = "error: list.csv: 6 of 256 vehicles have no verdict, the first in line 4: \
                    a vehicle has at least two axles";
        let expected = "错误：list.csv：256 辆车中有 6 辆不能判定，第一辆在第 4 行：车辆至少有两轴";
        assert_eq!(chinese(text).as_deref(), Some(expected));
    }

    #[test]
    fn a_sentence_with_several_figures_keeps_them_in_their_places() {
        let table = [
            (
                "stamped 39.5 s before its arrival, in milliseconds",
                "时标比到达早 39.5 秒，精度为毫秒",
            ),
            ("plate paired margin 9.7", "号牌已匹配，裕度 9.7"),
            (
                "3238 KiB copied from the daemon into cap2; see it with:",
                "自守护进程复制 3238 KiB，存入 cap2；查看：",
            ),
            (
                "`zzz` holds no Ed25519 public key (PEM, base64 or hexadecimal)",
                "`zzz` 中没有 Ed25519 公钥（PEM、base64 或十六进制）",
            ),
            ("help: site.toml has: front-1", "处理：site.toml 中有：front-1"),
        ];
        for (english, expected) in table {
            assert_eq!(chinese(english).as_deref(), Some(expected));
        }
    }
}
