//! Reads a snapshot that may come from another version: what is not there is shown as `-`.

use serde_json::Value;

use crate::clock::Timestamp;
use crate::units::Micros;

/// A place in the snapshot, with the instant at which it was taken.
#[derive(Clone, Copy)]
pub(in crate::command) struct Part<'a> {
    value: &'a Value,
    at: Option<Timestamp>,
}

impl<'a> Part<'a> {
    /// The whole snapshot.
    pub(in crate::command) fn whole(value: &'a Value) -> Self {
        let at = value["at"].as_str().and_then(|text| text.parse().ok());
        Self { value, at }
    }

    /// The part at a JSON pointer; an absent one is empty.
    pub(in crate::command) fn part(self, pointer: &str) -> Self {
        let value = self.value.pointer(pointer).unwrap_or(&Value::Null);
        Self { value, ..self }
    }

    /// The elements of an array.
    pub(in crate::command) fn parts(self, pointer: &str) -> impl Iterator<Item = Self> {
        let items = self.part(pointer).value.as_array();
        let items = items.into_iter().flatten();
        items.map(move |value| Self { value, ..self })
    }

    /// The entries of an object.
    pub(in crate::command) fn entries(
        self,
        pointer: &str,
    ) -> impl Iterator<Item = (&'a str, Self)> {
        let map = self.part(pointer).value.as_object();
        let entries = map.into_iter().flatten();
        entries.map(move |(name, value)| (name.as_str(), Self { value, ..self }))
    }

    /// A text or number as it is.
    pub(in crate::command) fn text(self, pointer: &str) -> String {
        match self.part(pointer).value {
            Value::Null => "-".to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }

    /// Whether there is a value at all.
    pub(in crate::command) fn is_there(self, pointer: &str) -> bool {
        !self.part(pointer).value.is_null()
    }

    /// Whether it is this text.
    pub(in crate::command) fn is(self, pointer: &str, text: &str) -> bool {
        self.part(pointer).value == text
    }

    /// Whether it is `true`.
    pub(in crate::command) fn yes(self, pointer: &str) -> bool {
        self.part(pointer).value == true
    }

    /// A count; absent counts are zero.
    pub(in crate::command) fn count(self, pointer: &str) -> u64 {
        self.part(pointer).value.as_u64().unwrap_or(0)
    }

    /// The sum of every number in the part, such as of all causes of a drop.
    pub(in crate::command) fn sum(self, pointer: &str) -> u64 {
        sum(self.part(pointer).value)
    }

    /// When the snapshot was taken.
    pub(in crate::command) fn at(self) -> Option<Timestamp> {
        self.at
    }

    /// A number with sign; `None` when there is none.
    pub(in crate::command) fn number(self, pointer: &str) -> Option<i64> {
        self.part(pointer).value.as_i64()
    }

    /// Whole seconds between an instant and the snapshot.
    pub(in crate::command) fn seconds_since(self, pointer: &str) -> Option<u64> {
        let instant: Timestamp = self.part(pointer).value.as_str()?.parse().ok()?;
        u64::try_from((self.at? - instant).0 / 1_000_000).ok()
    }

    /// How long before the snapshot an instant was.
    pub(in crate::command) fn ago(self, pointer: &str) -> String {
        let instant = self.part(pointer).value.as_str();
        let instant: Option<Timestamp> = instant.and_then(|text| text.parse().ok());
        match (self.at, instant) {
            (Some(at), Some(instant)) => format!("{} ago", span(at - instant)),
            _ => "never".to_owned(),
        }
    }

    /// How long before the snapshot an instant was, as a span.
    pub(in crate::command) fn age(self, pointer: &str) -> String {
        let ago = self.ago(pointer);
        ago.strip_suffix(" ago").unwrap_or("-").to_owned()
    }

    /// A span in microseconds, as milliseconds with sign.
    pub(in crate::command) fn millis(self, pointer: &str) -> String {
        let micros = self.part(pointer).value.as_i64();
        micros.map_or_else(|| "-".to_owned(), |micros| format!("{:+} ms", micros / 1_000))
    }

    /// Parts per billion as parts per million.
    pub(in crate::command) fn ppm(self, pointer: &str) -> String {
        let billionths = self.part(pointer).value.as_i64();
        billionths.map_or_else(|| "-".to_owned(), |ppb| format!("{:+} ppm", ppb / 1_000))
    }
}

fn sum(value: &Value) -> u64 {
    match value {
        Value::Number(number) => number.as_u64().unwrap_or(0),
        Value::Object(map) => map.values().map(sum).sum(),
        Value::Array(items) => items.iter().map(sum).sum(),
        Value::Null | Value::Bool(_) | Value::String(_) => 0,
    }
}

/// The name of a choice as it stands in the record.
pub(in crate::command) fn name(choice: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(choice).unwrap_or_default();
    value.as_str().unwrap_or("-").to_owned()
}

/// A span in its two largest units.
pub(in crate::command) fn span(span: Micros) -> String {
    let seconds = span.0.max(0) / 1_000_000;
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{rest} s"),
        (0, 0, _) => format!("{minutes} min {rest} s"),
        (0, _, _) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

/// Bytes with the largest binary unit that leaves a whole number.
pub(in crate::command) fn bytes(bytes: u64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut rest = bytes;
    let mut unit = 0;
    while rest >= 10_240 && unit + 1 < units.len() {
        rest /= 1_024;
        unit += 1;
    }
    format!("{rest} {}", units[unit])
}

/// A day is its first instant in China.
pub(in crate::command) fn instant(text: &str) -> Result<Timestamp, String> {
    let whole = if text.len() == 10 { format!("{text}T00:00:00+08:00") } else { text.to_owned() };
    whole.parse().map_err(|_| "a day such as 2026-11-24, or an instant with offset".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_two_units() {
        let told = |seconds| span(Micros::from_secs(seconds));
        let table = [
            (0, "0 s"),
            (59, "59 s"),
            (61, "1 min 1 s"),
            (3_660, "1 h 1 min"),
            (90_000, "1 d 1 h"),
        ];
        for (seconds, text) in table {
            assert_eq!(told(seconds), text);
        }
    }

    #[test]
    fn what_is_absent_is_a_dash_and_not_a_zero() {
        let value = serde_json::json!({});
        assert_eq!(Part::whole(&value).text("/store/head"), "-");
        assert_eq!(Part::whole(&value).ago("/scales/0/last"), "never");
    }

    #[test]
    fn bytes_are_told_in_whole_units() {
        assert_eq!(bytes(10_239), "10239 B");
        assert_eq!(bytes(300 << 20), "300 MiB");
    }

    #[test]
    fn a_day_begins_at_midnight_in_china() {
        let expected = "2026-11-23T16:00:00Z".parse().ok();
        assert_eq!(instant("2026-11-24").ok(), expected);
        assert!(instant("yesterday").is_err());
    }
}
