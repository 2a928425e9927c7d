//! `wimd score`: how many vehicles get their own plate, judged by the simulator's truth alone.
//!
//! In: a scenario, played in memory into the pipeline of the daemon, or a truth file and the
//! records of a run through the real doors. Out: a table or JSON objects.

mod doors;
mod sweep;
mod table;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{Exit, Failure, Outcome};
use crate::pipeline::pairing;
use crate::sim::scenario::Scenario;
use crate::sim::score::{Played, play};
use sweep::Sweep;

/// Arguments of `wimd score`.
#[derive(Debug, Args)]
pub struct ScoreArgs {
    /// Play this scenario in memory.
    #[arg(long, value_name = "FILE", required_unless_present = "truth", conflicts_with = "truth")]
    scenario: Vec<PathBuf>,
    /// Compare a run through the real doors with what is true of it: the file that
    /// `wimd simulate site` wrote.
    #[arg(long, value_name = "FILE", requires = "records")]
    truth: Option<PathBuf>,
    /// The records of that run, one published record in each line, as `wimd records --json`
    /// prints them.
    #[arg(long, value_name = "FILE", requires = "truth")]
    records: Option<PathBuf>,
    /// Vehicles that drive.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(1..))]
    vehicles: u64,
    /// Seeds of the traffic; each is played and shown by itself.
    #[arg(long, value_name = "N", default_value = "1", value_delimiter = ',')]
    seed: Vec<u64>,
    /// Play all of it with each of these values of one window or price, such as
    /// margin=2000,4000,8000, and show the worst seed of each.
    #[arg(long, value_name = "NAME=N,N", conflicts_with_all = ["truth", "explain"], long_help = sweep::help())]
    sweep: Option<Sweep>,
    /// Print one JSON object a scenario and seed.
    #[arg(long)]
    json: bool,
    /// Show what went wrong with whom.
    #[arg(long)]
    explain: bool,
}

/// Plays and compares.
///
/// # Errors
/// [`Failure`] when a file cannot be read.
pub fn run(args: &ScoreArgs, out: &mut dyn Write) -> Outcome {
    if let (Some(truth), Some(records)) = (&args.truth, &args.records) {
        let (figures, remarks) = doors::compare(truth, records)?;
        let played = Played { figures, counts: None, remarks };
        return show(args, vec![("real doors".to_owned(), None, played)], out);
    }
    let mut scenarios = Vec::new();
    for path in &args.scenario {
        scenarios.push((name(path), load(path)?));
    }
    if let Some(sweep) = &args.sweep {
        return sweep::run(sweep, (&scenarios, args.vehicles, &args.seed), args.json, out);
    }
    let mut all = Vec::new();
    for (name, scenario) in &scenarios {
        for seed in &args.seed {
            let played = play(scenario, args.vehicles, *seed, pairing::Parameters::default());
            all.push((name.clone(), Some(*seed), played));
        }
    }
    show(args, all, out)
}

fn load(path: &Path) -> Result<Scenario, Failure> {
    Scenario::load(path)
        .map_err(|error| Failure::from(error).advice("see fixtures/scenarios for examples"))
}

fn name(path: &Path) -> String {
    path.file_stem().map_or_else(String::new, |name| name.display().to_string())
}

fn show(args: &ScoreArgs, all: Vec<(String, Option<u64>, Played)>, out: &mut dyn Write) -> Outcome {
    let mut lines = Vec::new();
    for (name, seed, played) in all {
        if args.json {
            serde_json::to_writer(&mut *out, &played.figures)?;
            writeln!(out)?;
        }
        explain(args, &played, out)?;
        lines.push((name, seed, played.figures));
    }
    if !args.json {
        table::write(&lines, out)?;
    }
    Ok(Exit::Good)
}

fn explain(args: &ScoreArgs, played: &Played, out: &mut dyn Write) -> Result<(), Failure> {
    if args.explain {
        for remark in &played.remarks {
            writeln!(out, "{remark}")?;
        }
        if let Some(counts) = &played.counts {
            writeln!(out, "{counts:?}")?;
        }
    }
    Ok(())
}
