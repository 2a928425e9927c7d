//! The legally relevant part: limit tables and their dates, tolerance, grouping, and what is known
//! of each lane's scale.

use std::fs;
use std::path::Path;

use super::ParametersError;
use crate::config::limits::{self, ScheduleEntry, TableProblem, TableProblems};
use crate::config::{Config, LaneConfig, LimitsConfig, ScheduleTerm};
use crate::pipeline::assess::{Accuracy, Certificate, LaneLaw, Profile, Tolerance, ToleranceKind};
use crate::pipeline::limits::{Day, Name, Schedule, Tables};
use crate::units::{DeciKmh, Kilograms, Millimetres, MillimetresPerSecond2, PerMyriad};

/// Speeds for a lane whose scale is approved up to or from one speed only.
const ANY_SPEED: (DeciKmh, DeciKmh) = (DeciKmh(0), DeciKmh(u16::MAX));

/// A factor of one.
const WHOLE: u16 = 10_000;

/// The profile that a configuration asks for.
///
/// # Errors
/// Limit tables that cannot be read; everything that is wrong in them and in the dated lists.
pub fn profile(config: &Config) -> Result<Profile, ParametersError> {
    let mut profile = profile_of(&config.limits, &tables(&config.limits)?)?;
    profile.grouping = config.grouping.thresholds();
    profile.lanes = config.lane.iter().map(|lane| of_lane(lane, config)).collect();
    Ok(profile)
}

/// The profile of the section alone, over its `tables`, where no lane is known.
///
/// # Errors
/// Everything that is wrong in the dated lists.
pub fn profile_of(section: &LimitsConfig, tables: &Tables) -> Result<Profile, ParametersError> {
    let origin = &section.origin;
    let mut dates = Dates { tables, file: &origin.file, found: Vec::new() };
    let regime = dates.terms(&section.schedule, &origin.schedule, limits::STANDARD_REGIME);
    let axle = dates.terms(&section.axle_schedule, &origin.axle_schedule, limits::STANDARD_AXLE);
    let comparison = section.comparison.iter().map(|id| {
        dates.resolve(&[ScheduleEntry { line: origin.comparison, ..ScheduleEntry::whole(id) }])
    });
    let comparison = comparison.collect();
    if !dates.found.is_empty() {
        dates.found.sort();
        return Err(ParametersError::Tables(TableProblems(dates.found)));
    }
    let mut profile = Profile::new(regime, comparison, axle);
    profile.unknown_suspension = section.suspension.taken_as();
    profile.length_error = Millimetres(section.length_error_mm);
    profile.apply_axle_sum = section.apply_axle_sum;
    let beyond = section.axle_group_case_beyond_permyriad;
    profile.axle_group_case_beyond = beyond.map(|part| PerMyriad(part.into()));
    profile.tolerance = tolerance(section);
    profile.tiers = section.tiers_permyriad.iter().copied().map(PerMyriad).collect();
    Ok(profile)
}

/// The compiled-in tables and the configured ones.
///
/// # Errors
/// Files that cannot be read, and everything that is wrong in all of them at once.
pub fn tables(section: &LimitsConfig) -> Result<Tables, ParametersError> {
    let mut tables = limits::standard();
    let mut found = Vec::new();
    for path in &section.tables {
        let text = fs::read_to_string(path)
            .map_err(|source| ParametersError::Table { path: path.clone(), source })?;
        match limits::read(&path.display().to_string(), &text) {
            Ok(table) => tables.put(table),
            Err(TableProblems(problems)) => found.extend(problems),
        }
    }
    if found.is_empty() { Ok(tables) } else { Err(ParametersError::Tables(TableProblems(found))) }
}

/// Dated lists of one configuration, with what is wrong in them.
struct Dates<'a> {
    tables: &'a Tables,
    file: &'a Path,
    found: Vec<TableProblem>,
}

impl Dates<'_> {
    /// The configured terms, or `standard` for as long as it holds.
    fn terms(&mut self, terms: &[ScheduleTerm], lines: &[usize], standard: &str) -> Schedule {
        let lines = lines.iter().copied().chain(std::iter::repeat(0));
        let entries = terms.iter().zip(lines).map(|(term, line)| ScheduleEntry {
            line,
            from: term.from.parse::<Day>().ok(),
            to: term.to.as_ref().and_then(|to| to.parse::<Day>().ok()),
            table: term.table.clone(),
        });
        let mut entries: Vec<ScheduleEntry> = entries.collect();
        if entries.is_empty() {
            entries.push(ScheduleEntry::whole(standard));
        }
        self.resolve(&entries)
    }

    fn resolve(&mut self, entries: &[ScheduleEntry]) -> Schedule {
        let resolved = limits::schedule(self.tables, &self.file.display().to_string(), entries);
        resolved.unwrap_or_else(|TableProblems(problems)| {
            self.found.extend(problems);
            Schedule::default()
        })
    }
}

fn tolerance(section: &LimitsConfig) -> Tolerance {
    let (part, factor) = (section.deduction_permyriad, section.limit_factor_permyriad);
    let (name, kind) = if part > 0 {
        (format!("deduct-{part}"), ToleranceKind::Deduct(PerMyriad(part.into())))
    } else if factor != WHOLE {
        (format!("factor-{factor}"), ToleranceKind::LimitFactor(PerMyriad(factor.into())))
    } else {
        return Tolerance {
            id: section.tolerance.as_deref().map_or(Tolerance::default().id, Name::from),
            kind: ToleranceKind::None,
        };
    };
    Tolerance { id: Name::from(section.tolerance.clone().unwrap_or(name)), kind }
}

fn of_lane(lane: &LaneConfig, config: &Config) -> LaneLaw {
    let (least, most) = ANY_SPEED;
    let speed = match (lane.min_speed(), lane.max_speed()) {
        (None, None) => None,
        (from, to) => Some((from.unwrap_or(least), to.unwrap_or(most))),
    };
    let accuracy = lane.accuracy_class.map(|class| Accuracy {
        class,
        stage: lane.accuracy_stage,
        interval_kg: lane.scale_interval_kg.map(Kilograms),
    });
    let certificate = lane.certificate_number.as_deref().map(|number| Certificate {
        number: Name::from(number),
        institution: lane.certificate_institution.as_deref().unwrap_or_default().into(),
        expiry: lane.certificate_expiry.as_ref().and_then(|day| day.parse().ok()),
    });
    let scale = config.scale.iter().find(|scale| scale.name == lane.scale);
    LaneLaw {
        lane: lane.lane(),
        accuracy,
        speed,
        acceleration_max: lane.max_acceleration_mmps2.map(MillimetresPerSecond2),
        certificate,
        calibration_factor: lane.calibration_factor_permyriad.map(PerMyriad),
        codes: scale.and_then(|scale| scale.group_codes),
    }
}
