//! A vehicle as a person describes it, to the passage that the pipeline judges.

use super::AssessArgs;
use crate::clock::{Clock, Timestamp};
use crate::pipeline::assess::{Assessment, Facts, NotAssessable};
use crate::pipeline::limits::{Day, Drive, MAX_AXLES, Suspension};
use crate::pipeline::passage::{Axle, Direction, Passage, PassageSource, TimeMapping, Tyres};
use crate::units::{DeciKmh, Kilograms, Lane, Millimetres};

/// What is wrong with which field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {what}")]
pub struct FieldError {
    /// Argument or column.
    pub field: &'static str,
    /// What is wrong with it.
    pub what: String,
}

impl FieldError {
    /// `what` is wrong with `field`.
    pub fn new(field: &'static str, what: impl Into<String>) -> Self {
        Self {
            field,
            what: what.into(),
        }
    }
}

/// A described vehicle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vehicle {
    /// Its measurement.
    pub passage: Passage,
    /// What else is known of it.
    pub facts: Facts,
}

/// Names under which a description gives its fields: arguments, or columns of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields {
    pub(super) loads: &'static str,
    pub(super) spacings: &'static str,
    pub(super) left: &'static str,
    pub(super) right: &'static str,
    pub(super) tyres: &'static str,
    pub(super) length: &'static str,
    pub(super) speed: &'static str,
    pub(super) date: &'static str,
    pub(super) suspension: &'static str,
    pub(super) drive: &'static str,
    pub(super) registered: &'static str,
}

pub(super) const ARGUMENTS: Fields = Fields {
    loads: "--loads",
    spacings: "--spacings",
    left: "--left",
    right: "--right",
    tyres: "--tyres",
    length: "--length",
    speed: "--speed",
    date: "--date",
    suspension: "--suspension",
    drive: "--drive",
    registered: "--registered",
};

/// The description, field by field; an empty text is a field that is not given.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Description<'a> {
    pub(super) loads: &'a str,
    pub(super) spacings: &'a str,
    pub(super) left: &'a str,
    pub(super) right: &'a str,
    pub(super) tyres: &'a str,
    pub(super) length: &'a str,
    pub(super) speed: &'a str,
    pub(super) date: &'a str,
    pub(super) suspension: &'a str,
    pub(super) drive: &'a str,
    pub(super) registered: &'a str,
}

impl Vehicle {
    pub(super) fn from_args(args: &AssessArgs) -> Result<Self, FieldError> {
        let text = |field: &'_ Option<String>| field.clone().unwrap_or_default();
        let (loads, spacings) = (text(&args.loads), text(&args.spacings));
        let (left, right, tyres) = (text(&args.left), text(&args.right), text(&args.tyres));
        let (length, speed, date) = (text(&args.length), text(&args.speed), text(&args.date));
        let (suspension, drive) = (text(&args.suspension), text(&args.drive));
        let registered = text(&args.registered);
        let description = Description {
            loads: &loads,
            spacings: &spacings,
            left: &left,
            right: &right,
            tyres: &tyres,
            length: &length,
            speed: &speed,
            date: &date,
            suspension: &suspension,
            drive: &drive,
            registered: &registered,
        };
        let mut vehicle = Self::blank(Clock::system().now());
        vehicle.describe(&description, &ARGUMENTS, ',')?;
        Ok(vehicle)
    }

    /// A vehicle without axles that passes at `at`.
    pub(super) fn blank(at: Timestamp) -> Self {
        Self {
            passage: Passage {
                source: PassageSource {
                    controller: 0,
                    boot_id: 0,
                    vehicle: 0,
                },
                lane: Lane(1),
                direction: Direction::WithTraffic,
                began_at: at,
                ended_at: at,
                received_at: at,
                axles: Vec::new(),
                reported_gross_kg: None,
                length_mm: None,
                speed_dkmh: None,
                acceleration_mmps2: None,
                temperature_dc: None,
                device_groups: None,
                trigger_id: None,
                flags: Vec::new(),
                scale: None,
                time: TimeMapping::default(),
                raw_sha256: String::new(),
            },
            facts: Facts::default(),
        }
    }

    /// Replaces everything that is described; the axles' memory is used again.
    pub(super) fn describe(
        &mut self,
        of: &Description<'_>,
        fields: &Fields,
        separator: char,
    ) -> Result<(), FieldError> {
        if let Some(day) = optional(of.date, fields.date, |text| text.parse::<Day>().ok())? {
            let noon = day.noon();
            self.passage.began_at = noon.unwrap_or(self.passage.began_at);
        }
        self.axles(of, fields, separator)?;
        let passage = &mut self.passage;
        passage.length_mm = optional(of.length, fields.length, number)?.map(Millimetres);
        passage.speed_dkmh = optional(of.speed, fields.speed, speed)?;
        self.facts.suspension = optional(of.suspension, fields.suspension, suspension)?.flatten();
        self.facts.drive = optional(of.drive, fields.drive, drive)?.flatten();
        self.facts.registered = optional(of.registered, fields.registered, number)?.map(Kilograms);
        Ok(())
    }

    fn axles(
        &mut self,
        of: &Description<'_>,
        fields: &Fields,
        separator: char,
    ) -> Result<(), FieldError> {
        let at = self.passage.began_at;
        let axles = &mut self.passage.axles;
        axles.clear();
        if of.loads.is_empty() {
            return Err(FieldError::new(fields.loads, "missing"));
        }
        for (index, text) in of.loads.split(separator).enumerate() {
            if index == MAX_AXLES {
                let what = format!("more than {MAX_AXLES} axles");
                return Err(FieldError::new(fields.loads, what));
            }
            axles.push(Axle {
                at,
                load_kg: at_axle(fields.loads, index, text, maybe_number)?.map(Kilograms),
                left_kg: None,
                right_kg: None,
                spacing_mm: None,
                speed_dkmh: None,
                tyres: Tyres::Unknown,
            });
        }
        if axles.len() < 2 {
            return Err(FieldError::new(
                fields.loads,
                "a vehicle has at least two axles",
            ));
        }
        let count = axles.len();
        let list = List { separator, count };
        list.each(fields.spacings, of.spacings, 1, |index, text| {
            let spacing = at_axle(fields.spacings, index, text, maybe_number)?;
            axles[index].spacing_mm = spacing.map(Millimetres);
            Ok(())
        })?;
        list.each(fields.left, of.left, 0, |index, text| {
            axles[index].left_kg = at_axle(fields.left, index, text, maybe_number)?.map(Kilograms);
            Ok(())
        })?;
        list.each(fields.right, of.right, 0, |index, text| {
            let load = at_axle(fields.right, index, text, maybe_number)?;
            axles[index].right_kg = load.map(Kilograms);
            Ok(())
        })?;
        list.each(fields.tyres, of.tyres, 0, |index, text| {
            axles[index].tyres = at_axle(fields.tyres, index, text, tyres)?;
            Ok(())
        })
    }

    /// Turns a measurement that cannot be judged into an error that names the argument.
    pub(super) fn refuse_unjudged(&self, assessment: &Assessment) -> Result<(), FieldError> {
        let Some(reason) = assessment.not_assessable.first() else {
            return Ok(());
        };
        let (field, what) = fault(*reason);
        Err(FieldError::new(field, what))
    }
}

/// The argument behind a reason, and what is wrong with it. Flags never come from a description.
const fn fault(reason: NotAssessable) -> (&'static str, &'static str) {
    match reason {
        NotAssessable::LoadZero => ("--loads", "an axle load must be more than 0 kg"),
        NotAssessable::LoadMissing => ("--loads", "the load of each axle is needed"),
        NotAssessable::LoadImplausible => ("--loads", "an axle load is beyond 40 000 kg"),
        NotAssessable::SidesImplausible => (
            "--left/--right",
            "one side of an axle carries more than 3 times the other",
        ),
        NotAssessable::SpacingZero => ("--spacings", "a spacing must be more than 0 mm"),
        NotAssessable::SpacingsExceedLength => (
            "--length",
            "the axles are further apart than the vehicle is long",
        ),
        NotAssessable::NoLimitInForce => ("--date", "no limit table is in force on that day"),
        NotAssessable::NoLimitForVehicle => ("--regime", "the table has no row for such a vehicle"),
        _ => ("--loads", "these axles cannot be judged"),
    }
}

/// Lists with one value for each axle.
#[derive(Clone, Copy)]
struct List {
    separator: char,
    count: usize,
}

impl List {
    /// Hands each value over with its axle, from `first` on; an empty text has none.
    fn each(
        self,
        field: &'static str,
        text: &str,
        first: usize,
        mut set: impl FnMut(usize, &str) -> Result<(), FieldError>,
    ) -> Result<(), FieldError> {
        if text.is_empty() {
            return Ok(());
        }
        let wanted = self.count - first;
        let mut given = 0;
        for part in text.split(self.separator) {
            if given < wanted {
                set(first + given, part)?;
            }
            given += 1;
        }
        if given == wanted {
            return Ok(());
        }
        let what = format!("{given} values, but {} axles need {wanted}", self.count);
        Err(FieldError::new(field, what))
    }
}

fn at_axle<T>(
    field: &'static str,
    index: usize,
    text: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<T, FieldError> {
    read(text.trim()).ok_or_else(|| {
        let what = format!(
            "axle {}: {:?} is not {}",
            index + 1,
            text.trim(),
            wanted(field)
        );
        FieldError::new(field, what)
    })
}

fn optional<T>(
    text: &str,
    field: &'static str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, FieldError> {
    if text.is_empty() {
        return Ok(None);
    }
    let value = read(text.trim());
    value.map(Some).ok_or_else(|| {
        FieldError::new(field, format!("{:?} is not {}", text.trim(), wanted(field)))
    })
}

/// What a field takes.
fn wanted(field: &str) -> &'static str {
    match field.trim_start_matches('-') {
        "tyres" => "s, d or ?",
        "speed" => "a speed in km/h with at most one decimal",
        "date" => "a day written yyyy-mm-dd",
        "suspension" => "plain, air or unknown",
        "drive" => "single, double or unknown",
        "length" | "length_mm" | "spacings" | "spacings_mm" => "a whole number of millimetres",
        _ => "a whole number of kilograms",
    }
}

fn number(text: &str) -> Option<u32> {
    // `parse` would take a leading plus, which no field has.
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn maybe_number(text: &str) -> Option<Option<u32>> {
    if text == "?" {
        Some(None)
    } else {
        number(text).map(Some)
    }
}

fn tyres(text: &str) -> Option<Tyres> {
    match text {
        "s" | "single" => Some(Tyres::Single),
        "d" | "dual" => Some(Tyres::Dual),
        "?" | "unknown" => Some(Tyres::Unknown),
        _ => None,
    }
}

fn suspension(text: &str) -> Option<Option<Suspension>> {
    match text {
        "plain" => Some(Some(Suspension::Plain)),
        "air" => Some(Some(Suspension::Air)),
        "unknown" | "?" => Some(None),
        _ => None,
    }
}

fn drive(text: &str) -> Option<Option<Drive>> {
    match text {
        "single" => Some(Some(Drive::Single)),
        "double" => Some(Some(Drive::Double)),
        "unknown" | "?" => Some(None),
        _ => None,
    }
}

fn speed(text: &str) -> Option<DeciKmh> {
    let (whole, tenth) = text.split_once('.').unwrap_or((text, "0"));
    let tenth = number(tenth).filter(|digit| *digit < 10)?;
    let speed = number(whole)?.checked_mul(10)?.checked_add(tenth)?;
    u16::try_from(speed).ok().map(DeciKmh)
}
