//! The letters of a line, with what they take of the terminal and where a line may break.

use unicode_width::UnicodeWidthChar;

/// Signs that no line begins with.
const CLOSING: &str = "，。；：、！？）》”…";

/// Signs that no line ends with.
const OPENING: &str = "（《“";

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

/// Columns of the longest piece that cannot be broken.
pub(super) fn longest_word(letters: &[Letter<'_>]) -> usize {
    let (mut longest, mut word) = (0, 0);
    for (place, letter) in letters.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|before| letters.get(before));
        if letter.is_blank() || before.is_some_and(|before| letter.may_follow(before)) {
            word = 0;
        }
        word += if letter.is_blank() { 0 } else { letter.width };
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
