//! `wimd check`: is this configuration right?

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{Exit, Failure, Outcome};
use crate::config::load::{DEFAULT_PATH, LoadError, Loaded, load};
use crate::config::problem::Problem;

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
    match load(&args.config) {
        Ok(loaded) if args.json => json(out, &args.config, &[], &loaded.warnings),
        Ok(loaded) => good(out, &args.config, &loaded),
        Err(LoadError::Mistakes(problems)) if args.json => {
            json(out, &args.config, &problems.list, &[])
        }
        Err(error) => Err(refusal(error)),
    }
}

/// The failure of every command that needs a configuration and has none.
pub fn refusal(error: LoadError) -> Failure {
    let absent = matches!(&error, LoadError::Read { source, .. }
        if source.kind() == std::io::ErrorKind::NotFound);
    let failure = Failure::from(error).exit(Exit::Configuration);
    if absent {
        failure.advice(
            "copy the commented example to /etc/wimd/wimd.toml (deploy/wimd.toml, installed as \
             /usr/share/doc/wimd/wimd.toml), adapt it, and run `wimd check`",
        )
    } else {
        failure
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
    Ok(Exit::Good)
}

fn json(out: &mut dyn Write, path: &Path, mistakes: &[Problem], warnings: &[Problem]) -> Outcome {
    let report = serde_json::json!({
        "file": path.display().to_string(),
        "good": mistakes.is_empty(),
        "mistakes": mistakes,
        "warnings": warnings,
    });
    writeln!(out, "{report}")?;
    Ok(if mistakes.is_empty() {
        Exit::Good
    } else {
        Exit::Configuration
    })
}
