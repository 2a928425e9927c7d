//! `wimd man`: man pages and completion scripts, from the same definition as the help, so that
//! none of them can drift.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::file::{self, cannot};
use super::{Exit, Outcome};
use crate::cli::Cli;

/// Arguments of `wimd man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Folder to write to; made when absent.
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
}

/// Writes one page for the program, one for each subcommand, and the scripts of three shells.
///
/// # Errors
/// When the folder cannot be written.
pub fn run(args: &ManArgs, out: &mut dyn Write) -> Outcome {
    fs::create_dir_all(&args.dir).map_err(cannot("make the folder", &args.dir))?;
    clap_mangen::generate_to(Cli::command(), &args.dir)?;
    let scripts = [(Shell::Bash, "wimd.bash"), (Shell::Zsh, "_wimd"), (Shell::Fish, "wimd.fish")];
    for (shell, name) in scripts {
        let mut file = file::writer(&args.dir.join(name))?;
        clap_complete::generate(shell, &mut Cli::command(), "wimd", &mut file);
    }
    writeln!(out, "man pages and completions are in {}", args.dir.display())?;
    Ok(Exit::Good)
}
