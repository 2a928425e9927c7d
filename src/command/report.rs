//! `wimd report --month`: what the campaign asks for each day and settles each month (日清月结):
//! passages, over-limit rate, tiers, 百吨王, 100 % and more, kinds of evasion, by lane and day.

mod chart;
mod seen;
mod tally;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::file::cannot;
use super::ledger_source::{Source, Unreadable};
use super::table::table;
use super::value::name;
use super::words::words;
use super::{Exit, Failure, Outcome};
use crate::config::load::{DEFAULT_PATH, load};
use crate::pipeline::evasion::EvasionKind;
use crate::pipeline::record::Record;
use crate::units::PerMyriad;
use seen::Seen;
use tally::{Edges, LaneName, Tally};

/// Arguments of `wimd report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The month, in China time, such as 2026-11.
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    pub month: String,
    /// Print one line of CSV for each day and lane.
    #[arg(long)]
    pub csv: bool,
    /// Print one JSON object.
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Also draw the days as an SVG chart into this file.
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Read a file with one published record in each line instead.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Configuration file of the daemon.
    #[arg(long, value_name = "FILE", default_value = DEFAULT_PATH)]
    pub config: PathBuf,
}

/// The figures of a month by day and lane.
#[derive(Debug, Default, Serialize)]
struct Month {
    month: String,
    /// By day (`2026-11-24`), then by lane.
    days: BTreeMap<String, BTreeMap<LaneName, Tally>>,
    /// Records of the ledger that could not be read: the figures lack them.
    unreadable: u64,
    /// Records of about this time that are not there any more: the figures lack them, too.
    absent: u64,
    /// The tiers of the configuration, and others that records were put into before it changed.
    #[serde(skip)]
    tiers: BTreeSet<Edges>,
}

/// Every kind of evasion, in the order of its columns.
const EVASIONS: [EvasionKind; 10] = [
    EvasionKind::Straddling,
    EvasionKind::WrongWay,
    EvasionKind::Tailgating,
    EvasionKind::CoveredPlate,
    EvasionKind::AbsentPlate,
    EvasionKind::SolidLine,
    EvasionKind::SpeedGames,
    EvasionKind::SDriving,
    EvasionKind::LiftedAxle,
    EvasionKind::EmergencyLane,
];

/// Counts and prints.
///
/// # Errors
/// When there is nothing to read from, or a file cannot be written.
pub fn run(args: &ReportArgs, out: &mut dyn Write) -> Outcome {
    let source = Source::open(args.file.as_deref(), &args.config)?;
    // a file may come from a site whose configuration is not here: then the standard tiers count
    let limits = load(&args.config).map(|loaded| loaded.config.limits).unwrap_or_default();
    let tiers = Edges::all(&limits.tiers_permyriad).collect();
    let mut month = Month { month: args.month.clone(), tiers, ..Month::default() };
    let mut seen = Seen::default();
    source.all(|line| {
        match line {
            Ok(sealed) => {
                let at = sealed.record.occurred_at.to_string();
                let lies = at.get(..7).unwrap_or_default().cmp(&month.month);
                if seen.note(&sealed, lies)? && lies.is_eq() {
                    month.count(&at, &sealed.record);
                }
            }
            Err(Unreadable(_)) => month.unreadable += 1,
        }
        Ok(())
    })?;
    month.absent = seen.absent(source.head()?.is_some());
    if let Some(path) = &args.svg {
        let drawn = chart::svg(&month.month, &month.by_day());
        std::fs::write(path, drawn).map_err(cannot("write", path))?;
    }
    if args.json {
        writeln!(out, "{}", serde_json::to_string(&month)?)?;
    } else if args.csv {
        csv(&month, out)?;
    } else {
        page(&month, &source.name(), out)?;
    }
    let lacks: Vec<String> = month.lacks().collect();
    match lacks.is_empty() {
        true => Ok(Exit::Good),
        // the page has said it
        false if !args.json && !args.csv => Ok(Exit::Failed),
        false => Err(Failure::new(Exit::Failed, lacks.join("; "))),
    }
}

impl Month {
    /// Counts a record of the month that occurred at that instant.
    fn count(&mut self, at: &str, record: &Record) {
        let day = at.get(..10).unwrap_or(at).to_owned();
        if let Some((lane, tally)) = Tally::of(record) {
            self.tiers.extend(tally.tiers.keys());
            self.days.entry(day).or_default().entry(lane).or_default().add(&tally);
        }
    }

    fn by_day(&self) -> BTreeMap<String, Tally> {
        let sum = |lanes: &BTreeMap<LaneName, Tally>| Tally::sum(lanes.values());
        self.days.iter().map(|(day, lanes)| (day.clone(), sum(lanes))).collect()
    }

    /// What the figures do not hold.
    fn lacks(&self) -> impl Iterator<Item = String> {
        let unreadable = format!("{} records cannot be read and are not counted", self.unreadable);
        let absent = format!(
            "{} records of about this time are not there any more and are not counted",
            self.absent
        );
        let both = [(self.unreadable, unreadable), (self.absent, absent)];
        both.into_iter().filter(|(count, _)| *count > 0).map(|(_, text)| text)
    }

    fn by_lane(&self) -> BTreeMap<LaneName, Tally> {
        let mut lanes: BTreeMap<LaneName, Tally> = BTreeMap::new();
        for (lane, tally) in self.days.values().flatten() {
            lanes.entry(*lane).or_default().add(tally);
        }
        lanes
    }
}

const HEADINGS: [&str; 9] =
    ["", "PASSAGES", "JUDGED", "OVER", "RATE", "ENFORCEABLE", ">=100 t", ">=100 %", "EVASION"];

fn row(name: &str, tally: &Tally) -> [String; 9] {
    [
        name.to_owned(),
        tally.passages.to_string(),
        tally.judged.to_string(),
        tally.overload.to_string(),
        rate(tally),
        tally.enforceable.to_string(),
        tally.hundred_tonnes.to_string(),
        tally.hundred_percent.to_string(),
        tally.with_evasion.to_string(),
    ]
}

/// Overloads by judged passages; a dash when none was judged.
fn rate(tally: &Tally) -> String {
    let whole = tally.judged * 2;
    match (tally.overload * 20_000 + tally.judged).checked_div(whole) {
        Some(rate) => {
            let rate = PerMyriad(u32::try_from(rate).unwrap_or(u32::MAX));
            format!("{} %", rate.percent())
        }
        None => "-".to_owned(),
    }
}

fn page(month: &Month, source: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}, from {source}\n", month.month)?;
    let whole = Tally::sum(month.by_lane().values());
    let mut days = table(HEADINGS);
    for (day, tally) in month.by_day() {
        // the year stands above, and the table just fits a terminal
        days.add_row(row(day.get(5..).unwrap_or(&day), &tally));
    }
    for (lane, tally) in month.by_lane() {
        days.add_row(row(&format!("lane {lane}"), &tally));
    }
    days.add_row(row("month", &whole));
    writeln!(out, "{days}")?;
    let tiers = month.tiers.iter().map(|edges| (edges.to_string(), whole.tiers.get(edges)));
    counts(["TIER OF THE OVER-LIMIT RATE", "VEHICLES"], tiers, out)?;
    let signs = EVASIONS.iter().map(|kind| (words(kind), whole.evasion.get(kind)));
    counts(["EVASION", "SIGNS"], signs, out)?;
    for lack in month.lacks() {
        writeln!(out, "\n{lack}")?;
    }
    Ok(())
}

fn counts<'a>(
    headings: [&str; 2],
    counts: impl Iterator<Item = (String, Option<&'a u64>)>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut table = table(headings);
    for (name, count) in counts {
        table.add_row([name, count.copied().unwrap_or(0).to_string()]);
    }
    writeln!(out, "\n{table}")
}

/// The columns are the same in every month of a site: each tier and each kind of evasion has one,
/// whether there was any or not.
fn csv(month: &Month, out: &mut dyn Write) -> Result<(), Failure> {
    let mut writer = csv::Writer::from_writer(out);
    let fixed = [
        "day",
        "lane",
        "passages",
        "judged",
        "overload",
        "enforceable",
        "hundred_tonnes",
        "hundred_percent",
        "with_evasion",
    ];
    let headings = fixed.iter().map(|name| (*name).to_owned());
    let headings = headings.chain(month.tiers.iter().map(|edges| edges.column()));
    writer.write_record(headings.chain(EVASIONS.iter().map(name)))?;
    for (day, lanes) in &month.days {
        for (lane, tally) in lanes {
            let mut fields = vec![day.clone(), lane.to_string()];
            let [_, passages, judged, overload, _, enforceable, tonnes, percent, evasion] =
                row("", tally);
            fields.extend([passages, judged, overload, enforceable, tonnes, percent, evasion]);
            let figure = |count: Option<&u64>| count.copied().unwrap_or(0).to_string();
            fields.extend(month.tiers.iter().map(|edges| figure(tally.tiers.get(edges))));
            fields.extend(EVASIONS.iter().map(|kind| figure(tally.evasion.get(kind))));
            writer.write_record(fields)?;
        }
    }
    Ok(writer.flush()?)
}

fn month(text: &str) -> Result<String, String> {
    let day = format!("{text}-01");
    let known = text.len() == 7 && day.parse::<jiff::civil::Date>().is_ok();
    known.then(|| text.to_owned()).ok_or_else(|| "a month such as 2026-11".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_are_the_same_whatever_a_month_held() {
        let limits = crate::config::LimitsConfig::default();
        let tiers: BTreeSet<Edges> = Edges::all(&limits.tiers_permyriad).collect();
        let mut out = Vec::new();
        csv(&Month { tiers, ..Month::default() }, &mut out).expect("memory");
        let expected = "day,lane,passages,judged,overload,enforceable,hundred_tonnes,\
                        hundred_percent,with_evasion,over_0_to_10_percent,over_10_to_20_percent,\
                        over_20_to_30_percent,over_30_to_50_percent,over_50_to_100_percent,\
                        over_100_percent_and_more,straddling,wrong_way,tailgating,covered_plate,\
                        absent_plate,solid_line,speed_games,s_driving,lifted_axle,emergency_lane\n";
        assert_eq!(String::from_utf8(out).expect("UTF-8"), expected);
        let shown: Vec<String> = Edges::all(&[0, 1_250]).map(|edges| edges.to_string()).collect();
        assert_eq!(shown, ["0-12.5 %", "12.5 % and more"]);
    }

    #[test]
    fn every_kind_of_evasion_has_its_column() {
        let schema = schemars::schema_for!(EvasionKind).to_value();
        let kinds = schema["oneOf"].as_array().expect("choices").len();
        assert_eq!(kinds, EVASIONS.iter().collect::<BTreeSet<_>>().len());
    }
}
