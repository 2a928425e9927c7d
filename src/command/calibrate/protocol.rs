//! The protocol that is handed over: as Markdown, or as text in pages of A4, in the language of the
//! person.

use std::fmt::Write as _;

use super::Format;
use super::screen::{ERROR_HEADINGS, before, cells, error_rows, factor};
use crate::language::{Language, Screen, proper, row};
use crate::pipeline::calibration::{Calibration, LaneCalibration};

/// Lines on a page of A4 at six lines an inch, with margins.
const PAGE_LINES: usize = 60;

/// Columns on it at twelve characters an inch, with margins.
const PAGE_COLUMNS: usize = 88;

/// A place to fill in by hand.
const BLANK: &str = "______________________";

pub(super) fn text(calibration: &Calibration, format: Format, language: Language) -> String {
    let mut text = String::new();
    // writing to a string cannot fail
    let _ = head(calibration, format, &mut text);
    for lane in &calibration.lanes {
        let _ = of_lane(lane, format, &mut text);
    }
    let _ = foot(format, &mut text);
    let text = text.trim_start();
    match format {
        Format::Markdown => Screen::new(language, None).text(text),
        Format::Text => paged(&Screen::new(language, Some(PAGE_COLUMNS)).text(text)),
    }
}

fn head(calibration: &Calibration, format: Format, text: &mut String) -> std::fmt::Result {
    let reference = &calibration.reference;
    heading(1, "Calibration protocol", format, text)?;
    let or_blank = |given: &str| if given.is_empty() { BLANK.to_owned() } else { proper(given) };
    let axles = reference.axles_kg.iter().map(|load| load.0.to_string());
    let axles = axles.collect::<Vec<_>>().join(" + ");
    let lines = [
        ("Performed by", or_blank(&calibration.performed_by)),
        ("Reference vehicle", or_blank(reference.plate.as_deref().unwrap_or(""))),
        ("Axles", reference.axles.to_string()),
        ("Gross mass, static", reference.gross_kg.to_string()),
        ("Axle loads, static, kg", or_blank(&axles)),
        ("Static scale, certificate", BLANK.to_owned()),
    ];
    list(&lines, format, text)
}

fn of_lane(lane: &LaneCalibration, format: Format, text: &mut String) -> std::fmt::Result {
    heading(2, &format!("Lane {}", lane.lane.0), format, text)?;
    let scale = lane.scale.as_ref();
    let part = |part: Option<&String>| part.map_or_else(|| BLANK.to_owned(), proper);
    let count = scale.and_then(|scale| scale.calibration_count);
    let lines = [
        ("Scale", part(scale.map(|scale| &scale.model))),
        ("Serial number", part(scale.map(|scale| &scale.serial))),
        ("Certificate", part(scale.map(|scale| &scale.certificate))),
        ("Calibration counter of the scale", count.map_or("-".to_owned(), |n| n.to_string())),
        ("Factor before", before(lane)),
        ("Factor after", factor(lane)),
    ];
    list(&lines, format, text)?;
    heading(3, "Errors", format, text)?;
    rows(&ERROR_HEADINGS, error_rows(lane), format, text)?;
    heading(3, "Runs", format, text)?;
    let runs = lane.runs.iter().map(|run| {
        let [time, speed, gross, error, remark] = cells(run);
        [run.record.clone(), time, speed, gross, error, remark]
    });
    rows(&["RECORD", "TIME", "SPEED", "GROSS", "ERROR", "REMARK"], runs.collect(), format, text)
}

fn foot(format: Format, text: &mut String) -> std::fmt::Result {
    writeln!(
        text,
        "\nClasses: of the gross mass by OIML R134-1 and JJG 907, of axle loads by OIML R134-1.\n\
         Every run that was driven as a weighing asks counts for them, outliers too.\n\
         With the new factor is computed: control runs prove it.\n"
    )?;
    list(&[("Place, date", BLANK.to_owned()), ("Signature", BLANK.to_owned())], format, text)
}

fn heading(level: usize, words: &str, format: Format, text: &mut String) -> std::fmt::Result {
    match (format, level) {
        (Format::Markdown, _) => writeln!(text, "\n{} {words}\n", "#".repeat(level)),
        (Format::Text, 1) => writeln!(text, "\n{words}\n{}\n", "=".repeat(PAGE_COLUMNS)),
        (Format::Text, 2) => writeln!(text, "\n{words}\n{}\n", "-".repeat(PAGE_COLUMNS)),
        (Format::Text, _) => writeln!(text, "\n{words}\n"),
    }
}

fn list(lines: &[(&str, String)], format: Format, text: &mut String) -> std::fmt::Result {
    for (name, value) in lines {
        match format {
            Format::Markdown => writeln!(text, "- {name}: {value}")?,
            Format::Text => writeln!(text, "{}", row([*name, value.as_str()]))?,
        }
    }
    Ok(())
}

/// A table; the columns of a Markdown one have their bars as columns of their own, so that it is
/// one to look at too.
fn rows<const N: usize>(
    headings: &[&str; N],
    rows: Vec<[String; N]>,
    format: Format,
    text: &mut String,
) -> std::fmt::Result {
    let line = |cells: &[String; N]| match format {
        Format::Markdown => {
            let cells = cells.iter().flat_map(|cell| [cell.as_str(), "|"]);
            row(["|"].into_iter().chain(cells))
        }
        Format::Text => row(cells),
    };
    writeln!(text, "{}", line(&headings.map(str::to_owned)))?;
    if format == Format::Markdown {
        writeln!(text, "{}", line(&headings.map(|_| "---".to_owned())))?;
    }
    rows.iter().try_for_each(|cells| writeln!(text, "{}", line(cells)))
}

/// A form feed after each page.
fn paged(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let pages = lines.chunks(PAGE_LINES).map(|page| page.join("\n") + "\n");
    pages.collect::<Vec<_>>().join("\u{c}")
}
