//! `wimd check`: is this configuration right, and how long does the site do without its broker?

mod offline;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::named_files;
use super::refusal::refusal;
use super::{Exit, Failure, Outcome};
use crate::config::limits::{TableProblem, TableProblems};
use crate::config::load::{DEFAULT_PATH, LoadError, Loaded, load};
use crate::config::problem::Problem;
use crate::daemon::parameters::{self, ParametersError};
use offline::Offline;

/// Arguments of `wimd check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Configuration file to check.
    #[arg(long, value_name = "FILE", default_value = DEFAULT_PATH)]
    pub config: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Checks and tells what was found.
///
/// # Errors
/// When the file has mistakes or cannot be read.
pub fn run(args: &CheckArgs, out: &mut dyn Write) -> Outcome {
    let mut loaded = load(&args.config);
    if let Ok(loaded) = &mut loaded {
        loaded.warnings.extend(named_files::warnings(&loaded.files));
        loaded.warnings.sort();
        // What the file names has to be right too, as far as it decides about records.
        match parameters::profile(&loaded.config) {
            Ok(_) => {}
            Err(error) if args.json => {
                return bad(out, &args.config, of_tables(error), &loaded.warnings);
            }
            Err(error) => return Err(super::refusal::tables(error.into())),
        }
    }
    match loaded {
        Ok(loaded) if args.json => {
            let offline = Offline::of(&loaded.config.store);
            judged(out, &args.config, &[], (&loaded.warnings, Some(offline)))
        }
        Ok(loaded) => good(out, &args.config, &loaded),
        Err(LoadError::Mistakes(problems)) if args.json => {
            judged(out, &args.config, &problems.list, (&[], None))
        }
        Err(error) if args.json => bad(out, &args.config, as_a_whole(error.into()), &[]),
        Err(error) => Err(refusal(error)),
    }
}

fn good(out: &mut dyn Write, path: &Path, loaded: &Loaded) -> Outcome {
    for warning in &loaded.warnings {
        writeln!(out, "warning: {}", warning.in_file(path))?;
    }
    let config = &loaded.config;
    writeln!(
        out,
        "{} is good: site {}, lines {}, lanes {}, cameras {}, warnings {}",
        path.display(),
        config.site.id,
        config.scale.len(),
        config.lane.len(),
        config.camera.len(),
        loaded.warnings.len(),
    )?;
    writeln!(out, "{}", Offline::of(&config.store).sentence())?;
    Ok(Exit::Good)
}

/// What is wrong in the limit tables and their dated lists, each with its own file.
fn of_tables(error: ParametersError) -> Vec<Value> {
    let ParametersError::Tables(TableProblems(problems)) = error else {
        return as_a_whole(error.into());
    };
    let mistake =
        |TableProblem { file, line, what }| json!({ "file": file, "line": line, "what": what });
    problems.into_iter().map(mistake).collect()
}

/// Why a file could not be read at all: no line of it is to blame.
fn as_a_whole(failure: Failure) -> Vec<Value> {
    vec![json!({ "line": null, "what": failure.text().replacen("error: ", "", 1) })]
}

/// What is wrong beside the lines of the configuration.
fn bad(out: &mut dyn Write, path: &Path, mistakes: Vec<Value>, warnings: &[Problem]) -> Outcome {
    let report = json!({
        "file": path.display().to_string(),
        "good": false,
        "mistakes": mistakes,
        "warnings": warnings,
    });
    writeln!(out, "{report}")?;
    Ok(Exit::Configuration)
}

fn judged(
    out: &mut dyn Write,
    path: &Path,
    mistakes: &[Problem],
    (warnings, offline): (&[Problem], Option<Offline>),
) -> Outcome {
    let report = json!({
        "file": path.display().to_string(),
        "good": mistakes.is_empty(),
        "mistakes": mistakes,
        "warnings": warnings,
        "offline": offline,
    });
    writeln!(out, "{report}")?;
    Ok(if mistakes.is_empty() { Exit::Good } else { Exit::Configuration })
}
