//! Figures in the forms in which several screens show them.

use crate::units::DeciKmh;

/// An instant to the second, date and time parted by a blank: `2026-11-24 09:00:00`.
pub(in crate::command) fn to_second(instant: &str) -> String {
    instant.get(..19).unwrap_or(instant).replace('T', " ")
}

/// The same without its year, for tables of one month: `11-24 09:00:00`.
pub(in crate::command) fn day_to_second(instant: &str) -> String {
    instant.get(5..19).unwrap_or(instant).replace('T', " ")
}

/// The time of day of an instant: `09:00:00`.
pub(in crate::command) fn time_of_day(instant: &str) -> &str {
    instant.get(11..19).unwrap_or(instant)
}

/// A speed to a tenth: `62.5 km/h`.
pub(in crate::command) fn kmh(speed: DeciKmh) -> String {
    format!("{}.{} km/h", speed.0 / 10, speed.0 % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_shown_in_its_local_time_and_what_is_none_as_it_is() {
        let at = "2026-11-24T09:00:00.25+08:00";
        assert_eq!(to_second(at), "2026-11-24 09:00:00");
        assert_eq!(day_to_second(at), "11-24 09:00:00");
        assert_eq!(time_of_day(at), "09:00:00");
        assert_eq!([&*to_second("-"), &*day_to_second("-"), time_of_day("-")], ["-"; 3]);
    }
}
