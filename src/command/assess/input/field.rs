//! Single fields of a description: their values, and errors that name them.

use crate::pipeline::limits::{Drive, Suspension};
use crate::pipeline::passage::Tyres;
use crate::units::DeciKmh;

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
        Self { field, what: what.into() }
    }
}

/// Lists with one value for each axle.
#[derive(Clone, Copy)]
pub(super) struct List {
    pub(super) separator: char,
    pub(super) count: usize,
}

impl List {
    /// Hands each value over with its axle, from `first` on; an empty text has none.
    pub(super) fn each(
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

pub(super) fn at_axle<T>(
    field: &'static str,
    index: usize,
    text: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<T, FieldError> {
    read(text.trim()).ok_or_else(|| {
        let what = format!("axle {}: {:?} is not {}", index + 1, text.trim(), wanted(field));
        FieldError::new(field, what)
    })
}

pub(super) fn optional<T>(
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
pub(super) fn wanted(field: &str) -> &'static str {
    match field.trim_start_matches('-') {
        "tyres" => "s, d or ?",
        "speed" => "a speed in km/h with at most one decimal",
        "date" => "a day written yyyy-mm-dd",
        "suspension" => "plain, air or unknown",
        "wide-tyres" | "wide_tyres" | "farm-vehicle" | "farm_vehicle" | "dump-truck"
        | "dump_truck" => "yes, no or unknown",
        "drive" => "single, double or unknown",
        "length" | "length_mm" | "spacings" | "spacings_mm" => "a whole number of millimetres",
        _ => "a whole number of kilograms",
    }
}

pub(super) fn number(text: &str) -> Option<u32> {
    // `parse` would take a leading plus, which no field has.
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

pub(super) fn maybe_number(text: &str) -> Option<Option<u32>> {
    if text == "?" { Some(None) } else { number(text).map(Some) }
}

pub(super) fn tyres(text: &str) -> Option<Tyres> {
    match text {
        "s" | "single" => Some(Tyres::Single),
        "d" | "dual" => Some(Tyres::Dual),
        "?" | "unknown" => Some(Tyres::Unknown),
        _ => None,
    }
}

pub(super) fn suspension(text: &str) -> Option<Option<Suspension>> {
    match text {
        "plain" => Some(Some(Suspension::Plain)),
        "air" => Some(Some(Suspension::Air)),
        "unknown" | "?" => Some(None),
        _ => None,
    }
}

pub(super) fn drive(text: &str) -> Option<Option<Drive>> {
    match text {
        "single" => Some(Some(Drive::Single)),
        "double" => Some(Some(Drive::Double)),
        "unknown" | "?" => Some(None),
        _ => None,
    }
}

pub(super) fn answer(text: &str) -> Option<Option<bool>> {
    match text {
        "yes" => Some(Some(true)),
        "no" => Some(Some(false)),
        "unknown" | "?" => Some(None),
        _ => None,
    }
}

pub(super) fn speed(text: &str) -> Option<DeciKmh> {
    let (whole, tenth) = text.split_once('.').unwrap_or((text, "0"));
    let tenth = number(tenth).filter(|digit| *digit < 10)?;
    let speed = number(whole)?.checked_mul(10)?.checked_add(tenth)?;
    u16::try_from(speed).ok().map(DeciKmh)
}
