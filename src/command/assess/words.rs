//! The derivation in sentences, as an officer would write them in a case file.

use super::{chinese, english};
use crate::language::Language;
use crate::pipeline::assess::Assessment;
use crate::units::{Kilograms, Millimetres, PerMyriad};

/// One sentence for each step of the derivation, in order.
pub fn sentences(assessment: &Assessment, language: Language) -> Vec<String> {
    let of = match language {
        Language::En => english::sentence,
        Language::Zh => chinese::sentence,
    };
    assessment.derivation.iter().map(of).collect()
}

/// `49 000 kg`
pub(super) fn kg(mass: Kilograms) -> String {
    format!("{} kg", spaced(mass.0))
}

/// `1 350 mm`
pub(super) fn mm(distance: Millimetres) -> String {
    format!("{} mm", spaced(distance.0))
}

/// `18.37 %`
pub(super) fn percent(rate: PerMyriad) -> String {
    format!("{} %", rate.percent())
}

/// `2`, or `2-3` for a group of axles.
pub(super) fn axles_of(first: u8, axles: u8) -> String {
    let last = first.saturating_add(axles).saturating_sub(1);
    if axles > 1 { format!("{first}-{last}") } else { first.to_string() }
}

/// Numbers one after the other, with a word for those that were not measured.
pub(super) fn listed(
    values: impl Iterator<Item = Option<u32>>,
    between: &str,
    unmeasured: &str,
) -> String {
    let words = values.map(|one| one.map_or_else(|| unmeasured.to_owned(), spaced));
    words.collect::<Vec<_>>().join(between)
}

/// Thousands apart by a space.
pub(super) fn spaced(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}
