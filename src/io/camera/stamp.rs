//! Camera stamps: text in, instant with its credibility out.
//!
//! A camera whose zone is set wrongly is off by whole or half hours; that difference is taken
//! away once it is known to be steady, and the stamp stays marked. A stamp is never trusted for
//! being plausible alone.

use jiff::civil::DateTime;

use crate::clock::Timestamp;
use crate::pipeline::plate::{CameraStamp, LateReason, StampPrecision, ZoneBasis};
use crate::units::Micros;

/// China time, for stamps without zone.
const CHINA_SECONDS: i64 = 8 * 3_600;
/// Zones differ by whole or half hours.
const HALF_HOUR: i64 = 1_800 * 1_000_000;
/// Largest difference of two zones: UTC−12 to UTC+14.
const MAX_SHIFT: i64 = 52;
/// What is left after whole and half hours must be below two minutes to blame the zone. Our
/// choice: delays seen are below 5 s, camera clocks without time service drift seconds a day.
const NEAR: i64 = 120 * 1_000_000;
/// A stamp so much older than its arrival is not live. Our choice: twice the time a camera needs
/// to give up and retry in the reports, far below the shortest half hour.
const OLD: i64 = 10 * 60 * 1_000_000;
/// So many live events in a row must agree before a known zone difference is replaced by another.
const CONFIRM: u8 = 3;

/// A stamp as written, before it is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// The instant by the stamp's own offset, or by China time without one.
    pub at: Timestamp,
    /// How exactly.
    pub precision: StampPrecision,
    /// Whether the text carries an offset.
    pub has_offset: bool,
}

/// Reads `2026-11-23T19:41:58.123+08:00` and its relatives: a blank for the T, no fraction, `Z`,
/// `+0800`, `+08`, `+8:00`, no offset. `None` for anything else.
pub fn read(text: &str) -> Option<Written> {
    let text = text.trim();
    if text.len() > 64 || !text.is_ascii() {
        return None;
    }
    let (civil, offset) = split_offset(text)?;
    let precision =
        if civil.contains('.') { StampPrecision::Millisecond } else { StampPrecision::Second };
    instant(civil, offset.unwrap_or(CHINA_SECONDS)).map(|at| Written {
        at,
        precision,
        has_offset: offset.is_some(),
    })
}

/// Reads `20261123194158` and `20261123194158123`: local time without zone, whole seconds or
/// milliseconds (GA/T 1400, and `absTime` of Hikvision's pictures).
pub fn read_compact(text: &str) -> Option<Written> {
    let text = text.trim();
    if !matches!(text.len(), 14 | 17) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (seconds, millis) = text.split_at(14);
    let part = |from: usize, to: usize| &seconds[from..to];
    let civil = format!(
        "{}-{}-{}T{}:{}:{}",
        part(0, 4),
        part(4, 6),
        part(6, 8),
        part(8, 10),
        part(10, 12),
        part(12, 14)
    );
    let at = instant(&civil, CHINA_SECONDS)?;
    let (precision, millis) = match millis.parse::<i64>() {
        Ok(millis) => (StampPrecision::Millisecond, millis),
        Err(_) => (StampPrecision::Second, 0),
    };
    Some(Written { at: at + Micros::from_millis(millis), precision, has_offset: false })
}

impl Written {
    /// With the milliseconds of a compact stamp of the same instant. That one has no zone, so
    /// only minutes and seconds are compared, modulo half an hour; one that names another second
    /// says nothing about this one.
    #[must_use]
    pub fn sharpened(self, compact: &str) -> Self {
        let Some(fine) = read_compact(compact) else {
            return self;
        };
        let fits = (fine.at - self.at).0.rem_euclid(HALF_HOUR);
        let coarse = self.precision == StampPrecision::Second;
        if !coarse || fine.precision != StampPrecision::Millisecond || fits >= 1_000_000 {
            return self;
        }
        Self { at: self.at + Micros(fits), precision: StampPrecision::Millisecond, ..self }
    }
}

fn instant(civil: &str, offset_seconds: i64) -> Option<Timestamp> {
    let civil: DateTime = civil.parse().ok()?;
    let utc = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    let micros = utc.timestamp().as_microsecond();
    Some(Timestamp(micros - offset_seconds * 1_000_000))
}

/// Splits the offset off, in seconds east of UTC.
fn split_offset(text: &str) -> Option<(&str, Option<i64>)> {
    if let Some(civil) = text.strip_suffix(['Z', 'z']) {
        return Some((civil, Some(0)));
    }
    // The date has dashes too; an offset stands after the time's first colon.
    let time = text.find(':')?;
    let Some(sign) = text[time..].find(['+', '-']) else {
        return Some((text, None));
    };
    let (civil, offset) = text.split_at(time + sign);
    // some cameras leave out the zero of the hour: +8:00
    let (hours, minutes) = match offset[1..].split_once(':') {
        Some((hours, minutes)) if minutes.len() == 2 => (hours, minutes),
        None if offset.len() == 5 => offset.get(1..3).zip(offset.get(3..))?,
        None => (&offset[1..], "0"),
        Some(_) => return None,
    };
    let number = |digits: &str| {
        let is_one = matches!(digits.len(), 1 | 2) && digits.bytes().all(|it| it.is_ascii_digit());
        is_one.then(|| digits.parse::<i64>().ok())?
    };
    let seconds = number(hours)? * 3_600 + number(minutes)? * 60;
    Some((civil, Some(if offset.starts_with('-') { -seconds } else { seconds })))
}

/// What is known of one camera's zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ZoneMemory {
    /// Half hours to add to its stamps, learnt from live events.
    known: Option<i64>,
    /// Another value, and how many live events in a row had it.
    candidate: Option<(i64, u8)>,
}

/// A judged stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// With the zone difference taken away.
    pub stamp: CameraStamp,
    /// [`LateReason::Old`] when it is far older than its arrival.
    pub late: Option<LateReason>,
}

impl ZoneMemory {
    /// Judges a stamp by its arrival. An event that its camera calls late (`marked_late`) teaches
    /// nothing.
    pub fn judge(&mut self, written: Written, received: Timestamp, marked_late: bool) -> Judged {
        let shift = if marked_late {
            self.known.unwrap_or(0)
        } else {
            self.learn((received - written.at).0)
        };
        let at = written.at + Micros(shift.saturating_mul(HALF_HOUR));
        let age = (received - at).0;
        let believed = marked_late || (-NEAR..=OLD).contains(&age);
        let old = !marked_late && age > OLD && self.known.is_some();
        let zone = match (shift == 0 && (believed || old), written.has_offset) {
            (true, true) => ZoneBasis::Explicit,
            (true, false) => ZoneBasis::Assumed,
            (false, _) => ZoneBasis::Suspect,
        };
        Judged {
            stamp: CameraStamp { at, precision: written.precision, zone },
            late: old.then_some(LateReason::Old),
        }
    }

    /// The half hours to add for a live event that arrived `late_by` microseconds after its stamp.
    fn learn(&mut self, late_by: i64) -> i64 {
        let nearest = late_by.saturating_add(HALF_HOUR / 2).div_euclid(HALF_HOUR);
        let residue = late_by - nearest.saturating_mul(HALF_HOUR);
        if residue.abs() > NEAR || nearest.abs() > MAX_SHIFT {
            self.candidate = None;
            return self.known.unwrap_or(0);
        }
        let Some(known) = self.known else {
            self.known = Some(nearest);
            return nearest;
        };
        if nearest == known {
            self.candidate = None;
            return known;
        }
        let seen = match self.candidate {
            Some((candidate, seen)) if candidate == nearest => seen + 1,
            _ => 1,
        };
        if seen >= CONFIRM {
            self.known = Some(nearest);
            self.candidate = None;
            return nearest;
        }
        self.candidate = Some((nearest, seen));
        known
    }
}

#[cfg(test)]
mod tests;
