//! The letters of a line, with what they take of the terminal and where a line may break.

use unicode_width::UnicodeWidthChar;

/// Signs that no line begins with.
const CLOSING: &str = "，。；：、！？）》”…";

/// Signs that no line ends with.
const OPENING: &str = "（《“";

/// Units that stand behind a figure.
const UNITS: [&str; 25] = [
    "%", "B", "GiB", "KiB", "MiB", "TiB", "bit/s", "d", "days", "h", "kB", "kg", "km/h", "m",
    "min", "mm", "mm/s²", "ms", "ppb", "ppm", "s", "t", "times", "us", "µs",
];

/// A letter with the escape sequences before it.
pub(super) struct Letter<'a> {
    pub(super) text: &'a str,
    /// `None` behind the last letter.
    pub(super) sign: Option<char>,
    pub(super) width: usize,
}

impl Letter<'_> {
    pub(super) fn is_blank(&self) -> bool {
        self.sign == Some(' ')
    }

    /// Whether a line may begin with it behind this letter: where both are Chinese, or the one
    /// before closes something.
    pub(super) fn may_follow(&self, before: &Self) -> bool {
        let is_of = |letter: &Self, signs: &str| letter.sign.is_some_and(|s| signs.contains(s));
        let parted = before.width == 2 && (self.width == 2 || is_of(before, CLOSING));
        parted && !is_of(self, CLOSING) && !is_of(before, OPENING)
    }
}

/// Columns of letters.
pub(super) fn width(letters: &[Letter<'_>]) -> usize {
    letters.iter().map(|letter| letter.width).sum()
}

/// Whether a line may break before this letter.
pub(super) fn may_break(letters: &[Letter<'_>], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| letters.get(before));
    match (before, letters.get(at)) {
        (Some(before), Some(blank)) if blank.is_blank() => {
            !is_within_a_figure(before, &letters[at + 1..])
        }
        (Some(before), Some(letter)) => letter.may_follow(before),
        _ => false,
    }
}

/// Whether a blank stands between the thousands of a figure, or between it and its unit or what it
/// counts: `79 771 kg`, `43 辆`.
fn is_within_a_figure(before: &Letter<'_>, after: &[Letter<'_>]) -> bool {
    if !before.sign.is_some_and(|sign| sign.is_ascii_digit()) {
        return false;
    }
    let word = after.iter().take_while(|letter| !letter.is_blank() && letter.width < 2);
    let word: String = word.filter_map(|letter| letter.sign).collect();
    let word = word.trim_end_matches(|sign: char| ",.;:)".contains(sign));
    let counted = after.first().is_some_and(|letter| letter.width == 2);
    let thousands = word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit());
    counted || thousands || UNITS.contains(&word)
}

/// Columns of the longest piece that cannot be broken.
pub(super) fn longest_word(letters: &[Letter<'_>]) -> usize {
    let (mut longest, mut word) = (0, 0);
    for (place, letter) in letters.iter().enumerate() {
        if may_break(letters, place) {
            word = 0;
        }
        word += if letter.is_blank() && word == 0 { 0 } else { letter.width };
        longest = longest.max(word);
    }
    longest
}

/// The letters of a line; escape sequences (ECMA-48: `ESC [`, parameters, one letter) have no width.
pub(super) fn letters(line: &str) -> Vec<Letter<'_>> {
    let mut letters = Vec::new();
    let (mut start, mut escape) = (0, false);
    for (at, sign) in line.char_indices() {
        if sign == '\u{1b}' {
            escape = true;
        } else if escape {
            escape = !sign.is_ascii_alphabetic();
        } else {
            let end = at + sign.len_utf8();
            let width = sign.width().unwrap_or(0);
            letters.push(Letter { text: &line[start..end], sign: Some(sign), width });
            start = end;
        }
    }
    if start < line.len() {
        letters.push(Letter { text: &line[start..], sign: None, width: 0 });
    }
    letters
}
