//! `wimd assess`: judges a vehicle that is described on the command line, or a list of them.
//!
//! In: arguments, or a CSV file. Out: the figures as a table, as JSON or as sentences for a case
//! file. It never reads or writes the state of the daemon.

mod chinese;
mod csv;
mod english;
mod error;
mod input;
mod report;
mod words;

pub use crate::language::Language;
pub use csv::{CsvSummary, assess_csv};
pub use error::AssessError;
use input::{ARGUMENTS, fault};
pub use input::{FieldError, Vehicle};
pub use words::sentences;

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::judging;
use crate::config::load::load;
use crate::pipeline::assess::{
    Accuracy, AccuracyClass, LaneLaw, Profile, Stage, assess_with, obstacles,
};
use crate::pipeline::limits::Suspension;
use crate::pipeline::record::Unenforceable;
use crate::units::Lane;

/// How it is called, for the end of the help.
const EXAMPLES: &str = "\
Examples:
  wimd assess --loads 7000,9500,9500 --spacings 3600,1350
  wimd assess --loads 7000,9500,9500 --spacings 3600,1350 --explain --lang zh
  wimd assess --csv vehicles.csv > assessed.csv

Columns of the CSV, in any order: id, loads_kg, spacings_mm, left_kg, right_kg, tyres, length_mm, \
speed_kmh, date, suspension, drive, registered_kg, wide_tyres, farm_vehicle, dump_truck. Only \
loads_kg is needed. Values within a cell are parted by spaces, such as 7000 9500 9500.

Exit code 2: a wrong argument, or a vehicle that cannot be judged; the message names the field.";

/// Arguments of `wimd assess`.
#[derive(Clone, Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub struct AssessArgs {
    /// Axle loads front to rear, kg, such as 7000,9500,9500.
    #[arg(
        long,
        value_name = "KG,…",
        allow_hyphen_values = true,
        required_unless_present = "csv",
        help_heading = "The vehicle"
    )]
    pub loads: Option<String>,
    /// Distance of each axle to the one before it, mm, such as 3600,1350; ? when not measured.
    #[arg(long, value_name = "MM,…", allow_hyphen_values = true, help_heading = "The vehicle")]
    pub spacings: Option<String>,
    /// Loads of the left wheels, kg; an axle with one side above three times the other is refused.
    #[arg(
        long,
        value_name = "KG,…",
        allow_hyphen_values = true,
        requires = "right",
        help_heading = "The vehicle"
    )]
    pub left: Option<String>,
    /// Loads of the right wheels, kg.
    #[arg(
        long,
        value_name = "KG,…",
        allow_hyphen_values = true,
        requires = "left",
        help_heading = "The vehicle"
    )]
    pub right: Option<String>,
    /// Tyres each side of each axle: s (single), d (dual) or ? (unknown), such as s,d,d.
    #[arg(long, value_name = "s|d|?,…", help_heading = "The vehicle")]
    pub tyres: Option<String>,
    /// Length of the vehicle, mm; a vehicle shorter than its axles are apart is refused.
    #[arg(long, value_name = "MM", allow_hyphen_values = true, help_heading = "The vehicle")]
    pub length: Option<String>,
    /// Speed, km/h, such as 62.5; counts only where --config gives the lane approved speeds.
    #[arg(long, value_name = "KM/H", allow_hyphen_values = true, help_heading = "The vehicle")]
    pub speed: Option<String>,
    /// Day of the passage, which chooses the limit table; today when absent.
    #[arg(long, value_name = "YYYY-MM-DD", help_heading = "The vehicle")]
    pub date: Option<String>,
    /// Suspension of the drive axles: plain, air or unknown.
    #[arg(long, value_name = "KIND", help_heading = "The vehicle")]
    pub suspension: Option<String>,
    /// Driven axles of the truck or tractor: single (one), double (two) or unknown.
    #[arg(long, value_name = "KIND", help_heading = "The vehicle")]
    pub drive: Option<String>,
    /// Total mass by the registration, kg.
    #[arg(long, value_name = "KG", allow_hyphen_values = true, help_heading = "The vehicle")]
    pub registered: Option<String>,
    /// Whether single tyres are as wide as note 3 of 124号 asks: yes, no or unknown.
    #[arg(long, value_name = "ANSWER", help_heading = "The vehicle")]
    pub wide_tyres: Option<String>,
    /// Whether it is a tractor (拖拉机), farm vehicle or low-speed truck: yes, no or unknown.
    #[arg(long, value_name = "ANSWER", help_heading = "The vehicle")]
    pub farm_vehicle: Option<String>,
    /// Whether it is a dump truck: yes, no or unknown.
    #[arg(long, value_name = "ANSWER", help_heading = "The vehicle")]
    pub dump_truck: Option<String>,
    /// Take an unknown suspension as air suspension (the profile unknown_is_air).
    #[arg(long, help_heading = "The law")]
    pub unknown_is_air: bool,
    /// Limit table to judge by, such as mot62-2016; by the day when absent.
    #[arg(long, value_name = "ID", help_heading = "The law")]
    pub regime: Option<String>,
    /// File with a further limit table, or one that replaces a compiled-in table; repeatable.
    #[arg(long = "table", value_name = "FILE", help_heading = "The law")]
    pub tables: Vec<PathBuf>,
    /// Configuration whose tables, tolerance and lanes count; the defaults when absent.
    #[arg(long, value_name = "FILE", help_heading = "The site and its scale")]
    pub config: Option<PathBuf>,
    /// Lane of the configuration whose accuracy, certificate and speeds count; 1 when absent.
    #[arg(long, value_name = "NUMBER", help_heading = "The site and its scale")]
    pub lane: Option<u8>,
    /// Accuracy class of the scale, which gives the guard band: 0.2, 0.5, 1, 2, 5, 7, 10 or 15.
    #[arg(long, value_name = "CLASS", help_heading = "The site and its scale")]
    pub accuracy_class: Option<String>,
    /// Take the permissible error at verification, which is half of the one in service.
    #[arg(long, requires = "accuracy_class", help_heading = "The site and its scale")]
    pub initial: bool,
    /// Judge every vehicle of this CSV file and write one line each; - reads standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "loads")]
    pub csv: Option<PathBuf>,
    /// Language of the sentences: what the whole program speaks.
    #[arg(skip)]
    pub lang: Language,
    /// Only the sentences of the derivation, on one page for a case file.
    #[arg(long)]
    pub explain: bool,
    /// Print one JSON object, as it stands in a record.
    #[arg(long)]
    pub json: bool,
}

/// The assessment with what stands against a case, as far as scale and law decide it.
#[derive(serde::Serialize)]
struct Judged<'a> {
    #[serde(flatten)]
    assessment: &'a crate::pipeline::assess::Assessment,
    unenforceable: &'a [Unenforceable],
}

/// Judges and prints.
///
/// # Errors
/// When an argument, a table or the list is wrong, or the output cannot be written.
pub fn run(args: &AssessArgs, out: &mut dyn Write) -> Result<(), AssessError> {
    let profile = profile(args)?;
    let lane = Lane(args.lane.unwrap_or(1));
    if let Some(file) = &args.csv {
        return csv::run(file, (&profile, lane), out);
    }
    let mut vehicle = Vehicle::from_args(args)?;
    vehicle.passage.lane = lane;
    let assessment = assess_with(&vehicle.passage, &vehicle.facts, &profile);
    if let Some(reason) = assessment.not_assessable.first() {
        return Err(fault(*reason, &ARGUMENTS).into());
    }
    let mut against = obstacles(&vehicle.passage, &assessment, &profile);
    if args.config.is_none() {
        // nobody has said whether there is a certificate
        against.retain(|reason| *reason != Unenforceable::NoCertificate);
    }
    if args.json {
        let judged = Judged { assessment: &assessment, unenforceable: &against };
        serde_json::to_writer(&mut *out, &judged)?;
        writeln!(out)?;
    } else if args.explain {
        report::page(&assessment, &against, args.lang, out)?;
    } else {
        report::table(&vehicle, &assessment, &against, args.lang, out)?;
    }
    Ok(())
}

fn profile(args: &AssessArgs) -> Result<Profile, AssessError> {
    let loaded = args.config.as_deref().map(load).transpose().map_err(AssessError::Config)?;
    let config = loaded.map(|loaded| loaded.config);
    let lane = Lane(args.lane.unwrap_or(1));
    let mut profile = judging::profile(config.as_ref(), &args.tables, args.regime.as_deref())
        .map_err(AssessError::of_judging)?;
    if config.is_some() && profile.lane(lane).is_none() {
        let what = format!("the configuration has no lane {}", lane.0);
        return Err(FieldError::new("--lane", what).into());
    }
    if args.unknown_is_air {
        profile.unknown_suspension = Suspension::Air;
    }
    if let Some(class) = &args.accuracy_class {
        let class = AccuracyClass::named(class).ok_or_else(|| {
            let what = format!("{class:?} is not 0.2, 0.5, 1, 2, 5, 7, 10 or 15");
            FieldError::new("--accuracy-class", what)
        })?;
        let stage = if args.initial { Stage::Initial } else { Stage::InService };
        let accuracy = Some(Accuracy { class, stage, interval_kg: None });
        match profile.lanes.iter_mut().find(|law| law.lane == lane) {
            Some(law) => law.accuracy = accuracy,
            None => profile.lanes.push(LaneLaw { lane, accuracy, ..LaneLaw::default() }),
        }
    }
    Ok(profile)
}
