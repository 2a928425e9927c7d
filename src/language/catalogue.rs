//! The one catalogue: English phrases with their Chinese ones.
//!
//! Blocks of two lines, English and Chinese, apart by empty lines; `#` begins a remark. The
//! Chinese line names the same values, in its own order.

use super::template::Template;

/// By the part of the program that says them.
const TEXTS: [(&str, &str); 10] = [
    ("words", include_str!("zh/words.txt")),
    ("help", include_str!("zh/help.txt")),
    ("usage", include_str!("zh/usage.txt")),
    ("screens", include_str!("zh/screens.txt")),
    ("findings", include_str!("zh/findings.txt")),
    ("errors", include_str!("zh/errors.txt")),
    ("calibration", include_str!("zh/calibration.txt")),
    ("configuration", include_str!("zh/configuration.txt")),
    ("records", include_str!("zh/records.txt")),
    ("simulation", include_str!("zh/simulation.txt")),
];

/// An English phrase and its Chinese one.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) english: Template<'static>,
    pub(super) chinese: Template<'static>,
}

/// Every phrase, the ones that say most first.
#[derive(Clone, Debug)]
pub struct Catalogue {
    pub(super) entries: Vec<Entry>,
}

impl Catalogue {
    /// The compiled-in one.
    pub fn chinese() -> Self {
        let of = |(_, english, chinese)| Entry {
            english: Template::new(english),
            chinese: Template::new(chinese),
        };
        let mut entries: Vec<Entry> = phrases().map(of).collect();
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.english.literal_len()));
        Self { entries }
    }
}

/// Every pair with the name of its file: English, Chinese.
pub fn phrases() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    TEXTS.into_iter().flat_map(|(file, text)| {
        let mut lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with("# "));
        std::iter::from_fn(move || Some((file, lines.next()?, lines.next().unwrap_or_default())))
    })
}
