//! Physical quantities as integers with the unit in the type.
//!
//! Nothing here converts silently: "not measured" is `Option::None` at the place of use and never
//! a zero. All types serialise as their bare integer; the field name carries the unit.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident($inner:ty), $unit:literal) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize,
            Deserialize, JsonSchema,
        )]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!("{} ", $unit), self.0)
            }
        }
    };
}

quantity! {
    /// Mass or axle load in kilograms.
    Kilograms(u32), "kg"
}
quantity! {
    /// Length or distance in millimetres.
    Millimetres(u32), "mm"
}
quantity! {
    /// Speed in tenths of a kilometre per hour.
    DeciKmh(u16), "0.1 km/h"
}
quantity! {
    /// Acceleration in millimetres per second squared; negative is braking.
    MillimetresPerSecond2(i16), "mm/s²"
}
quantity! {
    /// Temperature in tenths of a degree Celsius.
    DeciCelsius(i16), "0.1 °C"
}
quantity! {
    /// Electrical potential in millivolts.
    Millivolts(u16), "mV"
}
quantity! {
    /// A rate in per-myriad: 1/100 of one per cent, so 18.37 % is 1837.
    PerMyriad(u32), "‱"
}
quantity! {
    /// A deviation in parts per million with its sign: 10 000 is 1 %.
    PartsPerMillion(i64), "ppm"
}
quantity! {
    /// A span of time in microseconds; may be negative.
    Micros(i64), "µs"
}
quantity! {
    /// Lane number as the site counts it: 1 is leftmost in the direction of travel
    /// (province-style interface, law.md 11.1).
    Lane(u8), "(lane)"
}

impl Micros {
    /// `n` whole milliseconds.
    pub const fn from_millis(n: i64) -> Self {
        Self(n.saturating_mul(1_000))
    }

    /// `n` whole seconds.
    pub const fn from_secs(n: i64) -> Self {
        Self(n.saturating_mul(1_000_000))
    }
}

impl PerMyriad {
    /// `part` of `whole`, rounded half-up (the rounding direction is not laid down by law,
    /// law.md section 3; half-up is our stated choice). A zero `whole` gives `None`; a rate
    /// beyond the type's range saturates.
    pub fn of(part: Kilograms, whole: Kilograms) -> Option<Self> {
        if whole.0 == 0 {
            return None;
        }
        let (part, whole) = (u64::from(part.0), u64::from(whole.0));
        let rate = (part * 10_000 * 2 + whole) / (whole * 2);
        Some(Self(u32::try_from(rate).unwrap_or(u32::MAX)))
    }

    /// As a percentage with two decimals, such as `18.37`.
    pub fn percent(self) -> String {
        format!("{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl PartsPerMillion {
    /// `measured` against `reference`, rounded to the nearest, halves away from zero; `None` when
    /// there is no reference.
    pub fn of(measured: Kilograms, reference: Kilograms) -> Option<Self> {
        let (measured, reference) = (i64::from(measured.0), i64::from(reference.0));
        let deviation = (measured - reference) * 1_000_000;
        (reference > 0).then(|| {
            let half = reference / 2 * deviation.signum();
            Self((deviation + half) / reference)
        })
    }

    /// As a percentage with sign and two decimals, such as `+1.25`.
    pub fn percent(self) -> String {
        let hundredths = (self.0.unsigned_abs() + 50) / 100;
        let sign = match self.0 {
            _ if hundredths == 0 => "",
            below if below < 0 => "-",
            _ => "+",
        };
        format!("{sign}{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

impl DeciKmh {
    /// Time to travel `distance` at this speed; `None` at standstill.
    ///
    /// 0.1 km/h is 100 000 mm per 3.6·10⁹ µs, hence 36 000 µs per mm and unit.
    pub fn time_for(self, distance: Millimetres) -> Option<Micros> {
        if self.0 == 0 {
            return None;
        }
        Some(Micros(i64::from(distance.0) * 36_000 / i64::from(self.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eight_ratio_vectors_of_the_law_reference_hold() {
        let vectors = [
            (18_000, 0, 0),
            (18_000, 1, 1),
            (25_000, 7_500, 3_000),
            (31_000, 31_000, 10_000),
            (42_000, 1_000, 238),
            (49_000, 9_000, 1_837),
            (46_000, 12_000, 2_609),
            (49_000, 51_000, 10_408),
        ];
        for (limit, over, rate) in vectors {
            assert_eq!(PerMyriad::of(Kilograms(over), Kilograms(limit)), Some(PerMyriad(rate)));
        }
    }

    #[test]
    fn a_rate_without_a_limit_is_not_a_rate() {
        assert_eq!(PerMyriad::of(Kilograms(5), Kilograms(0)), None);
    }

    #[test]
    fn a_deviation_has_a_sign_and_two_decimals() {
        let told = |measured| {
            let of = PartsPerMillion::of(Kilograms(measured), Kilograms(40_000));
            of.map(PartsPerMillion::percent)
        };
        let table = [
            (40_500, "+1.25"),
            (39_500, "-1.25"),
            (40_000, "0.00"),
            (40_001, "0.00"),
            (0, "-100.00"),
        ];
        for (measured, text) in table {
            assert_eq!(told(measured).as_deref(), Some(text));
        }
        assert_eq!(PartsPerMillion::of(Kilograms(1), Kilograms(0)), None);
    }

    #[test]
    fn travel_time_over_25_m_matches_the_reference_speeds() {
        let millis =
            |kmh: u16| DeciKmh(kmh * 10).time_for(Millimetres(25_000)).map(|t| t.0 / 10_000);
        assert_eq!([millis(32), millis(69), millis(85)], [Some(281), Some(130), Some(105)]);
    }
}
