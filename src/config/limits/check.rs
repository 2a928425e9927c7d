//! A raw table to a checked one.

mod overlap;
mod row;

use toml::Spanned;
use toml::value::Datetime;

use super::Problems;
use super::raw::{RawHead, RawLength, RawRow, RawTable, RowKind};
use crate::pipeline::limits::{
    Citation, Day, LengthRow, LimitTable, Period, SingleTyreRule, TableHead,
};
use crate::units::{Kilograms, Millimetres};

/// A limit outside of these is a slip of the pen: the lightest row is 2 000 kg (three-wheelers),
/// the heaviest 49 000 kg; 200 000 kg leaves room for any later edition (our choice).
const LIMIT_KG: std::ops::RangeInclusive<i64> = 1_000..=200_000;
/// A maximum length outside of these is a slip of the pen: the longest known one is 22 000 mm
/// (car carriers), and no goods vehicle is shorter than 2 m (our choice).
const LENGTH_MM: std::ops::RangeInclusive<i64> = 2_000..=60_000;
/// Rows that one table may have; the index counts them in 16 bits, and no edition has 100.
const MAX_ROWS: usize = 1_000;

/// Checks everything that can be checked within one table.
pub(super) fn table(raw: RawTable, sha256: &str, problems: &mut Problems<'_>) -> LimitTable {
    let head = head(&raw.head, sha256, problems);
    if raw.rows.is_empty() {
        problems.add(0, "the table has no row that can be read");
    }
    if raw.rows.len() > MAX_ROWS {
        problems.add(0, format!("the table has more than {MAX_ROWS} rows"));
        return LimitTable::new(head, Vec::new(), Vec::new());
    }
    order(&raw.rows, problems);
    let lengths = lengths(&raw, problems);
    let (mut gross, mut axle) = (Vec::new(), Vec::new());
    for (offset, row) in &raw.rows {
        let mut reader = row::Reader::new(row, *offset, problems);
        match row.kind {
            RowKind::Gross => gross.extend(reader.gross().map(|row| (*offset, row))),
            RowKind::AxleGroup => axle.extend(reader.axle().map(|row| (*offset, row))),
        }
    }
    overlap::gross(&gross, problems);
    overlap::axle(&axle, problems);
    // A row that could not be read leaves a hole that is not worth a second message.
    if problems.found.is_empty() {
        overlap::missing(&gross, problems);
    }
    LimitTable::new(
        head,
        gross.into_iter().map(|(_, row)| row).collect(),
        axle.into_iter().map(|(_, row)| row).collect(),
    )
    .with_lengths(lengths.into_iter().map(|(_, row)| row).collect())
}

/// Every maximum length in its range, none with an id that another row has, none for the same.
fn lengths(raw: &RawTable, problems: &mut Problems<'_>) -> Vec<(usize, LengthRow)> {
    let mut known: Vec<&String> = raw.rows.iter().map(|(_, row)| row.id.get_ref()).collect();
    let mut lengths = Vec::with_capacity(raw.lengths.len());
    for (offset, row) in &raw.lengths {
        let id = row.id.get_ref();
        not_empty("id", &row.id, problems);
        if known.contains(&id) {
            problems.add(row.id.span().start, format!("{id}: this id comes twice"));
        }
        known.push(id);
        lengths.push((*offset, length(row, problems)));
    }
    overlap::lengths(&lengths, problems);
    lengths
}

fn length(row: &RawLength, problems: &mut Problems<'_>) -> LengthRow {
    let most = *row.length_max_mm.get_ref();
    if !LENGTH_MM.contains(&most) {
        let (least, greatest) = LENGTH_MM.into_inner();
        let id = row.id.get_ref();
        let what = format!("{id}: length_max_mm: {most} is not from {least} to {greatest}");
        problems.add(row.length_max_mm.span().start, what);
    }
    LengthRow {
        id: row.id.get_ref().as_str().into(),
        vehicle: row.vehicle,
        most: Millimetres(u32::try_from(most).unwrap_or(u32::MAX)),
        article: citation("article", (&row.article, row.article_zh.as_ref()), problems),
        effective: period(row.effective_from.as_ref(), row.effective_to.as_ref(), problems),
        confidence: row.confidence,
    }
}

fn head(raw: &RawHead, sha256: &str, problems: &mut Problems<'_>) -> TableHead {
    for (key, text) in [("id", &raw.id), ("title", &raw.title)] {
        not_empty(key, text, problems);
    }
    let single_tyre = raw.single_tyre.as_ref().map(|rule| SingleTyreRule {
        rule: rule.rule.as_str().into(),
        deduct: kilograms("single_tyre.deduct_kg", &rule.deduct_kg, problems),
    });
    let from = Some(&raw.effective_from);
    TableHead {
        id: raw.id.get_ref().as_str().into(),
        title: raw.title.get_ref().as_str().into(),
        document: citation("document", (&raw.document, raw.document_zh.as_ref()), problems),
        sha256: sha256.into(),
        effective: period(from, raw.effective_to.as_ref(), problems),
        derive_from: raw.derive_from.iter().map(|id| id.get_ref().as_str().into()).collect(),
        single_tyre,
    }
}

/// Rows stand gross before axle groups and by rising axle count, and no id comes twice.
fn order(rows: &[(usize, RawRow)], problems: &mut Problems<'_>) {
    let place = |row: &RawRow| {
        let axles = row.axles.as_ref().map_or(i64::MAX, |axles| *axles.get_ref());
        (row.kind != RowKind::Gross, axles)
    };
    for pair in rows.windows(2) {
        if let [(_, before), (offset, row)] = pair
            && place(row) < place(before)
        {
            let (id, before) = (row.id.get_ref(), before.id.get_ref());
            let rule = "rows are sorted gross before axle_group, then by axles";
            problems.add(*offset, format!("{id}: stands after {before}; {rule}"));
        }
    }
    for (index, (_, row)) in rows.iter().enumerate() {
        let id = row.id.get_ref();
        not_empty("id", &row.id, problems);
        if rows[..index].iter().any(|(_, other)| other.id.get_ref() == id) {
            problems.add(row.id.span().start, format!("{id}: this id comes twice"));
        }
    }
}

fn not_empty(key: &str, text: &Spanned<String>, problems: &mut Problems<'_>) {
    if text.get_ref().trim().is_empty() {
        problems.add(text.span().start, format!("{key}: must not be empty"));
    }
}

/// The words under `key`, and the Chinese ones under the key with `_zh` behind it.
fn citation(
    key: &str,
    (text, chinese): (&Spanned<String>, Option<&Spanned<String>>),
    problems: &mut Problems<'_>,
) -> Citation {
    not_empty(key, text, problems);
    if let Some(chinese) = chinese {
        not_empty(&format!("{key}_zh"), chinese, problems);
    }
    Citation::new(text.get_ref(), chinese.map(|chinese| chinese.get_ref().as_str()))
}

fn kilograms(key: &str, value: &Spanned<i64>, problems: &mut Problems<'_>) -> Kilograms {
    let kilograms = *value.get_ref();
    if !LIMIT_KG.contains(&kilograms) {
        let (least, most) = LIMIT_KG.into_inner();
        problems
            .add(value.span().start, format!("{key}: {kilograms} is not from {least} to {most}"));
    }
    Kilograms(u32::try_from(kilograms).unwrap_or(0))
}

fn day(value: &Spanned<Datetime>, problems: &mut Problems<'_>) -> Option<Day> {
    let date = value.get_ref();
    let plain = date.time.is_none() && date.offset.is_none();
    let day = date.date.filter(|_| plain).and_then(|date| {
        let number = u32::from(date.year) * 10_000 + u32::from(date.month) * 100;
        Day::from_yyyymmdd(number + u32::from(date.day))
    });
    if day.is_none() {
        let what = format!("{date} is no day written yyyy-mm-dd");
        problems.add(value.span().start, what);
    }
    day
}

fn period(
    from: Option<&Spanned<Datetime>>,
    to: Option<&Spanned<Datetime>>,
    problems: &mut Problems<'_>,
) -> Period {
    let period = Period {
        from: from.and_then(|value| day(value, problems)),
        to: to.and_then(|value| day(value, problems)),
    };
    if let (Some(from), Some(last), Some(value)) = (period.from, period.to, to)
        && last < from
    {
        problems.add(
            value.span().start,
            format!("effective_to: {last} is before effective_from {from}"),
        );
    }
    period
}
