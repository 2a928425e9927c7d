//! The figures for a person: as a table, or as one page for a case file.

use comfy_table::{CellAlignment, Table, presets};
use std::io::{self, Write};

use super::words::{axles_of, kg, percent, sentences, spaced};
use super::{Vehicle, chinese, english};
use crate::language::Language;
use crate::pipeline::assess::{Assessment, GroupAssessment, Reading, Verdict};
use crate::pipeline::passage::Passage;
use crate::pipeline::record::Unenforceable;

/// Millimetres that one dash of the axle picture stands for (our choice: a 1.3 m group shows its
/// axles side by side, a 6 m wheelbase as three dashes).
const DASH_MM: u32 = 2_000;

/// Headings in one language.
struct Headings {
    axles: &'static str,
    gross: &'static str,
    limit: &'static str,
    excess: &'static str,
    verdict: &'static str,
    readings: [&'static str; 5],
    groups: [&'static str; 6],
    why: &'static str,
}

const ENGLISH: Headings = Headings {
    axles: "Axles",
    gross: "Gross mass",
    limit: "Limit",
    excess: "Over by",
    verdict: "Verdict",
    readings: ["Reading", "Split", "Limit kg", "Row", "Note"],
    groups: ["Axle group", "Load kg", "Limit kg", "Over kg", "Rate %", "Row"],
    why: "How it was derived:",
};

const CHINESE: Headings = Headings {
    axles: "轴型",
    gross: "车货总质量",
    limit: "限值",
    excess: "超限",
    verdict: "判定",
    readings: ["可能车型", "轴型", "限值 kg", "限值表行", "说明"],
    groups: ["轴组", "轴荷 kg", "限值 kg", "超限 kg", "超限率 %", "限值表行"],
    why: "判定过程：",
};

/// Figures, readings, groups and derivation.
pub(super) fn table(
    vehicle: &Vehicle,
    assessment: &Assessment,
    against: &[Unenforceable],
    language: Language,
    out: &mut dyn Write,
) -> io::Result<()> {
    let headings = match language {
        Language::En => &ENGLISH,
        Language::Zh => &CHINESE,
    };
    writeln!(out, "{}\n", summary(vehicle, assessment, language, headings))?;
    writeln!(out, "{}\n", readings(assessment, language, headings))?;
    writeln!(out, "{}\n", groups(assessment, headings))?;
    writeln!(out, "{}", headings.why)?;
    numbered(assessment, against, language, out)
}

/// Only the sentences.
pub(super) fn page(
    assessment: &Assessment,
    against: &[Unenforceable],
    language: Language,
    out: &mut dyn Write,
) -> io::Result<()> {
    numbered(assessment, against, language, out)
}

fn numbered(
    assessment: &Assessment,
    against: &[Unenforceable],
    language: Language,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut all = sentences(assessment, language);
    // nobody asks it of a vehicle that is not over anything
    if assessment.basis.is_some() {
        all.extend(against.iter().map(|reason| match language {
            Language::En => english::against(*reason),
            Language::Zh => chinese::against(*reason),
        }));
    }
    for (index, sentence) in all.iter().enumerate() {
        writeln!(out, "{:>2}. {sentence}", index + 1)?;
    }
    Ok(())
}

fn plain() -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table
}

fn summary(
    vehicle: &Vehicle,
    assessment: &Assessment,
    language: Language,
    headings: &Headings,
) -> Table {
    let verdict = match language {
        Language::En if assessment.verdict == Verdict::Overload => "OVERLOAD",
        Language::En => english::verdict(assessment.verdict),
        Language::Zh => chinese::verdict(assessment.verdict),
    };
    let split = assessment.split.map(|split| split.to_string());
    let limit = assessment.limit_kg.map(kg).unwrap_or_default();
    let row = assessment.limit_id.as_deref().unwrap_or_default();
    let excess = assessment.excess_kg.map(kg).unwrap_or_default();
    let rate = assessment.rate_permyriad.map(percent).unwrap_or_default();
    let mut table = plain();
    table
        .add_row([headings.axles, &split.unwrap_or_default(), &picture(&vehicle.passage)])
        .add_row([headings.gross, &assessment.gross_kg.map(kg).unwrap_or_default(), ""])
        .add_row([headings.limit, &limit, row])
        .add_row([headings.excess, &excess, &rate])
        .add_row([headings.verdict, verdict, ""]);
    table
}

fn readings(assessment: &Assessment, language: Language, headings: &Headings) -> Table {
    let mut table = plain();
    table.set_header(headings.readings);
    for reading in &assessment.readings {
        table.add_row(reading_row(reading, language));
    }
    right(&mut table, &[2]);
    table
}

fn reading_row(reading: &Reading, language: Language) -> [String; 5] {
    let (vehicle, adjustments): (_, Vec<&str>) = match language {
        Language::En => (
            english::vehicle(reading.vehicle),
            reading.adjustments.iter().map(|one| english::adjustment(*one)).collect(),
        ),
        Language::Zh => (
            chinese::vehicle(reading.vehicle),
            reading.adjustments.iter().map(|one| chinese::adjustment(*one)).collect(),
        ),
    };
    let beside = match (reading.in_regime, language) {
        (true, _) => "",
        (false, Language::En) => "not excluded",
        (false, Language::Zh) => "不能排除",
    };
    let notes: Vec<&str> =
        std::iter::once(beside).filter(|note| !note.is_empty()).chain(adjustments).collect();
    [
        vehicle.to_owned(),
        reading.split.to_string(),
        spaced(reading.limit_kg.0),
        reading.limit_id.to_string(),
        notes.join(match language {
            Language::En => "; ",
            Language::Zh => "；",
        }),
    ]
}

fn groups(assessment: &Assessment, headings: &Headings) -> Table {
    let mut table = plain();
    table.set_header(headings.groups);
    for group in &assessment.groups {
        table.add_row(group_row(group));
    }
    right(&mut table, &[1, 2, 3, 4]);
    table
}

fn group_row(group: &GroupAssessment) -> [String; 6] {
    let mut name = axles_of(group.first_axle, group.axles);
    if !group.certain {
        name.push('?');
    }
    let number = |mass: Option<crate::units::Kilograms>| {
        mass.map_or_else(|| "-".to_owned(), |mass| spaced(mass.0))
    };
    [
        name,
        number(group.load_kg),
        number(group.limit_kg),
        number(group.excess_kg),
        group.rate_permyriad.map_or_else(|| "-".to_owned(), |rate| rate.percent()),
        group.limit_id.as_deref().unwrap_or("-").to_owned(),
    ]
}

fn right(table: &mut Table, columns: &[usize]) {
    for column in columns {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

/// Axles as the road sees them: `o--oo---ooo`.
pub(super) fn picture(passage: &Passage) -> String {
    let mut picture = String::new();
    for (index, axle) in passage.axles.iter().enumerate() {
        if index > 0 {
            let dashes = axle.spacing_mm.map_or(1, |gap| gap.0 / DASH_MM).min(9);
            picture.extend(std::iter::repeat_n('-', usize::try_from(dashes).unwrap_or(0)));
        }
        picture.push('o');
    }
    picture
}
