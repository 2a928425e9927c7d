//! `wimd score`: how many vehicles get their own plate, judged by the simulator's truth alone.
//!
//! In: a scenario, played in memory into the pipeline of the daemon, or a truth file and the
//! records of a run through the real doors. Out: a table or one JSON object.

mod table;

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::{Exit, Failure, Outcome};
use crate::pipeline::pairing;
use crate::sim::scenario::Scenario;
use crate::sim::score::{Played, play};

/// Arguments of `wimd score`.
#[derive(Debug, Args)]
pub struct ScoreArgs {
    /// Play this scenario in memory.
    #[arg(long, value_name = "FILE", required = true)]
    scenario: Vec<PathBuf>,
    /// Vehicles that drive.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(1..))]
    vehicles: u64,
    /// Seeds of the traffic; each is played and shown by itself.
    #[arg(long, value_name = "N", default_value = "1", value_delimiter = ',')]
    seed: Vec<u64>,
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
/// [`Failure`] when a scenario cannot be read.
pub fn run(args: &ScoreArgs, out: &mut dyn Write) -> Outcome {
    let mut lines = Vec::new();
    for path in &args.scenario {
        let scenario = Scenario::load(path)
            .map_err(|error| Failure::from(error).advice("see fixtures/scenarios for examples"))?;
        let name = path.file_stem().map_or_else(String::new, |name| name.display().to_string());
        for seed in &args.seed {
            let played = play(&scenario, args.vehicles, *seed, pairing::Parameters::default());
            if args.json {
                serde_json::to_writer(&mut *out, &played.figures)?;
                writeln!(out)?;
            }
            explain(args, &played, out)?;
            lines.push((name.clone(), *seed, played.figures));
        }
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
        writeln!(out, "{:?}", played.counts)?;
    }
    Ok(())
}
