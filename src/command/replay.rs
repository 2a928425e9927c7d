//! `wimd replay`: a recording of a line and of the pipeline's input, played again offline.
//!
//! The line gives its passages again from the raw bytes, the pipeline its records; both are pure,
//! so the records are the ones of that day, byte for byte, when binary and configuration are.

mod frames;

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::refusal::refusal;
use super::{Exit, Failure, Outcome};
use crate::config::Config;
use crate::config::load::{DEFAULT_PATH, load};
use crate::daemon::journal::{self, Replayed};
use crate::daemon::parameters;
use crate::io::recorder;
use crate::io::scale::replay::{frames as recorded, replay};
use crate::io::store::chain::canonical;
use crate::pipeline::passage::PassageSource;
use crate::pipeline::{Action, Arrival, Input};

/// Arguments of `wimd replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// Folder of the recording, such as /var/lib/wimd/capture or one of `wimd capture`.
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// Configuration of the site that it was recorded on.
    #[arg(long, value_name = "FILE", default_value = DEFAULT_PATH)]
    pub config: PathBuf,
    /// Print each record as one line of canonical JSON, the bytes that are signed.
    #[arg(long)]
    pub json: bool,
    /// Print each frame that a controller sent instead, with its time.
    #[arg(long, conflicts_with = "json")]
    pub frames: bool,
    /// Print also the answers that say that there is nothing, many a second.
    #[arg(long, requires = "frames")]
    pub all: bool,
}

/// What the lines gave.
#[derive(Default)]
struct Lines {
    arrivals: Vec<Arrival>,
    found: usize,
    skipped: usize,
}

/// What became of the recorded passages.
#[derive(Default)]
struct Comparison {
    same: usize,
    different: Vec<String>,
    only_recorded: usize,
}

/// Plays it.
///
/// # Errors
/// A configuration with mistakes, a recording that is not there or makes no sense.
pub fn run(args: &ReplayArgs, out: &mut dyn Write) -> Outcome {
    let config = load(&args.config).map_err(refusal)?.config;
    if args.frames {
        return print_frames(args, &config, out);
    }
    let parameters = parameters::of_pipeline(&config)
        .map_err(|error| Failure::from(error).exit(Exit::Configuration))?;
    let lines = play_lines(args, &config)?;
    let mut comparison = Comparison::default();
    let replayed = match recorder::read(&args.dir, journal::INPUTS)? {
        Some(text) => {
            let known = by_source(&lines.arrivals);
            journal::replay(&text, &parameters, |arrival| {
                compare(&known, arrival, &mut comparison)
            })?
        }
        None if lines.found == 0 => return Err(nothing(args)),
        None => journal::replay_inputs(lines.arrivals.clone(), &parameters),
    };
    let records = print_records(&replayed, args.json, out)?;
    if !args.json {
        summary(&lines, &replayed, &comparison, records, out)?;
    }
    Ok(if comparison.different.is_empty() { Exit::Good } else { Exit::Failed })
}

fn nothing(args: &ReplayArgs) -> Failure {
    let text = format!("there is no recording in {}", args.dir.display());
    Failure::new(Exit::Failed, text).advice(
        "the daemon records into `capture` below store.dir unless store.capture_bytes is 0; \
         `wimd capture` makes one",
    )
}

fn play_lines(args: &ReplayArgs, config: &Config) -> Result<Lines, Failure> {
    let mut lines = Lines::default();
    for scale in &config.scale {
        let name = journal::line_name(&scale.name);
        if let Some(text) = recorder::read(&args.dir, &name)? {
            let replayed = replay(&text, scale)?;
            lines.found += 1;
            lines.skipped += replayed.skipped;
            lines.arrivals.extend(replayed.arrivals);
        }
    }
    Ok(lines)
}

fn by_source(arrivals: &[Arrival]) -> HashMap<PassageSource, &Arrival> {
    let source = |arrival| match arrival {
        &Arrival { input: Input::Passage(ref passage), .. } => Some(passage.source),
        _ => None,
    };
    arrivals.iter().filter_map(|arrival| Some((source(arrival)?, arrival))).collect()
}

/// The passage as the raw bytes give it, in the place of the recorded one.
fn compare(
    known: &HashMap<PassageSource, &Arrival>,
    recorded: Arrival,
    comparison: &mut Comparison,
) -> Arrival {
    let Input::Passage(passage) = &recorded.input else {
        return recorded;
    };
    let source = passage.source;
    match known.get(&source) {
        Some(replayed) => {
            if **replayed == recorded {
                comparison.same += 1;
            } else {
                let PassageSource { controller, boot_id, vehicle } = source;
                comparison.different.push(format!("{controller}/{boot_id:08x}/{vehicle}"));
            }
            (*replayed).clone()
        }
        None => {
            comparison.only_recorded += 1;
            recorded
        }
    }
}

fn print_records(replayed: &Replayed, print: bool, out: &mut dyn Write) -> Result<usize, Failure> {
    let mut records = 0;
    for action in &replayed.actions {
        if let Action::Seal(seal) = action {
            records += 1;
            if print {
                out.write_all(&canonical(&seal.record)?)?;
                writeln!(out)?;
            }
        }
    }
    Ok(records)
}

fn summary(
    lines: &Lines,
    replayed: &Replayed,
    comparison: &Comparison,
    records: usize,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    writeln!(out, "{} recorded lines, {} inputs from them", lines.found, lines.arrivals.len())?;
    writeln!(out, "{} inputs of the pipeline, {records} records", replayed.inputs)?;
    writeln!(
        out,
        "passages: {} the same from raw bytes, {} different, {} without raw bytes",
        comparison.same,
        comparison.different.len(),
        comparison.only_recorded,
    )?;
    for source in &comparison.different {
        writeln!(out, "different: controller/boot/vehicle {source}")?;
    }
    let skipped = lines.skipped + replayed.skipped;
    if skipped > 0 {
        writeln!(
            out,
            "{skipped} lines were passed over: before a start of the daemon, or after a gap"
        )?;
    }
    Ok(())
}

fn print_frames(args: &ReplayArgs, config: &Config, out: &mut dyn Write) -> Outcome {
    let mut found = 0;
    for scale in &config.scale {
        let text = recorder::read(&args.dir, &journal::line_name(&scale.name))?;
        let Some(text) = text else { continue };
        found += 1;
        frames::write(&scale.name, &recorded(&text)?, args.all, out)?;
    }
    if found == 0 {
        return Err(nothing(args));
    }
    Ok(Exit::Good)
}
