//! `wimd assess`: judges a vehicle that is described on the command line, or a list of them.
//!
//! In: arguments, or a CSV file. Out: the figures as a table, as JSON or as sentences for a case
//! file. It never reads or writes the state of the daemon.

mod chinese;
mod csv;
mod english;
mod input;
mod report;
mod words;

pub use csv::{CsvSummary, assess_csv};
pub use input::{FieldError, Vehicle};
pub use words::{Language, sentences};

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use crate::config::limits::{self, ScheduleEntry, TableProblems};
use crate::pipeline::assess::{Profile, assess_with};
use crate::pipeline::limits::Suspension;

/// Arguments of `wimd assess`.
#[derive(Clone, Debug, Default, Args)]
pub struct AssessArgs {
    /// Axle loads front to rear, kg, such as 7000,9500,9500.
    #[arg(long, value_name = "KG,…", allow_hyphen_values = true, required_unless_present = "csv")]
    pub loads: Option<String>,
    /// Distance of each axle to the one before it, mm, such as 3600,1350; ? when not measured.
    #[arg(long, value_name = "MM,…", allow_hyphen_values = true)]
    pub spacings: Option<String>,
    /// Loads of the left wheels, kg.
    #[arg(long, value_name = "KG,…", allow_hyphen_values = true, requires = "right")]
    pub left: Option<String>,
    /// Loads of the right wheels, kg.
    #[arg(long, value_name = "KG,…", allow_hyphen_values = true, requires = "left")]
    pub right: Option<String>,
    /// Tyres each side of each axle: s (single), d (dual) or ? (unknown), such as s,d,d.
    #[arg(long, value_name = "s|d|?,…")]
    pub tyres: Option<String>,
    /// Length of the vehicle, mm.
    #[arg(long, value_name = "MM", allow_hyphen_values = true)]
    pub length: Option<String>,
    /// Speed, km/h with at most one decimal.
    #[arg(long, value_name = "KM/H", allow_hyphen_values = true)]
    pub speed: Option<String>,
    /// Day of the passage, which chooses the limit table; today when absent.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: Option<String>,
    /// Suspension of the drive axles: plain, air or unknown.
    #[arg(long, value_name = "KIND")]
    pub suspension: Option<String>,
    /// Driven axles: single, double or unknown.
    #[arg(long, value_name = "KIND")]
    pub drive: Option<String>,
    /// Total mass by the registration, kg.
    #[arg(long, value_name = "KG", allow_hyphen_values = true)]
    pub registered: Option<String>,
    /// Take an unknown suspension as air suspension (the profile unknown_is_air).
    #[arg(long)]
    pub unknown_is_air: bool,
    /// Limit table to judge by, such as mot62-2016; by the day when absent.
    #[arg(long, value_name = "ID")]
    pub regime: Option<String>,
    /// File with a further limit table, or one that replaces a compiled-in table; repeatable.
    #[arg(long = "table", value_name = "FILE")]
    pub tables: Vec<PathBuf>,
    /// Judge every vehicle of this CSV file (- reads standard input) and write one line each.
    #[arg(long, value_name = "FILE", conflicts_with = "loads")]
    pub csv: Option<PathBuf>,
    /// Language of the sentences: en or zh.
    #[arg(long, value_enum, default_value_t)]
    pub lang: Language,
    /// Only the sentences, on one page for a case file.
    #[arg(long)]
    pub explain: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Why nothing was judged.
#[derive(Debug, thiserror::Error)]
pub enum AssessError {
    /// An argument or column is wrong.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// A limit table could not be read from disk.
    #[error("cannot read the limit table {}", file.display())]
    ReadTable {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A limit table is wrong.
    #[error(transparent)]
    Table(#[from] TableProblems),
    /// The list of vehicles could not be opened.
    #[error("cannot open the list of vehicles {}", file.display())]
    Open {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The list of vehicles is no CSV.
    #[error("cannot read the list of vehicles")]
    Csv(#[from] ::csv::Error),
    /// The result could not be written.
    #[error("cannot write the result")]
    Write(#[from] io::Error),
    /// The result could not be written as JSON.
    #[error("cannot write the result as JSON")]
    Json(#[from] serde_json::Error),
}

impl AssessError {
    /// Whether the arguments are at fault, so that the exit code is 2.
    pub const fn is_usage(&self) -> bool {
        matches!(self, Self::Field(_) | Self::Table(_))
    }
}

/// Judges and prints.
///
/// # Errors
/// When an argument, a table or the list is wrong, or the output cannot be written.
pub fn run(args: &AssessArgs, out: &mut dyn Write) -> Result<(), AssessError> {
    let profile = profile(args)?;
    if let Some(file) = &args.csv {
        return csv::run(file, &profile, out);
    }
    let vehicle = Vehicle::from_args(args)?;
    let assessment = assess_with(&vehicle.passage, &vehicle.facts, &profile);
    vehicle.refuse_unjudged(&assessment)?;
    if args.json {
        serde_json::to_writer(&mut *out, &assessment)?;
        writeln!(out)?;
    } else if args.explain {
        report::page(&assessment, args.lang, out)?;
    } else {
        report::table(&vehicle, &assessment, args.lang, out)?;
    }
    Ok(())
}

fn profile(args: &AssessArgs) -> Result<Profile, AssessError> {
    let mut profile = if args.tables.is_empty() && args.regime.is_none() {
        limits::standard_profile()
    } else {
        chosen_profile(args)?
    };
    if args.unknown_is_air {
        profile.unknown_suspension = Suspension::Air;
    }
    Ok(profile)
}

fn chosen_profile(args: &AssessArgs) -> Result<Profile, AssessError> {
    let mut tables = limits::standard();
    for file in &args.tables {
        let text = std::fs::read_to_string(file)
            .map_err(|source| AssessError::ReadTable { file: file.clone(), source })?;
        tables.put(limits::read(&file.display().to_string(), &text)?);
    }
    let regime = args.regime.as_deref().unwrap_or(limits::STANDARD_REGIME);
    if tables.get(regime).is_none() {
        let known: Vec<&str> = tables.iter().map(|table| &*table.head().id).collect();
        return Err(FieldError::new(
            "--regime",
            format!("{regime:?} is no limit table; known: {}", known.join(", ")),
        )
        .into());
    }
    let regime = limits::schedule(&tables, "--regime", &[ScheduleEntry::whole(regime)])?;
    Ok(limits::profile(&tables, regime)?)
}
