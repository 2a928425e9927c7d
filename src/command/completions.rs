//! `wimd completions`: the completion script of a shell, from the same definition as the help.

use std::io::Write;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Exit, Outcome};
use crate::cli::Cli;

/// Arguments of `wimd completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Shell to print it for.
    pub shell: Shell,
}

/// Prints the script.
///
/// # Errors
/// When the output cannot be written.
pub fn run(args: &CompletionsArgs, out: &mut dyn Write) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "wimd", &mut script);
    out.write_all(&script)?;
    Ok(Exit::Good)
}
