//! The catalogue beside the sources.

use std::collections::BTreeSet;

use wimd::language::{Piece, Template, phrases};

use super::source;

/// A phrase whatever its values are called.
fn shape(phrase: &str) -> String {
    let piece = |piece: &Piece<'_>| match piece {
        Piece::Text(text) => (*text).to_owned(),
        Piece::Value(_) => "{}".to_owned(),
    };
    Template::new(phrase).pieces.iter().map(piece).collect()
}

/// Examples are commands, which are the same in every language.
fn is_command(phrase: &str) -> bool {
    phrase.starts_with("wimd ") && !phrase.contains("  ")
}

#[test]
fn every_phrase_that_the_sources_say_is_in_the_catalogue() {
    let known: BTreeSet<String> = phrases().map(|(_, english, _)| shape(english)).collect();
    let missing: Vec<String> = source::phrases()
        .into_iter()
        .filter(|(phrase, _)| !is_command(phrase) && !known.contains(&shape(phrase)))
        .map(|(phrase, file)| format!("{file}\t{phrase}"))
        .collect();
    assert!(
        missing.is_empty(),
        "{} phrases are not in src/language/zh/:\n{}",
        missing.len(),
        missing.join("\n")
    );
}

#[test]
fn every_heading_and_every_label_is_in_the_catalogue() {
    let known: BTreeSet<&str> = phrases().map(|(_, english, _)| english).collect();
    let labels = source::labels();
    assert!(labels.len() > 60, "{labels:?}");
    let missing: Vec<String> = labels
        .into_iter()
        .filter(|(label, _)| {
            let named = format!("{label} {{name}}");
            !known.contains(label.as_str()) && !known.contains(named.as_str())
        })
        .map(|(label, file)| format!("{file}\t{label}"))
        .collect();
    assert!(missing.is_empty(), "{} missing:\n{}", missing.len(), missing.join("\n"));
}

#[test]
fn both_languages_name_the_same_values() {
    let values =
        |phrase| Template::new(phrase).values().map(str::to_owned).collect::<BTreeSet<_>>();
    let wrong: Vec<String> = phrases()
        .filter(|(_, english, chinese)| values(chinese) != values(english) || chinese.is_empty())
        .map(|(file, english, chinese)| format!("{file}: {english} | {chinese}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_phrase_stands_twice() {
    let mut seen = BTreeSet::new();
    let twice: Vec<&str> = phrases()
        .map(|(_, english, _)| english)
        .filter(|english| !seen.insert(shape(english)))
        .collect();
    assert!(twice.is_empty(), "{}", twice.join("\n"));
}
