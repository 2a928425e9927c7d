//! Days in China, by which tables, rows and certificates come into force and end.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::clock::Timestamp;

/// China is eight hours ahead of UTC all year.
const CHINA_OFFSET_HOURS: i8 = 8;

/// A civil day, held as `yyyymmdd`, which orders as days do. Text form `yyyy-mm-dd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(u32);

impl Day {
    /// The day that `yyyymmdd` writes; `None` when there is no such day.
    pub fn from_yyyymmdd(number: u32) -> Option<Self> {
        let year = i16::try_from(number / 10_000).ok()?;
        let month = i8::try_from(number / 100 % 100).ok()?;
        let day = i8::try_from(number % 100).ok()?;
        jiff::civil::Date::new(year, month, day).ok()?;
        Some(Self(number))
    }

    /// As `yyyymmdd`.
    pub const fn yyyymmdd(self) -> u32 {
        self.0
    }

    /// The day in China at an instant; `None` outside the years 1 to 9999.
    pub fn of(instant: Timestamp) -> Option<Self> {
        let instant = jiff::Timestamp::from_microsecond(instant.0).ok()?;
        let date = jiff::tz::Offset::constant(CHINA_OFFSET_HOURS).to_datetime(instant).date();
        let year = u32::try_from(date.year()).ok().filter(|year| *year > 0)?;
        let month = u32::from(date.month().unsigned_abs());
        let day = u32::from(date.day().unsigned_abs());
        Some(Self(year * 10_000 + month * 100 + day))
    }

    /// Noon of the day in China.
    pub fn noon(self) -> Option<Timestamp> {
        let year = i16::try_from(self.0 / 10_000).ok()?;
        let month = i8::try_from(self.0 / 100 % 100).ok()?;
        let day = i8::try_from(self.0 % 100).ok()?;
        let noon = jiff::civil::Date::new(year, month, day).ok()?.at(12, 0, 0, 0);
        let instant = jiff::tz::Offset::constant(CHINA_OFFSET_HOURS).to_timestamp(noon).ok()?;
        Some(Timestamp(instant.as_microsecond()))
    }

    /// The day before; `None` at the start of the calendar.
    pub fn yesterday(self) -> Option<Self> {
        self.neighbour(jiff::civil::Date::yesterday)
    }

    /// The day after; `None` at the end of the calendar.
    pub fn tomorrow(self) -> Option<Self> {
        self.neighbour(jiff::civil::Date::tomorrow)
    }

    fn neighbour(
        self,
        step: impl FnOnce(jiff::civil::Date) -> Result<jiff::civil::Date, jiff::Error>,
    ) -> Option<Self> {
        let year = i16::try_from(self.0 / 10_000).ok()?;
        let month = i8::try_from(self.0 / 100 % 100).ok()?;
        let day = i8::try_from(self.0 % 100).ok()?;
        let date = step(jiff::civil::Date::new(year, month, day).ok()?).ok()?;
        let year = u32::try_from(date.year()).ok()?;
        Some(Self(
            year * 10_000
                + u32::from(date.month().unsigned_abs()) * 100
                + u32::from(date.day().unsigned_abs()),
        ))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = (self.0 / 10_000, self.0 / 100 % 100, self.0 % 100);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// The text is no day written `yyyy-mm-dd`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no day written yyyy-mm-dd")]
pub struct NoDay(pub String);

impl FromStr for Day {
    type Err = NoDay;
    fn from_str(text: &str) -> Result<Self, NoDay> {
        let bytes = text.as_bytes();
        let shaped = bytes.len() == 10 && bytes[4] == b'-' && bytes[7] == b'-';
        if !shaped {
            return Err(NoDay(text.to_owned()));
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        digits
            .parse()
            .ok()
            .filter(|_| digits.len() == 8)
            .and_then(Self::from_yyyymmdd)
            .ok_or_else(|| NoDay(text.to_owned()))
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for Day {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Day".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "civil day in China, yyyy-mm-dd",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_changes_at_midnight_in_china() {
        let before: Timestamp = "2026-11-22T23:59:59.999999+08:00".parse().unwrap();
        let after = Timestamp(before.0 + 1);
        assert_eq!(
            (Day::of(before), Day::of(after)),
            (Day::from_yyyymmdd(20_261_122), Day::from_yyyymmdd(20_261_123))
        );
    }

    #[test]
    fn text_that_is_no_day_is_refused() {
        for text in ["2026-02-30", "2026-2-3", "20260203", "", "2026-02-03x", "２０26-02-03"] {
            assert_eq!(text.parse::<Day>(), Err(NoDay(text.to_owned())));
        }
    }

    #[test]
    fn noon_of_a_day_is_in_that_day_and_neighbours_are_adjacent() {
        let day: Day = "2024-02-29".parse().unwrap();
        assert_eq!(day.noon().and_then(Day::of), Some(day));
        assert_eq!(day.tomorrow().unwrap().to_string(), "2024-03-01");
        assert_eq!(day.yesterday().unwrap().to_string(), "2024-02-28");
    }
}
