//! What a technician sees: the runs, the figures of each lane, and what to do next.

use std::io::{self, Write};

use super::apply::Sealed;
use super::{CalibrateArgs, Outcomes};
use crate::command::figures::{day_to_second, kmh};
use crate::command::table::{Table, table};
use crate::command::value::name;
use crate::language::proper;
use crate::pipeline::assess::AccuracyClass;
use crate::pipeline::calibration::{
    AxleClass, Errors, LaneCalibration, Reached, Run, SetAside, SpeedBand,
};
use crate::units::{PartsPerMillion, PerMyriad};

pub(super) fn write(
    result: &Outcomes,
    args: &CalibrateArgs,
    source: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    for lane in &result.calibration.lanes {
        writeln!(out, "LANE {}\n", lane.lane.0)?;
        writeln!(out, "{}\n", runs(lane))?;
        writeln!(out, "{}\n", errors(lane))?;
        writeln!(out, "FACTOR  {} now, {} puts the mean right\n", before(lane), factor(lane))?;
    }
    if result.calibration.lanes.is_empty() && result.failures.is_empty() {
        writeln!(out, "no run of the reference vehicle was found in {source}\n")?;
    }
    if result.unreadable > 0 {
        writeln!(out, "{} records cannot be read\n", result.unreadable)?;
    }
    next(result, args, out)
}

/// What stands against a result that is not whole; empty when it is.
pub(super) fn unfinished(result: &Outcomes, source: &str) -> io::Result<String> {
    let mut text = Vec::new();
    if result.calibration.lanes.is_empty() && result.failures.is_empty() {
        writeln!(text, "no run of the reference vehicle was found in {source}")?;
    }
    against(result, &mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// The runs that came since `told` were shown, and what is still missing.
pub(super) fn newest(result: &Outcomes, told: usize, out: &mut dyn Write) -> io::Result<()> {
    let lanes = result.calibration.lanes.iter();
    let mut all: Vec<(u8, &Run)> =
        lanes.flat_map(|lane| lane.runs.iter().map(|run| (lane.lane.0, run))).collect();
    all.sort_by_key(|(_, run)| run.at);
    for (lane, run) in all.iter().skip(told) {
        let [time, speed, gross, error, remark] = cells(run);
        writeln!(out, "{time}  lane {lane}  {speed}  {gross}  {error}  {remark}")?;
    }
    missing(result, out)
}

/// What was sealed, and what remains to be done by hand.
pub(super) fn applied(sealed: &Sealed, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "SEALED  calibration {}, record {}", sealed.count, sealed.seq)?;
    writeln!(out, "\nNow set by hand, then start the daemon and drive control runs:")?;
    for lane in &sealed.lanes {
        writeln!(out, "  lane {}: factor {} in the controller", lane.lane.0, factor(lane))?;
        let set = lane.factor_permyriad.0;
        writeln!(out, "          calibration_factor_permyriad = {set} in its [[lane]]")?;
    }
    Ok(())
}

fn next(result: &Outcomes, args: &CalibrateArgs, out: &mut dyn Write) -> io::Result<()> {
    against(result, out)?;
    if result.is_whole() && !args.apply {
        writeln!(out, "NEXT    nothing is changed yet; --apply --by NAME seals it")?;
    }
    Ok(())
}

fn against(result: &Outcomes, out: &mut dyn Write) -> io::Result<()> {
    for failure in &result.failures {
        writeln!(out, "FAIL    {failure}")?;
    }
    missing(result, out)
}

fn missing(result: &Outcomes, out: &mut dyn Write) -> io::Result<()> {
    for (lane, bands) in &result.missing {
        for (band, runs) in bands {
            writeln!(out, "MISSING lane {}: {runs} more runs {}", lane.0, band_text(*band))?;
        }
    }
    Ok(())
}

fn runs(lane: &LaneCalibration) -> Table {
    let mut table = table(["RUN", "SPEED", "GROSS", "ERROR", "REMARK"]);
    for run in &lane.runs {
        table.add_row(cells(run));
    }
    table
}

pub(super) fn cells(run: &Run) -> [String; 5] {
    let time = run.at.to_string();
    let gross = run.gross_kg.map_or_else(|| "-".to_owned(), |gross| gross.to_string());
    [
        day_to_second(&time),
        run.speed_dkmh.map_or_else(|| "-".to_owned(), kmh),
        gross,
        run.error_ppm.map_or_else(|| "-".to_owned(), percent),
        run.set_aside.as_ref().map(aside).unwrap_or_default(),
    ]
}

/// Why a run does not count.
fn aside(why: &SetAside) -> String {
    match why {
        SetAside::AxleCount { axles } => format!("left out: it has {axles} axles"),
        SetAside::NotMeasured => "left out: an axle was not measured".to_owned(),
        SetAside::Measurement { reasons } => {
            let reasons: Vec<String> = reasons.iter().map(name).collect();
            format!("left out: {}", reasons.join(", "))
        }
        SetAside::FarFromOthers { middle_ppm, allowed_ppm } => {
            let (middle, allowed) = (percent(*middle_ppm), percent(*allowed_ppm));
            let allowed = allowed.trim_start_matches('+');
            format!("outlier: more than {allowed} from the middle, {middle}")
        }
    }
}

pub(super) const ERROR_HEADINGS: [&str; 7] =
    ["", "RUNS", "MEAN", "STD DEV", "95 % OF THE MEAN", "WORST", "NEW/IN SERVICE"];

fn errors(lane: &LaneCalibration) -> Table {
    let mut table = table(ERROR_HEADINGS);
    for row in error_rows(lane) {
        table.add_row(row);
    }
    table
}

/// The errors by band, together, and with the new factor.
pub(super) fn error_rows(lane: &LaneCalibration) -> Vec<[String; 7]> {
    let bands = lane.bands.iter();
    let mut rows: Vec<[String; 7]> =
        bands.map(|band| row(band_text(band.band), &band.errors)).collect();
    rows.push(row("together", &lane.as_found));
    rows.push(row("new factor", &lane.with_factor));
    rows
}

fn row(name: &str, errors: &Errors) -> [String; 7] {
    let or_dash = |ppm: Option<PartsPerMillion>| ppm.map_or_else(|| "-".to_owned(), percent);
    let interval =
        errors.interval_ppm.map(|(from, to)| format!("{} to {} %", from.percent(), to.percent()));
    let spread = errors.deviation_ppm.map(|ppm| percent(ppm).trim_start_matches('+').to_owned());
    [
        name.to_owned(),
        errors.runs.to_string(),
        or_dash(errors.mean_ppm),
        spread.unwrap_or_else(|| "-".to_owned()),
        interval.unwrap_or_else(|| "-".to_owned()),
        or_dash(errors.greatest_ppm),
        format!("{} / {}", class(errors.initial), class(errors.in_service)),
    ]
}

/// `5 E`: of the gross mass and of axle loads.
fn class(reached: Reached) -> String {
    let gross = reached.gross.map_or("none", AccuracyClass::name);
    let axles = reached.axles.map(AxleClass::name);
    axles.map_or_else(|| gross.to_owned(), |axles| proper(format!("{gross} {axles}")))
}

pub(super) const fn band_text(band: SpeedBand) -> &'static str {
    match band {
        SpeedBand::Low => "to 10 km/h",
        SpeedBand::Medium => "10 to 40 km/h",
        SpeedBand::High => "above 40 km/h",
    }
}

pub(super) fn percent(ppm: PartsPerMillion) -> String {
    format!("{} %", ppm.percent())
}

pub(super) fn before(lane: &LaneCalibration) -> String {
    lane.factor_before_permyriad.map_or_else(|| "1.0000 (not configured)".to_owned(), decimal)
}

pub(super) fn factor(lane: &LaneCalibration) -> String {
    decimal(lane.factor_permyriad)
}

fn decimal(factor: PerMyriad) -> String {
    format!("{}.{:04}", factor.0 / 10_000, factor.0 % 10_000)
}
