//! The text as it stands, with the place of each value.

use serde::Deserialize;
use serde::de::IntoDeserializer;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml::value::Datetime;

use super::Problems;
use crate::pipeline::limits::{Confidence, Drive, RowTyres, Suspension, VehicleKind};

/// The table without its rows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHead {
    pub(super) id: Spanned<String>,
    pub(super) title: Spanned<String>,
    pub(super) document: Spanned<String>,
    pub(super) document_zh: Option<Spanned<String>>,
    pub(super) effective_from: Spanned<Datetime>,
    pub(super) effective_to: Option<Spanned<Datetime>>,
    #[serde(default)]
    pub(super) derive_from: Vec<Spanned<String>>,
    pub(super) single_tyre: Option<RawSingleTyre>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSingleTyre {
    pub(super) rule: String,
    pub(super) deduct_kg: Spanned<i64>,
}

/// Which limit a row gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RowKind {
    Gross,
    AxleGroup,
}

/// Any row; which keys belong to which kind is checked afterwards.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRow {
    pub(super) id: Spanned<String>,
    pub(super) kind: RowKind,
    pub(super) axles: Option<Spanned<i64>>,
    pub(super) or_more: Option<Spanned<bool>>,
    pub(super) split: Option<Vec<Spanned<String>>>,
    /// A vehicle in gross rows, the bearer of the group in the others.
    pub(super) vehicle: Spanned<String>,
    pub(super) suspension: Option<Suspension>,
    pub(super) drive: Option<Spanned<Drive>>,
    pub(super) trailer_spacing_min_mm: Option<Spanned<i64>>,
    pub(super) tyres: Option<Spanned<RowTyres>>,
    pub(super) tyre_width_min_mm: Option<Spanned<i64>>,
    pub(super) driven: Option<Spanned<bool>>,
    pub(super) spacing_min_mm: Option<Spanned<i64>>,
    pub(super) spacing_max_mm: Option<Spanned<i64>>,
    pub(super) limit_kg: Spanned<i64>,
    pub(super) article: Spanned<String>,
    pub(super) article_zh: Option<Spanned<String>>,
    pub(super) effective_from: Option<Spanned<Datetime>>,
    pub(super) effective_to: Option<Spanned<Datetime>>,
    pub(super) confidence: Confidence,
    #[serde(default)]
    #[expect(dead_code, reason = "for people; read so that a wrong type is noticed")]
    pub(super) note: Option<String>,
}

/// A maximum length.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLength {
    pub(super) id: Spanned<String>,
    pub(super) vehicle: VehicleKind,
    pub(super) length_max_mm: Spanned<i64>,
    pub(super) article: Spanned<String>,
    pub(super) article_zh: Option<Spanned<String>>,
    pub(super) effective_from: Option<Spanned<Datetime>>,
    pub(super) effective_to: Option<Spanned<Datetime>>,
    pub(super) confidence: Confidence,
    #[serde(default)]
    #[expect(dead_code, reason = "for people; read so that a wrong type is noticed")]
    pub(super) note: Option<String>,
}

/// The parts of a table's text.
pub(super) struct RawTable {
    pub(super) head: RawHead,
    /// Rows with the offset of each.
    pub(super) rows: Vec<(usize, RawRow)>,
    /// Maximum lengths with the offset of each.
    pub(super) lengths: Vec<(usize, RawLength)>,
}

/// Reads the text; `None` when its head cannot be read. A row that cannot be read is a problem,
/// and the rows after it are read all the same.
pub(super) fn parse(text: &str, problems: &mut Problems<'_>) -> Option<RawTable> {
    let (document, mistakes) = DeTable::parse_recoverable(text);
    for mistake in &mistakes {
        add(problems, mistake, 0);
    }
    if !mistakes.is_empty() {
        return None;
    }
    let mut rest = DeTable::new();
    let (mut rows, mut lengths) = (Vec::new(), Vec::new());
    let whole = document.span();
    for (key, value) in document.into_inner() {
        match key.get_ref().as_ref() {
            "row" => rows = entries("row", value, problems),
            "length" => lengths = entries("length", value, problems),
            _ => {
                rest.insert(key, value);
            }
        }
    }
    let head = Spanned::new(whole, DeValue::Table(rest));
    match RawHead::deserialize(head.into_deserializer()) {
        Ok(head) => Some(RawTable { head, rows, lengths }),
        Err(mistake) => {
            add(problems, &mistake, 0);
            None
        }
    }
}

/// The entries under `name`, with the offset of each.
fn entries<'de, T: Deserialize<'de>>(
    name: &str,
    value: Spanned<DeValue<'de>>,
    problems: &mut Problems<'_>,
) -> Vec<(usize, T)> {
    let offset = value.span().start;
    let DeValue::Array(array) = value.into_inner() else {
        problems.add(offset, format!("{name}: must be written [[{name}]]"));
        return Vec::new();
    };
    let mut entries = Vec::with_capacity(array.len());
    for entry in array {
        let offset = entry.span().start;
        match T::deserialize(entry.into_deserializer()) {
            Ok(entry) => entries.push((offset, entry)),
            Err(mistake) => add(problems, &mistake, offset),
        }
    }
    entries
}

fn add(problems: &mut Problems<'_>, mistake: &toml::de::Error, otherwise: usize) {
    let offset = mistake.span().map_or(otherwise, |span| span.start);
    problems.add(offset, mistake.message());
}
