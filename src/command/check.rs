//! `wimd check`: is this configuration right, and how long does the site do without its broker?

mod offline;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::named_files;
use super::refusal::refusal;
use super::{Exit, Outcome};
use crate::config::limits::TableProblems;
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
            Err(ParametersError::Tables(problems)) if args.json => {
                return tables(out, &args.config, &problems, &loaded.warnings);
            }
            Err(error) => return Err(super::refusal::tables(error.into())),
        }
    }
    match loaded {
        Ok(loaded) if args.json => {
            let offline = Offline::of(&loaded.config.store);
            json(out, &args.config, &[], (&loaded.warnings, Some(offline)))
        }
        Ok(loaded) => good(out, &args.config, &loaded),
        Err(LoadError::Mistakes(problems)) if args.json => {
            json(out, &args.config, &problems.list, (&[], None))
        }
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
fn tables(
    out: &mut dyn Write,
    path: &Path,
    problems: &TableProblems,
    warnings: &[Problem],
) -> Outcome {
    let mistakes = problems.0.iter().map(|problem| {
        serde_json::json!({ "file": problem.file, "line": problem.line, "what": problem.what })
    });
    let report = serde_json::json!({
        "file": path.display().to_string(),
        "good": false,
        "mistakes": mistakes.collect::<Vec<_>>(),
        "warnings": warnings,
    });
    writeln!(out, "{report}")?;
    Ok(Exit::Configuration)
}

fn json(
    out: &mut dyn Write,
    path: &Path,
    mistakes: &[Problem],
    (warnings, offline): (&[Problem], Option<Offline>),
) -> Outcome {
    let report = serde_json::json!({
        "file": path.display().to_string(),
        "good": mistakes.is_empty(),
        "mistakes": mistakes,
        "warnings": warnings,
        "offline": offline,
    });
    writeln!(out, "{report}")?;
    Ok(if mistakes.is_empty() { Exit::Good } else { Exit::Configuration })
}
