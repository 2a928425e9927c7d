//! A list of vehicles in, one assessed line each out, with flat memory.
//!
//! A vehicle that cannot be judged gets a line that says why; it never stops the list.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use csv::{ReaderBuilder, StringRecord};

use super::AssessError;
use super::input::{Description, FieldError, Fields, Vehicle};
use crate::clock::Clock;
use crate::pipeline::assess::{Assessment, NotAssessable, Profile, Verdict, assess_with};
use crate::units::Kilograms;

/// Between the values of one cell.
const SEPARATOR: char = ' ';

const COLUMNS: Fields = Fields {
    loads: "loads_kg",
    spacings: "spacings_mm",
    left: "left_kg",
    right: "right_kg",
    tyres: "tyres",
    length: "length_mm",
    speed: "speed_kmh",
    date: "date",
    suspension: "suspension",
    drive: "drive",
    registered: "registered_kg",
    wide_tyres: "wide_tyres",
    farm_vehicle: "farm_vehicle",
    dump_truck: "dump_truck",
};

const HEADER: &str = "id,gross_kg,limit_kg,limit_id,excess_kg,rate_permyriad,verdict,\
                      most_favourable_kg,over_every_reading,axle_overload,reason\n";

/// What became of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CsvSummary {
    /// Vehicles in the list.
    pub vehicles: u64,
    /// Of them with a verdict.
    pub judged: u64,
    /// Of them with a field that could not be read.
    pub refused: u64,
}

pub(super) fn run(file: &Path, profile: &Profile, out: &mut dyn Write) -> Result<(), AssessError> {
    let source: Box<dyn Read> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(
            File::open(file)
                .map_err(|source| AssessError::Open { file: file.to_owned(), source })?,
        )
    };
    assess_csv(source, profile, out).map(|_| ())
}

/// Judges every vehicle of a CSV with the columns `id, loads_kg, spacings_mm, left_kg, right_kg,
/// tyres, length_mm, speed_kmh, date, suspension, drive, registered_kg, wide_tyres, farm_vehicle,
/// dump_truck` in any order; only
/// `loads_kg` is needed, other columns are passed over. Values within a cell are parted by spaces.
///
/// # Errors
/// When the text is no CSV, has no such column, or the output cannot be written.
pub fn assess_csv(
    source: impl Read,
    profile: &Profile,
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
    let mut dated = String::new();
    while reader.read_record(&mut record)? {
        summary.vehicles += 1;
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
            None => write!(out, "{}", summary.vehicles)?,
        }
        match vehicle.describe(&description, &COLUMNS, SEPARATOR) {
            Ok(()) => {
                if !description.date.is_empty() {
                    dated.push_str(description.date);
                }
                let assessment = assess_with(&vehicle.passage, &vehicle.facts, profile);
                summary.judged += u64::from(assessment.verdict != Verdict::NotAssessable);
                write_figures(&mut out, &assessment)?;
            }
            Err(fault) => {
                summary.refused += 1;
                dated.clear();
                vehicle.passage.began_at = today;
                out.write_all(b",,,,,,not_assessable,,false,false,")?;
                write_field(&mut out, &fault.to_string())?;
            }
        }
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(summary)
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

/// Where the columns stand.
struct Places {
    id: Option<usize>,
    loads: usize,
    rest: [Option<usize>; 13],
}

impl Places {
    fn of(headers: &StringRecord) -> Result<Self, FieldError> {
        let place = |name: &str| headers.iter().position(|header| header.trim() == name);
        let loads = place(COLUMNS.loads)
            .ok_or_else(|| FieldError::new(COLUMNS.loads, "the list has no such column"))?;
        let rest = [
            COLUMNS.spacings,
            COLUMNS.left,
            COLUMNS.right,
            COLUMNS.tyres,
            COLUMNS.length,
            COLUMNS.speed,
            COLUMNS.date,
            COLUMNS.suspension,
            COLUMNS.drive,
            COLUMNS.registered,
            COLUMNS.wide_tyres,
            COLUMNS.farm_vehicle,
            COLUMNS.dump_truck,
        ];
        Ok(Self { id: place("id"), loads, rest: rest.map(place) })
    }

    fn description<'a>(&self, record: &'a StringRecord) -> Description<'a> {
        let text = |place: Option<usize>| place.and_then(|place| record.get(place)).unwrap_or("");
        let [measured @ .., wide_tyres, farm_vehicle, dump_truck] = self.rest.map(text);
        let [spacings, left, right, tyres, length, speed, date, suspension, drive, registered] =
            measured;
        Description {
            loads: text(Some(self.loads)),
            spacings,
            left,
            right,
            tyres,
            length,
            speed,
            date,
            suspension,
            drive,
            registered,
            wide_tyres,
            farm_vehicle,
            dump_truck,
        }
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
    out.write_all(b",")?;
    for (index, reason) in assessment.not_assessable.iter().enumerate() {
        let gap = if index > 0 { " " } else { "" };
        write!(out, "{gap}{}", reason_name(*reason))?;
    }
    Ok(())
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

/// The reason as the record writes it.
fn reason_name(reason: NotAssessable) -> String {
    serde_json::to_value(reason)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}
