//! Permissible errors of verified scales, and the guard band made from them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::{Kilograms, PerMyriad};

/// Accuracy class for the mass of the whole vehicle: OIML R134-1 (2006) and JJG 907-2006 0.2 to
/// 10, GB/T 21296 also 7 and 15 (scales.md sections 2.1 and 2.2).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub enum AccuracyClass {
    /// ±0.10 % at verification.
    #[serde(rename = "0.2")]
    C0_2,
    /// ±0.25 % at verification.
    #[serde(rename = "0.5")]
    C0_5,
    /// ±0.50 % at verification.
    #[serde(rename = "1")]
    C1,
    /// ±1.00 % at verification.
    #[serde(rename = "2")]
    C2,
    /// ±2.50 % at verification.
    #[serde(rename = "5")]
    C5,
    /// ±3.50 % at verification, by the same rule as the others (not confirmed).
    #[serde(rename = "7")]
    C7,
    /// ±5.00 % at verification.
    #[serde(rename = "10")]
    C10,
    /// ±7.50 % at verification, by the same rule as the others (not confirmed).
    #[serde(rename = "15")]
    C15,
}

/// When the permissible error is asked for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// At verification.
    Initial,
    /// In service, where the error may be twice as large.
    InService,
}

/// A scale's accuracy by its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Accuracy {
    /// Class.
    pub class: AccuracyClass,
    /// Which of the two errors counts.
    pub stage: Stage,
    /// Scale interval d; gives the least error. `None` leaves the least error out.
    pub interval_kg: Option<Kilograms>,
}

impl AccuracyClass {
    /// Every class, finest first.
    pub const ALL: [Self; 8] =
        [Self::C0_2, Self::C0_5, Self::C1, Self::C2, Self::C5, Self::C7, Self::C10, Self::C15];

    /// The class that a certificate writes so.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }

    /// As the certificate writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::C0_2 => "0.2",
            Self::C0_5 => "0.5",
            Self::C1 => "1",
            Self::C2 => "2",
            Self::C5 => "5",
            Self::C7 => "7",
            Self::C10 => "10",
            Self::C15 => "15",
        }
    }

    const fn initial(self) -> u32 {
        match self {
            Self::C0_2 => 10,
            Self::C0_5 => 25,
            Self::C1 => 50,
            Self::C2 => 100,
            Self::C5 => 250,
            Self::C7 => 350,
            Self::C10 => 500,
            Self::C15 => 750,
        }
    }
}

impl Accuracy {
    /// The permissible error of the gross mass: of the reading's true value, in per-myriad.
    pub const fn permissible(&self) -> PerMyriad {
        PerMyriad(self.class.initial() * self.stage.factor())
    }

    /// Kilograms above `limit` up to which the true mass may still be within it.
    ///
    /// A true mass m may read up to m × (1 + e), so that only a reading beyond limit × (1 + e) is
    /// certainly over. The error is never below one interval d for each axle weighing at
    /// verification, two in service (OIML R134-1, scales.md section 2.1).
    pub fn guard(&self, limit: Kilograms, axles: usize) -> Kilograms {
        let proportional = u64::from(limit.0) * u64::from(self.permissible().0) / 10_000;
        Kilograms(u32::try_from(proportional).unwrap_or(u32::MAX)).max(self.least(axles))
    }

    /// The least error of `axles` axle weighings; zero where the interval is not known.
    pub fn least(&self, axles: usize) -> Kilograms {
        let weighings = u32::try_from(axles).unwrap_or(u32::MAX);
        let interval = self.interval_kg.unwrap_or_default();
        Kilograms(interval.0.saturating_mul(weighings).saturating_mul(self.stage.factor()))
    }
}

impl Stage {
    const fn factor(self) -> u32 {
        match self {
            Self::Initial => 1,
            Self::InService => 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reading_thresholds_of_the_scale_reference_hold() {
        let threshold = |limit, class, stage| {
            let accuracy = Accuracy { class, stage, interval_kg: None };
            limit + accuracy.guard(Kilograms(limit), 6).0
        };
        let row = |limit| {
            [
                threshold(limit, AccuracyClass::C5, Stage::Initial),
                threshold(limit, AccuracyClass::C5, Stage::InService),
                threshold(limit, AccuracyClass::C10, Stage::Initial),
                threshold(limit, AccuracyClass::C10, Stage::InService),
            ]
        };
        assert_eq!(row(18_000), [18_450, 18_900, 18_900, 19_800]);
        assert_eq!(row(25_000), [25_625, 26_250, 26_250, 27_500]);
        assert_eq!(row(31_000), [31_775, 32_550, 32_550, 34_100]);
        assert_eq!(row(43_000), [44_075, 45_150, 45_150, 47_300]);
        assert_eq!(row(49_000), [50_225, 51_450, 51_450, 53_900]);
    }

    #[test]
    fn the_error_is_never_below_the_intervals_of_its_axle_weighings() {
        let accuracy = Accuracy {
            class: AccuracyClass::C0_2,
            stage: Stage::InService,
            interval_kg: Some(Kilograms(50)),
        };
        assert_eq!(accuracy.guard(Kilograms(18_000), 2), Kilograms(200));
        assert_eq!(accuracy.guard(Kilograms(u32::MAX), usize::MAX), Kilograms(u32::MAX));
    }
}
