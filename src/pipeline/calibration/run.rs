//! One run of the reference vehicle, and whether it counts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Reference;
use super::statistics::median;
use crate::clock::Timestamp;
use crate::pipeline::assess::GroupAssessment;
use crate::pipeline::passage::Passage;
use crate::pipeline::record::Unenforceable;
use crate::units::{DeciKmh, Kilograms, PartsPerMillion, PerMyriad};

/// A run is far from the others when it is more than this many tenths of a robust standard
/// deviation from their middle: the modified z-score of 3.5 (Iglewicz and Hoaglin).
const FAR: i64 = 35;
/// 1.4826, which makes a standard deviation of the middle distance, in ten-thousandths.
const MIDDLE_TO_DEVIATION: i64 = 14_826;
/// Runs are never required to lie closer together than this robust standard deviation: 0.1 %, our
/// choice, the step of a class 0.2 scale.
const LEAST_SPREAD: i64 = 1_000;
/// Runs among which one can be told to be far off.
const ENOUGH: usize = 5;

/// Speeds by GB/T 21296: low to 10, medium to 40, high to 100 km/h (scales.md section 2.2).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SpeedBand {
    /// Up to 10 km/h.
    Low,
    /// Above 10 and up to 40 km/h.
    Medium,
    /// Above 40 km/h.
    High,
}

impl SpeedBand {
    /// Each, slowest first.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// The band of a speed.
    pub fn of(speed: DeciKmh) -> Self {
        match speed.0 {
            ..=100 => Self::Low,
            101..=400 => Self::Medium,
            _ => Self::High,
        }
    }

    /// Whether a range of approved speeds holds any of it beyond its edge.
    pub(super) fn touches(self, (least, most): (DeciKmh, DeciKmh)) -> bool {
        let (above, to) = match self {
            Self::Low => (0, 100),
            Self::Medium => (100, 400),
            Self::High => (400, u16::MAX),
        };
        least.0 < to && most.0 > above
    }
}

/// Why a run does not count for factor and mean.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum SetAside {
    /// It has another number of axles.
    AxleCount {
        /// How many were weighed.
        axles: u8,
    },
    /// An axle load was not measured.
    NotMeasured,
    /// It was not driven as a weighing asks, or not measured whole.
    Measurement {
        /// What stands against it in its record.
        reasons: Vec<Unenforceable>,
    },
    /// It lies far from the others although nothing else is wrong with it. It still counts for
    /// the class, which no run may miss.
    FarFromOthers {
        /// Middle of the others' errors.
        middle_ppm: PartsPerMillion,
        /// Distance from it beyond which a run is far.
        allowed_ppm: PartsPerMillion,
    },
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// Id of its record.
    pub record: String,
    /// When.
    pub at: Timestamp,
    /// Speed on the scale.
    pub speed_dkmh: Option<DeciKmh>,
    /// Gross mass as weighed.
    pub gross_kg: Option<Kilograms>,
    /// Loads of its axle groups front to rear, or of its single axles when it has two.
    pub groups_kg: Vec<Kilograms>,
    /// Gross mass against the reference.
    pub error_ppm: Option<PartsPerMillion>,
    /// Why it does not count; `None` when it does.
    pub set_aside: Option<SetAside>,
}

impl Run {
    /// From a sealed passage.
    pub fn new(
        record: String,
        passage: &Passage,
        (groups, against): (&[GroupAssessment], &[Unenforceable]),
        reference: &Reference,
    ) -> Self {
        let gross = passage.gross();
        let axles = u8::try_from(passage.axles.len()).unwrap_or(u8::MAX);
        let reasons: Vec<Unenforceable> =
            against.iter().filter(|one| one.concerns_measurement()).copied().collect();
        let set_aside = if axles != reference.axles {
            Some(SetAside::AxleCount { axles })
        } else if gross.is_none() {
            Some(SetAside::NotMeasured)
        } else {
            (!reasons.is_empty()).then_some(SetAside::Measurement { reasons })
        };
        Self {
            record,
            at: passage.began_at,
            speed_dkmh: passage.speed_dkmh,
            gross_kg: gross,
            groups_kg: groups.iter().filter_map(|group| group.load_kg).collect(),
            error_ppm: gross.and_then(|gross| PartsPerMillion::of(gross, reference.gross_kg)),
            set_aside,
        }
    }

    /// Whether it counts for factor and mean.
    pub fn counts(&self) -> bool {
        self.set_aside.is_none() && self.error_ppm.is_some()
    }

    /// Whether it counts for the class: driven and measured as a weighing asks.
    pub(super) fn is_measured(&self) -> bool {
        matches!(self.set_aside, None | Some(SetAside::FarFromOthers { .. }))
            && self.error_ppm.is_some()
    }

    /// Its band; `None` when its speed was not measured.
    pub fn band(&self) -> Option<SpeedBand> {
        self.speed_dkmh.map(SpeedBand::of)
    }

    /// The same as another factor would have weighed it.
    pub(super) fn corrected(
        &self,
        reference: &Reference,
        (before, factor): (PerMyriad, PerMyriad),
    ) -> Self {
        let weigh = |mass: Kilograms| {
            let (before, factor) = (u64::from(before.0.max(1)), u64::from(factor.0));
            let mass = (u64::from(mass.0) * factor * 2 + before) / (before * 2);
            Kilograms(u32::try_from(mass).unwrap_or(u32::MAX))
        };
        let gross = self.gross_kg.map(weigh);
        Self {
            gross_kg: gross,
            groups_kg: self.groups_kg.iter().copied().map(weigh).collect(),
            error_ppm: gross.and_then(|gross| PartsPerMillion::of(gross, reference.gross_kg)),
            ..self.clone()
        }
    }
}

/// Sets runs aside that lie far from the others.
pub(super) fn set_outliers_aside(runs: &mut [Run]) {
    let errors: Vec<i64> = runs
        .iter()
        .filter(|run| run.counts())
        .filter_map(|run| run.error_ppm.map(|error| error.0))
        .collect();
    let Some(middle) = median(errors.iter().copied()).filter(|_| errors.len() >= ENOUGH) else {
        return;
    };
    let distances = errors.iter().map(|error| (error - middle).abs());
    let spread = median(distances).unwrap_or(0) * MIDDLE_TO_DEVIATION / 10_000;
    let allowed = spread.max(LEAST_SPREAD) * FAR / 10;
    for run in runs.iter_mut().filter(|run| run.counts()) {
        let far = run.error_ppm.is_some_and(|error| (error.0 - middle).abs() > allowed);
        run.set_aside = far.then_some(SetAside::FarFromOthers {
            middle_ppm: PartsPerMillion(middle),
            allowed_ppm: PartsPerMillion(allowed),
        });
    }
}
