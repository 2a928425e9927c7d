//! A list of vehicles in, one assessed line each out, with flat memory.
//!
//! A vehicle that cannot be judged gets a line that says why; it never stops the list.

mod columns;

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use csv::{ReaderBuilder, StringRecord};

use super::AssessError;
use super::input::{FieldError, Vehicle, fault};
use crate::clock::Clock;
use crate::pipeline::assess::{Assessment, Profile, Verdict, assess_with};
use crate::units::{Kilograms, Lane};
use columns::{COLUMNS, Places};

/// Between the values of one cell.
const SEPARATOR: char = ' ';

const HEADER: &str = "id,gross_kg,limit_kg,limit_id,excess_kg,rate_permyriad,verdict,\
                      most_favourable_kg,over_every_reading,axle_overload,reason\n";

/// What became of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CsvSummary {
    /// Vehicles in the list.
    pub vehicles: u64,
    /// Of them with a verdict.
    pub judged: u64,
    /// Line of the first one without a verdict, and why it has none.
    pub first_unjudged: Option<(u64, String)>,
}

pub(super) fn run(
    file: &Path,
    judged_by: (&Profile, Lane),
    out: &mut dyn Write,
) -> Result<(), AssessError> {
    let source: Box<dyn Read> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(
            File::open(file)
                .map_err(|source| AssessError::Open { file: file.to_owned(), source })?,
        )
    };
    let summary = assess_csv(source, judged_by, out)?;
    match summary.first_unjudged.clone() {
        Some((line, what)) => {
            Err(AssessError::Unjudged { file: file.to_owned(), summary, line, what })
        }
        None => Ok(()),
    }
}

/// Judges every vehicle of that lane in a CSV with the columns `id, loads_kg, spacings_mm, left_kg,
/// right_kg, tyres, length_mm, speed_kmh, date, suspension, drive, registered_kg, wide_tyres,
/// farm_vehicle, dump_truck` in any order; only `loads_kg` is needed, other columns are passed over. Values within a cell are parted by spaces.
///
/// # Errors
/// When the text is no CSV, has no such column, or the output cannot be written.
pub fn assess_csv(
    source: impl Read,
    (profile, lane): (&Profile, Lane),
    out: &mut dyn Write,
) -> Result<CsvSummary, AssessError> {
    let mut reader = ReaderBuilder::new()
        .flexible(false)
        .comment(Some(b'#'))
        .buffer_capacity(1 << 16)
        .from_reader(source);
    let places = Places::of(reader.headers()?)?;
    let mut out = BufWriter::with_capacity(1 << 16, out);
    out.write_all(HEADER.as_bytes())?;
    let today = Clock::system().now();
    let mut summary = CsvSummary::default();
    let mut record = StringRecord::new();
    let mut vehicle = Vehicle::blank(today);
    vehicle.passage.lane = lane;
    let mut dated = String::new();
    while reader.read_record(&mut record)? {
        let mut description = places.description(&record);
        // Most lists have one day, and reading it is dearer than all the rest of the line.
        if description.date == dated {
            description.date = "";
        } else {
            dated.clear();
            vehicle.passage.began_at = today;
        }
        match places.id.and_then(|place| record.get(place)) {
            Some(id) => write_field(&mut out, id)?,
            None => write!(out, "{}", summary.vehicles + 1)?,
        }
        match vehicle.describe(&description, &COLUMNS, SEPARATOR) {
            Ok(()) => {
                if !description.date.is_empty() {
                    dated.push_str(description.date);
                }
                let assessment = assess_with(&vehicle.passage, &vehicle.facts, profile);
                write_figures(&mut out, &assessment)?;
                summary.add(&record, &faults(&assessment), &mut out)?;
            }
            Err(fault) => {
                dated.clear();
                vehicle.passage.began_at = today;
                out.write_all(b",,,,,,not_assessable,,false,false,")?;
                summary.add(&record, &fault.to_string(), &mut out)?;
            }
        }
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(summary)
}

impl CsvSummary {
    /// Counts one vehicle and writes why it has no verdict; an empty text says that it has one.
    fn add(&mut self, record: &StringRecord, why: &str, out: &mut impl Write) -> io::Result<()> {
        self.vehicles += 1;
        if why.is_empty() {
            self.judged += 1;
            return Ok(());
        }
        if self.first_unjudged.is_none() {
            let line = record.position().map_or(0, csv::Position::line);
            self.first_unjudged = Some((line, why.to_owned()));
        }
        write_field(out, why)
    }
}

/// Every reason why there is no verdict, each with its column.
fn faults(assessment: &Assessment) -> String {
    let reasons = assessment.not_assessable.iter();
    let words: Vec<String> = reasons.map(|reason| fault(*reason, &COLUMNS).to_string()).collect();
    words.join("; ")
}

impl Vehicle {
    /// The vehicle in one line of a list; today where the line has no day.
    ///
    /// # Errors
    /// When a column is wrong, named after it.
    pub fn from_csv(headers: &StringRecord, record: &StringRecord) -> Result<Self, FieldError> {
        let mut vehicle = Self::blank(Clock::system().now());
        let description = Places::of(headers)?.description(record);
        vehicle.describe(&description, &COLUMNS, SEPARATOR)?;
        Ok(vehicle)
    }
}

fn write_figures(out: &mut impl Write, assessment: &Assessment) -> io::Result<()> {
    write_kilograms(out, assessment.gross_kg)?;
    write_kilograms(out, assessment.limit_kg)?;
    out.write_all(b",")?;
    write_field(out, assessment.limit_id.as_deref().unwrap_or(""))?;
    write_kilograms(out, assessment.excess_kg)?;
    write_kilograms(out, assessment.rate_permyriad.map(|rate| Kilograms(rate.0)))?;
    out.write_all(b",")?;
    out.write_all(name(assessment.verdict).as_bytes())?;
    write_kilograms(out, assessment.most_favourable_kg)?;
    for flag in [assessment.over_every_reading, assessment.axle_overload] {
        out.write_all(if flag { b",true" } else { b",false" })?;
    }
    out.write_all(b",")
}

fn write_kilograms(out: &mut impl Write, mass: Option<Kilograms>) -> io::Result<()> {
    match mass {
        Some(mass) => write!(out, ",{}", mass.0),
        None => out.write_all(b","),
    }
}

/// Quotes only what needs it.
fn write_field(out: &mut impl Write, text: &str) -> io::Result<()> {
    if text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        write!(out, "\"{}\"", text.replace('"', "\"\""))
    } else {
        out.write_all(text.as_bytes())
    }
}

const fn name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Compliant => "compliant",
        Verdict::Overload => "overload",
        Verdict::Uncertain => "uncertain",
        Verdict::NotAssessable => "not_assessable",
    }
}
